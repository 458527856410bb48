import { wordsOf } from './quoteLocales.ts';

/** Lines over which a program wraps an attribution, and the longest one believed. */
const MAX_LINES = 4;
const MAX_LENGTH = 400;

const VERB = `(?<![\\p{L}\\p{N}])(?:${wordsOf('wrote')})(?![\\p{L}\\p{N}])`;
/** Chinese, Japanese, Korean, Thai verbs stand without spaces around them. */
const JOINED_VERB = `(?:写道|寫道|のメール|のメッセージ|작성|썼습니다|写了|เขียนว่า)`;

/** A day or an hour: `3 de mayo`, `2020`, `10:15`, `26/12/23`, `2月`; not `12`. */
const DATED = /\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}\.?\s(?:de\s|d’)?\p{L}{3}|\d\s?[年月日년월]/u;
/** A date proper, not only an hour: `6/07/2020`, `3 de mayo`; not `10:15 los`. */
const FULL_DATE = /\d{4}|\d{1,2}[./-]\d{1,2}|(?<![:.\d])\d{1,2}\.?\s(?:de\s|d’)?\p{L}{3}|\d\s?[年月日년월]/u;
/** `ana@x.co` or the place of one that was removed; not `@ana`. */
const ADDRESSED = /[^\s@<(]@[^\s@]|<[^<>]{1,200}>/;

/** `On 3 May 2020, Ana wrote`, `Am 3.5. schrieb Ana`, `Op 2 feb. heeft Ana het volgende geschreven`; not `Online he wrote`. The date stands before the verb. */
const OPENS_AND_SAYS = new RegExp(`^(?:${wordsOf('on')})(?![\\p{L}\\p{N}])(?<when>.*?)(?:${VERB}|${JOINED_VERB})`, 'iu');
/** `Ana <ana@x.co> escribió:`, `2020-05-03 Ana napisał(a):`; not `escribió que no`. */
const SAYS_AT_END = new RegExp(`(?:${VERB}|${JOINED_VERB})[\\s\\u200e\\u200f]*[:：]?[\\s*_]*$`, 'iu');
/** No verb with its colon is longer. */
const TAIL = 40;
const saysLast = (text: string): boolean => SAYS_AT_END.test(text.slice(-TAIL));
/** `2016-10-24 15:36 GMT+02:00 Ana <ana@x.co>:`, `26.06.2014, 14:41, "Ana" <ana@x.co>:`; not `10:30 llega el camión:`. */
const DATE_NAME_ADDRESS = /^\p{L}{0,12}[.,]?\s?\d.{5,200}[<(][^\s<>()]{1,100}@[^\s<>()]{1,100}[>)]\s*[:：]?$/u;
/** `Ana <ana@x.co> schrieb am Di., 16. Aug. 2016 um 12:52 Uhr:`; not `Ana schrieb am Dienstag:`. */
const NAME_ADDRESS_SAYS_DATE = new RegExp(
  `^[^<>@]{1,100}[<(][^\\s<>]{1,100}@[^\\s<>]{1,100}[>)]\\s${VERB}\\s.{0,20}\\d.{1,60}[:：]$`,
  'iu',
);
/** `2016-03-03 17:21 GMT+01:00 Ana`, as Gmail wrote without a verb; not `2016-03-03 17:21 Ana`. */
const DATE_ZONE_NAME = /^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} GMT[+-]\d{1,2}:\d{2}\s\S.{0,150}$/;
/** `---- On Mon, 3 May 2020 Ana wrote ----`, `---- Ana wrote ----`; not `---- Ana ----`. */
const BETWEEN_DASHES = new RegExp(`^-{2,10}\\s.{1,200}${VERB}\\s*:?\\s*-{2,10}$`, 'iu');
/** The colon that ends an attribution; some programs leave it out before quoted lines. */
const COLON_AT_END = /[:：][\s*_]{0,5}$/;
const colonLast = (text: string): boolean => COLON_AT_END.test(text.slice(-TAIL));
/** The day that follows the opener: `El mar, 26 dic`, `On Tue`, `Em seg.,`, `Le 4 janv.`; not `El cliente`. */
const OPENER_AND_DAY = new RegExp(`^(?:${wordsOf('on')})\\s(?:[\\p{L}-]{2,15}[.,]{0,2}\\s(?:\\d|\\p{L}{3,9}\\.?\\s\\d)|\\d)`, 'iu');

