import { isContact } from './contact.ts';

/** Words in one line, and full lines in a row, that no signature has. */
const LONG_LINE_WORDS = 18;
const MAX_WRAPPED_LINES = 4;
const FULL_LINE = 60;
const MAX_LOOKED = 300;

/** `¿lo borramos?`, `can you fix that today?`; not `Got milk?`. */
const QUESTION = /¿|(?:\s\S{1,40}){4}\?[\s"'”»)]{0,4}$/;
/** `COMMIT;`, `}`; not `Ana Pérez`. */
const CODE = /[;{}]\s*$/;

/** Does a text end with a question, as nothing does that a program or a company adds? */
export function asks(text: string): boolean {
  return QUESTION.test(text.slice(-200));
}

/** What was forgotten above the signature: `PD: también en calidad`, `P.S. one more thing`; not `Ps. Ana Pérez`. */
const POSTSCRIPT = /^[\s*_]{0,4}(?:p\.?\s?[ds]\.?\s?:|p\.\s?[ds]\.|posdata(?!\p{L}))/iu;

/** Do lines read like what somebody writes to somebody, or like a program, rather than like a signature? */
export function isWritten(lines: readonly string[]): boolean {
  let wrapped = 0;
  let code = 0;
  for (const line of lines) {
    if (asks(line) || POSTSCRIPT.test(line) || line.slice(0, MAX_LOOKED).split(/\s+/, LONG_LINE_WORDS).length === LONG_LINE_WORDS)
      return true;
    wrapped = line.length >= FULL_LINE && !isContact(line) ? wrapped + 1 : 0;
    code += CODE.test(line.slice(-10)) ? 1 : 0;
    if (wrapped > MAX_WRAPPED_LINES || code > 1) return true;
  }
  return false;
}
