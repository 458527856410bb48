/** How much of a passage must be found again, in letters and digits. */
const ENOUGH = 60;

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

/**
 * The index of the line at which the passage that follows `before` begins in another form of the same mail: the text part breaks its lines
 * and marks its links otherwise than the HTML, so only letters and digits are compared. -1 when it does not begin a line, or when what stands
 * above it is not about as long as `before`.
 */
export function lineOfPassage(lines: readonly string[], before: string, passage: string): number {
  const wanted = lettersOf(passage.slice(0, ENOUGH * 10)).slice(0, ENOUGH);
  if (wanted === '') return -1;
  const starts: number[] = [];
  let all = '';
  for (const line of lines) {
    starts.push(all.length);
    all += lettersOf(line);
  }
  const expected = lettersOf(before).length;
  const at = all.indexOf(wanted, Math.floor(expected * 0.8));
  if (at <= 0 || at > expected * 1.2 + ENOUGH) return -1;
  // Empty lines above the passage begin at the same letter: the last one that does is its own.
  return starts.lastIndexOf(at);
}
