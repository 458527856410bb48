import { createHmac, timingSafeEqual } from 'node:crypto';

/** Letters and digits that are not mistaken for one another when read aloud or typed: no I, L, O, U, 0, 1. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

function letters(secret: string, what: string, count: number): string {
  const mac = createHmac('sha256', secret).update(what).digest();
  let out = '';
  for (let i = 0; i < count; i++) out += ALPHABET[mac.readUInt16BE(2 * i) % ALPHABET.length];
  return out;
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** The three keyed letters that follow a ticket number in its token: `K7Q` of `[ITAC #123-K7Q]`. */
export function checkLetters(secret: string, ticketNumber: number): string {
  return letters(secret, `ticket:${ticketNumber}`, 3);
}

export function isCheckOf(secret: string, ticketNumber: number, check: string): boolean {
  return equal(checkLetters(secret, ticketNumber), check.toUpperCase());
}

/**
 * A Message-ID of ours, without angle brackets: `ticket.123.7f3k2m9qa4.r5w8c2kdjh@itac.co`. Whoever holds the secret can tell without a
 * database that it is ours and which ticket it speaks of.
 * @param unique letters and digits that differ for each mail of one ticket
 */
export function signedMessageId(secret: string, ticketNumber: number, unique: string, domain: string): string {
  const local = `ticket.${ticketNumber}.${unique}`;
  return `${local}.${letters(secret, `id:${local}`, 10).toLowerCase()}@${domain}`;
}

/** Stands in place of the ticket in the Message-ID of a mail of ours that is about none, such as the digest; no ticket has this number. */
export const NO_TICKET = 0;

/** True for the form that `signedMessageId` gives with NO_TICKET: `ticket.0.a1.r5w8c2kdjh@itac.co`; not `ticket.12.a1.r5w8c2kdjh@itac.co`. Says nothing about the signature. */
export function isAboutNoTicket(messageId: string): boolean {
  return /^ticket\.0\./i.test(messageId);
}

/** The ticket that a Message-ID of ours speaks of, or null when it is not ours. */
export function ticketOfMessageId(secret: string, messageId: string, domain: string): number | null {
  const parts = /^(ticket\.(\d{1,9})\.[a-z0-9]{1,40})\.([a-z0-9]{10})@([^@\s]{1,255})$/i.exec(messageId);
  if (!parts || parts[4]!.toLowerCase() !== domain.toLowerCase()) return null;
  const local = parts[1]!.toLowerCase();
  return equal(letters(secret, `id:${local}`, 10).toLowerCase(), parts[3]!.toLowerCase()) ? Number(parts[2]) : null;
}
