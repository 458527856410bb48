import { anyOf } from './anyOf.ts';
import { fieldValues } from './fields.ts';
import type { ParsedMail } from './message.ts';

/** Local parts that mail servers write from, separators left out: `MAILER-DAEMON`, `post_master`; not `postmasters-forum`. */
const SERVER_LOCAL_PART =
  /^(?:mailerdaemon|postmaster|maildaemon|maildelivery(?:system|subsystem)?|mailsystem|mailrouter|mdaemon|interscanmss|microsoftexchange[0-9a-f]{0,40})$/;
/** Display names of mail servers: `Mail Delivery Subsystem`; not `Delivery Express`. */
const SERVER_NAME = anyOf(String.raw`\b(?:…)\b`, [
  /mail ?delivery|mailer[- ]?daemon|postmaster|delivery (?:sub)?system|mail (?:administrator|router)/,
  /courier mail server|interscan messaging|mdaemon at/,
  /(?:sub)?sistema de entrega/,
]);
/** Display names that mail servers share with people: `System Administrator`, `Microsoft Outlook`; not `Ana Administradora`. */
const SHARED_NAME =
  /^(?:system administrator|administrador del sistema|administrador do sistema|microsoft outlook|mail ?(?:server|system)|content-filter\b.{0,80})$/i;

/** Who wrote a mail, as far as its head tells. */
export type Writer =
  /** A mail server: it has the address of one, or its name and no mailbox behind it, or a field that only servers write. */
  | 'server'
  /** Signs that servers leave, and others too: a null return path (RFC 5321 4.5.5), a report, no author, a postmaster who can be written to. */
  | 'serverlike'
  /** Whoever it is: the return path was not recorded, or is a mailbox (a list's, a person's) behind the name of a server. */
  | 'unknown'
  /** A mailbox: what cannot be delivered goes back to it. A person, or a program that is no mail server. */
  | 'mailbox';

export function writerOf({ from, returnPath, contentType, headers }: ParsedMail): Writer {
  const isAnswerable = returnPath !== null && returnPath !== '' && (!isServerAddress(returnPath) || isPostmaster(returnPath));
  if (isPostmaster(from.address) && isAnswerable) return 'serverlike';
  if (isServerAddress(from.address) || fieldValues({ headers }, 'x-failed-recipients').length > 0) return 'server';
  if (isAnswerable && !isPostmaster(returnPath)) return SERVER_NAME.test(from.name) ? 'unknown' : 'mailbox';
  if (SERVER_NAME.test(from.name)) return 'server';
  if (from.address === '') return returnPath === null ? 'serverlike' : 'server';
  return returnPath !== null || SHARED_NAME.test(from.name) || contentType.type === 'multipart/report' ? 'serverlike' : 'unknown';
}

/** The mailbox that every domain has (RFC 5321 4.5.1): servers write in its name, and people read it and write from it. */
function isPostmaster(address: string): boolean {
  return /^postmaster@/i.test(address);
}

/** Whether a mail server writes from this address. */
export function isServerAddress(address: string): boolean {
  return SERVER_LOCAL_PART.test(
    address
      .split('@')[0]!
      .toLowerCase()
      .replace(/[^a-z]/g, ''),
  );
}
