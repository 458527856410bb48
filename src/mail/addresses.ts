import addressparser from 'nodemailer/lib/addressparser';
import { decodeWords } from './encodedWords.ts';
import type { Address } from './message.ts';
import { neutralLine } from './neutral.ts';
import { withoutNeedlessQuotes } from './plainAddress.ts';

/** The mailboxes of an address field in order, groups opened (RFC 5322 3.4). What holds no `local@domain` is left out. */
export function parseAddresses(value: string | null): Address[] {
  const found = entriesOf(value).filter(({ address }) => IS_ADDRESS.test(address));
  if (found.length > 0 || !value?.includes('=?')) return found;
  return entriesOf(decodeWords(value)).filter(({ address }) => IS_ADDRESS.test(address)); // some senders encode the whole field, address and all
}

/** The first mailbox of a field as far as it goes: `MAILER-DAEMON`, or a name without any address. */
export function unfinishedAddress(value: string | null): Address {
  return entriesOf(value)[0] ?? { name: '', address: '' };
}

/** Matches `ana@x.co` and `"a b"@x.co`; not `@x.co`, not `a@b@x.co`, not `ana@`. */
const IS_ADDRESS = /^(?:"[^"]{1,300}"|[^\s@"]{1,300})@[^\s@,;<>"]{1,300}$/;

/** Characters of an address field that are read: some thousands of addresses. */
const MAX_FIELD = 200_000;

/**
 * The form that most fields have, one mailbox without anything that means more than itself: `Ana Perez <ana@x.co>`, `"Perez, Ana" <ana@x.co>`,
 * `<ana@x.co>`, `ana@x.co`; not `ana@x.co, eva@x.co`, not `Ana (x) <ana@x.co>`. Groups: name, quoted name, address in brackets, address.
 */
const SIMPLE =
  /^(?:(?:([A-Za-z0-9][A-Za-z0-9 _-]{0,200})|"([A-Za-z0-9][A-Za-z0-9 ,._-]{0,200})")? ?<([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253})>|([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}))$/;

function entriesOf(value: string | null): Address[] {
  if (!value) return [];
  const simple = SIMPLE.exec(value);
  if (simple) return [{ name: neutralLine(simple[1] ?? simple[2] ?? ''), address: tidy(simple[3] ?? simple[4]!) }];
  return addressparser(mended(value.slice(0, MAX_FIELD)), { flatten: true }).map(({ name, address }) => {
    const bare = tidy(address);
    const shown = nameOf(name);
    return bare === '' && IS_WORD.test(shown) ? { name: '', address: shown } : { name: shown, address: bare };
  });
}

/** Addresses with nothing but blanks between them: `ana@x.co eva@x.co`; not `Ana ana@x.co`. */
const BARE_LIST = /^(?:[^\s,;:<>()"@]{1,100}@[^\s,;:<>()"@]{1,255}(?:[\s,;]{1,20}|$)){2,}$/;
/** Where a comma is missing: behind `<ana@x.co>` in `<ana@x.co> Eva <eva@x.co>`; not in `<ana@x.co> <eva@x.co>` and not before `(Ana)`. */
const COMMA_MISSING = />(?=\s{0,9}(?:"[^"<>]{1,100}"|[^\s,;:<>()"@][^,;:<>()"@]{0,100})\s{0,9}<[^\s<>()"@]{1,100}@[^\s<>()"@]{1,255}>)/g;
/** As Exchange writes an address into a field of text: `[SMTP:ana@x.co]`; not `[Soporte]`. */
const IN_BRACKETS = /\[(?:smtp|mailto):\s?([^\s<>()[\]"@]{1,100}@[^\s<>()[\]"@]{1,255})\]/gi;
/** An encoded word with signs that part addresses: `=?utf-8?Q?Perez,_Ana?=`; not `=?utf-8?Q?Ana?=`. */
const WORD_WITH_SIGNS = /=\?[^?\s]{1,60}\?[qb]\?(?=[^?]{0,500}[,;:<>()@])[^?]{0,500}\?=/gi;
/** A quote that was never closed, and the address behind it: `"Ana <ana@x.co>,`; not `"Ana" <ana@x.co>`. */
const OPEN_QUOTE = /"(?=[^"<>]{0,200}<[^\s<>()"@]{1,100}@[^\s<>()"@]{1,255}>\s{0,9}(?:[,;]|$))/g;

/** What senders forget in lists of addresses, which no reader can tell otherwise. */
function mended(field: string): string {
  if (BARE_LIST.test(field) && !field.includes('=?')) return field.trim().replace(/[\s,;]+/g, ', ');
  const plain = field.includes('"') ? field : quotedWords(field.replace(/\\(?=[()])/g, ''));
  const closed = hasOddQuotes(plain) ? plain.replace(OPEN_QUOTE, '') : plain;
  if (closed.includes('<')) return closed.replace(COMMA_MISSING, '>,');
  return closed.replace(IN_BRACKETS, '<$1>');
}

/** Words beside an address in brackets are its name, whatever signs stand in them. */
function quotedWords(field: string): string {
  return field.includes('=?') && field.replace(WORD_WITH_SIGNS, '').includes('<') ? field.replace(WORD_WITH_SIGNS, '"$&"') : field;
}

function hasOddQuotes(field: string): boolean {
  return (field.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1; // '"' but not '\"'
}

/** A local part alone. Matches `MAILER-DAEMON`; not `Ana Pérez`. */
const IS_WORD = /^[A-Za-z0-9._-]{1,100}$/;

/** The address without what senders put around it (`mailto:`, quotes, brackets, signs without width), its domain in lower case and relative. */
function tidy(address: string): string {
  const bare = (NOT_ASCII.test(address) ? neutralLine(address) : address)
    .replace(/^(?:mailto:|smtp:|[<'\s]){1,4}/i, '')
    .replace(/[>'\s]{1,4}$/, '');
  const at = bare.lastIndexOf('@');
  return at < 0 ? bare : withoutNeedlessQuotes(bare.slice(0, at)) + bare.slice(at).toLowerCase().replace(ROOT_DOT, '');
}

const NOT_ASCII = /[^ -~]/;

/** The dot of an absolute name (RFC 1034 3.1), which names the same host (RFC 5321 2.3.5 has none). Matches the end of `@x.co.`; not of `@x..`. */
const ROOT_DOT = /(?<=[^.@])\.$/;

/** Decoded, on one line, without the brackets and quotes that senders leave around it. */
function nameOf(name: string): string {
  const line = neutralLine(decodeWords(name)).replace(/ ?\[ ?\]$/, '');
  const shown = line.includes('<') ? line : line.replaceAll('>', '').trim();
  return /^'[^']{0,500}'$/.test(shown) ? shown.slice(1, -1) : shown;
}
