import { anyOf } from './anyOf.ts';

/** `5.1.1` of `5.1.1 (bad destination)`; not a part of `192.0.2.5.1.1`. */
const STATUS = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/;

/** The first enhanced status code (RFC 3463 2). */
export function statusIn(text: string): string | null {
  return STATUS.exec(text)?.[0] ?? null;
}

/**
 * Whether the address will go on refusing mail: true for addresses that do not exist or are closed (RFC 3463 3.2), false for what passes,
 * null where the report speaks of the mail, of us or of the way (5.3 to 5.7), as another mail may well arrive.
 */
export function isPermanent(status: string | null, diagnostic: string): boolean | null {
  if (status !== null && PASSING_STATUS.test(status)) return false;
  if (MAILBOX_FULL.test(diagnostic) || TRIES_AGAIN.test(diagnostic)) return false;
  if (UNKNOWN_ADDRESS.test(diagnostic)) return true;
  if (ABOUT_SENDER.test(diagnostic)) return null;
  if (status !== null && LASTING_STATUS.test(status)) return true;
  return TEMPORARY_REPLY.test(diagnostic) ? false : null;
}

/** Passing failures and full mailboxes: `4.4.1`, `5.2.2`; not `5.1.1`. */
const PASSING_STATUS = /^4\.|\.2\.2$/;
/** Wrong, moved, closed addresses and hosts that do not exist: `5.1.1`, `5.1.10`, `5.2.1`; not `5.1.8`, which speaks of the sender. */
const LASTING_STATUS = /^5\.(?:1\.(?:[0-69]|\d\d)|2\.1|4\.4)$/;

/** Says that the mailbox holds no more: `Mailbox quota exceeded`, `over quota`, `buzón lleno`; not `file quotation`. */
const MAILBOX_FULL = anyOf(String.raw`\b(?:…)`, [
  /(?:mail ?box|inbox|mail ?folder|account|user)[^.\n]{0,40}\b(?:full|exceeds allowed size)/,
  /quota\b|insufficient (?:disk )?(?:storage|space)/,
  /(?:buz[oó]n|casilla|caixa)[^.\n]{0,40}\b(?:llen[oa]|cheia|agotado)/,
]);
/** `Host not found, try again`; not `try another address`. */
const TRIES_AGAIN = /\btry again\b/i;

/**
 * Says that the address does not exist: `User unknown`, `no such user here`, `usuario desconocido`; not `unknown error`, `invalid domain
 * name`.
 */
const UNKNOWN_ADDRESS = anyOf(String.raw`\b(?:…)`, [
  /unknown (?:user|recipient|address|mailbox|or illegal)/,
  /(?:user|recipient|address|mailbox|host|domain|account)[^\n;]{0,60}\b(?:unknown|not found|not exist|not recognized|disabled|not listed)/,
  /(?:recipient|address|user|mailbox) (?:is )?invalid/,
  /(?:no such|invalid|unrouteable|no) (?:user|recipient|mailbox|address|account|mail domain)|not a valid user/,
  /doesn't have an? \S{1,80} account|no longer (?:valid|accepts)/,
  /no se (?:ha )?(?:encontr[oó]|encontrado) (?:la direcci[oó]n|el (?:usuario|destinatario|buz[oó]n))/,
  /(?:usuario|direcci[oó]n|destinatario)[^\n;]{0,60}\b(?:desconocid[oa]|no existe|inexistente|no encontrad[oa])/,
  /(?:usu[aá]rio|destinat[aá]rio|endere[cç]o)[^\n;]{0,60}\b(?:desconhecid[oa]|n[aã]o existe|inexistente)/,
]);

/** Says that the sender is refused: `550 5.7.1 blacklisted`, `sender rejected`; not `recipient rejected`. */
const ABOUT_SENDER = /(?<![\d.])5\.7\.\d{1,3}|\bsender\b[^\n;]{0,40}\b(?:rejected|denied|refused)/i;
/** `451 try later`; not `1451`, `4.5.1`. */
const TEMPORARY_REPLY = /(?<![\d.])4\d\d[ -]/;
