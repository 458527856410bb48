import { attributionEndingAt, attributionInside } from './attribution.ts';
import { isHeaderBlockAt } from './headerBlock.ts';
import { wordsOf } from './quoteLocales.ts';
import { isMobileSignature, isRule } from './signatureBlock.ts';

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

/**
 * A run of lines of one sort: written `text`, the `intro` of a quotation, a `quote`, `history` (the earlier mail without marks, to the end),
 * `signature`.
 */
export interface Run {
  kind: 'text' | 'intro' | 'quote' | 'history' | 'signature';
  start: number;
  /** Index after its last line. */
  end: number;
}
type Kind = Run['kind'];

/** `> > texto`: the marks stand in front, with at most one blank between. Counts no further than 20. */
const QUOTE_MARKS = /^[ \t]{0,3}(?:>[ \t]?){1,20}/;

/** `ana> texto`, `C> texto`: the initials of the quoted author as some programs of old set them; believed on two lines in a row. */
const INITIALS = /^[ \t]{0,3}(\p{L}{1,4}>) ?/u;

/** `-----Mensaje original-----`, `---- Reply message ----`; not `---- Resumen ----`. */
const ORIGINAL = new RegExp(
  `^[-‐–—_=*\\s]{1,80}(?:${wordsOf('original')}|original(?=\\s?-{4}))(?![\\p{L}\\p{N}])[^\\p{L}]{0,3}(?:[-‐–—_=*]{1,80}.{0,200}|\\s*)$`,
  'iu',
);
/** `---------- Forwarded message ----------`, `Inicio del mensaje reenviado:`; not `Mensaje reenviado a Ana`. */
const FORWARDED = new RegExp(
  `^(?:[-‐–—_=*\\s]{2,80}(?:${wordsOf('forwarded')}).{0,100}[-‐–—_=*]{2,80}|(?:${wordsOf('forwarded')})\\s?[:：])\\s*$`,
  'iu',
);
/** What Lotus Notes and GroupWise put above: `Ana Pérez---06/07/2020 10:00:00---Buenos días`, `>>> Ana <ana@x.co> 6/7/2020 10:00 AM >>>`; not `A---B`. */
const NOTES_OR_GROUPWISE = /^(?:[^-]{1,100}-{3}\s?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\s.{4,30}-{3}|>>>\s.{3,150}\d{1,2}:\d{2}.{0,20}>>>$)/;
/** What ticket systems print above what they send: `-- REPLY ABOVE THIS LINE --`, `Responda por encima de esta línea`; not `reply above`. */
const REPLY_ABOVE =
  /(?:reply|respond|type\syour\sreply|write)\s(?:above\s(?:this|the)\s(?:dotted\s)?line)|(?:responda|escriba|conteste).{0,40}(?:encima|arriba)\sde\sesta\sl[ií]nea|(?:responda|escreva).{0,40}acima\sdesta\slinha/iu;
const MAX_LINE = 500;

