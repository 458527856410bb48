/**
 * Whether mail may be sent to this address: one `local@domain`, without quotes, comments, spaces, lists or anything that a mail library could read
 * as a second address. Stricter than RFC 5321 4.1.2 on purpose. Letters outside of ASCII are allowed (RFC 6531), and so are hosts of an intranet without a
 * dot; `localhost` would be whoever handles the mail.
 */
export function isPlainAddress(address: string): boolean {
  const parts = address.split('@');
  const [local = '', domain = ''] = parts;
  return parts.length === 2 && isLocal(local) && isDomain(domain);
}

/** Dot-atom of RFC 5322 3.2.3, at most 64 octets. */
function isLocal(local: string): boolean {
  if (Buffer.byteLength(local) > 64) return false;
  return local.split('.').every((atom) => /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+$/u.test(atom)); // 'ana' but not 'ana perez'
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
