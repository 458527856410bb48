import { anyOf } from './anyOf.ts';
import type { ParsedMail } from './message.ts';

/**
 * How servers begin the text that they hand out in place of a message that they cannot read: Exchange, in the languages of its users.
 * Matches `The server couldn't retrieve the following message:`; not `It says: the server couldn't retrieve the following message`.
 */
const BEGINNING = anyOf('^(?:…)', [
  /the server (?:could(?: not|n['’]t)|was unable to|cannot|can['’]t) retrieve the following message/,
  /(?:el servidor )?no (?:se )?(?:pudo|ha podido|puede) recuperar el siguiente mensaje/,
  /(?:o servidor )?n[aã]o (?:p[oô]de|foi poss[ií]vel|conseguiu) recuperar a (?:seguinte mensagem|mensagem a seguir)/,
  /le serveur n['’]a pas pu r[eé]cup[eé]rer le message suivant/,
  /(?:der server konnte )?die folgende nachricht (?:konnte )?(?:vom server )?nicht (?:abrufen|abgerufen)/,
]);
/** Its subject, which names protocol and number. Matches `Retrieval using the IMAP4 protocol failed for the following message: 752`. */
const SUBJECT = anyOf('^(?:…)', [
  /retrieval using the (?:imap4|pop3) protocol failed/,
  /(?:error (?:al|en la) |no se pudo realizar la )recupera(?:r|ci[oó]n)\b.{0,60}\b(?:imap4|pop3)/,
]);

/**
 * Did the server hand out a notice of its own in place of a message? Such a notice never travelled: its author has no address that mail could be sent
 * to (`microsoft@unknown`), so that a person who quotes one is told apart. @returns what was seen, or null
 */
export function serverStubIn({ from, subject, newText }: Pick<ParsedMail, 'from' | 'subject' | 'newText'>): string | null {
  if (isOnTheInternet(from.address)) return null;
  const found = BEGINNING.exec(newText.trimStart().slice(0, 300)) ?? SUBJECT.exec(subject.slice(0, 300));
  return found && `"${found[0]}", de ${from.address || 'nadie'}`;
}

/** Its domain has a dot; `unknown` and `localhost` have none. */
function isOnTheInternet(address: string): boolean {
  return /@[^@\s]{1,200}\.[^@.\s]{1,63}$/.test(address); // 'ana@cliente.co', not 'microsoft@unknown'
}
