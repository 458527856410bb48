/**
 * Controls, direction marks and signs without width: they hide or turn what a person reads.
 * Matches U+0000, U+202E and U+200B; not `ñ`.
 */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;

/** Controls other than tab and line feed. Matches U+0000; not `\n`. */
const CONTROL = /[^\P{Cc}\t\n]/gu;

/** One line that a person can read: white space folded, hidden characters removed. */
export function neutralLine(text: string): string {
  return text.replace(/\s/g, ' ').replace(HIDDEN, '').replace(/ +/g, ' ').trim();
}

/** Text of several lines without control characters, line ends `\n`. */
export function neutralText(text: string): string {
  return text
    .replace(/\r+\n|\r/g, '\n')
    .replace(CONTROL, '')
    .replace(/^\ufeff/, '');
}
