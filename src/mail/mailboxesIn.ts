/** A mailbox in running text: `ana@cliente.co`, `ñandú@cliente.co`; not `@cliente.co`, `a@b`. */
const MAILBOX = /[^\s<>()[\]{}"',;:|\\@]{1,64}@[^\s<>()[\]{}"',;:|\\@]{1,255}/g;

/** Every mailbox in a text, in order, local part as written and domain in lower case. */
export function addressesIn(text: string): string[] {
  return [...text.matchAll(MAILBOX)].flatMap(([found]) => {
    const address = found.replace(/^[*.]+|[.!?*]+$/g, '');
    const at = address.indexOf('@');
    return at > 0 && /[^.]\.[^.]/.test(address.slice(at)) ? [address.slice(0, at) + address.slice(at).toLowerCase()] : [];
  });
}
