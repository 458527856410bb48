import { hash } from 'node:crypto';
import { foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode, { type MimeNodeHeaderValue } from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { Address, OutboundMail } from './message.ts';
import { isPlainAddress } from './plainAddress.ts';

/** A reply of ours before it is bytes. */
export interface OutgoingReply {
  from: Address;
  /** One plain address (`isPlainAddress`); nobody is in copy. */
  to: string;
  /** Cut after MAX_SUBJECT_CHARS. */
  subject: string;
  text: string;
  html: string;
  /** Ours, without angle brackets. */
  messageId: string;
  /** The client's Message-ID, without angle brackets. */
  inReplyTo: string | null;
  /** What the client's mail referred to, oldest first; `inReplyTo` is added at the end. */
  references: string[];
  date: Date;
  /** Envelope sender; `''` is the null path, to which no bounce is ever sent (RFC 5321 4.5.5). */
  envelopeFrom: string;
  /** Further fields, as `automaticAnswerHeaders` gives them. */
  headers: Record<string, string>;
}

export const MAX_REFERENCES = 10;
/** Code points; mail programs show fewer, and a line may not have more than 998 octets (RFC 5322 2.1.1). */
const MAX_SUBJECT_CHARS = 250;
const MAX_NAME_CHARS = 100;
const MAX_HEADER_CHARS = 500;

/**
 * Writes a reply as a whole message: text and HTML as alternatives, CRLF, nothing random, so that equal input gives equal bytes. No file or
 * address is ever opened for it.
 * @throws RangeError when `to` or `envelopeFrom` is not one plain address, or when our own Message-ID is malformed. The gate asks
 * `isPlainAddress` beforehand.
 */
export async function composeReply(reply: OutgoingReply): Promise<OutboundMail> {
  if (!isPlainAddress(reply.to)) throw new RangeError('the recipient is not one plain address');
  if (reply.envelopeFrom !== '' && !isPlainAddress(reply.envelopeFrom))
    throw new RangeError('the envelope sender is not one plain address');
  if (!isUsableId(reply.messageId)) throw new RangeError('the Message-ID is malformed');
  const inReplyTo = reply.inReplyTo !== null && isUsableId(reply.inReplyTo) ? reply.inReplyTo : null;
  const references = referencesOf(reply.references, inReplyTo);
  const boundary = boundaryOf(reply.messageId);
  const lines = [
    ...Object.entries(reply.headers).map(([name, value]) => field(fieldName(name), oneLine(value, MAX_HEADER_CHARS))),
    field('From', { name: oneLine(reply.from.name, MAX_NAME_CHARS), address: reply.from.address }),
    field('To', reply.to.startsWith('"') ? `<${reply.to}>` : reply.to),
    ...(inReplyTo === null ? [] : [field('In-Reply-To', `<${inReplyTo}>`)]),
    ...(references.length === 0 ? [] : [field('References', references.map((id) => `<${id}>`).join(' '))]),
    field('Subject', oneLine(reply.subject, MAX_SUBJECT_CHARS)),
    field('Message-ID', `<${reply.messageId}>`),
    field('Date', reply.date),
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`,
    '',
    ...partOf('text/plain', reply.text, boundary),
    ...partOf('text/html', reply.html, boundary),
    `--${boundary}--`,
    '',
  ];
  return { messageId: reply.messageId, envelopeFrom: reply.envelopeFrom, envelopeTo: reply.to, bytes: Buffer.from(lines.join('\r\n')) };
}

/** Encodes the values of fields. The whole message is not made of it: its streams take four times longer than all the rest of an answer. */
const ENCODER = new MimeNode(undefined, { baseBoundary: 'none' });

function field(name: string, value: MimeNodeHeaderValue): string {
  const written = typeof value === 'string' && PRINTABLE.test(value) ? value : ENCODER.encodeHeaderValue(name, value);
  return foldLines(`${name}: ${written}`);
}

/** What needs no encoding: `auto-replied`; not `Señora`. */
const PRINTABLE = /^[ -~]*$/;

/** Stands in no quoted-printable text, where `=` is followed by two digits or a line end (RFC 2045 6.7). */
function boundaryOf(messageId: string): string {
  return `=_${hash('sha256', messageId).slice(0, 24)}`;
}

function partOf(type: string, text: string, boundary: string): string[] {
  const encoded = wrap(encode(withCrlf(text)));
  return [`--${boundary}`, `Content-Type: ${type}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable', '', encoded];
}

/**
 * What every automatic answer says about itself (RFC 3834 3.1.7, 5; Microsoft's MS-OXCMAIL 2.2.3.2.14), so that no machine answers it; the
 * loop header tells other desks, and us when it comes back, whose answer it is.
 */
export function automaticAnswerHeaders(ourAddress: string): Record<string, string> {
  return { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All', 'X-Loop': ourAddress };
}

/** The first id, which began the thread, and the newest ones (RFC 5322 3.6.4); at most MAX_REFERENCES, each once, unusable ones left out. */
function referencesOf(references: readonly string[], inReplyTo: string | null): string[] {
  const ids = references.filter((id) => isUsableId(id) && id !== inReplyTo);
  const unique = [...new Set(inReplyTo === null ? ids : [...ids, inReplyTo])];
  return unique.length <= MAX_REFERENCES ? unique : [unique[0]!, ...unique.slice(1 - MAX_REFERENCES)];
}

/** `20261123.1@mx.cliente.co`; not `a b`, `<a@b>`, nor anything that could break the line or not fit on it. */
function isUsableId(id: string): boolean {
  return /^[\x21-\x3b\x3d\x3f-\x7e]{1,900}$/.test(id);
}

/** `X-Loop`; not `X-Loop: a`, `Bcc\n`. Names are ours, so a wrong one is a fault of the program. */
function fieldName(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(name)) throw new RangeError(`not a header field name: ${JSON.stringify(name)}`);
  return name;
}

/**
 * A value that cannot leave its header: line breaks and controls become one space. `=?` is parted, because what only looks like an encoded
 * word (RFC 2047) would be decoded by the reader's program, controls included.
 */
function oneLine(value: string, maxChars: number): string {
  const flat = value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('=?', '= ?')
    .trim();
  const chars = Array.from(flat);
  return chars.length <= maxChars ? chars.join('') : `${chars.slice(0, maxChars - 1).join('')}…`;
}

function withCrlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}
