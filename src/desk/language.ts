import { fold, withoutApostrophes } from './words.ts';

/** In which we read and answer. */
export type Language = 'es' | 'en' | 'pt';

/** Frequent words, folded, that tell one of the three languages, or two of them, from the others. */
const WORDS: Readonly<Record<Language, string>> = {
  es: `el la los las un una unos unas del al y o en por para con que se su sus lo le les pero porque cuando como donde muy ya hoy ayer mas esta este
    estos estas esto ese esa hay es son fue ser estan estamos tenemos tiene tengo puede puedo podemos pueden podria necesito necesitamos
    solicito solicitamos favor gracias buenos buenas dias tardes noches cordial saludo saludos hola quedo atento atenta adjunto nos me mi
    no sin sale salen aparece desde hasta tambien sistema usuario usuarios falla error informe reporte pantalla factura nomina pago pagos
    agregar crear cambiar incluir permitir ver poder quisiera quisieramos gustaria seria hacer ingresar abrir cargar ustedes senores`,
  en: `the an of to in is are was were be been and or for with on at by from as that this these those it its we our you your i my us they
    she not have has had do does did doesnt dont didnt isnt cant cannot wont can could would should will may when where why how what
    which who please thanks thank hello hi dear regards kindly add allow when after before since there here get got error page user users
    report screen file button need want like able unable working work works show shows`,
  pt: `o os um uma uns umas do da dos das no na nos nas ao aos pelo pela e ou em com por para que nao sim voce voces eu nos ele ela eles seu sua
    seus suas meu minha mas quando como onde muito ja hoje ontem mais esta este isto isso esse essa ha sao foi ser estao estamos temos tem
    tenho pode posso podemos podem poderia preciso precisamos gostaria gostariamos seria favor obrigado obrigada bom boa dia tarde noite
    prezados atenciosamente ola segue anexo sistema usuario usuarios falha erro relatorio tela nota pagamento pagamentos pedido adicionar
    criar alterar incluir permitir fazer abrir carregar enviar salvar consigo conseguimos aparece arquivo desde ate tambem`,
};

const TELLING = new Map<string, Language[]>();
for (const language of ['es', 'en', 'pt'] as const)
  for (const word of new Set(WORDS[language].split(/\s+/))) TELLING.set(word, [...(TELLING.get(word) ?? []), language]);

/** Letters that only one of the languages writes: `ñ` and `¿` are Spanish, `ã`, `õ` and `ç` Portuguese. */
const SPANISH_LETTERS = /[ñ¿¡]/gi;
const PORTUGUESE_LETTERS = /[ãõçàâêô]/gi;
/** Endings in folded words: `cion`, `dad` are Spanish, `cao`, `coes`, `dade`, `agem` Portuguese. */
const SPANISH_ENDING = /(?:cion|ciones|dad|dades|miento|mientos|aje)$/;
const PORTUGUESE_ENDING = /(?:cao|coes|dade|dades|mento|mentos|agem|inho|inha)$/;

const MAX_READ = 4_000;
/** People write first and paste messages of programs after it. */
const FIRST_WORDS = 300;

/**
 * The language of a mail among those that the desk answers in; Spanish, the desk's own, when nothing tells them apart. The subject counts
 * less than the text: programs and colleagues write subjects.
 */
export function languageOf(input: { subject: string; newText: string }): Language {
  const score: Record<Language, number> = { es: 0, en: 0, pt: 0 };
  count(input.subject.slice(0, 300), 1, score);
  count(input.newText.slice(0, FIRST_WORDS), 3, score);
  count(input.newText.slice(FIRST_WORDS, MAX_READ), 1, score);
  const words = score.es + score.en + score.pt;
  if (words === 0) return 'es';
  if (score.en > score.es && score.en > score.pt) return 'en';
  return score.pt > score.es ? 'pt' : 'es';
}

const NONE: readonly Language[] = [];

function count(text: string, weight: number, score: Record<Language, number>): void {
  const words = text.match(/\p{L}[\p{L}\p{M}'’]{0,40}/gu) ?? [];
  for (const word of words) {
    const folded = withoutApostrophes(fold(word));
    for (const language of TELLING.get(folded) ?? NONE) score[language] += weight;
    if (folded.length < 5) continue;
    if (SPANISH_ENDING.test(folded)) score.es += weight / 2;
    if (PORTUGUESE_ENDING.test(folded)) score.pt += weight / 2;
  }
  score.es += weight * (text.match(SPANISH_LETTERS)?.length ?? 0);
  score.pt += (weight / 2) * (text.match(PORTUGUESE_LETTERS)?.length ?? 0);
}
