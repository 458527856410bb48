/**
 * A mailbox in running text, whole: `ana@cliente.co`, `ñandú@cliente.co`, `"ana perez"@cliente.co`; not `@cliente.co`, `a@b`. Local parts of other
 * systems, wrapped into one (`IMCEAEX-_O=…`), are longer than RFC 5321 4.5.3.1.1 allows.
 */
const MAILBOX = /(?:"[^"\\@\n]{1,64}"|(?<![^\s<>()[\]{}"',;:|\\@])[^\s<>()[\]{}"',;:|\\@]{1,320})@[^\s<>()[\]{}"',;:|\\@]{1,255}/g;

/** Every mailbox in a text, in order, local part as written and domain in lower case. */
export function addressesIn(text: string): string[] {
  return [...text.matchAll(MAILBOX)].flatMap(([found]) => {
    const address = found.replace(/^[*.]+|[.!?*]+$/g, '');
    const at = address.indexOf('@');
    return at > 0 && /[^.]\.[^.]/.test(address.slice(at)) ? [address.slice(0, at) + address.slice(at).toLowerCase()] : [];
  });
}
