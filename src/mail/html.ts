import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import type { Attributes } from './htmlMarks.ts';
import { type HtmlLine, LineWriter } from './lineWriter.ts';

/** The only attributes that are read. */
const ATTRIBUTES = new Set(['class', 'id', 'name', 'type', 'style', 'href', 'alt', 'hidden', 'data-marker', 'start']);

/**
 * Hands the tokens of `html` to `writer`. The tokenizer is used without its parser: that one keeps a stack of open elements whose cost grows
 * with the square of the depth.
 */
function readInto(writer: LineWriter, html: string): void {
  let tag = '';
  let attributes: Attributes = {};
  let attribute: string | null = null;
  let value = '';
  const opened = (): void => {
    writer.openTag(tag, attributes);
    attributes = {};
  };
  const ignored = (): void => {};
  const callbacks: TokenizerCallbacks = {
    ontext: (start, end) => writer.text(html.slice(start, end)),
    ontextentity: (code) => writer.text(String.fromCodePoint(code)),
    onopentagname: (start, end) => {
      tag = html.slice(start, end).toLowerCase();
    },
    onopentagend: opened,
    onselfclosingtag: opened,
    onclosetag: (start, end) => writer.closeTag(html.slice(start, end).toLowerCase()),
    onattribname: (start, end) => {
      const name = end - start > 20 ? '' : html.slice(start, end).toLowerCase();
      attribute = ATTRIBUTES.has(name) ? name : null;
      value = '';
    },
    onattribdata: (start, end) => {
      if (attribute !== null) value += html.slice(start, end);
    },
    onattribentity: (code) => {
      if (attribute !== null) value += String.fromCodePoint(code);
    },
    onattribend: () => {
      if (attribute !== null) attributes[attribute] ??= value;
    },
    oncomment: ignored,
    oncdata: ignored,
    ondeclaration: ignored,
    onprocessinginstruction: ignored,
    onend: ignored,
  };
  const tokenizer = new Tokenizer({}, callbacks);
  tokenizer.write(html);
  tokenizer.end();
}

/** Matches `<p>`, `</p>` and `<!--`; not `a < b`, `<ana@x.co>`, `<https://x.co>`. */
const TAG = /<(?:[/!?]|[a-z][a-z0-9]{0,20}[\s/>])/i;

/** What is said to be HTML and has no tag at all was written as text: scripts send their lines so, and they are meant. */
function linesOf(html: string, showHidden: boolean): HtmlLine[] {
  const writer = new LineWriter(showHidden);
  readInto(writer, TAG.test(html) ? html : html.replaceAll('<', '&lt;').replaceAll('\n', '<br>'));
  return writer.finish();
}

/**
 * The visible text of an HTML body, line by line, with what its elements say about quotation and signature. Text that a style hides is left
 * out, unless there is no other. Linear in the length of `html`; never throws.
 */
export function htmlLines(html: string): HtmlLine[] {
  const lines = linesOf(html, false);
  return lines.some(({ text }) => text !== '') ? lines : linesOf(html, true);
}

/** A line as text, with one `> ` for each quotation that a mail program made around it. */
export function lineText({ text, depth, marks }: HtmlLine): string {
  return marks.has('cite') ? `${'> '.repeat(depth)}${text}`.trimEnd() : text;
}

/** The visible text of an HTML body. */
export function linesAsText(lines: readonly HtmlLine[]): string {
  return lines.map(lineText).join('\n').trim();
}
