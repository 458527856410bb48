import { isClosing } from './closing.ts';
import { cellsOf, isContact, isPictures } from './contact.ts';
import { isGreeting } from './greeting.ts';

/** Lines that the block below a closing may have, and the longest of them. */
const MAX_LINES = 16;
const MAX_LINE_LENGTH = 160;
/** A line of as many words is a sentence. */
const MAX_WORDS = 12;

/** Words with a capital, and those without that are no small ones. */
const CAPITAL_WORD = /(?<!\p{L})[\p{Lu}\p{Lo}]/gu;
const LOWER_WORD = /(?<!\p{L})\p{Ll}{4,}/gu;

/** The end of a sentence: `Ya quedó listo.`, `考えています。`; not `Ing.`, `S.A.` */
const SENTENCE_END = /(?:\p{Ll}{3}[.!…]|[。！？])[\s"'”»)]{0,3}$/u;

/** Does a line say something, with an end or with many words? */
export function isSentence(line: string): boolean {
  return SENTENCE_END.test(line) || line.split(/\s+/, MAX_WORDS).length === MAX_WORDS;
}

/** `ANA PÉREZ`, `*Ing. Ana Pérez*`, `i. A. Ana Pérez`, `Ana | Gerente`; not `El teléfono es 555`, `No abre el portal`. */
export function looksLikeName(line: string): boolean {
  const [name = ''] = cellsOf(line);
  if (
    !/^[*_\s[]{0,3}(?:i\.\s?[AV]\.\s)?[\p{Lu}\p{Lo}][^\d@:?]{1,60}$/u.test(name) ||
    name.split(/\s+/, 8).length > 6 ||
    SENTENCE_END.test(name)
  )
    return false;
  return (name.match(CAPITAL_WORD)?.length ?? 0) >= (name.match(LOWER_WORD)?.length ?? 0);
}

/** Who a mail is from, as its head says. */
export interface Author {
  name: string;
  address: string;
}

/** The words of a name of three letters and more, without accents. */
function namesIn(text: string): string[] {
  return (
    text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/\p{L}{3,40}/gu) ?? []
  );
}

/** Does the line at the top of a block bear the author's own name? */
function isNamedAs(author: Author | null, top: string): boolean {
  if (author === null) return false;
  return namesIn(cellsOf(top)[0] ?? '').filter((name) => namesIn(author.name).includes(name)).length > 1;
}

/**
 * Where the block of name, post and contact details begins that ends the text: below a closing, which stays with the text, or as paragraphs of
 * their own that bear the author's name or address and hold no sentence. Two details at least and short lines only, so that a name alone is never
 * taken away.
 */
export function contactsFrom(lines: readonly string[], end: number, author: Author | null): number {
  const address = author?.address.toLowerCase() ?? '';
  let details = 0;
  let addressed = false;
  let pictured = false;
  let top = '';
  let apart = end;
  let spoken = false;
  for (let i = end - 1, filled = 0; i >= 0 && filled <= MAX_LINES; i--) {
    const line = lines[i]!.trim();
    if (line === '') {
      const signs = apart === end && !spoken && details > 1 && looksLikeName(top);
      if (signs && (addressed || isNamedAs(author, top))) apart = i + 1;
      continue;
    }
    filled++;
    if (line.length > MAX_LINE_LENGTH) break;
    addressed ||= address !== '' && line.toLowerCase().includes(address);
    if (isPictures(line)) {
      pictured = true;
      continue;
    }
    const contacts = cellsOf(line).filter(isContact).length;
    if (contacts === 0 && isClosing([line])) {
      // At the top of a mail the same words greet.
      if (!lines.slice(Math.max(0, i - MAX_LINES), i).some((above) => above.trim() !== '' && !isGreeting(above))) return apart;
      return details > 0 && details + (pictured ? 1 : 0) > 1 && looksLikeName(top) ? i + 1 : apart;
    }
    spoken ||= contacts === 0 && isSentence(line);
    details += contacts;
    top = line;
  }
  return apart;
}
