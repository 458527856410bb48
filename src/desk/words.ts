/** Where a word of a mail stands. */
export type Part = 'subject' | 'text';

/** One word or sentence mark, folded, with its span in the part that it came from. */
export interface Word {
  /** Lower case, without accents; numbers are `0`, addresses `@`, links `url`; ends of sentences are `.`, `?` or `!`. */
  text: string;
  /** Its last vowel bears an accent: tells `guardó` (it saved) from `guardo` (I save). */
  stressed: boolean;
  part: Part;
  start: number;
  end: number;
}

/** Lower case without accents: `Producción` becomes `produccion`, `Não` becomes `nao`. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return BEYOND_ASCII.test(lower) ? lower.normalize('NFD').replace(/\p{M}+/gu, '') : lower;
}

export function withoutApostrophes(word: string): string {
  return word.includes("'") || word.includes('’') ? word.replace(/['’]/g, '') : word;
}

/** `facturación`; not `factura`. */
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Matches `can't`, `2.450,50`, `año`, `?` and a line's end; never more than one sentence mark at a time. */
const WORD = /\p{L}[\p{L}\p{M}]*(?:['’](?:t|s|d|m|re|ve|ll)(?!\p{L}))?|\d+(?:[.,:/-]\d+){0,8}|[.?!:;\n]/gu;

/** As WORD, and `https://a.example/x` and `ana@cliente.example` as one word; slower, so only for texts that hold such a mark. */
const WORD_OR_ADDRESS = new RegExp(`(?:https?://|www\\.)\\S{1,500}|[^\\s@<>:]{1,64}@[^\\s@<>]{1,255}|${WORD.source}`, 'gu');

/** `generó`, `intenté`; not `código`. */
const STRESSED = /[óéíá]$/iu;

/** A line shorter than this was ended by its writer, not wrapped by a mail program. */
const WRAP_COLUMN = 50;

/** A mail's words in order, with ends of sentences. Linear in the text's length. */
export function wordsOf(text: string, part: Part): Word[] {
  const words: Word[] = [];
  let lineStart = 0;
  for (const match of text.matchAll(text.includes('@') || text.includes('://') || text.includes('www.') ? WORD_OR_ADDRESS : WORD)) {
    const start = match.index;
    const raw = match[0];
    const end = start + raw.length;
    const mark = raw.length === 1 ? markOf(raw) : null;
    if (mark === null) words.push({ text: folded(raw), stressed: STRESSED.test(raw), part, start, end });
    else {
      const wrapped = raw === '\n' && start - lineStart >= WRAP_COLUMN && /^\p{Ll}/u.test(text.slice(end, end + 2));
      if (!wrapped && words.length > 0 && !isMark(words.at(-1)!)) words.push({ text: mark, stressed: false, part, start, end });
    }
    if (raw === '\n') lineStart = end;
  }
  return words;
}

export function isMark(word: Word): boolean {
  return word.text === '.' || word.text === '?' || word.text === '!';
}

function markOf(raw: string): string | null {
  if (raw === '?' || raw === '!') return raw;
  return raw === '.' || raw === ':' || raw === ';' || raw === '\n' ? '.' : null;
}

function folded(raw: string): string {
  if (/^\d/.test(raw) && !raw.includes('@')) return '0';
  if (raw.includes('@')) return '@';
  if (raw.includes('://') || raw.startsWith('www.')) return 'url';
  return withoutApostrophes(fold(raw));
}
