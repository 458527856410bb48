/** Content of `<param>`, which tells a colour or a font. Matches `<param>red</param>`; not `<parametro>`. */
const PARAMETER = /<param>[^<]{0,200}<\/param>/gi;
/** A command: `<bold>`, `</color>`; not `<<` and not `<ana@x.co>`. */
const COMMAND = /<\/?[a-z-]{1,60}>/gi;

/**
 * The words of a text in text/enriched (RFC 1896), or in text/richtext, its predecessor, which writes line ends as `<nl>` and `<lt>` for `<`. In both a
 * single line end is a blank.
 */
export function enrichedText(text: string, isRichtext: boolean): string {
  const joined = text.replace(/\n+/g, (ends) => (ends.length === 1 ? ' ' : '\n'.repeat(ends.length - 1)));
  if (isRichtext) {
    const lines = joined
      .replace(/<(?:nl|paragraph)>/gi, '\n')
      .replace(PARAMETER, '')
      .replace(/<lt>/gi, '<<');
    return withoutCommands(lines);
  }
  return withoutCommands(joined.replace(PARAMETER, ''));
}

function withoutCommands(text: string): string {
  return text
    .split('<<')
    .map((piece) => piece.replace(COMMAND, ''))
    .join('<');
}
