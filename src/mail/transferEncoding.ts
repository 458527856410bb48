/** Turns the octets of a body, in chunks, into the octets that were sent (RFC 2045 6). */
export interface TransferDecoder {
  write(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** @param encoding as declared; one that nobody defined (`8-bit`, `utf-8`) leaves the octets as they are */
export function transferDecoder(encoding: string): TransferDecoder {
  switch (encoding.toLowerCase().replace(/[^a-z0-9]/g, '')) {
    case 'base64':
      return byLines(base64Lines());
    case 'quotedprintable':
      return byLines(quotedPrintableLines);
    default:
      return { write: (chunk) => chunk, end: () => Buffer.alloc(0) };
  }
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

/** Nothing but the alphabet. Matches `QW5h\r\n`; not `QW5h=` and not `QW5h!`. */
const PURE = /^[A-Za-z0-9+/\r\n]*$/;

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
  const decodeLine = (line: string): Buffer => {
    const bare = line.trim();
    const clean = bare.replace(/[^A-Za-z0-9+/=]/g, '');
    if (/\s/.test(bare) || (ended && (clean !== bare || bare.length % 4 !== 0))) return Buffer.alloc(0);
    const [first, ...more] = clean.split(/={1,4}/);
    return more.length === 0 ? take(first!) : Buffer.concat([finish(first!), ...more.filter((run) => run !== '').map(finish)]);
  };
  return (text, last) => {
    const octets = !ended && PURE.test(text) ? take(text.replace(/[\r\n]/g, '')) : Buffer.concat(text.split('\n').map(decodeLine));
    return last ? Buffer.concat([octets, finish('')]) : octets;
  };
}

/** Blanks at line ends are dropped, invalid escapes stay as they are written (RFC 2045 6.7). */
function quotedPrintableLines(text: string): Buffer {
  const lines = text.split('\n').map((line, index, all) => {
    const last = index === all.length - 1;
    const bare = last && !line.endsWith('=') ? line : line.trimEnd();
    if (bare.endsWith('=')) return bare.slice(0, -1);
    return last ? bare : `${bare}${line.endsWith('\r') ? '\r' : ''}\n`;
  });
  return Buffer.from(decodeEscapes(lines.join('')), 'latin1');
}

/** `=F1` becomes the octet F1, in latin1. */
export function decodeEscapes(text: string): string {
  return text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
