import { wordsOf } from './quoteLocales.ts';

/** Lines over which a program wraps an attribution, and the longest one believed. */
const MAX_LINES = 4;
const MAX_LENGTH = 400;

const VERB = `(?<![\\p{L}\\p{N}])(?:${wordsOf('wrote')})(?![\\p{L}\\p{N}])`;
/** Chinese, Japanese, Korean, Thai verbs stand without spaces around them. */
const JOINED_VERB = `(?:写道|寫道|のメール|のメッセージ|작성|썼습니다|写了|เขียนว่า)`;

/** A day or an hour: `3 de mayo`, `2020`, `10:15`, `26/12/23`, `2月`; not `12`. */
const DATED = /\p{Nd}{1,2}[:.h]\p{Nd}{2}|\p{Nd}{4}|\p{Nd}{1,2}[./-]\p{Nd}{1,2}|\p{Nd}{1,2}\.?\s(?:de\s|d’)?\p{L}{3}|\p{Nd}\s?[年月日년월]/u;
/** A date proper, not only an hour: `6/07/2020`, `3 de mayo`; not `10:15 los`. */
const FULL_DATE = /\p{Nd}{4}|\p{Nd}{1,2}[./-]\p{Nd}{1,2}|(?<![:.\p{Nd}])\p{Nd}{1,2}\.?\s(?:de\s|d’)?\p{L}{3}|\p{Nd}\s?[年月日년월]/u;
/** An hour, a year or a date in digits, as programs write them: `10:15`, `11.45`, `26/12/23`; not `3 de mayo`. */
const IN_DIGITS = /\p{Nd}{1,2}[:.h]\p{Nd}{2}|\p{Nd}{1,4}[./-]\p{Nd}{1,2}|\p{Nd}{4}|\p{Nd}\s?[年月日년월]/u;
/** `10:15`, `٣:٣٦`; not `10:1`. */
const HOUR = /(?<!\p{Nd})\p{Nd}{1,2}[:.h]\p{Nd}{2}(?!\p{Nd})/u;
/** The address of a person, set apart: `<ana@x.co>`, `(ana@x.co)`, `<x>` for one that was removed; not `ana@x.co`. */
const BRACKETED = /[<(][^\s<>()]{1,100}@[^\s<>()]{1,100}[>)]|<[^<>]{1,200}>/;
/** `ana@x.co`; not `@ana`. */
const ADDRESS = /[^\s@<(]@[^\s@]/;

/** `On 3 May 2020, Ana wrote`, `Am 3.5. schrieb Ana`, `Op 2 feb. heeft Ana het volgende geschreven`; not `Online he wrote`. The date stands before the verb. */
const OPENS_AND_SAYS = new RegExp(`^(?:${wordsOf('on')})(?![\\p{L}\\p{N}])(?<when>.*?)(?:${VERB}|${JOINED_VERB})(?<rest>.*)$`, 'iu');
/** `Ana <ana@x.co> escribió:`, `2020-05-03 Ana napisał(a):`; not `escribió que no`. */
const SAYS_AT_END = new RegExp(`(?:${VERB}|${JOINED_VERB})\\s*[:：]?[\\s*_]*$`, 'iu');
/** No verb with its colon is longer. */
const TAIL = 40;
const saysLast = (text: string): boolean => SAYS_AT_END.test(text.slice(-TAIL));
/** `2016-03-03 17:21 GMT+01:00 Ana`, as Gmail wrote without a verb; not `2016-03-03 17:21 Ana`. */
const DATE_ZONE_NAME = /^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} GMT[+-]\d{1,2}:\d{2}\s\S.{0,150}$/;
/** `2012/11/13 Ana <ana@x.co>`, as it wrote before, without a colon; believed above quoted lines. */
const DATE_AND_PERSON = /^\d{4}[/-]\d{1,2}[/-]\d{1,2},?\s[^<>@:]{1,100}<[^\s<>@]{1,100}@[^\s<>@]{1,100}>$/;
/** `---- On Mon, 3 May 2020 Ana wrote ----`, `-----Ana <ana@x.co> escribió: -----`; not `---- Ana ----`. */
const BETWEEN_DASHES = new RegExp(`^-{2,10}\\s?[^\\s-].{1,200}${VERB}\\s*:?\\s*-{2,10}$`, 'iu');
/** The colon that ends an attribution; some programs leave it out before quoted lines. */
const COLON_AT_END = /[:：][\s*_]{0,5}$/;
const colonLast = (text: string): boolean => COLON_AT_END.test(text.slice(-TAIL));
/** The day that follows the opener, which some programs write twice: `El mar, 26 dic`, `El El mar, 26 dic`, `Le 4 janv.`; not `El cliente`. */
const OPENER_AND_DAY = new RegExp(
  `^(?:(?:${wordsOf('on')})\\s){1,2}(?:[\\p{L}-]{2,15}[.,]{0,2}\\s(?:\\d|\\p{L}{3,9}[.,]{0,2}\\s\\d)|\\d)`,
  'iu',
);

