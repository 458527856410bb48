/** Octets in a charset of eight bits that say the same. */
interface EightBits {
  bytes: Buffer;
  charset: string;
}

const SHIFTED: Readonly<Record<string, (bytes: Buffer) => EightBits>> = {
  'hz-gb-2312': (bytes) => ({ bytes: withoutBraces(bytes), charset: 'gb18030' }),
  'iso-2022-kr': (bytes) => ({ bytes: withoutShifts(bytes), charset: 'cp949' }),
};

export function isShifted(charset: string): boolean {
  return Object.hasOwn(SHIFTED, charset);
}

/** Charsets of seven bits that shift between ASCII and letters of two octets, which neither iconv-lite nor the Encoding Standard knows; null for others. */
export function eightBitsOf(bytes: Buffer, charset: string): EightBits | null {
  return isShifted(charset) ? SHIFTED[charset]!(bytes) : null;
}

/** HZ (RFC 1843): letters stand between `~{` and `~}`, or the end of the line; `~~` is a tilde, and one at the end of a line joins it to the next. */
function withoutBraces(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/~\{((?:[!-}][!-~])*)(?:~\}|$)/gm, (_, letters: string) => high(letters));
  return Buffer.from(
    text.replace(/~([~\n])/g, (_, sign: string) => (sign === '~' ? '~' : '')),
    'latin1',
  );
}

const SHIFT_OUT = '\x0e';
const SHIFT_IN = '\x0f';
const ANNOUNCEMENT = '\x1b$)C';

/** ISO-2022-KR (RFC 1557): letters stand between SO and SI. */
function withoutShifts(bytes: Buffer): Buffer {
  const [plain = '', ...shifted] = bytes.toString('latin1').replaceAll(ANNOUNCEMENT, '').split(SHIFT_OUT);
  const runs = shifted.map((run) => {
    const [letters = '', ...rest] = run.split(SHIFT_IN);
    return high(letters) + rest.join('');
  });
  return Buffer.from(plain + runs.join(''), 'latin1');
}

function high(letters: string): string {
  return letters.replace(/[!-~]/g, (octet) => String.fromCharCode(octet.charCodeAt(0) | 0x80));
}
