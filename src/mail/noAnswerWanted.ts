import { anyOf } from './anyOf.ts';
import type { ParsedMail } from './message.ts';
import { isForwardPrefix, withoutReplyPrefixes } from './subject.ts';

/**
 * Asks the reader not to answer, in the words of the mail itself: `Por favor no responda a este correo.`, `Please do not reply to this message`,
 * `não responda este e-mail`; not `no responden los servidores`, and not what it quotes: `dice "no responda este correo"`.
 */
const REQUEST = anyOf(String.raw`(?<!["“«'‘] ?)(?<![\wáéíóúñ])(?:…)`, [
  // es
  /no (?:lo )?(?:responda|responder|conteste|contestar) (?:a |al )?(?:este|esta|presente)\b/,
  /favor,? (?:de )?no (?:lo )?(?:responda|responder|conteste|contestar)(?= ?$)/,
  /abst[eé]ngase de (?:responder|contestar)\b/,
  // pt
  /n[aã]o (?:responda|responder) (?:a )?(?:est[ea]|ess[ea])\b/,
  /favor,? n[aã]o (?:responda|responder)(?= ?$)/,
  // en
  /(?:do not|don['’]t) (?:reply|respond) (?:directly )?to (?:this|the)\b/,
  /please,? (?:do not|don['’]t) (?:reply|respond)(?= ?$)/,
]);
/** What legal notices are about, which ask whoever got a mail by mistake not to answer it. */
const FOR_OTHERS = /\berror\b|\berro\b|destinat[aá]ri|equivoc|recipient/i;

/**
 * Begins a sentence in which a mail says that a machine wrote it: `Este es un mensaje automático`, `Correo generado automáticamente`, `This is an
 * automated message`; not `El mensaje automático no llega`, `Este correo fue revisado y enviado automáticamente por el antivirus`.
 */
const WRITTEN_BY_MACHINE = anyOf(
  String.raw`^[\s*_(-]{0,10}(?:nota: ?)?(?:…)(?= ?(?:$|[,()*_–-]|(?:y|e|and|por favor|please|desde|from)\b|por (?:un|el) sistema|by (?:the|a) system))`,
  [
    // es
    /este es un (?:mensaje|correo|e-?mail|aviso)(?: electr[oó]nico)? (?:(?:generado |enviado )?autom[aá]tic(?:o|amente)|generado por (?:un|el) sistema)/,
    /(?:este )?(?:mensaje|correo|e-?mail)(?: electr[oó]nico)? (?:(?:ha sido|fue|es|se ha) )?(?:generado|enviado) (?:de forma |de manera )?autom[aá]tica(?:mente)?/,
    /esta es una (?:notificaci[oó]n|respuesta) (?:generada )?autom[aá]tica/,
    // pt
    /est[ae] [eé] uma? (?:mensagem|e-?mail|notifica[cç][aã]o) (?:gerad[ao] )?(?:autom[aá]tic[ao]|automaticamente)/,
    /(?:est[ae] )?(?:mensagem|e-?mail) (?:foi )?(?:gerad[ao]|enviad[ao]) automaticamente/,
    // en
    /this is an? (?:auto(?:mated|matic)|automatically[- ]generated|auto-?generated|system[- ]generated) (?:message|e-?mail|mail|notification|reply|response)/,
    /this (?:message|e-?mail|mail) (?:was|has been|is) (?:automatically (?:generated|sent)|(?:generated|sent) automatically|auto-?generated)/,
  ],
);

/** Characters of the text's beginning and end, where such sentences stand, and of the signature. */
const MOST_CHARS = 4000;

/**
 * The words in which a mail says that it wants no answer or that a machine wrote it; null when there are none. People paste such mails, so that it says
 * nothing about the writer; and what is passed on says so of itself, not of the person who passes it on.
 */
export function noAnswerWantedIn({ subject, newText, signature }: Pick<ParsedMail, 'subject' | 'newText' | 'signature'>): string | null {
  if (withoutReplyPrefixes(subject).prefixes.some(isForwardPrefix)) return null;
  const read = [newText.slice(0, MOST_CHARS), newText.slice(MOST_CHARS).slice(-MOST_CHARS), signature.slice(0, MOST_CHARS)];
  for (const sentence of read.flatMap(sentencesOf)) {
    const request = FOR_OTHERS.test(sentence) ? null : REQUEST.exec(sentence);
    const found = request ?? WRITTEN_BY_MACHINE.exec(sentence);
    if (found) return found[0].trim();
  }
  return null;
}

/** Lines are joined, as mail programs break them; paragraphs are not. */
function sentencesOf(text: string): string[] {
  return text.split(/\n[ \t]*\n|[.!?;]/).map((sentence) => sentence.replace(/\s+/g, ' ').trim());
}
