import { verbFormOf } from './verbForms.ts';
import { isMark, type Word } from './words.ts';

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Words that carry the grammar of a report or a request; they keep their own name in a shape. */
const GRAMMAR = set(
  `no ni sin nunca tampoco nao not never al a de del en con por para que si se me nos le les lo la los las el un una unos unas y o pero porque
  cuando como donde cual quien su sus mi mis este esta esto estos estas ese esa eso ya aun siempre solo tambien ademas desde hasta sobre entre
  segun mas menos muy ser es son estan estaba estaban fue fueron sea sean era hay habia haya tiene tienen tenia tenga tengan tenemos sale salen
  salia salga salgan aparece aparecen aparezca aparezcan muestra muestran muestre muestren deja permite permita permitan puede pueden pueda
  puedan podria podrian puedo podemos poder debe deben deberia deberian debo queda quedan quede queden hace hacen haga hagan trae traen traiga
  da dan sigue siguen necesito necesitamos requiero requerimos requiere requieren quiero queremos quisiera quisieramos quisieran gustaria seria
  estaria solicito solicitamos solicita pido pedimos falta faltan favor gracias adjunto antes ahora hoy aunque sino
  the to of in on for with and or but when if we i you it is are was be been has have had do does did would could should can cannot will please
  there this that my our not nothing any add os as dos da das em na nas um uma ao nao e mas quando gostaria poderia deve devem precisa precisamos
  dont doesnt cant wont isnt didnt`,
);

/** Verbs that ask for a repair. */
const REPAIR = set(
  'corregir arreglar solucionar reparar revisar verificar validar restablecer resolver subsanar corrigir fix solve corrijan revisen verifiquen solucionen resuelvan arreglen',
);

/** Verbs that ask for something to be there that was not. */
const CHANGE = set(
  `agregar anadir adicionar incluir incorporar implementar habilitar insertar crear desarrollar parametrizar integrar ampliar unificar
  renombrar reorganizar redisenar automatizar simplificar personalizar optimizar adecuar mejorar estandarizar homologar disponibilizar criar
  agreguen incluyan adicionen implementen habiliten desarrollen aumentar melhorar`,
);

const TROUBLE = /^(?:error(?:es)?|erros?|fallas?|fallos?|falhas?|problemas?|inconvenientes?|bugs?|incidencias?|issues?|problems?)$/;
const NEGATION = set('no ni sin nunca tampoco nao not without never');
/** Between a negation and a trouble word these end the negation: `no deja, sale error`. */
const NEGATION_END = set('que deja permite porque pero but puedo puede sale aparece funciona abre carga');

/** The class of word `i`: itself for grammar words, else its form or role; `X` for the subject matter. */
export function shapeOf(words: readonly Word[], i: number): string {
  const word = words[i]!;
  const { text } = word;
  if (isMark(word)) return '.';
  if (TROUBLE.test(text)) return denied(words, i) ? 'NT' : 'TRB';
  if (GRAMMAR.has(text)) return text;
  if (REPAIR.has(text)) return 'FIX';
  if (CHANGE.has(text)) return 'CHG';
  if (text === '0') return '0';
  return verbFormOf(text, word.stressed) ?? 'X';
}

/** Is the trouble word at `i` said not to be: `no es un error`, `sin problemas`? */
function denied(words: readonly Word[], i: number): boolean {
  for (let j = i - 1; j >= Math.max(0, i - 4) && !isMark(words[j]!); j--) {
    const { text } = words[j]!;
    if (NEGATION.has(text)) return true;
    if (NEGATION_END.has(text)) return false;
  }
  return false;
}