/** The beginning that attributions have: an opener with a day, a date, or dashes. */
const BEGINS = new RegExp(`${OPENER_AND_DAY.source}|^-{2,10}\\s|^(?:\\p{L}{2,12}[.,]{0,2}\\s)?\\d{1,4}(?:[-./]\\d|[.,年]?\\s)`, 'iu');

/** How many words are no names, dates or small words: `usuario`, `reporta`; not `Ana`, `de`, or what stands in brackets or quotation marks. */
function ownWords(text: string): number {
  const bare = text.replace(/<[^<>]*>|\([^()]*\)|"[^"]*"|\[[^[\]]*\]/g, ' ');
  return bare.match(/(?<![\p{L}@.])\p{Ll}{4,}(?![\p{L}@])/gu)?.length ?? 0;
}

/**
 * A person at the end of what stands before the verb: a name with a capital or in a script without them, an address, something in brackets, a
 * lone word after the date. `Ana`, `<ana@x.co>`, `2013 you`; not `el sistema`.
 */
const PERSON_LAST =
  /(?:[>)\]"'»”]|(?:^|[\s"'«“])[\p{Lu}\p{Lo}][^\s@]{0,60}|[^\s@]{1,100}@[^\s@]{1,100}?|[\p{Nd},]\s[^\s\p{Nd}]{2,60})[\s,]*$/u;
