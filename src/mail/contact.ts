/** A detail by which one can be reached: a telephone, an address of mail, web or street. */
const CONTACT =
  /(?:\b(?:t[eé]l[eé]?f?\w{0,6}|pbx|cel\w{0,5}|m[oó]vil|mob(?:ile?)?|phone|fax|ext\w{0,6}|whatsapp|direct|office)(?!\p{L}).{0,12}(?:\d{3}|\d{2}(?:[\s.-]\d{2}){2}))|(?:\+\d{1,3}[\s().-]{0,3}\d|\(\d{1,4}\)\s?\d{3})|[^\s@<]{1,64}@[^\s@>]{1,200}\.\p{L}{2,}|\bwww\.|https?:\/\/|\b(?:calle|carrera|cra|cll|kr|avenida|av|transversal|diagonal|autopista|km|rua|street|suite)\b\.?\s.{0,20}\d/iu;
/** One of these is in each of them; cheap, so that most lines are asked nothing more. */
const CONTACT_SIGN = /[\d@]|www\.|https?:/i;
/** `310 777 8899`, `C: +57 (1) 345-6789`, alone; not `2024`. */
const BARE_NUMBER = /^(?:\p{L}{1,4}[.:]\s?)?\+?\(?\d(?:[\s().-]{0,2}\d){6,14}$/u;

/** Does a line, or a cell of one, hold such a detail? */
export function isContact(text: string): boolean {
  return CONTACT_SIGN.test(text) && (CONTACT.test(text) || BARE_NUMBER.test(text.trim()));
}

/** The parts of a line that a signature puts side by side: `Tel. 1 | Cel. 2` has two. */
export function cellsOf(line: string): string[] {
  return line
    .split(/\s[|•·–—]\s|\t|\s{3}/, 8)
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '');
}

/** `[cid:logo.png@1]`, `[Logo] <https://x.co>`: nothing but pictures and links; not `Ana`. */
const PICTURES_ONLY = /^(?:\s?(?:\[[^\][]{1,200}\]|<[^<>]{1,300}>|https?:\/\/[^\s<>[\]]{1,300}))+\s?$/;

export function isPictures(line: string): boolean {
  return PICTURES_ONLY.test(line.trim());
}
