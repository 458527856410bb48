/** Scripts in which the joiners U+200C and U+200D change how letters look and what words mean. */
const JOINING = 'Arabic Bengali Devanagari Gujarati Gurmukhi Kannada Malayalam Oriya Sinhala Syriac Tamil Telugu'
  .split(' ')
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/**
 * Controls, direction marks and signs without width: they hide or turn what a person reads. What makes one sign of several stays where it does
 * so: joiners between letters of such scripts or pictures, and the mark of a picture.
 * Matches U+0000, U+202E and U+200B, and U+200D between `a` and `b`; not `ñ`, and not U+FE0F after a heart.
 */
const HIDDEN = new RegExp(
  [
    '(?![\\u200c\\u200d\\ufe0e\\ufe0f])[\\p{Cc}\\p{Bidi_Control}\\p{Default_Ignorable_Code_Point}]',
    '(?<!\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
    `(?<![${JOINING}\\p{M}\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])[\\u200c\\u200d]`,
    `[\\u200c\\u200d](?![${JOINING}\\p{Extended_Pictographic}])`,
  ].join('|'),
  'gu',
);

/** Controls other than tab and line feed. Matches U+0000; not `\n`. */
const CONTROL = /[^\P{Cc}\t\n]/gu;

/** One line that a person can read: white space folded, hidden characters removed. */
export function neutralLine(text: string): string {
  return text.replace(/\s/g, ' ').replace(HIDDEN, '').replace(/ +/g, ' ').trim();
}

/** Text of several lines without control characters, line ends `\n`. */
export function neutralText(text: string): string {
  return withLineFeeds(text)
    .replace(CONTROL, '')
    .replace(/^\ufeff/, '');
}

/** A CR alone is a line end, any number of them before an LF are one with it. */
function withLineFeeds(text: string): string {
  const plain = text.replaceAll('\r\n', '\n');
  return plain.includes('\r') ? plain.replace(/\r+\n?/g, (ends) => (ends.endsWith('\n') ? '\n' : '\n'.repeat(ends.length))) : plain;
}