/** `On July 6, 2020 I wrote`, which a person says; not `you`, which some programs do. */
const PRONOUN_LAST = /[\s,](?:I|we|he|she|they|yo|usted|ustedes|eu|ich|wir|je|io)\s*$/iu;
/** The same at the beginning of what stands after it: `Ana`, `"ana" <ana@x.co>`; not `lo mismo`. */
const PERSON_FIRST = /^[\s,]*(?:[<(["'«“]|[\p{Lu}\p{Lo}]|[^\s@]{1,100}@)/u;

/** Does the text say who wrote, next to the verb that says it? `Ana escribió:`, `schrieb Ana:`; not `el sistema escribió:`. */
function saysWho(text: string, rest: string): boolean {
  if (!saysLast(text)) return PERSON_FIRST.test(rest);
  const before = text.slice(0, text.length - TAIL) + text.slice(-TAIL).replace(SAYS_AT_END, '');
  return PERSON_LAST.test(before) && !PRONOUN_LAST.test(before);
}

/** Where an address without brackets stands: next to the verb (`Ana ana@x.co schrieb`), last after the date (`3/05/2020 10:15 por ana@x.co:`), or first; not `ana@x.co nos escribió`. */
const ADDRESS_PLACES: readonly RegExp[] = [
  new RegExp(`@[^\\s@]{1,100},?\\s${VERB}`, 'iu'),
  /^\p{L}{0,12}[.,]?\s?\d.{5,200}[^\s@]@[^\s@()]{1,100}?\s?[:：]$/u,
  /^[^\s@]{1,100}@[^\s@]{1,100}\s.{5,200}$/,
];

/** `26.06.2014, 14:41, "Ana" <ana@x.co>:`, `Ana <ana@x.co> schrieb am 16. Aug. 2016 um 12:52 Uhr:`: who and when, whatever the language, and little else. */
function isWhoAndWhen(text: string): boolean {
  if (!colonLast(text) || !FULL_DATE.test(text) || !HOUR.test(text) || text.includes('[')) return false;
  if (BRACKETED.test(text)) return ownWords(text) <= 4;
  return ownWords(text) <= 2 && ADDRESS_PLACES.some((place) => place.test(text));
}

/** A name behind the first word, or in a script without capitals: `El 5/03/24 9:12, Ana anotó:`; not `A las 9:12 salió esto:`. */
const NAMED = /\s["'(«“]?[\p{Lu}\p{Lo}]/u;
const SAYS = new RegExp(`${VERB}|${JOINED_VERB}`, 'iu');

/** As many words of one's own make a sentence: `Según el sistema, el usuario jperez escribió:`; not `juan perez escribió:`. */
const SENTENCE_WORDS = 3;

/** The same before quoted lines, which prove half of it: `Zitat von Ana <ana@x.co>:`; not `Nuestro usuario Ana <ana@x.co> reporta lo siguiente:`. */
function mayIntroduce(text: string): boolean {
  if (!colonLast(text)) return false;
  if (FULL_DATE.test(text) && HOUR.test(text) && ownWords(text) <= 3) return NAMED.test(text) || ADDRESS.test(text) || SAYS.test(text);
  return BRACKETED.test(text) && ADDRESS.test(text) && ownWords(text) <= 1;
}

/** `El 3 de mayo de 2020, Ana escribió:`, `Ana <ana@x.co> wrote:`; not `El cliente escribió:`. */
function saysWhoAndWhen(text: string, beforeQuote: boolean): boolean {
  const opened = OPENS_AND_SAYS.exec(text)?.groups;
  const bracketed = BRACKETED.test(text);
  if (opened && (colonLast(text) || saysLast(text))) {
    const when = opened['when']!;
    if (beforeQuote) return bracketed || ADDRESS.test(text) || DATED.test(when);
    return DATED.test(when) && (bracketed || (FULL_DATE.test(when) && IN_DIGITS.test(when) && saysWho(text, opened['rest']!)));
  }
  if (!saysLast(text)) return false;
  if (bracketed) return true;
  // A person quotes, too: what he says of it has words of his own.
  if (beforeQuote) return DATED.test(text) || ownWords(text.replace(SAYS_AT_END, '')) < SENTENCE_WORDS;
  // Lines of a log begin with a bracket.
  if (text.startsWith('[')) return false;
  const own = ownWords(text.slice(0, -TAIL) + text.slice(-TAIL).replace(SAYS_AT_END, ''));
  return saysWho(text, '') && ((own === 0 && ADDRESS.test(text)) || (own <= 1 && FULL_DATE.test(text.slice(0, 30))));
}

/** How surely a text introduces a quotation: not at all, perhaps a part of the line that does, surely. */
type Certainty = 0 | 1 | 2;

/** Is `text`, its lines joined, the line that introduces a quotation? Programs write there who wrote and when; without quoted lines below it takes both. */
function attributionCertainty(text: string, beforeQuote: boolean): Certainty {
  if (text.length > MAX_LENGTH) return 0;
  if (BETWEEN_DASHES.test(text) || DATE_ZONE_NAME.test(text) || isWhoAndWhen(text)) return 2;
  if (beforeQuote && DATE_AND_PERSON.test(text)) return 2;
  if (!colonLast(text) && !beforeQuote) return 0;
  if (saysWhoAndWhen(text, beforeQuote)) return text.length < TAIL && text.replace(SAYS_AT_END, '') === '' ? 1 : 2;
  return beforeQuote && mayIntroduce(text) ? 1 : 0;
}

/** Could a line end an attribution? Cheap, so that most lines are asked nothing more. */
function mayEnd(line: string, beforeQuote: boolean): boolean {
  return (
    line.length <= MAX_LENGTH && (beforeQuote || colonLast(line) || line.endsWith('--') || saysLast(line) || DATE_ZONE_NAME.test(line))
  );
}

/** `Ana <ana@x.co>, 3 de`, the beginning of an attribution that names who wrote first; not `De: Ana <ana@x.co>`. */
const WHO_FIRST = /^["'\p{L}][^<>@:]{0,80}<[^\s<>@]{1,100}@[^\s<>@]{1,100}>/u;
/** `<ana@x.co> escribió:`, the end of an attribution whose beginning stands on the line above; not `Ana <ana@x.co> escribió:`. */
const ADDRESS_FIRST = /^<[^<>]{0,200}>[^<>]{0,40}$/;

/**
 * The number of lines, up to and including `lines[end]`, that form an attribution: `El mar, 26 dic 2023 a las 17:14, Ana (<ana@x.co>)` and
 * `escribió:` are two. 0 when they form none. The smallest group that begins as attributions do wins over one that only ends as they do; of
 * these the surest. A line above that begins with who wrote belongs to it when no one is named below.
 * @param first the lowest index that may belong to it
 * @param beforeQuote whether quoted lines follow
 */
export function attributionEndingAt(lines: readonly string[], end: number, first: number, beforeQuote: boolean): number {
  if (!mayEnd(lines[end]!, beforeQuote)) return 0;
  let best: { count: number; certainty: Certainty } = { count: 0, certainty: 0 };
  let joined = '';
  for (let count = 1; count <= MAX_LINES && end - count + 1 >= first; count++) {
    const line = lines[end - count + 1]!.trim();
    if (line.length > MAX_LENGTH) break;
    if (line === '' && !/^[^<]{0,200}>/.test(joined)) break;
    joined = count === 1 ? line : `${line}${/[<(]$/.test(line) ? '' : ' '}${joined}`;
    const text = joined.replace(/^[*_\s]{1,5}/, '');
    const certainty = attributionCertainty(text, beforeQuote);
    if (certainty === 0) continue;
    if (certainty === 2 && BEGINS.test(text)) {
      const named = ADDRESS.test(text) || count === MAX_LINES || end - count < first || !WHO_FIRST.test(lines[end - count]!.trim());
      return named ? count : count + 1;
    }
    if (certainty > best.certainty || ADDRESS_FIRST.test(lines[end - best.count + 1]!.trim())) best = { count, certainty };
  }
  return best.count;
}

/** The first quoted words behind an attribution: `> hola`; not `<ana@x.co>`. */
export const QUOTE_FOLLOWS = /^\s{0,3}>/;
/** Colons in one line at which an attribution is looked for. */
const MAX_COLONS = 12;
/** Where an attribution may begin inside a line: after a blank or dashes, with a capital letter. */
const INNER_BEGINNING = /(?:-{2,10}\s?|\s)(?=\p{Lu})/gu;

/**
 * Where an attribution stands in a line that also holds the end of the answer (`Sí, gracias On Wed, 4 Apr 2012, Ana wrote:`) or the first quoted
 * words (`On Wed, 4 Apr 2012, Ana wrote:> hola`); null when none does, or nothing else is there.
 */
export function attributionInside(line: string): { start: number; end: number } | null {
  let end = line.indexOf(':');
  for (let colons = 0; end >= 0 && !saysLast(line.slice(Math.max(0, end - TAIL), end)); end = line.indexOf(':', end + 1)) {
    if (++colons === MAX_COLONS) return null;
  }
  if (end < 0 || end > MAX_LENGTH * 2) return null;
  const upTo = line.slice(0, end + 1);
  if (!DATED.test(upTo)) return null;
  if (BEGINS.test(upTo))
    return QUOTE_FOLLOWS.test(line.slice(end + 1, end + 5)) && attributionCertainty(upTo, false) > 0 ? { start: 0, end: end + 1 } : null;
  for (const before of upTo.matchAll(INNER_BEGINNING)) {
    const rest = upTo.slice(before.index + before[0].length);
    if (OPENER_AND_DAY.test(rest) && attributionCertainty(rest, false) > 0) return { start: before.index, end: end + 1 };
  }
  return null;
}
