/** The words that end a letter, and the rest of the line: `Cordialmente,`, `Quedo atento, saludos`, `Best regards`; not `Muy buenas`. */
const CLOSING =
  /^[\s*_]{0,4}(?:(?:muchas\s|mil\s|de\santemano\s)?gracias|(?:muy\s)?cordialmente|atentamente|at?te\.?|att\.?|(?:un\s|con\sun\s|reciba\sun\s)?(?:cordial\s|atento\s)?saludos?(?:\scordial(?:es)?)?|(?:quedo|quedamos)\s(?:muy\s)?atent[oa]s?|feliz\s(?:d[ií]a|tarde|semana|noche)|(?:un\s)?abrazos?|best(?:\sregards|\swishes)?|(?:kind|warm)?\s?regards|(?:many\s|kind\s)?thanks|thank\syou|cheers|(?:yours\s)?sincerely|yours|(?:muito\s)?obrigad[oa]|atenciosamente|(?:um\s)?abra[cç]os?|cumprimentos|(?:bien\s)?cordialement|bien\s[aà]\svous|mit\s(?:freundlichen|besten)\sgr[uü](?:ß|ss)en|(?:freundliche|viele|liebe|beste)\sgr[uü](?:ß|ss)e|mfg|(?:cordiali|distinti)\ssaluti|met\svriendelijke\sgroet(?:en)?|(?:med\s)?v[aä]nlig(?:a)?\sh[aä]lsning(?:ar)?|(?:med\s)?venlig\shilsen|med\svennlig\shilsen|mvh|pozdrawiam|z\spowa[zż]aniem|s\spozdravem|(?:yst[aä]v[aä]llisin\s)?terveisin|с\sуважением|sayg[iı]lar[iı]mla)(?![\p{L}\p{N}])(?<rest>.{0,60})$/iu;
/** What may follow them: nothing, a name, or what they are for: `, Ana`, ` / Best regards`, ` por su ayuda`; not ` solicito un usuario` or ` a eso funciona:`. */
const CLOSING_REST =
  /^[\s,.;:!*_]{0,5}$|^[\s,.;!*_/|]{1,5}(?:\p{Lu}|(?:y|e|a\s(?:sus?|la|los|cualquier)|por|de\santemano|desde|quedo|quedamos|saludos|gracias|and|for|in\sadvance|pela|pelo)(?!\p{L}))[^:?\d]{0,50}$/u;

/** Is it no more than `Saludos,` and a name? */
export function isClosing(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length === 0 || filled.length > 3 || filled.some((line) => line.length > 60)) return false;
  const rest = CLOSING.exec(filled[0]!)?.groups?.['rest'];
  return rest !== undefined && CLOSING_REST.test(rest);
}
