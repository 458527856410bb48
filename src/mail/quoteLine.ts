import { attributionInside } from './attribution.ts';

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

/** `ana> texto`, `C> texto`: the initials of the quoted author as some programs of old set them; believed on two lines in a row. */
const INITIALS = /^[ \t]{0,3}(\p{L}{1,4}>) ?/u;

const MAX_LINE = 500;

/** A line of plain text. */
export function plainLine(line: string): QuoteLine {
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

/** Parts a line that holds the end of an answer and an attribution. */
function parted(line: QuoteLine): QuoteLine[] {
  const at = line.depth === 0 && line.said === null ? attributionInside(line.bare) : -1;
  return at < 0 ? [line] : [line.bare.slice(0, at), line.bare.slice(at)].map((text) => ({ ...line, text, bare: text }));
}

/** The lines of a mail as they were before programs broke them. */
export function repaired(lines: readonly QuoteLine[]): QuoteLine[] {
  return healed(lines.flatMap(parted));
}
