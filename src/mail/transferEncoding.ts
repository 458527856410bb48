import { uuencodedLines } from './uuLines.ts';

/** Turns the octets of a body, in chunks, into the octets that were sent (RFC 2045 6). */
export interface TransferDecoder {
  write(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** @param encoding as declared; one that nobody defined (`8-bit`, `utf-8`) leaves the octets as they are */
export function transferDecoder(encoding: string): TransferDecoder {
  switch (encoding.toLowerCase().replace(/[^a-z0-9]/g, '')) {
    case 'base64':
      return unlessPlain(byLines(base64Lines()));
    case 'quotedprintable':
      return byLines(quotedPrintableLines);
    case 'uuencode':
    case 'xuuencode':
    case 'uue':
    case 'xuue':
      return byLines(uuencodedLines());
    default:
      return AS_IT_IS;
  }
}

const AS_IT_IS: TransferDecoder = { write: (chunk) => chunk, end: () => Buffer.alloc(0) };

/** Octets that are looked at to see whether base64 is what it says, and how many of them at least. */
const SAMPLE = 1000;

/** Leaves a body as it is that says it is base64 and is not: scripts and gateways decode one and keep its header, or never encode it. */
function unlessPlain(base64: TransferDecoder): TransferDecoder {
  let sample: Buffer | null = Buffer.alloc(0);
  let decoder = base64;
  const decide = (octets: Buffer): void => {
    sample = null;
    if (isPlain(octets.toString('latin1'))) decoder = AS_IT_IS;
  };
  return {
    write(chunk) {
      if (sample === null) return decoder.write(chunk);
      sample = Buffer.concat([sample, chunk]);
      if (sample.length < SAMPLE) return Buffer.alloc(0);
      const octets = sample;
      decide(octets.subarray(0, SAMPLE));
      return decoder.write(octets);
    },
    end() {
      const octets = sample ?? Buffer.alloc(0);
      if (sample !== null) decide(octets);
      return Buffer.concat([decoder.write(octets), decoder.end()]);
    },
  };
}

/** What no line of base64 holds: words, or signs of text and markup. Matches `Buenos dias`, `<html>`; not `QW5h!`. */
const FOREIGN = /[^\s=][ \t]+\S|[<>"':;,.(){}@]/;

/** Does the text begin with a line that is no base64, and are half of the lines none? Below base64 servers add such lines. */
function isPlain(text: string): boolean {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.length > 0 && FOREIGN.test(lines[0]!) && lines.filter((line) => FOREIGN.test(line)).length * 2 >= lines.length;
}

/** Decodes text in latin1 that ends where a line ends, or where the body does (`last`). */
type LineDecoder = (text: string, last: boolean) => Buffer;

/** Above this a line is decoded in pieces. */
const MAX_LINE = 64 * 1024;

/** Hands on whole lines; of a line without end all but the last octets, which may be the start of an escape. */
function byLines(decode: LineDecoder): TransferDecoder {
  let held = '';
  return {
    write(chunk) {
      const text = held + chunk.toString('latin1');
      const lineEnd = text.lastIndexOf('\n') + 1;
      const cut = text.length - lineEnd > MAX_LINE ? text.length - 4 : lineEnd;
      held = text.slice(cut);
      return decode(text.slice(0, cut), false);
    },
    end: () => decode(held, true),
  };
}

/** Nothing but the alphabet. Matches `QW5`; not `QW=` and not `QW!`. */
const ALPHABET = /^[A-Za-z0-9+/]*$/;

/**
 * The octets of characters that are nothing but the alphabet and at most one padding at the end; null for all others, which the library's
 * decoder skips, so that the length tells. Looking at each character before would take longer than the decoding.
 */
function decodePure(characters: string): Buffer | null {
  if (characters.includes('-') || characters.includes('_')) return null; // the decoder knows another alphabet too
  const length = characters.length - (characters.endsWith('==') ? 2 : characters.endsWith('=') ? 1 : 0);
  if (length % 4 === 1) return null;
  const octets = Buffer.from(characters, 'base64');
  return octets.length === Math.floor((length * 3) / 4) ? octets : null;
}

/**
 * Stray characters are skipped (RFC 2045 6.8); a line with a blank inside, or any odd line after the padding, is a footer that a server
 * added and is left out.
 */
function base64Lines(): LineDecoder {
  let held = '';
  let ended = false;
  const take = (characters: string): Buffer => {
    const run = held + characters;
    const whole = run.length - (run.length % 4);
    held = run.slice(whole);
    return Buffer.from(run.slice(0, whole), 'base64');
  };
  const finish = (characters: string): Buffer => {
    const run = held + characters;
    held = '';
    ended = true;
    return Buffer.from(run, 'base64');
  };
  const takePure = (text: string): Buffer | null => {
    const run = held + text.replace(/[\r\n]/g, '');
    const padded = run.endsWith('=');
    const whole = padded ? run.length : run.length - (run.length % 4);
    const rest = run.slice(whole);
    const endsOnce = !ended && (padded || !run.includes('='));
    const octets = endsOnce && ALPHABET.test(rest) ? decodePure(run.slice(0, whole)) : null;
    if (octets !== null) [held, ended] = [rest, padded];
    return octets;
  };
  const decodeLine = (line: string): Buffer => {
    const bare = line.trim();
    const clean = bare.replace(/[^A-Za-z0-9+/=]/g, '');
    if (/\s/.test(bare) || (ended && (clean !== bare || bare.length % 4 !== 0))) return Buffer.alloc(0);
    const [first, ...more] = clean.split(/={1,4}/);
    return more.length === 0 ? take(first!) : Buffer.concat([finish(first!), ...more.filter((run) => run !== '').map(finish)]);
  };
  /** Lines that hold nothing else are decoded together: of most such texts one line is odd. */
  const takeLines = (text: string): Buffer => {
    const octets: Buffer[] = [];
    let pure: string[] = [];
    for (const line of text.split('\n')) {
      const bare = line.trim();
      if (!ended && ALPHABET.test(bare)) pure.push(bare);
      else {
        octets.push(take(pure.join('')), decodeLine(line));
        pure = [];
      }
    }
    return Buffer.concat([...octets, take(pure.join(''))]);
  };
  return (text, last) => {
    const octets = takePure(text) ?? takeLines(text);
    return last ? Buffer.concat([octets, finish('')]) : octets;
  };
}

/** Blanks at line ends are dropped, invalid escapes stay as they are written (RFC 2045 6.7). */
function quotedPrintableLines(text: string): Buffer {
  const lines = text.split('\n').map((line, index, all) => {
    const last = index === all.length - 1;
    const bare = last && !line.endsWith('=') ? line : withoutBlanksAtEnd(line);
    if (bare.endsWith('=')) return bare.slice(0, -1);
    return last ? bare : `${bare}${line.endsWith('\r') ? '\r' : ''}\n`;
  });
  return decodeEscapes(lines.join('')); // after the joining, as broken programs break lines inside an escape
}

/** Only ASCII blanks: in latin1 a no-break space may be an octet of another letter, `à` in UTF-8. */
function withoutBlanksAtEnd(line: string): string {
  let end = line.length;
  while (end > 0 && BLANKS.includes(line[end - 1]!)) end--;
  return line.slice(0, end);
}

const BLANKS = ' \t\r\v\f';

/** `=F1` becomes the octet F1; text is in latin1. */
export function decodeEscapes(text: string): Buffer {
  const octets = Buffer.from(text, 'latin1');
  let from = octets.indexOf(ESCAPE);
  if (from < 0) return octets;
  let to = from;
  for (; from < octets.length; from++) {
    const high = octets[from] === ESCAPE ? hexDigit(octets[from + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : hexDigit(octets[from + 2] ?? 0);
    if (low >= 0) from += 2;
    octets[to++] = low < 0 ? octets[from]! : high * 16 + low;
  }
  return octets.subarray(0, to);
}

const ESCAPE = 0x3d;

/** The value of a digit, as a character code, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