/** The beginning that attributions have: an opener with a day, a date, or dashes. */
const BEGINS = new RegExp(`${OPENER_AND_DAY.source}|^-{2,10}\\s|^(?:\\p{L}{2,12}[.,]{0,2}\\s)?\\d{1,4}(?:[-./]\\d|[.,年]?\\s)`, 'iu');

/** Is `text`, its lines joined, the line that introduces a quotation? */
function isAttribution(text: string, beforeQuote: boolean): boolean {
  if (text.length > MAX_LENGTH) return false;
  if ([BETWEEN_DASHES, NAME_ADDRESS_SAYS_DATE, DATE_ZONE_NAME].some((form) => form.test(text))) return true;
  if (!colonLast(text) && !beforeQuote) return false;
  if (DATE_NAME_ADDRESS.test(text)) return true;
  const addressed = ADDRESSED.test(text);
  const opened = OPENS_AND_SAYS.exec(text)?.groups;
  // Without quoted lines below or an address it takes a whole date: `A las 10:15 el servidor escribió:` is the author's own.
  if (opened) return (addressed || (beforeQuote ? DATED : FULL_DATE).test(opened['when']!)) && (colonLast(text) || saysLast(text));
  return saysLast(text) && (addressed || beforeQuote || /^\p{P}{0,2}\p{L}{0,12}[.,]?\s?\d/u.test(text));
}

/** Could a line end an attribution? Cheap, so that most lines are asked nothing more. */
function mayEnd(line: string, beforeQuote: boolean): boolean {
  return (
    line.length <= MAX_LENGTH && (beforeQuote || colonLast(line) || line.endsWith('--') || saysLast(line) || DATE_ZONE_NAME.test(line))
  );
}

/**
 * The number of lines, up to and including `lines[end]`, that form an attribution: `El mar, 26 dic 2023 a las 17:14, Ana (<ana@x.co>)` and
 * `escribió:` are two. 0 when they form none. The smallest group that begins as attributions do wins over one that only ends as they do.
 * @param first the lowest index that may belong to it
 * @param beforeQuote whether quoted lines follow
 */
export function attributionEndingAt(lines: readonly string[], end: number, first: number, beforeQuote: boolean): number {
  if (!mayEnd(lines[end]!, beforeQuote)) return 0;
  let fallback = 0;
  let joined = '';
  for (let count = 1; count <= MAX_LINES && end - count + 1 >= first; count++) {
    const line = lines[end - count + 1]!.trim();
    if (line.length > MAX_LENGTH) break;
    if (line === '' && !/^[^<]{0,200}>/.test(joined)) break;
    joined = count === 1 ? line : `${line}${/[<(]$/.test(line) ? '' : ' '}${joined}`;
    const text = joined.replace(/^[*_\s]{1,5}/, '');
    if (!isAttribution(text, beforeQuote)) continue;
    if (BEGINS.test(text)) return count;
    if (fallback === 0 || /^<[^<>]{0,200}>[^<>]{0,40}$/.test(lines[end - fallback + 1]!.trim())) fallback = count;
  }
  return fallback;
}

/** Colons in one line at which an attribution is looked for. */
const MAX_COLONS = 12;
/** Where an attribution may begin inside a line: after a blank or dashes, with a capital letter. */
const INNER_BEGINNING = /(?:-{2,10}\s?|\s)(?=\p{Lu})/gu;

/**
 * Where an attribution begins inside a line that also holds the end of the answer (`Sí, gracias On Wed, 4 Apr 2012, Ana wrote:`); -1 when it
 * does not.
 */
export function attributionInside(line: string): number {
  let end = line.indexOf(':');
  for (let colons = 0; end >= 0 && !saysLast(line.slice(Math.max(0, end - TAIL), end)); end = line.indexOf(':', end + 1)) {
    if (++colons === MAX_COLONS) return -1;
  }
  if (end < 0 || end > MAX_LENGTH * 2) return -1;
  const upTo = line.slice(0, end + 1);
  if (BEGINS.test(upTo) || !DATED.test(upTo)) return -1;
  for (const before of upTo.matchAll(INNER_BEGINNING)) {
    const rest = upTo.slice(before.index + before[0].length);
    if (OPENER_AND_DAY.test(rest) && isAttribution(rest, false)) return before.index;
  }
  return -1;
}
