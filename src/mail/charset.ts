import { isAscii, isUtf8 } from 'node:buffer';
import { detect } from 'chardet';
import iconv from 'iconv-lite';
import { eightBitsOf, isShifted } from './shiftedCharsets.ts';

/** Bytes read as text, and under which charset. */
export interface DecodedText {
  text: string;
  /** The charset that was used, lower case. */
  charset: string;
  /** True when it is not the declared one, or a better name of it. */
  repaired: boolean;
}

/** Names that senders use, and what iconv-lite or the Encoding Standard call them. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    utf8: 'utf-8',
    utf8mb4: 'utf-8',
    'unicode-1-1-utf-8': 'utf-8',
    'ks_c_5601-1987': 'cp949',
    'iso-8859-8-i': 'iso-8859-8',
    'iso-8859-8-e': 'iso-8859-8',
    'iso-2022-jp-1': 'iso-2022-jp',
    'iso-2022-jp-2': 'iso-2022-jp',
    'iso-2022-jp-ms': 'iso-2022-jp',
    hz: 'hz-gb-2312',
    'x-user-defined': '', // Outlook's word for none
  }),
);

/**
 * Names for subsets of windows-1252: a byte 0x80-0x9F is never the control character that the standard says but one of Windows' signs.
 * Matches `iso-8859-1`; not `iso-8859-15`.
 */
const WESTERN =
  /^(?:us-?ascii|ascii|ansi_x3\.4-1968|7bit|8bit|iso[-_]?8859[-_]?1(?::1987)?|latin-?1|l1|(?:cp|ibm)819|windows-?1252|cp-?1252)$/;

/** Transfer encodings that iconv-lite offers beside its charsets. */
const NO_CHARSETS = new Set(['base64', 'hex', 'binary', 'ucs2']);

/**
 * Reads bytes under the declared charset, or under the one that fits when the declared one is missing, unknown or plainly wrong.
 * @param hint charset of the text around, for bytes that declare none
 */
export function decodeBytes(bytes: Buffer, declared: string | null, hint: string | null = null): DecodedText {
  const wanted = declared === null ? '' : canonical(declared);
  const charset = isAscii(bytes) && !isStateful(bytes, wanted) ? 'us-ascii' : charsetOf(bytes, wanted, hint);
  const text = charset === 'us-ascii' ? bytes.toString('latin1') : decodeAs(bytes, charset);
  const asDeclared = charset === wanted || charset === 'us-ascii' || (charset === 'windows-1252' && WESTERN.test(wanted));
  return { text, charset, repaired: !asDeclared };
}

/** The bytes that `decodeBytes` reads as this text; in UTF-8 when the charset is unknown. ASCII, escapes of the charset included, stays. */
export function encodeText(text: string, charset: string): Buffer {
  const plain = Buffer.from(text);
  if (isAscii(plain)) return plain;
  const name = canonical(charset);
  if (WESTERN.test(name)) return iconv.encode(text, 'windows-1252');
  return !NO_CHARSETS.has(name) && iconv.encodingExists(name) ? iconv.encode(text, name) : plain;
}

/** True for a name that can be decoded. */
export function isKnownCharset(name: string): boolean {
  return isDecodable(canonical(name));
}

/**
 * The first of these charsets that tells how text beside it was written which declares none: neither one of Unicode, which shows by itself, nor a Western
 * one, which is taken anyway.
 */
export function tellingCharset(names: Iterable<string | undefined>): string | null {
  for (const name of names) {
    const charset = canonical(name ?? '');
    if (!charset.startsWith('utf') && !WESTERN.test(charset) && isDecodable(charset)) return charset;
  }
  return null;
}

/** Is the charset of these octets open, with such a declaration? */
export function isUndeclared(bytes: Buffer, declared: string | null): boolean {
  const charset = canonical(declared ?? '');
  return (charset === 'us-ascii' || !isDecodable(charset)) && !isUtf8(bytes);
}

/** What was found out about names, as they come again and again; only so many, as senders invent names. */
const canonicalNames = new Map<string, string>();
const decodable = new Map<string, boolean>();
const MAX_NAMES = 500;
const MAX_NAME = 100;

