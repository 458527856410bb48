import { type Delimiter, delimiterOf, longestDelimiter } from './delimiter.ts';
import { emptyLine, MAX_CRS } from './head.ts';
import { ParseRefusal } from './limits.ts';

/** What matters about a part for cutting. */
export interface CutPart {
  /** Of the parts inside it; null when it can have none. */
  boundary: Buffer | null;
  /** Null for the message itself. */
  parent: CutPart | null;
}

/** What is done with what stands in a body, in order. */
export interface PartSink<P extends CutPart> {
  /** A part begins, with its header section as it came, the empty line that ends it included. */
  begin(head: Buffer, parent: P): P | Promise<P>;
  /** Octets of the content of a part, or of what stands around the parts inside it. */
  content(part: P, octets: Buffer): void | Promise<void>;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const NOTHING = Buffer.alloc(0);

/** A line of a header section counts for so many octets at least, as each costs memory of its own. */
const MIN_LINE_COST = 64;

/**
 * Cuts the body of a message into its parts (RFC 2046 5.1) while it comes, in chunks of any size. A delimiter of any multipart that is open ends
 * all that is open inside it, wherever it stands. Lines that cannot be delimiters are not looked at; at most one line is held back.
 */
export class PartCutter<P extends CutPart & { parent: P | null }> {
  readonly #sink: PartSink<P>;
  readonly #maxHeaderBytes: number;
  /** The part whose content is read; while a header section is read, the multipart that it is in. */
  #part: P;
  /** The lines of the header section that is read; null in content. */
  #head: Buffer[] | null = null;
  #headCost = 0;
  /** Behind the last of the parts of `#part`: its boundary has no meaning any more. */
  #ended = false;
  /** What may turn out to be the beginning of a delimiter, or of a line of a header section. */
  #held: Buffer = NOTHING;
  /** Whether a line begins where `#held` does. */
  #atLineStart = true;

  constructor(root: P, maxHeaderBytes: number, sink: PartSink<P>) {
    this.#part = root;
    this.#maxHeaderBytes = maxHeaderBytes;
    this.#sink = sink;
  }

