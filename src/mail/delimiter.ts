const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;

/** Blanks that a delimiter may have behind it (RFC 2046 5.1.1): as many as stand on a line (RFC 5322 2.1.1). */
const MAX_BLANKS = 998;

/** What a line is for a multipart: the delimiter before its next part, or the end of all. */
export type Delimiter = 'next' | 'end';

/** Octets of the longest line that is a delimiter. */
export function longestDelimiter(boundary: Buffer): number {
  return 2 + boundary.length + 2 + MAX_BLANKS + 2;
}

/**
 * Whether a line that begins with `--` is a delimiter with that boundary (RFC 2046 5.1.1); null when it is not. Only the end of all may lack
 * its line end, where the message ends; a line end with its CR doubled is one.
 */
export function delimiterOf(line: Buffer, boundary: Buffer): Delimiter | null {
  let at = 2 + boundary.length;
  if (line.length <= at || line.length > longestDelimiter(boundary) || boundary.compare(line, 2, at) !== 0) return null;
  const kind = line[at] === DASH && line[at + 1] === DASH ? 'end' : 'next';
  if (kind === 'end') at += 2;
  while (line[at] === SPACE || line[at] === TAB) at++;
  if (at === line.length) return kind === 'end' ? kind : null;
  while (line[at] === CR) at++;
  if (line[at] === LF) at++;
  return at === line.length ? kind : null;
}
