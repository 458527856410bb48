import { decodeBytes, encodeText, isKnownCharset } from './charset.ts';
import { decodeWords } from './encodedWords.ts';
import { withoutComments } from './fields.ts';

/** A header value with parameters, their names in lower case, decoded (RFC 2045 5.1, RFC 2231). */
export interface Structured {
  value: string;
  params: Record<string, string>;
}

/** What parts parameters, as many of them as stand there: `; `; not `x`. */
const BETWEEN = /[\s;,]*/y;
/** Begins a parameter: `charset=`, `filename*0* =`; not `text/plain`. */
const NAME = /([\w-]{1,60}(?:\*\d{1,3})?\*?)\s*=\s*/y;
/** The same where no semicolon stands before it, of names that are no words of a file's name: ` charset=`, ` filename=`; not ` y=`. */
const GLUED_NAME = /\s(?:charset|format|delsp|boundary|type|(?:file)?name)\*?(?:\d{1,3}\*?)?\s*=/i;
/** What may follow a value: its end, a comment, or a parameter whose semicolon is missing. Matches ` ; `; not `.pdf"`. */
const AFTER_VALUE = /\s*(?:$|[;(]|[\s,][\w-]{1,60}(?:\*\d{1,3})?\*?\s*=)/y;
/** A comment with nothing behind it: `utf-8 (Unicode)`; not `Informe (1).pdf`. */
const LAST_COMMENT = /\([^()]{0,500}\)\s*$/;
/** A parameter that is encoded whole, its name too: `; =?utf-8?Q?charset=3Dutf-8?=`; not `; name="=?utf-8?Q?a?="`. */
const ENCODED_NAME = /;\s{0,20}=\?/;
/** Characters that are read. */
const MAX_FIELD = 16_384;

/**
 * Reads a header value with parameters, and what senders make of it: missing semicolons, quotes inside of quotes, the backslashes of a path, a file's
 * name without quotes. Of a parameter given twice the first counts. Linear.
 */
export function structured(field: string): Structured {
  const text = ENCODED_NAME.test(field) ? decodeWords(field.slice(0, MAX_FIELD)) : field.slice(0, MAX_FIELD);
  const params = new Map<string, string>();
  let at = endOfValue(text);
  const value = withoutComments(text.slice(0, at)).trim();
  while (at < text.length) {
    BETWEEN.lastIndex = at;
    BETWEEN.test(text);
    NAME.lastIndex = BETWEEN.lastIndex;
    const name = NAME.exec(text)?.[1]?.toLowerCase();
    const found = name === undefined ? null : valueAt(text, NAME.lastIndex);
    if (found && !params.has(name!)) params.set(name!, found.value);
    at = found?.end ?? endOfSegment(text, BETWEEN.lastIndex);
  }
  return { value, params: decoded(params) };
}

/** Matches the media type of `multipart/mixed boundary=x` and of `attachment, filename=x`; not `text/plain; charset=x`. */
const VALUE_ONLY = /^[^\s;,=]{1,200}(?=[\s,]{1,20}[\w-]{1,60}(?:\*\d{1,3})?\*?\s*=)/;
/** A value that was left out: `filename="a.pdf"` as a whole Content-Disposition; not `attachment`. */
const NO_VALUE = /^\s*[\w-]{1,60}\*?\s*=/;

function endOfValue(text: string): number {
  if (NO_VALUE.test(text)) return 0;
  return VALUE_ONLY.exec(text)?.[0].length ?? endOfSegment(text, 0);
}

function endOfSegment(text: string, from: number): number {
  const semicolon = text.indexOf(';', from);
  return semicolon < 0 ? text.length : semicolon;
}

interface Found {
  value: string;
  /** Where the rest begins. */
  end: number;
}

function valueAt(text: string, from: number): Found {
  const start = text[from] === '(' ? afterComment(text, from) : from;
  return text[start] === '"' ? quotedAt(text, start + 1) : tokenAt(text, start);
}

/** `(a comment)"value"`. */
function afterComment(text: string, from: number): number {
  const end = text.indexOf(')', from);
  return end > 0 && text[end + 1] === '"' ? end + 1 : from;
}

/** The first quote ends the value, unless more of it follows and another quote ends that: `"el "viejo" informe.pdf"`. */
function quotedAt(text: string, from: number): Found {
  const first = closingQuote(text, from);
  if (first < 0) return tokenAt(text, from);
  AFTER_VALUE.lastIndex = first + 1;
  const segment = endOfSegment(text, first);
  if (AFTER_VALUE.test(text)) return { value: unescaped(text.slice(from, first)), end: first + 1 };
  const last = text.slice(first, segment).trimEnd();
  if (last.length > 1 && last.endsWith('"')) return { value: unescaped(text.slice(from, first + last.length - 1)), end: segment };
  return { value: unescaped(text.slice(from, first)), end: segment };
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at > 0 && isEscaped(text, from, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, from: number, at: number): boolean {
  let backslashes = 0;
  while (at - backslashes > from && text[at - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Only quotes and backslashes need escaping, and programs of Windows write `C:\informe.pdf`. */
function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}

function tokenAt(text: string, from: number): Found {
  const segment = text.slice(from, endOfSegment(text, from));
  const glued = GLUED_NAME.exec(segment)?.index ?? segment.length;
  const token = segment.slice(0, glued).replace(LAST_COMMENT, '').trim();
  return { value: token.endsWith('"') ? token.slice(0, -1) : token, end: from + glued };
}

/** `filename`, `filename*`, `filename*2`, `filename*2*`. Groups: name, number, whether escapes stand in it. */
const SECTION = /^(.{1,60}?)(?:\*(\d{1,3}))?(\*)?$/;

interface Section {
  number: number;
  isEscaped: boolean;
  text: string;
}

function decoded(params: ReadonlyMap<string, string>): Record<string, string> {
  const plain: Record<string, string> = {};
  const cut = new Map<string, Section[]>();
  for (const [key, text] of params) {
    const [, name, number, star] = SECTION.exec(key)!;
    if (name === '__proto__') continue;
    if (number === undefined && star === undefined) plain[name!] = name === 'boundary' ? text : decodeWords(text);
    else cut.set(name!, [...(cut.get(name!) ?? []), { number: Number(number ?? 0), isEscaped: star !== undefined, text }]);
  }
  for (const [name, sections] of cut) plain[name] = joined(sections) || (plain[name] ?? '');
  return plain;
}

/** Before the escapes: the charset and the language, `utf-8'es'cotizaci%C3%B3n`, or `utf-8'a` of senders who leave one out; not `it%27s`. */
const CHARSET = /^([\w.:-]{0,60})'([\w-]{0,30}')?/;

/** The sections of one value in their order (RFC 2231 3, 4); senders also cut encoded words into sections. */
function joined(sections: readonly Section[]): string {
  const inOrder = sections.toSorted((a, b) => a.number - b.number);
  const found = inOrder[0]!.isEscaped ? CHARSET.exec(inOrder[0]!.text) : null;
  const charset = found && (found[2] !== undefined || isKnownCharset(found[1]!)) ? found : null; // not 'd' of `d'abril.pdf`
  if (!inOrder.some((section) => section.isEscaped && section.text.includes('%'))) {
    const text = inOrder.map((section) => section.text).join('');
    return decodeWords(text.slice(charset?.[0].length ?? 0));
  }
  const octets = inOrder.map(({ isEscaped, text }, index) => {
    const own = index === 0 && charset ? text.slice(charset[0].length) : text;
    return isEscaped ? withoutEscapes(own) : encodeText(own, charset?.[1] ?? '');
  });
  return decodeBytes(Buffer.concat(octets), charset?.[1] || null).text;
}

/** `%F1` becomes the octet F1. */
function withoutEscapes(text: string): Buffer {
  const octets = Buffer.from(text).toString('latin1');
  return Buffer.from(
    octets.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  );
}
