import { decodeBytes, encodeText } from './charset.ts';
import { decodeEscapes, transferDecoder } from './transferEncoding.ts';

/**
 * One encoded word and the blanks after it (RFC 2047 2). Blanks inside the text are accepted: senders write them.
 * Matches `=?utf-8?Q?Acci=C3=B3n?= `; not `=?utf-8?X?a?=`.
 */
const WORD = /=\?([^?\s]{1,60})\?([QqBb])\?([^?]{0,4000})\?=(\s*)/g;

interface Word {
  charset: string;
  bytes: Buffer;
}

/** Decodes the encoded words of a header value; words side by side in one charset are joined first, since senders cut letters in two. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value;
  let out = '';
  let end = 0;
  let gap = '';
  let open: Word | null = null;
  const flush = () => {
    if (open) out += decodeBytes(open.bytes, open.charset).text;
    open = null;
  };
  for (const match of value.matchAll(WORD)) {
    const word = wordOf(match);
    if (match.index > end || !open || open.charset !== word.charset) {
      flush();
      if (match.index > end) out += gap + value.slice(end, match.index);
      open = word;
    } else {
      open = { charset: word.charset, bytes: Buffer.concat([open.bytes, word.bytes]) };
    }
    end = match.index + match[0].length;
    gap = match[4]!;
  }
  flush();
  return out + (end < value.length ? gap : '') + value.slice(end);
}

function wordOf(match: RegExpExecArray): Word {
  const charset = match[1]!.split('*')[0]!.toLowerCase();
  const text = match[3]!;
  const raw = encodeText(text, charset);
  return { charset, bytes: match[2]!.toUpperCase() === 'B' ? decodeB(raw) : decodeQ(raw) };
}

function decodeB(raw: Buffer): Buffer {
  const decoder = transferDecoder('base64');
  return Buffer.concat([decoder.write(raw), decoder.end()]);
}

function decodeQ(raw: Buffer): Buffer {
  return Buffer.from(decodeEscapes(raw.toString('latin1').replaceAll('_', ' ')), 'latin1');
}
