/** `Buenos días.`, `Hola Luis,`, `Estimados señores:`, `Dear John`: a greeting and whom it greets; not `Hola, no abre el visor`. */
const GREETING =
  /^[\s*_¡]{0,4}(?:hola|holi|buen[oa]s?(?:\s(?:d[ií]as?|tardes?|noches?))?|(?:reciba\s)?(?:un\s)?cordial\ssaludo|saludos?(?:\scordial(?:es)?)?|(?:muy\s)?(?:estimad|apreciad|respetad|prezad|car)[oa]s?|se[nñ]or(?:es|a|as)?|hi|hello|hey|dear|good\s(?:morning|afternoon|evening|day)|ol[aá]|bom\sdia|boa\s(?:tarde|noite)|bonjour|hallo|guten\s(?:tag|morgen)|sehr\sgeehrte[rn]?|buongiorno|ciao)(?:[\s,]{1,2}(?:a\stodos|todos|equipo|team|all|se[nñ]or(?:es|a|as)?|ingenier[oa]s?|doctora?|ing\.?|dra?\.?|de\ssoporte|soporte|(?-i:\p{Lu})[\p{L}.-]{0,30})){0,5}[\s.,:;!*_]{0,5}$/iu;

/** Does a text greet and say no more? */
export function isGreeting(text: string): boolean {
  const lines = text.split('\n', 8).filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.length < 4 && lines.every((line) => line.length <= 80 && GREETING.test(line));
}
