import type { ParsedMail } from './message.ts';

/** The bodies of all header fields of that name (lower case), in order. */
export function fieldValues(mail: Pick<ParsedMail, 'headers'>, name: string): string[] {
  return mail.headers.filter((field) => field.name === name).map((field) => field.value);
}

/** The field body without comments (RFC 5322 3.2.2): `No (sent by hand)` becomes `No`. Quoted strings are left alone. Linear. */
export function withoutComments(value: string): string {
  let out = '';
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\') {
      if (depth === 0) out += value.slice(i, i + 2);
      i++;
    } else if (quoted || depth === 0) {
      if (c === '"') quoted = !quoted;
      if (c === '(' && !quoted) depth++;
      else out += c;
    } else if (c === '(') depth++;
    else if (c === ')') depth--;
  }
  return out.trim();
}

/** What stands behind the last `@`, in lower case; the whole where there is none. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
