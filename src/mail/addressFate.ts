import { anyOf, oneOf } from './anyOf.ts';

/** `5.1.1` of `5.1.1 (bad destination)` (RFC 3463 3: subjects up to 7); not a part of `192.0.2.5.1.1`, not the version `4.94.2`. */
const STATUS = /(?<![\d.])[245]\.[0-7]\.\d{1,3}(?![\d.]*\d)/;
/** The same where only failures are looked for: a session tells of what went well, too. */
const FAILED_STATUS = /(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.]*\d)/;

/** A reply of refusal in an SMTP session (RFC 5321 4.2.1): `550 no such user`, `#550 5.1.1`; not `2550`, not the telephone number `555 0100`. */
const REFUSING_REPLY = /(?<![\d.])[45][0-5]\d[ -](?=\D|[45]\.\d)/;

/** Whether a text, in any language, gives the code of a refusal, or says that an address does not exist or a mailbox is full. */
export function givesReason(text: string): boolean {
  return REFUSING_REPLY.test(text) || FAILED_STATUS.test(text) || saysUnknown(text) || saysFull(text);
}

/** The first enhanced status code (RFC 3463 2). */
export function statusIn(text: string): string | null {
  return STATUS.exec(text)?.[0] ?? null;
}

/** The first enhanced status code that is none of success. */
export function failedStatusIn(text: string): string | null {
  return FAILED_STATUS.exec(text)?.[0] ?? null;
}

/**
 * Whether the address will go on refusing mail: true for addresses that do not exist or are closed (RFC 3463 3.2), false for what passes,
 * null where the report speaks of the mail, of us or of the way (5.3 to 5.7), as another mail may well arrive.
 */
export function isPermanent(status: string | null, diagnostic: string): boolean | null {
  if (status !== null && PASSING_STATUS.test(status)) return false;
  if (saysFull(diagnostic)) return false;
  if ((status !== null && SENDER_STATUS.test(status)) || SENDER_REFUSED.test(diagnostic)) return null;
  const lasting = status !== null && LASTING_STATUS.test(status);
  if (!lasting && PASSES.test(diagnostic)) return false;
  if (saysUnknown(diagnostic)) return true;
  if (POLICY_STATUS.test(diagnostic)) return null;
  if (lasting) return true;
  return TEMPORARY_REPLY.test(diagnostic) ? false : null;
}

/** Passing failures and full mailboxes: `4.4.1`, `5.2.2`; not `5.1.1`. */
const PASSING_STATUS = /^4\.|\.2\.2$/;
/** Our own address as it was given: `5.1.7`, `5.1.8`; not `5.1.1`. */
const SENDER_STATUS = /^5\.1\.[78]$/;
/** Wrong, moved, closed addresses and hosts that do not exist: `5.1.1`, `5.1.10`, `5.2.1`; not `5.1.8`, which speaks of the sender. */
const LASTING_STATUS = /^5\.(?:1\.(?:[0-69]|\d\d)|2\.1|4\.4)$/;
/** `550 5.7.1 blacklisted`; not `5.1.1`, not `192.0.2.5.7.1`. */
const POLICY_STATUS = /(?<![\d.])5\.7\.\d{1,3}/;
/** `451 try later`; not `1451`, `4.5.1`, `450 0100`. */
const TEMPORARY_REPLY = /(?<![\d.])4[0-5]\d[ -](?=\D|4\.)/;

/** A noun of which, in the same sentence or a few words later, something is said. */
function said(nouns: string, predicates: string): string {
  return String.raw`(?:${nouns})(?:e?s)?\b[^\n;]{0,60}?(?<![a-zñ])(?:${predicates})`;
}

/** What takes mail in for somebody, in the words of servers: `mailbox`, `usuario`; not `message`. */
const MAILBOX = oneOf([
  /user|recipient|addressee|address|mail ?box|mail ?drop|inbox|account|alias|local part/,
  /usuario|destinatario|direcci[oó]n|cuenta|buz[oó]n|casilla|bandeja|usu[aá]rio|destinat[aá]rio|endere[cç]o|conta|caixa/,
  /utilisateur|destinataire|adresse|compte|bo[iî]te|benutzer|empf[aä]nger|konto|postfach|utente|indirizzo|casella/,
]);
/** Where it lives: `host`, `dominio`. */
const PLACE = /host|domain|dominio|dom[ií]nio|domaine/.source;

