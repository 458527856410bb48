/** Matches `begin 644 informe de mayo.pdf` and `begin-base64 644 a.pdf`; not `begin 2084 with joy`. Groups: base64, name. */
export const FIRST_LINE = /^begin(-base64)? [0-7]{3,4}(?: {0,10}$| {1,10}(\S.{0,250})$)/;

/** Matches `end`; not `ending`. */
export const LAST_LINE = /^end\s{0,10}$/;

/** The sign of six bits. Matches `M)5!$1`; not `Me`. */
const SIX_BITS = /^[ -`]{1,90}$/;

/** Senders and servers cut blanks at the end of a line, which are zeros, and add a sign for a checksum. */
const MAX_CUT = 30;
const MAX_ADDED = 2;

/**
 * The octets of one uuencoded line (POSIX uuencode), none for the last one, whose blank may be cut; null when it is no such line. A line of just the right
 * length is one whatever its signs: servers change them.
 */
export function uudecoded(line: string): Buffer | null {
  const count = sixBits(line, 0);
  const signs = Math.ceil(count / 3) * 4;
  const given = Math.max(0, line.length - 1);
  const fits = SIX_BITS.test(line) ? given >= signs - MAX_CUT && given <= signs + MAX_ADDED : given === signs;
  if (!fits) return null;
  const octets = Buffer.alloc((signs / 4) * 3);
  for (let at = 1, to = 0; to < octets.length; at += 4, to += 3)
    octets.writeUIntBE(
      (sixBits(line, at) << 18) | (sixBits(line, at + 1) << 12) | (sixBits(line, at + 2) << 6) | sixBits(line, at + 3),
      to,
      3,
    );
  return octets.subarray(0, count);
}

/** Can nothing else be meant with a line? */
export function isUuencoded(line: string): boolean {
  return SIX_BITS.test(line) && (uudecoded(line)?.length ?? 0) > 0;
}

/** A blank and a grave accent are both zero; so is what was cut. */
function sixBits(line: string, at: number): number {
  return at < line.length ? (line.charCodeAt(at) - 0x20) & 0x3f : 0;
}

/** Where the reading of a uuencoded body stands. */
type Stage = 'before' | 'inside' | 'behind';

/** Decodes a body that is uuencoded as a whole, its first line and its last one included or not. Lines that are neither are left out. */
export function uuencodedLines(): (text: string) => Buffer {
  let stage: Stage = 'before';
  const decodeLine = (line: string): Buffer => {
    const octets = uudecoded(line);
    if (stage === 'before') {
      const begins = FIRST_LINE.test(line);
      if (begins || isUuencoded(line)) stage = 'inside';
      if (begins) return NOTHING;
    } else if (stage === 'inside' && LAST_LINE.test(line)) stage = 'behind';
    return stage === 'inside' ? (octets ?? NOTHING) : NOTHING;
  };
  return (text) => Buffer.concat(text.split('\n').map((line) => decodeLine(line.replace(/\r+$/, ''))));
}

const NOTHING = Buffer.alloc(0);
