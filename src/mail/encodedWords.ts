import { decodeBytes, encodeText } from './charset.ts';
import { decodeEscapes, transferDecoder } from './transferEncoding.ts';

/**
 * One encoded word and the blanks after it (RFC 2047 2). Blanks and question marks inside the text are accepted, as senders write them, and a last word
 * that was cut; the beginning of another one is not, so that the search stays linear. Matches `=?utf-8?Q?Acci=C3=B3n?= ` and `=?utf-8?Q?Acci=C3=B3n`; not `=?utf-8?X?a?=`.
 */
const WORD = /=\?([^?\s]{0,60})\?([QqBb])\?((?:[^?=]|\?(?!=)|=(?!\?[^?=])){0,20000})(?:\?=(\s*)|$)/g;

interface Word {
  charset: string;
  bytes: Buffer;
}

/** Decodes the encoded words of a header value; words side by side in one charset are joined first, since senders cut letters in two. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value;
  const out: string[] = [];
  let run: Word[] = [];
  let end = 0;
  let gap = '';
  for (const match of value.matchAll(WORD)) {
    const word = wordOf(match);
    if (match.index > end || run[0]?.charset !== word.charset) {
      out.push(textOf(run));
      run = [];
    }
    if (match.index > end) out.push(gap, value.slice(end, match.index));
    run.push(word);
    end = match.index + match[0].length;
    gap = match[4] ?? '';
  }
  return [...out, textOf(run), end < value.length ? gap : '', value.slice(end)].join('');
}

/** The charset that begins an encoded word. Matches `=?utf-8?Q?`; not `=?`. */
const WORD_CHARSET = /=\?([^?\s*]{1,60})(?:\*[^?\s]{0,60})?\?[QqBb]\?/g;

/** The charsets of the encoded words in a header value. */
export function charsetsOfWords(value: string): string[] {
  return value.includes('=?') ? Array.from(value.matchAll(WORD_CHARSET), (match) => match[1]!) : [];
}

function textOf(run: readonly Word[]): string {
  return run.length === 0 ? '' : decodeBytes(Buffer.concat(run.map((word) => word.bytes)), run[0]!.charset).text;
}

/** Blanks in base64 come from lines that were folded inside the word. */
function wordOf(match: RegExpExecArray): Word {
  const charset = match[1]!.split('*')[0]!.toLowerCase();
  const isB = match[2]!.toUpperCase() === 'B';
  const raw = encodeText(isB ? match[3]!.replaceAll(' ', '') : match[3]!, charset);
  return { charset, bytes: isB ? decodeB(raw) : decodeQ(raw) };
}

function decodeB(raw: Buffer): Buffer {
  const decoder = transferDecoder('base64');
  return Buffer.concat([decoder.write(raw), decoder.end()]);
}

function decodeQ(raw: Buffer): Buffer {
  return decodeEscapes(raw.toString('latin1').replaceAll('_', ' '));
}