/** Says of what was named that it is not there, or no longer: `unknown`, `no existe`; not `rejected`. */
const GONE = oneOf([
  /unknown|not (?:be )?(?:found|exists?|known|recognized|listed|valid|local)|n[o'’]t exist|no longer|invalid|disabled|deactivated|inactive/,
  /expired|closed|terminated|discontinued/,
  /no (?:existe|encontrad|v[aá]lid|se (?:ha )?enc[ou])|desconocid|inexistente|inv[aá]lid/,
  /expirado|vencido|caducad|cancelad|eliminad|cerrad|inactiv|(?:des|in)habilitad|desactivad|de baja/,
  /n[aã]o (?:existe|(?:foi )?encontrad|[eé] v[aá]lid)|desconhecid|desativad|inativ|encerrad|exclu[ií]d/,
  /inconnu|inexistant|introuvable|n['’]existe|invalide|d[eé]sactiv|unbekannt|nicht (?:gefunden|vorhanden|bekannt)|existiert nicht|ung[uü]ltig/,
  /sconosciut|inesistente|non (?:esiste|trovat|valid)|disattivat/,
]);
/** The same of a place, of which servers say more for other reasons: `unknown`, `not found`; not `invalid`. */
const NO_PLACE = oneOf([
  /unknown|not (?:be )?(?:found|exist)|(?:does n[o'’]t|doesn['’]t) exist|not accept mail/,
  /no existe|inexistente|no (?:se )?encontr|desconocid|n[aã]o (?:existe|encontrad)|desconhecid|n['’]existe|inconnu|existiert nicht|unbekannt/,
]);
/** Says the same before the name: `no such`, `no hay ningún`. */
const NO_SUCH = oneOf([
  /(?:unknown(?: or illegal)?|no such|non-?existent|unroute?able|(?:not|[a-z]{1,8}n['’]t) find any) (?:local |mail )?/,
  /no (?:existe|hay|(?:se )?(?:ha |pudo |puede )?(?:encontr|localiz)[a-zó]{1,6})n? (?:a |el |la |al |los |las |ning[uú]na? ){0,2}/,
  /n[aã]o (?:existe|h[aá]|encontramos|foi encontrad[oa]) (?:o |a |nenhuma? ){0,2}/,
]);

/**
 * Says that the address does not exist: `User unknown`, `no such user here`, `usuario desconocido`; not `unknown error`, `invalid domain
 * name`.
 */
const UNKNOWN_ADDRESS = anyOf(String.raw`\b(?:…)`, [
  new RegExp(said(MAILBOX, GONE)),
  new RegExp(said(PLACE, NO_PLACE)),
  new RegExp(`(?:${NO_SUCH})(?:${MAILBOX}|${PLACE})`),
  new RegExp(`(?:invalid|no|bad|illegal|not a valid) (?:local |destination )?(?:${MAILBOX})`),
  /(?:does not|doesn['’]t) exist|no existe\b|n[aã]o existe\b/,
  /doesn['’]t have an? \S{1,80} account|no longer (?:valid|accepts|works here)|no (?:mx|a|dns)\b[^\n;]{0,20} records?/,
]);

/** Says of what was named that it holds no more: `full`, `está lleno`. */
const FILLED = oneOf([
  /full|over (?:its |the |his )?(?:disk |storage |allowed )?quota|exceed|exhausted|out of (?:storage )?space/,
  /llen[oa]|excedi|super[aó]|sobrepas|agotad|satur|chei[oa]|lotad|excede|plein|d[eé]pass|voll|[uü]berschritten|pien[oa]|esaurit/,
]);

/** Says that the mailbox holds no more: `Mailbox quota exceeded`, `over quota`, `buzón lleno`; not `file quotation`, `message too large`. */
const MAILBOX_FULL = anyOf(String.raw`\b(?:…)`, [
  new RegExp(said(`${MAILBOX}|mail ?folder|cuota|cota|espacio|espa[cç]o|storage|speicher`, FILLED)),
  /quota\b|insufficient (?:disk |system )?(?:storage|space)|out of storage/,
  /(?:excedi|super|sobrepas)[a-zó]{1,4} (?:su |la |el |sua |a ){0,2}(?:cuota|cota|espacio|espa[cç]o|l[ií]mite)/,
]);

function saysUnknown(text: string): boolean {
  return UNKNOWN_ADDRESS.test(text);
}

function saysFull(text: string): boolean {
  return MAILBOX_FULL.test(text);
}

/** Says that we are refused and not the recipient: `Sender address rejected: Domain not found`; not `recipient rejected`. */
const SENDER_REFUSED = anyOf(String.raw`\b(?:sender|mail from|remitente|remetente|helo|client host)\b[^\n;]{0,60}?\b(?:…)`, [
  /rejected|denied|refused|blocked|unknown|unverified|verify failed|not (?:found|exist|allowed|verified|authori[sz]ed|permitted|accepted)/,
  /does(?:n['’]t| not) (?:exist|resolve)|rechazad|no (?:existe|autorizad)|rejeitad|recusad/,
]);

/** Says that it passes: `Host not found, try again`, `temporarily unavailable`; not `try another address`. */
const PASSES = anyOf(String.raw`\b(?:…)`, [
  /not found[,;:] try again|(?:try|retry)(?: again)? later|temporar(?:y|ily)|greylist/,
  /temporal(?:mente)?\b|tempor[aá]ri[oa]|m[aá]s tarde|mais tarde|temporaire/,
]);
