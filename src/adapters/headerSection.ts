/** Octets of a message that are looked through for the end of its header section. */
export const HEADER_ROOM = 1024 * 1024;

/** The header section with the empty line that ends it (RFC 5322 2.1), CRLF or LF; all of `bytes` when there is no empty line in them. */
export function headerSectionOf(bytes: Buffer): Buffer {
  const ends = ['\r\n\r\n', '\n\n'].map((end) => ({ at: bytes.indexOf(end), length: end.length })).filter(({ at }) => at >= 0);
  const first = ends.sort((a, b) => a.at - b.at)[0];
  return first === undefined ? bytes : bytes.subarray(0, first.at + first.length);
}
