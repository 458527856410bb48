import { type CaseText, caseTextOf } from './caseText.ts';
import { COURTESY } from './courtesy.ts';
import { fold } from './words.ts';

/** One of these is in every mail that thanks or confirms, folded. */
const THANKS = new Set(
  `gracias agradezco agradecemos agradecido agradecida ok okay listo lista vale perfecto excelente recibido recibida enterado enterada thanks thank
  appreciate appreciated great obrigado obrigada agradeco`.split(/\s+/),
);
/** What stands around thanks, and says that all is well. */
const AROUND_THANKS = new Set(
  `ayuda colaboracion apoyo gestion atencion respuesta informacion solucion pronta pronto oportuna rapida amable amabilidad todo todos mucho
  ya quedo esta solucionado solucionada resuelto resuelta funciona funcionando bien muy es son en lo le les te nos del al semana
  help support response quick for your very much so the all works working fixed solved now have nice day week
  muito pela pelo ajuda suporte retorno resposta voce voces da do resolvido resolvida funcionou tudo certo`.split(/\s+/),
);
/** Courteous in other mails; here they may be the whole message: `no quedó`, `sí, por favor`, `quedo pendiente`. */
const MEANINGFUL = new Set('no nao not si sim yes pendiente favor please prueba test url 0 @'.split(' '));

/**
 * Courteous words of somebody who still waits for something: `quedo atenta a la solucion`, `agradezco su pronta respuesta`; not `quedo atenta gracias`,
 * `gracias por su pronta respuesta`.
 */
const WAITS =
  /\batent[oa]s? a\b|\b(?:agradezco|agradecemos|agradeco|appreciate)(?: \S{1,20}){0,4} (?:pronta|pronto|oportuna|rapida|quick|solucion|respuesta|response|resposta|retorno)\b/;

/** What Gmail and Outlook write when somebody reacts with a picture. */
const REACTION = /^.{0,120}\b(?:reaccion[oó]|reagiu|reacted)(?!\w).{0,60}$/gm;
const PICTURE = /\p{Extended_Pictographic}/u;
/** Longer mails say more. */
const MOST_CHARS = 600;

/** Whether a mail says nothing but thanks, in whatever greetings, with its author's name below. Linear. */
export function saysOnlyThanks(text: string, authorName: string): boolean {
  if (text.length > MOST_CHARS) return false;
  const names = new Set(fold(authorName).match(/\p{L}+/gu) ?? []);
  const words = wordsIn(caseTextOf({ subject: '', newText: text.replace(REACTION, '') })).filter((word) => !names.has(word));
  if (words.length === 0) return PICTURE.test(text);
  const isCourteous = (word: string) => (COURTESY.has(word) || THANKS.has(word) || AROUND_THANKS.has(word)) && !MEANINGFUL.has(word);
  return words.every(isCourteous) && words.some((word) => THANKS.has(word)) && !WAITS.test(words.join(' '));
}

/** A question asks for something, however polite: its mark stays as a word that is no courtesy. */
function wordsIn({ text }: CaseText): string[] {
  return text.map((word) => word.text).filter((word) => word !== '.' && word !== '!');
}
