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

/** Whether a mail server wrote it, by its address or name. */
export function isFromServer(mail: ParsedMail): boolean {
  return (
    isServerAddress(mail.from.address) ||
    SERVER_NAME.test(mail.from.name) ||
    (mail.from.address === '' && mail.returnPath === '') ||
    fieldValues(mail, 'x-failed-recipients').length > 0
  );
}

/** Signs that mail servers leave, and others too: a null return path (RFC 5321 4.5.5), a report, no author. */
export function isServerLike(mail: ParsedMail): boolean {
  return (
    SHARED_NAME.test(mail.from.name) ||
    mail.returnPath === '' ||
    isServerAddress(mail.returnPath ?? '') ||
    mail.contentType.type === 'multipart/report' ||
    mail.from.address === ''
  );
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