  /** @throws ParseRefusal when a header section is too large */
  async write(chunk: Buffer): Promise<void> {
    await this.#cut(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  /** @throws ParseRefusal when a header section is too large */
  async end(): Promise<void> {
    await this.#cut(this.#held, true);
    if (this.#head) await this.#begin();
  }

  async #cut(octets: Buffer, last: boolean): Promise<void> {
    this.#held = NOTHING;
    let at = 0;
    while (at < octets.length) at = this.#head ? await this.#readHead(octets, at, last) : await this.#readContent(octets, at, last);
  }

  /** Reads a line of a header section. @returns where the next one begins */
  async #readHead(octets: Buffer, from: number, last: boolean): Promise<number> {
    const lf = octets.indexOf(LF, from);
    if (lf < 0 && !last) {
      this.#held = octets.subarray(from);
      this.#refuseLargeHead(this.#held.length);
      return octets.length;
    }
    const next = lf < 0 ? octets.length : lf + 1;
    const line = octets.subarray(from, next);
    const delimiter = line[0] === DASH && line[1] === DASH ? this.#delimiterIn(line) : null;
    if (delimiter) {
      if (this.#head!.length > 0) await this.#begin();
      this.#turn(delimiter);
      return next;
    }
    this.#head!.push(line);
    this.#headCost += Math.max(line.length, MIN_LINE_COST);
    this.#refuseLargeHead(0);
    if (emptyLine(line, 0) > 0) await this.#begin();
    return next;
  }

  #refuseLargeHead(more: number): void {
    if (this.#headCost + more > this.#maxHeaderBytes)
      throw new ParseRefusal('header-too-large', `el encabezado de una parte pasa de ${this.#maxHeaderBytes} octetos`);
  }

  async #begin(): Promise<void> {
    const head = Buffer.concat(this.#head!);
    this.#head = null;
    this.#part = await this.#sink.begin(head, this.#part);
    this.#ended = false;
    this.#atLineStart = true;
  }

  /** Reads content, up to the next delimiter and with it. @returns where what follows begins */
  async #readContent(octets: Buffer, from: number, last: boolean): Promise<number> {
    const longest = this.#longestDelimiter();
    let line = longest === 0 ? -1 : lineOfDashes(octets, from, this.#atLineStart);
    for (; line >= 0; line = lineOfDashes(octets, line + 2, false)) {
      const lf = octets.indexOf(LF, line);
      if (lf < 0 && !last && octets.length - line <= longest) break;
      const next = lf < 0 ? octets.length : lf + 1;
      const delimiter = this.#delimiterIn(octets.subarray(line, next));
      if (!delimiter) continue;
      // The line end before a delimiter is part of it; what a message without parts ends with is its own.
      await this.#pass(octets.subarray(from, this.#part.parent === null ? line : lineEndBefore(octets, from, line)));
      this.#turn(delimiter);
      return next;
    }
    const until = last || longest === 0 ? octets.length : firstUnsure(octets, from, line, this.#atLineStart);
    await this.#pass(octets.subarray(from, until));
    this.#held = octets.subarray(until);
    return octets.length;
  }

  async #pass(octets: Buffer): Promise<void> {
    if (octets.length === 0) return;
    this.#atLineStart = octets[octets.length - 1] === LF;
    await this.#sink.content(this.#part, octets);
  }

  /** The multiparts that are open, from the innermost on. */
  *#open(): Generator<P> {
    for (let part: P | null = this.#ended && !this.#head ? this.#part.parent : this.#part; part; part = part.parent) yield part;
  }

  #longestDelimiter(): number {
    let longest = 0;
    for (const { boundary } of this.#open()) if (boundary) longest = Math.max(longest, longestDelimiter(boundary));
    return longest;
  }

  #delimiterIn(line: Buffer): { of: P; kind: Delimiter } | null {
    for (const of of this.#open()) {
      const kind = of.boundary && delimiterOf(line, of.boundary);
      if (kind) return { of, kind };
    }
    return null;
  }

  /** Goes on behind a delimiter: in the header section of a new part, or behind the last one. An end above the first part is none. */
  #turn({ of, kind }: { of: P; kind: Delimiter }): void {
    this.#atLineStart = true;
    if (kind === 'next') {
      this.#head = [];
      this.#headCost = 0;
    } else if (of === this.#part && !this.#head) return;
    else {
      this.#head = null;
      this.#ended = true;
    }
    this.#part = of;
  }
}

/** Where the next line begins that begins with two dashes, or -1. */
function lineOfDashes(octets: Buffer, from: number, atLineStart: boolean): number {
  if (atLineStart && octets[from] === DASH && octets[from + 1] === DASH) return from;
  const at = octets.indexOf('\n--', from, 'latin1');
  return at < 0 ? -1 : at + 1;
}

/** Where the line end begins that stands before `line`. */
function lineEndBefore(octets: Buffer, from: number, line: number): number {
  return line === from || octets[line - 1] !== LF ? line : beforeCrs(octets, from, line - 1);
}

/** Where what follows may decide whether it is content: at the line of dashes that has no end yet, or where the beginning of one may stand. */
function firstUnsure(octets: Buffer, from: number, dashes: number, atLineStart: boolean): number {
  if (dashes >= 0) return lineEndBefore(octets, from, dashes);
  const end = octets.length;
  const line = octets[end - 1] === DASH ? end - 1 : end;
  const begins = line === from ? atLineStart : octets[line - 1] === LF;
  if (begins) return lineEndBefore(octets, from, line);
  return beforeCrs(octets, from, end);
}

/** Where the CRs begin that stand before `end`. */
function beforeCrs(octets: Buffer, from: number, end: number): number {
  let at = end;
  while (at > from && end - at < MAX_CRS && octets[at - 1] === CR) at--;
  return at;
}
