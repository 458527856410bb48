import type { Language } from './language.ts';
import { languageOf } from './language.ts';
import { type Part, type Word, wordsOf } from './words.ts';

/** Characters that are read: what a mail is about stands in its beginning, and the bound keeps any input fast. */
const MAX_SUBJECT = 300;
const MAX_TEXT = 2_400;
const MAX_LOOKED_THROUGH = 10_000;

/** What the classifier reads of a mail: its words in order, subject first. */
export interface CaseText {
  subject: Word[];
  text: Word[];
  language: Language;
}

/**
 * The words of a case, without what does not speak about it: reply prefixes, ticket tokens, quoted lines, headers of forwarded mails
 * (their subject stays), and everything after a signature mark or a disclaimer. Spans point into the strings that were given.
 */
export function caseTextOf(input: { subject: string; newText: string }): CaseText {
  const subject = input.subject.slice(0, MAX_SUBJECT).replace(SUBJECT_NOISE, blank);
  const text = ownLines(input.newText.slice(0, MAX_LOOKED_THROUGH));
  const language = languageOf(input);
  const read = language === 'pt' ? portugueseWordsOf : wordsOf;
  return { subject: read(subject, 'subject'), text: read(text, 'text'), language };
}

/** In Portuguese `no` and `nos` are "in the"; written as `em` they are not taken for a negation or for "us". */
function portugueseWordsOf(text: string, part: Part): Word[] {
  return wordsOf(text, part).map((word) => (word.text === 'no' || word.text === 'nos' ? { ...word, text: 'em' } : word));
}

/** `RE: RV: [ITAC #12-K7Q] ` and `[Ticket#2020070610000012]`; not `Reporte: ` nor `[Facturación]`. */
const SUBJECT_NOISE = /^(?:\s{0,9}(?:re|rv|fw|fwd|rta|enc|res)\s{0,3}:)+|\[(?:itac|ticket|caso)?\s{0,3}#\s{0,3}\d{1,20}(?:-\w{3})?\]/gi;

/** `> texto`; not `3 > 2`. */
const QUOTED = /^\s{0,8}>/;
/** `El lun, 5 ene 2026 a las 8:00, Soporte escribió:`; not `El usuario escribió un comentario`. */
const ATTRIBUTION = /^\s{0,8}(?:el|on|em|le) .{5,120}(?:escribi[oó]|wrote|escreveu)\s?:\s{0,8}$/i;
/** `De: Ana Pérez <ana@cliente.example>`, `Enviado: lunes`; not `De acuerdo: seguimos`. */
const FORWARDED_HEADER = /^\s{0,8}\*?(?:de|from|enviado(?: el)?|enviada em|sent|para|to|cc|fecha|date|data)\s?:\*?\s/i;
/** `Asunto: no abre`; not `El asunto es urgente`. */
const FORWARDED_SUBJECT = /^\s{0,8}\*?(?:asunto|subject|assunto)\s?:\*?/i;
/** `---------- Mensaje reenviado ----------`; not `--- pasos ---`. */
const FORWARDED_MARK = /^\s{0,8}-{3,}.{0,40}(?:reenviado|forwarded|original|encaminhada)/i;
/** `-- ` alone on its line (RFC 3676 4.3); not `-- nota`. */
const SIGNATURE_MARK = /^-- ?$/;
/** `Este mensaje y sus anexos son confidenciales`, `Enviado desde mi iPhone`; not `el reporte es confidencial`. */
const DISCLAIMER =
  /(?:mensaje|correo|e-?mail|message|mensagem).{0,60}(?:es|son|is|are|é|contiene|contains|puede contener|may contain).{0,30}confiden|^\s{0,8}(?:enviado desde mi|sent from my|enviado do meu|obtener outlook)/i;

/** The text with lines that are not the writer's own words about the case blanked out; lengths stay. Cut to what is read. */
function ownLines(text: string): string {
  const kept: string[] = [];
  const lines = text.split('\n');
  const signature = signatureStart(lines);
  let own = 0;
  let ended = false;
  for (const [i, line] of lines.entries()) {
    if (own >= MAX_TEXT) break;
    const head = line.slice(0, 200);
    if (i === signature || SIGNATURE_MARK.test(head) || DISCLAIMER.test(head) || (own > 3 && ATTRIBUTION.test(head))) ended = true;
    const spoken = ended ? '' : spokenIn(line, head);
    own += spoken.trim().length;
    kept.push(blank(line.slice(0, line.length - spoken.length)) + spoken.slice(0, MAX_TEXT));
  }
  return own === 0 ? text.slice(0, MAX_TEXT) : kept.join('\n');
}

/** `Cordialmente,` or `Best regards` alone on its line; not `Atentamente le solicito`. */
const FAREWELL =
  /^\s{0,8}(?:cordialmente|atentamente|at(?:t|te|entamente)\.?|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|(?:best |kind )?regards|sincerely|atenciosamente)\s{0,3}[,.:!]?\s{0,8}$/i;
/** Lines under a farewell that still are name, post and address. */
const MAX_SIGNATURE_LINES = 10;
const MAX_SIGNATURE_LINE = 90;

/** The line where the farewell and the signature under it begin, or -1: a mail's last lines, short, and no postscript. */
function signatureStart(lines: readonly string[]): number {
  const start = lines.findLastIndex((line) => FAREWELL.test(line.slice(0, 60)));
  if (start < 1) return -1;
  const below = lines.slice(start + 1).filter((line) => line.trim() !== '' && !QUOTED.test(line.slice(0, 200)));
  const short =
    below.length <= MAX_SIGNATURE_LINES && below.every((line) => line.length <= MAX_SIGNATURE_LINE && !/^\s{0,8}p\.?\s?[ds]\b/i.test(line));
  return short ? start : -1;
}

/** The end of a line that its writer said; all of it, or nothing, mostly. */
function spokenIn(line: string, head: string): string {
  if (QUOTED.test(head) || ATTRIBUTION.test(head) || FORWARDED_MARK.test(head) || FORWARDED_HEADER.test(head)) return '';
  const subject = FORWARDED_SUBJECT.exec(head);
  return subject ? line.slice(subject[0].length) : line;
}

function blank(text: string): string {
  return ' '.repeat(text.length);
}
