import { decodeBytes } from './charset.ts';
import type { PartReader } from './parts.ts';
import { FIRST_LINE, isUuencoded, LAST_LINE, uudecoded } from './uuLines.ts';

const LF = 0x0a;
/** Octets of the longest line that may belong to a file. */
const MAX_LINE = 1000;
const BEGIN = Buffer.from('begin');
const NOTHING = Buffer.alloc(0);
/** Stands for a line that is none of a file's. */
const TOO_LONG = '\n';

/** How a file is written into a text. */
interface Encoding {
  /** The octets of one line; null for a line that belongs to no such file. */
  decode: (line: string) => Buffer | null;
  /** Is a line that follows the first one enough to know it for one? */
  isCertain: (line: string) => boolean;
  isLast: (line: string) => boolean;
}

/** A file that is being read. */
interface OpenFile extends Encoding {
  reader: PartReader;
}

/**
 * Takes the files out of a text that programs without MIME put there: `begin 644 informe.pdf`, lines of uuencoded octets, `end`; or `begin-base64` and
 * `====` (POSIX uuencode). What only begins like one stays text. The octets pass in chunks of any size, and files are not collected.
 */
export class UuencodedFiles implements PartReader {
  readonly #text: PartReader;
  readonly #open: (name: string | null) => PartReader | null;
  readonly #cut: () => void;
  #file: OpenFile | null = null;
  /** A first line, while nobody knows whether a file follows. */
  #first: Buffer | null = null;
  #held: Buffer = NOTHING;
  #atLineStart = true;

  /**
   * @param open a reader of a file of that name; null for no more files
   * @param cut called when the text ends inside a file
   */
  constructor(text: PartReader, open: (name: string | null) => PartReader | null, cut: () => void) {
    this.#text = text;
    this.#open = open;
    this.#cut = cut;
  }

  async write(chunk: Buffer): Promise<void> {
    await this.#read(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  async end(): Promise<void> {
    await this.#read(this.#held, true);
    if (this.#first) await this.#text.write(this.#first);
    if (this.#file) {
      this.#cut();
      await this.#file.reader.end();
    }
    await this.#text.end();
  }

  async drop(): Promise<void> {
    await this.#file?.reader.drop?.();
    await this.#text.drop?.();
  }

  async #read(octets: Buffer, last: boolean): Promise<void> {
    this.#held = NOTHING;
    for (let at = 0; at < octets.length; ) {
      if (!this.#file && !this.#first) {
        const begin = this.#beginIn(octets, at);
        await this.#pass(octets.subarray(at, begin));
        at = begin;
        if (at === octets.length) return;
      }
      const lf = octets.indexOf(LF, at);
      const next = lf < 0 ? octets.length : lf + 1;
      if (lf < 0 && !last && next - at <= MAX_LINE) {
        this.#held = octets.subarray(at);
        return;
      }
      await this.#readLine(octets.subarray(at, next));
      at = next;
    }
  }

  /** Where the next line begins that may be the first one of a file, or its first octets at the end of the chunk. */
  #beginIn(octets: Buffer, from: number): number {
    if (this.#atLineStart && mayBegin(octets, from)) return from;
    const lf = octets.indexOf('\nbegin', from, 'latin1');
    if (lf >= 0) return lf + 1;
    const line = octets.lastIndexOf(LF) + 1;
    return line > from && line < octets.length && mayBegin(octets, line) ? line : octets.length;
  }

  async #readLine(octets: Buffer): Promise<void> {
    const line = octets.length > MAX_LINE ? TOO_LONG : octets.toString('latin1').replace(/[\r\n]+$/, '');
    if (this.#first) return this.#decide(this.#first, line, octets);
    if (this.#file) return this.#readFile(this.#file, line, octets);
    await this.#readText(line, octets);
  }

  async #readText(line: string, octets: Buffer): Promise<void> {
    if (FIRST_LINE.test(line)) this.#first = octets;
    else await this.#pass(octets);
  }

  /** The second line shows whether the first one began a file. */
  async #decide(first: Buffer, line: string, octets: Buffer): Promise<void> {
    this.#first = null;
    const [, base64, name] = FIRST_LINE.exec(first.toString('latin1').trimEnd())!;
    const kind = base64 ? IN_BASE64 : UUENCODED;
    const reader = kind.isCertain(line)
      ? this.#open(name === undefined ? null : decodeBytes(Buffer.from(name, 'latin1'), null).text)
      : null;
    if (reader) {
      this.#file = { reader, ...kind };
      await this.#readFile(this.#file, line, octets);
    } else {
      await this.#pass(first);
      await this.#readText(line, octets);
    }
  }

  async #readFile(file: OpenFile, line: string, octets: Buffer): Promise<void> {
    const decoded = file.isLast(line) ? null : file.decode(line);
    if (decoded) return file.reader.write(decoded);
    this.#file = null;
    await file.reader.end();
    if (file.isLast(line)) return;
    this.#cut();
    await this.#readText(line, octets);
  }

  async #pass(octets: Buffer): Promise<void> {
    if (octets.length === 0) return;
    this.#atLineStart = octets[octets.length - 1] === LF;
    await this.#text.write(octets);
  }
}

function mayBegin(octets: Buffer, at: number): boolean {
  const length = Math.min(BEGIN.length, octets.length - at);
  return BEGIN.compare(octets, at, at + length, 0, length) === 0;
}

const UUENCODED: Encoding = { decode: uudecoded, isCertain: isUuencoded, isLast: (line) => LAST_LINE.test(line) };

/** Matches `SG9sYQ==`; not `Hola a todos`. */
const BASE64_LINE = /^[A-Za-z0-9+/]{2,500}={0,2}\s*$/;

const IN_BASE64: Encoding = {
  isCertain: (line) => BASE64_LINE.test(line),
  decode: (line) => (BASE64_LINE.test(line) ? Buffer.from(line, 'base64') : null),
  isLast: (line) => /^={4}\s{0,10}$/.test(line), // '====', not '======= x'
};