/** A line of plain text. */
export function plainLine(line: string): QuoteLine {
  const marks = QUOTE_MARKS.exec(line)?.[0] ?? '';
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

function isEmpty(line: QuoteLine): boolean {
  return line.bare.trim() === '';
}

function isForwardMark(line: QuoteLine): boolean {
  return line.bare.length <= MAX_LINE && FORWARDED.test(line.bare.trim());
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

/** Does the earlier mail begin at line `i`, without marks, and run to the end? */
function historyBeginsAt(lines: readonly QuoteLine[], bare: readonly string[], i: number): boolean {
  const line = bare[i]!.trim();
  if (line.length > MAX_LINE || line === '') return false;
  return (
    NOTES_OR_GROUPWISE.test(lines[i]!.text.trim()) ||
    FORWARDED.test(line) ||
    ORIGINAL.test(line) ||
    REPLY_ABOVE.test(line) ||
    (lines[i]!.depth === 0 && isHeaderBlockAt(bare, i))
  );
}

/** Marks the lines of one mail, from top to bottom. */
class Marker {
  readonly kinds: Kind[];
  private readonly lines: readonly QuoteLine[];
  private readonly bare: readonly string[];

  constructor(lines: readonly QuoteLine[]) {
    this.lines = lines;
    this.bare = lines.map((line) => line.bare);
    this.kinds = lines.map((line) =>
      line.said === 'signature' ? 'signature' : line.said === 'intro' ? 'intro' : line.depth > 0 ? 'quote' : 'text',
    );
  }

  mark(): Kind[] {
    let floor = 0;
    for (let i = 0; i < this.lines.length; i++) {
      const line = this.lines[i]!;
      if (line.text.startsWith('>>> ') && NOTES_OR_GROUPWISE.test(line.text.trim())) return this.historyFrom(i, floor);
      if (line.said === 'divider') return this.historyFrom(i, floor);
      if (this.kinds[i] === 'quote' && REPLY_ABOVE.test(line.bare.slice(0, MAX_LINE))) return this.historyFrom(i, floor);
      if (line.said === 'history' && this.lines[i - 1]?.said !== 'history') this.container(i);
      if (this.kinds[i] !== 'text' || isEmpty(line)) continue;
      const next = this.nextFilled(i + 1);
      const count = attributionEndingAt(this.bare, i, floor, this.isQuoted(next));
      if (count > 0) {
        this.kinds.fill('intro', i - count + 1, i + 1);
        floor = i + 1;
        if (!this.isQuoted(next)) return this.historyFrom(i - count + 1, i - count + 1);
        this.block(next);
      } else if (historyBeginsAt(this.lines, this.bare, i)) return this.historyFrom(i, floor);
    }
    return this.kinds;
  }

  /** The rest is history, and so is the rule or the empty space above it. */
  private historyFrom(i: number, floor: number): Kind[] {
    let start = i;
    while (start > floor && this.kinds[start - 1] === 'text' && (this.bare[start - 1]!.trim() === '' || isRule(this.bare[start - 1]!)))
      start--;
    return this.kinds.fill('history', start);
  }

  private nextFilled(from: number): number {
    let i = from;
    while (i < this.lines.length && isEmpty(this.lines[i]!)) i++;
    return i;
  }

  private isQuoted(i: number): boolean {
    const line = this.lines[i];
    return line !== undefined && (this.kinds[i] === 'quote' || line.said === 'block');
  }

  /** A bare `<blockquote>` is a quotation when an attribution stands above it; else it is the author's own. */
  private block(from: number): void {
    for (let i = from; i < this.lines.length && this.lines[i]!.said === 'block'; i++) this.kinds[i] = 'quote';
  }

  /**
   * A container of the earlier mail, as its class says. Some programs put the whole answer into one too: it counts when something stands
   * above it or when it begins as the earlier mail does.
   */
  private container(from: number): void {
    let start = from;
    let end = from;
    while (end < this.lines.length && this.lines[end]!.said === 'history') end++;
    const written = this.kinds.slice(0, start).some((kind, i) => kind === 'text' && !isEmpty(this.lines[i]!));
    let filled = 0;
    for (let i = start; i < end && filled < 4; i++) {
      if (isEmpty(this.lines[i]!)) continue;
      filled++;
      if (isForwardMark(this.lines[i]!) || isHeaderBlockAt(this.bare, i)) {
        this.kinds.fill('quote', start, end);
        return;
      }
      const count = this.lines[i]!.depth > 0 ? 0 : attributionEndingAt(this.bare, i, start, true);
      if (count === 0) continue;
      this.kinds.fill('intro', i - count + 1, i + 1);
      start = i + 1;
      break;
    }
    // Answers written into a quotation stand in the container too, between quotations: then only those are the earlier mail.
    const inside = this.nextFilled(start) < end && this.lines[this.nextFilled(start)]!.depth > 0;
    if (!inside && (written || this.kinds[start - 1] === 'intro')) this.kinds.fill('quote', start, end);
  }
}

/** Parts the lines of a mail into runs, in order and without gaps. */
export function runsOf(input: readonly QuoteLine[]): { lines: QuoteLine[]; runs: Run[] } {
  const lines = healed(input.flatMap(parted));
  const kinds = new Marker(lines).mark();
  const runs: Run[] = [];
  for (const [i, kind] of kinds.entries()) {
    const last = runs.at(-1);
    // Empty lines belong to the run above them.
    const joins = last && (last.kind === kind || (kind === 'text' && isEmpty(lines[i]!)));
    if (joins) last.end = i + 1;
    else runs.push({ kind, start: i, end: i + 1 });
  }
  return { lines, runs };
}

/** Does a quotation begin with a header block or a mark of forwarding? */
export function opensWithHeader(lines: readonly QuoteLine[]): boolean {
  const first = lines.filter((line) => !isEmpty(line) && !isRule(line.bare)).slice(0, 20);
  const bare = first.map((line) => line.bare);
  return first.slice(0, 4).some((line, i) => isForwardMark(line) || isHeaderBlockAt(bare, i));
}

/** Does a quotation begin with the line that introduces it? */
export function opensWithAttribution(lines: readonly QuoteLine[]): boolean {
  const bare = lines.slice(0, 12).map((line) => line.bare);
  return bare.some((line, i) => line.trim() !== '' && attributionEndingAt(bare, i, 0, false) > 0);
}

/** Does a text say no more than a telephone's line? */
export function saysNothing(lines: readonly QuoteLine[]): boolean {
  return lines.every((line) => isEmpty(line) || isRule(line.bare) || isMobileSignature(line.bare));
}
