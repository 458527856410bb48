import { attributionEndingAt } from './attribution.ts';
import { isHeaderBlockAt, isHeaderField } from './headerBlock.ts';
import { isEmpty, type QuoteLine, repaired } from './quoteLine.ts';
import { wordsOf } from './quoteLocales.ts';
import { isGap, isMobileSignature, isRule } from './signatureBlock.ts';

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

/** `-----Mensaje original-----`, `---- Reply message ----`; not `---- Resumen ----`, not `- Mensaje original` of a list. */
const ORIGINAL = new RegExp(
  `^(?=\\s{0,4}[-‐–—_=*]{2}|.{1,100}[-‐–—_=*]{2}\\s*$)(?:[-‐–—_=*\\s]|&nbsp;){1,80}(?:${wordsOf('original')}|original(?=\\s?-{4}))(?![\\p{L}\\p{N}])(?:[^\\p{L}]{0,3}|&nbsp;)(?:[-‐–—_=*]{1,80}.{0,200}|\\s*)$`,
  'iu',
);
/** `Mensaje original`, alone; right above a head only. Not `Mensaje original: error 5`. */
const BARE_ORIGINAL = new RegExp(`^\\s{0,8}(?:${wordsOf('original')})\\s{0,8}:?\\s{0,8}$`, 'iu');
/** `---------- Forwarded message ----------`, `Inicio del mensaje reenviado:`; not `Mensaje reenviado a Ana`. */
const FORWARDED = new RegExp(
  `^(?:[-‐–—_=*\\s]{2,80}(?:${wordsOf('forwarded')}).{0,100}[-‐–—_=*]{2,80}|(?:${wordsOf('forwarded')})\\s?[:：])\\s*$`,
  'iu',
);
/** What Lotus Notes and GroupWise put above: `Ana Pérez---06/07/2020 10:00:00---Buenos días`, `>>> Ana <ana@x.co> 6/7/2020 10:00 AM >>>`; not `A---B`. */
const NOTES_OR_GROUPWISE = /^(?:[^-]{1,100}-{3}\s?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\s.{4,30}-{3}|>>>\s.{3,150}\d{1,2}:\d{2}.{0,20}>>>$)/;
/** What ticket systems print above what they send: `-- REPLY ABOVE THIS LINE --`, `Responda por encima de esta línea`; not `reply above`, not a sentence that speaks of it. */
const REPLY_ABOVE =
  /^(?:.{0,200}[-#*=]{2})?[^\p{L}]{0,40}(?:\p{L}{1,12}[\s,]{1,2}){0,4}?(?:(?:reply|respond|write)\s(?:above\s(?:this|the)\s(?:dotted\s)?line)|(?:responda|escriba|conteste)\s.{0,40}(?:encima|arriba)\sde\sesta\sl[ií]nea|(?:responda|escreva).{0,40}acima\sdesta\slinha)(?!\p{L})[^:;"”»]{0,80}$/iu;
const MAX_LINE = 500;
/** Lines of the head of an earlier mail. */
const MAX_HEAD = 20;

function isForwardMark(line: QuoteLine): boolean {
  return line.bare.length <= MAX_LINE && FORWARDED.test(line.bare.trim());
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
      } else if (historyBeginsAt(this.lines, this.bare, i)) {
        if (line.said === 'block') {
          this.block(i);
          continue;
        }
        const body = this.belowHead(i);
        // Below quoted lines the author may have written: marks tell where the earlier mail ends.
        if (!this.isQuoted(body)) return this.historyFrom(i, floor);
        this.kinds.fill('intro', i, body);
        this.block(body);
        floor = body;
      }
    }
    return this.kinds;
  }

  /** The first filled line below the head of an earlier mail, which a divider and an empty line may part from its fields. */
  private belowHead(from: number): number {
    const { lines, bare } = this;
    let i = from;
    do {
      const start = i;
      while (i < lines.length && i - start < MAX_HEAD && !isEmpty(lines[i]!) && !this.isQuoted(i)) i++;
      if (i > start + 1 && !isHeaderField(bare[i - 1]!)) return i;
      i = this.nextFilled(i);
    } while (i < lines.length && !this.isQuoted(i) && i - from < MAX_HEAD && isHeaderBlockAt(bare, i));
    return i;
  }

  /** The rest is history, and so is the rule, the title or the empty space above it. */
  private historyFrom(i: number, floor: number): Kind[] {
    let start = i;
    while (start > floor && this.kinds[start - 1] === 'text' && (isGap(this.bare[start - 1]!) || BARE_ORIGINAL.test(this.bare[start - 1]!)))
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

  /** A bare `<blockquote>` is a quotation when an attribution stands above it or the head of the earlier mail in it; else it is the author's own. */
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
  const lines = repaired(input);
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

/** The first filled lines of a quotation. */
function headOf(lines: readonly QuoteLine[]): QuoteLine[] {
  return lines
    .slice(0, 4 * MAX_HEAD)
    .filter((line) => !isEmpty(line) && !isRule(line.bare))
    .slice(0, MAX_HEAD);
}

/** Does a quotation begin with a mark of forwarding? */
export function isForwarded(quoted: readonly QuoteLine[]): boolean {
  return headOf(quoted).slice(0, 4).some(isForwardMark);
}

/** Does a quotation begin with a header block or a mark of forwarding? */
export function opensWithHeader(quoted: readonly QuoteLine[]): boolean {
  const bare = headOf(quoted).map((line) => line.bare);
  return isForwarded(quoted) || bare.slice(0, 4).some((_, i) => isHeaderBlockAt(bare, i));
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
