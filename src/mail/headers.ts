import { decodeBytes } from './charset.ts';
import { charsetsOfWords } from './encodedWords.ts';
import { fieldName, isFold } from './head.ts';
import type { HeaderField } from './message.ts';

/**
 * The fields of a raw header section in order, unfolded (RFC 5322 2.2.3). Lines that are no field and continue none, an mbox `From ` line
 * among them, are left out.
 * @param charset for fields that hold raw 8-bit octets which are no UTF-8, when it is known from the text
 */
export function readFields(section: Buffer, charset: string | null = null): HeaderField[] {
  const fields: HeaderField[] = [];
  let open: { name: string; from: number; to: number } | null = null;
  const close = () => {
    if (open) fields.push({ name: open.name, value: bodyOf(section.subarray(open.from, open.to), charset) });
  };
  for (let at = 0; at < section.length; ) {
    const lf = section.indexOf(0x0a, at);
    const next = lf < 0 ? section.length : lf + 1;
    if (isFold(section[at]!)) {
      if (open) open.to = next;
    } else {
      close();
      const name = fieldName(section.subarray(at, next));
      open = name === null ? null : { name: name.toLowerCase(), from: section.indexOf(0x3a, at) + 1, to: next };
    }
    at = next;
  }
  close();
  return fields;
}

function bodyOf(raw: Buffer, charset: string | null): string {
  return decodeBytes(raw, null, charset)
    .text.replace(/\r{0,3}\n(?=[ \t])/g, '')
    .trim();
}

/** The first field of that name, or null: of several the first one counts, as mail programs show it. */
export function firstField(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}

/** The charsets of the encoded words in what the author wrote. */
export function charsetsOfFields(fields: readonly HeaderField[]): string[] {
  return fields.filter(({ name }) => name === 'subject' || name === 'from').flatMap(({ value }) => charsetsOfWords(value));
}

/** What stands in angle brackets. Matches `<a.1@b.co>`; not `<a@b.co`. */
const BRACKETED = /<([^<>]{1,998})>/g;

/** An id whose brackets were lost. Matches `a.1@b.co`; not `Message` and not `"a"@b.co`. */
const BARE_ID = /^[^@<>"()]{1,400}@[^@<>"()]{1,400}$/;

/**
 * The msg-ids of a field in order, without angle brackets and the blanks that folding left inside (RFC 5322 3.6.4); bare ones
 * (`a@b, c@d`) only where none is bracketed. Free text is no id.
 */
export function messageIds(value: string | null): string[] {
  if (!value) return [];
  const bracketed = Array.from(value.matchAll(BRACKETED), (match) => match[1]!.replace(/\s/g, '')).filter((id) => id !== '');
  return bracketed.length > 0 ? bracketed : value.split(/[\s,;]/).filter((word) => BARE_ID.test(word));
}

/** A Message-ID field's id, or what stands in its place if that is one word; null when there is none. */
export function messageIdOf(value: string | null): string | null {
  return messageIds(value)[0] ?? (value && /^\S{1,998}$/.test(value) ? value : null);
}
