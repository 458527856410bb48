/**
 * Whether mail may be sent to this address: one `local@domain`, without comments, lists or anything that a mail library could read as a second
 * address. Stricter than RFC 5321 4.1.2 on purpose. Letters outside of ASCII are allowed (RFC 6531), and so are hosts of an intranet without a dot;
 * `localhost` would be whoever handles the mail.
 */
export function isPlainAddress(address: string): boolean {
  const parts = address.split('@');
  const [local = '', domain = ''] = parts;
  return parts.length === 2 && isLocal(local) && isDomain(domain);
}

/**
 * A local part in quotes with words and single spaces inside: `"ana perez"`, `"ana..p"`; not `"a,b"`, `"a\\"b"`, `"ana "`. What is left out could end
 * the quotation or part a list, and with one `@` in all, even a program that overlooked the quotes would stay with the same domain.
 */
const QUOTED_LOCAL = /^"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)*"$/;

/** Dot-atom of RFC 5322 3.2.3, or words in quotes; at most 64 octets. */
function isLocal(local: string): boolean {
  if (Buffer.byteLength(local) > 64) return false;
  return isDotAtom(local) || QUOTED_LOCAL.test(local);
}

function isDotAtom(local: string): boolean {
  return local.split('.').every((atom) => /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+$/u.test(atom)); // 'ana' but not 'ana perez'
}

/** The local part without quotes that it does not need: `"ana"` and `ana` are the same mailbox (RFC 5321 4.1.2). */
export function withoutNeedlessQuotes(local: string): string {
  const inner = /^"[^"]*"$/.test(local) ? local.slice(1, -1) : ''; // '"ana"' but not '"ana'
  return isDotAtom(inner) ? inner : local;
}

/** Host name labels, at most 63 octets each and 255 in all. */
function isDomain(domain: string): boolean {
  if (Buffer.byteLength(domain) > 255 || domain.toLowerCase() === 'localhost') return false;
  return domain
    .split('.')
    .every(
      (label) => Buffer.byteLength(label) <= 63 && /^[\p{L}\p{M}\p{N}-]+$/u.test(label) && !label.startsWith('-') && !label.endsWith('-'),
    ); // 'x-1' but not 'x_1'
}