function canonical(name: string): string {
  const remembered = canonicalNames.get(name);
  if (remembered !== undefined) return remembered;
  const plain = name
    .trim()
    .replace(/^["']|["']$/g, '')
    .toLowerCase();
  const known = ALIASES.get(plain) ?? plain;
  const found = known === '' || isDecodable(known) ? known : (NAME_WITHIN.exec(known)?.slice(1).find(Boolean) ?? known);
  if (canonicalNames.size < MAX_NAMES && name.length < MAX_NAME) canonicalNames.set(name, found);
  return found;
}

/** The name in one with something around it: `x-euc-kr`, `utf-8//ignore`, `windows-1251http-equiv`, `en_us.utf-8`; not `x-unknown`. */
const NAME_WITHIN =
  /(utf-8)|((?:windows|cp|iso-8859)-?\d{1,4})|(koi8-[ru])|(gb(?:k|2312|18030))|(big5)|(euc-(?:jp|kr|cn))|(shift[-_]jis)|(iso-2022-(?:jp|kr))/;

function isDecodable(charset: string): boolean {
  const known = decodable.get(charset);
  if (known !== undefined) return known;
  const found =
    charset !== '' &&
    (isShifted(charset) || (!NO_CHARSETS.has(charset) && iconv.encodingExists(charset)) || standardDecoder(charset) !== null);
  if (decodable.size < MAX_NAMES && charset.length < MAX_NAME) decodable.set(charset, found);
  return found;
}

/** iconv-lite knows more charsets, the Encoding Standard knows those with states (ISO-2022-JP). */
function decodeAs(bytes: Buffer, charset: string): string {
  if (charset === 'utf-8') return decodeUtf8(bytes);
  const plain = eightBitsOf(bytes, charset);
  if (plain) return decodeAs(plain.bytes, plain.charset);
  if (!NO_CHARSETS.has(charset) && iconv.encodingExists(charset)) return iconv.decode(bytes, charset);
  return standardDecoder(charset)?.decode(withoutIdleEscapes(bytes)) ?? iconv.decode(bytes, 'windows-1252');
}

function standardDecoder(charset: string): InstanceType<typeof TextDecoder> | null {
  try {
    return new TextDecoder(charset);
  } catch {
    return null;
  }
}

/** Joined encoded words switch to ASCII and back; the decoder takes that for an attack. */
function withoutIdleEscapes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\x1b(B\x1b$B', ''), 'latin1');
}

/** Octets that are no UTF-8, as a footer in another charset or a letter cut in two leaves them, are read as windows-1252. */
function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\ufeff/, '');
  return bytes.toString('latin1').replace(UTF8_LETTER_OR_OCTET, (found) => {
    const octets = Buffer.from(found, 'latin1');
    return octets.length > 1 && isUtf8(octets) ? octets.toString('utf8') : iconv.decode(octets, 'windows-1252');
  });
}

/** In latin1. Matches the two octets of `ñ` in UTF-8, and one octet F1; not `n`. */
const UTF8_LETTER_OR_OCTET = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

/** ASCII bytes that mean something else: UTF-7, HZ, UTF-16, and ISO-2022's `ESC $ B`. */
function isStateful(bytes: Buffer, wanted: string): boolean {
  return bytes.includes(ESC) || bytes.includes(0) || isShifted(wanted) || (wanted !== '' && /utf-?7/.test(wanted));
}

const ESC = 0x1b;

function charsetOf(bytes: Buffer, wanted: string, hint: string | null): string {
  const utf8 = isUtf8(bytes) && !bytes.includes(ESC);
  if (wanted === 'utf-8') return utf8 || isMostlyUtf8(bytes) ? 'utf-8' : guess(bytes, hint);
  if (WESTERN.test(wanted) || !isDecodable(wanted)) return utf8 ? 'utf-8' : guess(bytes, hint);
  const damage = damageOf(bytes, wanted);
  if (damage === 0) return wanted;
  const other = utf8 ? 'utf-8' : guess(bytes, null);
  return damageOf(bytes, other) < damage ? other : wanted;
}

/** How many letters cannot be read. */
function damageOf(bytes: Buffer, charset: string): number {
  return decodeAs(bytes, charset).split('\ufffd').length - 1;
}

function isMostlyUtf8(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  const broken = text.split('\ufffd').length - 1;
  const whole = text.match(/[^\p{ASCII}\ufffd]/gu)?.length ?? 0;
  return whole > broken;
}

function guess(bytes: Buffer, hint: string | null): string {
  const known = tellingCharset([hint ?? '']);
  if (known && damageOf(bytes, known) === 0) return known;
  if (bytes.includes(ESC) || highOctetsInARow(bytes) > WESTERN_ROW) {
    const found = canonical(detect(bytes.subarray(0, SAMPLE_OCTETS)) ?? '');
    if (isDecodable(found) && !WESTERN.test(found) && damageOf(bytes, found) <= TOLERATED_DAMAGE * bytes.length) return found;
  }
  return 'windows-1252';
}

/** How much of a text is looked at to guess its charset. */
const SAMPLE_OCTETS = 16 * 1024;

/** A share of the octets. */
const TOLERATED_DAMAGE = 0.02;

/** In Western languages letters outside ASCII stand alone, in others whole words consist of them. */
const WESTERN_ROW = 1.7;

/** How many octets outside ASCII follow each other, on average. */
function highOctetsInARow(bytes: Buffer): number {
  let octets = 0;
  let rows = 0;
  let before = 0;
  for (const octet of bytes.subarray(0, SAMPLE_OCTETS)) {
    if (octet >= 0x80) octets++;
    if (octet >= 0x80 && before < 0x80) rows++;
    before = octet;
  }
  return rows === 0 ? 0 : octets / rows;
}
