import { attributionInside, QUOTE_FOLLOWS } from './attribution.ts';

/** A line of a mail as the quotation finder sees it. */
export interface QuoteLine {
  /** As it is shown. */
  text: string;
  /** Without the marks of quotation. */
  bare: string;
  /** How many quotations it stands in. */
  depth: number;
  /** What the HTML around it says; null for plain text. */
  said: 'divider' | 'history' | 'block' | 'intro' | 'signature' | null;
}

/** `> > texto`: the marks stand in front, with at most one blank between. Counts no further than 20. */
const QUOTE_MARKS = /^[ \t]{0,3}(?:>[ \t]?){1,20}/;

/** `ana> texto`, `C> texto`: the initials of the quoted author as some programs of old set them; believed on two lines in a row. Not `SQL> exit`. */
const INITIALS = /^[ \t]{0,3}((?!(?:p?sql|rman|ftp|gdb|php|irb|cmd)>)\p{L}{1,4}>) ?/iu;

const MAX_LINE = 500;

/** Marks of direction and signs without width, which some programs put around what they write: U+200E, U+2063; not a blank. */
const UNSEEN = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const ALL_UNSEEN = new RegExp(UNSEEN, 'g');

/** A line of plain text. */
export function plainLine(line: string): QuoteLine {
  if (UNSEEN.test(line)) return { ...plainLine(line.replace(ALL_UNSEEN, '')), text: line };
  const marks = line.includes('>') ? (QUOTE_MARKS.exec(line)?.[0] ?? '') : '';
  return { text: line, bare: line.slice(marks.length), depth: marks.replaceAll(/[^>]/g, '').length, said: null };
}

/** Lines looked at one by one; what follows counts as one more line, so that ten million line ends cost no memory. */
const MAX_LINES = 100_000;

/** The lines of a plain text. */
export function plainLines(text: string): QuoteLine[] {
  const lines = text.split('\n');
  const looked = lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), lines.slice(MAX_LINES).join('\n')] : lines;
  return looked.map(plainLine);
}

/** Has it nothing but marks of quotation? */
export function isEmpty(line: QuoteLine): boolean {
  return line.bare.trim() === '';
}

/** The last words of a quoted line that a program wrapped without a mark: alone between two quoted lines, or the end of an address. */
function isWrapped(before: QuoteLine, line: QuoteLine, after: QuoteLine | undefined): boolean {
  const firstWord = line.bare.trimStart().split(' ', 1)[0]!;
  if (firstWord === '' || before.depth === 0) return false;
  const opened = before.bare.length <= MAX_LINE && /[(<][^)>\s]{5,}$/.test(before.bare);
  if (opened && /^[^\s(<]{1,300}[)>]/.test(firstWord)) return true;
  // An answer written between quoted lines begins a sentence; the rest of a line goes on with one.
  if (!/^[\p{Ll}\d(<"'_]/u.test(firstWord) || /[?:]$/.test(before.text.trimEnd())) return false;
  return after !== undefined && after.depth > 0 && before.text.length + firstWord.length > 70 && line.text.length < before.text.length;
}

/** Puts right what programs break at the end of a line: words that lost their quotation mark, and an address whose `>` looks like one. */
function healed(input: readonly QuoteLine[]): QuoteLine[] {
  const lines = [...input];
  for (let i = 1; i < lines.length; i++) {
    const [before, line] = [lines[i - 1]!, lines[i]!];
    const initials = line.depth === 0 && line.said === null ? INITIALS.exec(line.bare)?.[1] : undefined;
    if (initials !== undefined && [before, lines[i + 1]].some((near) => near?.text.trimStart().startsWith(initials))) {
      lines[i] = { ...line, bare: line.bare.replace(INITIALS, ''), depth: 1 };
      continue;
    }
    if (line.depth === 0 && line.said === null && isWrapped(before, line, lines[i + 1])) lines[i] = { ...line, depth: before.depth };
    else if (
      line.depth > before.depth &&
      before.bare.length <= MAX_LINE &&
      /<[^<>]{1,200}$/.test(before.bare) &&
      /^>\s?(?::|\S{1,20}:$)/.test(line.text.trim())
    )
      lines[i] = { ...line, bare: line.text, depth: before.depth };
  }
  return lines;
}

/** Parts a line that holds an attribution and the end of the answer above it, or quoted words after it. */
function parted(line: QuoteLine): QuoteLine[] {
  const found = line.depth === 0 && line.said === null ? attributionInside(line.bare) : null;
  if (!found) return [line];
  const quotes = QUOTE_FOLLOWS.test(line.bare.slice(found.end, found.end + 4));
  const [above, attribution] = [line.bare.slice(0, found.start), line.bare.slice(found.start, quotes ? found.end : undefined)];
  const pieces = [above, attribution].filter((text) => text !== '').map((text) => ({ ...line, text, bare: text }));
  return quotes ? [...pieces, plainLine(line.bare.slice(found.end))] : pieces;
}

/** `>>> import itac`, the prompt of a console; not `> > > texto`. */
const PROMPT = /^>>>(?!>)/;

/** A mail quotes before it quotes what was quoted: where every quoted line looks like a prompt, they are the author's own. */
function withoutPrompts(lines: readonly QuoteLine[]): readonly QuoteLine[] {
  const isQuotation = (line: QuoteLine): boolean => line.depth > 0 && (line.said !== null || !PROMPT.test(line.text));
  if (!lines.some((line) => line.depth > 0) || lines.some(isQuotation)) return lines;
  return lines.map((line) => (line.depth > 0 ? { ...line, bare: line.text, depth: 0 } : line));
}

/** The lines of a mail as they were before programs broke them. */
export function repaired(lines: readonly QuoteLine[]): QuoteLine[] {
  return healed(withoutPrompts(lines).flatMap(parted));
}
