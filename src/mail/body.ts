import type { Part } from './part.ts';

/** The readable content of a mail. */
export interface Body {
  text: string;
  html: string | null;
  /** True when a text and an HTML form of the same content say different things. */
  formsDiffer: boolean;
}

/**
 * Joins the readable leaves of a message: of a multipart/alternative both forms, of any other multipart all in order (RFC 2046 5.1).
 * @param texts the decoded text of each readable leaf
 */
export function bodyOf(root: Part, texts: ReadonlyMap<Part, string>, htmlToText: (html: string) => string): Body {
  const anyHtml = [...texts].some(([part, text]) => isHtml(part, text));
  const read = (part: Part): Body => {
    const own = texts.get(part);
    if (part.children.length === 0 && own !== undefined) return readLeaf(part, own);
    if (part.type === 'multipart/alternative')
      return oneOf(part.children.map((child) => ({ ...read(child), rich: holdsHtml(child, texts) })));
    return joined(part.children.map(read)); // also of a text with a boundary: what stands above its parts is no text
  };
  const readLeaf = (part: Part, own: string): Body => {
    if (isHtml(part, own)) return { text: htmlToText(own), html: own, formsDiffer: false };
    return { text: own, html: anyHtml && own.trim() !== '' ? textAsHtml(own) : null, formsDiffer: false };
  };
  const { text, html, formsDiffer } = read(root);
  return { text, html: anyHtml ? html : null, formsDiffer };
}

function joined(bodies: readonly Body[]): Body {
  const html = bodies.map((body) => body.html).filter((one) => one !== null);
  return {
    text: joinedText(bodies),
    html: html.length > 0 ? html.join('\n') : null,
    formsDiffer: bodies.some((body) => body.formsDiffer),
  };
}

function joinedText(bodies: readonly Body[]): string {
  return bodies
    .map((body) => body.text)
    .filter((text) => text.trim() !== '')
    .join('\n');
}

/** The text of the plain forms; of the rich form when the plain ones say nothing, or only that HTML cannot be shown. The HTML of the last rich form. */
function oneOf(forms: readonly (Body & { rich: boolean })[]): Body {
  const plain = joined(forms.filter((form) => !form.rich));
  const rich = forms.findLast((form) => form.rich && form.text.trim() !== '') ?? forms.findLast((form) => form.rich);
  if (!rich) return plain;
  const differ = plain.text.trim() !== '' && saysOtherThings(plain.text, rich.text);
  if (plain.text.trim() === '') return rich;
  if (differ && isExcuse(plain.text)) return { ...rich, text: joinedText([rich, plain]) };
  return { text: plain.text, html: rich.html, formsDiffer: differ || rich.formsDiffer };
}

const MAX_EXCUSE = 600;

/** Matches `Your client cannot read HTML`; not `El reporte en HTML sale vacío` of a mail whose HTML says the same. */
const EXCUSE = /\bhtml\b|navegador|browser|mail client|cliente de correo/i;

function isExcuse(text: string): boolean {
  return text.length < MAX_EXCUSE && EXCUSE.test(text);
}

const COMPARED_WORDS = 200;
const SHARED_AT_LEAST = 0.4;

/** True when few words of one text occur in the other. */
function saysOtherThings(plain: string, rich: string): boolean {
  const words = wordsOf(plain.slice(0, 20_000)).slice(0, COMPARED_WORDS);
  if (words.length < 5) return false;
  const other = new Set(wordsOf(rich.slice(0, 100_000)));
  return words.filter((word) => other.has(word)).length < SHARED_AT_LEAST * words.length;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}{3,40}/gu) ?? [];
}

/** Matches `<!DOCTYPE html>` and `<html lang="es">`; not `<html> no se muestra`, not `El <html> está mal`. */
const DOCUMENT = /^\s{0,100}<(?:!doctype html|html[^>]{0,500}>\s{0,100}<(?:head|body|meta|title|style)\b)/i;

/** Also a whole document that a script sends without saying that it is one. */
function isHtml(part: Part, text: string): boolean {
  return part.type === 'text/html' || (part.type === 'text/plain' && DOCUMENT.test(text));
}

function holdsHtml(part: Part, texts: ReadonlyMap<Part, string>): boolean {
  return (isHtml(part, texts.get(part) ?? '') && texts.has(part)) || part.children.some((child) => holdsHtml(child, texts));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function textAsHtml(text: string): string {
  return `<pre>${text.replace(/[&<>]/g, (sign) => ENTITIES[sign]!)}</pre>`;
}
