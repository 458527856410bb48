import { type Attributes, type Mark, markOf } from './htmlMarks.ts';
import { OpenElements, type Trait } from './openElements.ts';

/** One line of the visible text of an HTML body. */
export interface HtmlLine {
  /** Without line end or trailing blanks; `''` for an empty line. */
  text: string;
  /** How many quotations it stands in. */
  depth: number;
  /** The marks of the elements that it stands in. */
  marks: ReadonlySet<Mark>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Elements that begin and end a line. */
const BLOCKS = words(
  'address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody tfoot thead tr ul',
);
/** Those with an empty line above and below. */
const SPACED = words('p h1 h2 h3 h4 h5 h6 ul ol dl pre blockquote');
/** Elements whose content is not text of the mail. */
const UNSEEN = words('script style title template noframes object select svg math audio video iframe');
/** Elements that have no content and no closing tag. */
const VOID = words('area base basefont col embed frame input link meta param source track wbr');

/** Lines kept apart; what follows is one more line with line ends in it, so that millions of tags cost little memory. */
const MAX_LINES = 100_000;
const MAX_LISTS = 100;
const MAX_ADDRESS = 2000;
const MAX_LABEL = 200;
const MAX_STYLE = 1000;

/** Blanks that are not single spaces; most text has none, and is left as it is. */
const UNEVEN_BLANKS = /[\t\r\n\f]| {2}/;
/** `display: none` and its relatives in a style attribute; not `display:inline`. */
const HIDDEN_STYLE = /(?:^|[;\s])(?:display:\s?none|visibility:\s?hidden|mso-hide:\s?all)/i;
/** `white-space: pre-wrap`; not `white-space: normal`. */
const KEEPS_BLANKS = /white-space:\s?(?:pre|break-spaces)/i;
/** `margin:0cm`, `margin-bottom: 0`, as Outlook gives its paragraphs: no empty line follows; not `margin:0.5em`. */
const NO_MARGIN = /margin(?:-bottom)?:\s?0(?![.\d]{0,9}[1-9])/i;

/** Does the label of a link already tell its address? `www.itac.co` does for `http://www.itac.co/`, `Pague aquí` does not. */
function tellsAddress(label: string, address: string): boolean {
  const bare = (text: string): string => {
    const lower = text.toLowerCase().replace(/^(?:mailto:|https?:\/\/|ftp:\/\/)/, '');
    return lower.replace(/^www\./, '').replace(/\/$/, '');
  };
  return bare(label) === bare(address);
}

function isTight(tag: string, attributes: Attributes): boolean {
  return tag === 'p' && (/mso/i.test(attributes['class'] ?? '') || NO_MARGIN.test((attributes['style'] ?? '').slice(0, MAX_STYLE)));
}

/** Lays out the text of an HTML body in lines while its tags go by. Linear in their number, whatever their order. */
export class LineWriter {
  private readonly lines: HtmlLine[] = [];
  private readonly elements = new OpenElements();
  private readonly showHidden: boolean;

  /** Text since the last tag, not yet laid out. */
  private unread = '';
  private line = '';
  private lineDepth = 0;
  private lineMarks: ReadonlySet<Mark>;
  /** What must stand before the next text: a blank, an empty line, ` | ` between cells, the bullet of a list item. */
  private blank = false;
  private gap = false;
  private separator = '';
  private bullet = '';

  /** The next number of each open list; 0 for a list with bullets. */
  private readonly lists: number[] = [];
  /** For each open table the index of the line on which its present row began; -1 before the row has text. */
  private readonly rows: number[] = [];
  private link: { address: string; label: string } | null = null;

  /** @param showHidden whether text that a style hides is laid out too */
  constructor(showHidden: boolean) {
    this.showHidden = showHidden;
    this.lineMarks = this.elements.marks;
  }

  text(chunk: string): void {
    this.unread += chunk;
  }

  openTag(tag: string, attributes: Attributes): void {
    this.layOut();
    if (tag === 'br' || tag === 'img' || tag === 'hr') {
      if (!this.elements.has('unseen')) this.lone(tag, attributes);
      return;
    }
    if (VOID.has(tag)) return;
    if (BLOCKS.has(tag)) this.breakLine(SPACED.has(tag) && !isTight(tag, attributes));
    // The line is ended before its marks change.
    const trait = this.traitOf(tag, attributes);
    if (trait !== undefined && trait !== 'unseen' && trait !== 'verbatim') this.breakLine(false);
    this.elements.enter(tag, trait);
    this.shape(tag, attributes);
  }

  closeTag(tag: string): void {
    this.layOut();
    if (tag === 'a') this.endLink();
    else if (tag === 'li') this.bullet = '';
    else if (tag === 'ul' || tag === 'ol') this.lists.pop();
    else if (tag === 'table') this.rows.pop();
    if (BLOCKS.has(tag)) this.breakLine(SPACED.has(tag) && tag !== 'p');
    if (this.elements.leave(tag)) this.breakLine(false);
  }

  finish(): HtmlLine[] {
    this.layOut();
    this.endLink();
    this.breakLine(false);
    return this.lines;
  }

  private traitOf(tag: string, attributes: Attributes): Trait | undefined {
    if (UNSEEN.has(tag)) return 'unseen';
    const style = attributes['style']?.slice(0, MAX_STYLE) ?? '';
    if (!this.showHidden && (attributes['hidden'] !== undefined || (style !== '' && HIDDEN_STYLE.test(style)))) return 'unseen';
    const mark = markOf(tag, attributes);
    // A bare quotation inside the earlier mail was made by a program.
    if (mark) return mark === 'block' && this.elements.has('history') ? 'cite' : mark;
    return tag === 'pre' || (style !== '' && KEEPS_BLANKS.test(style)) ? 'verbatim' : undefined;
  }

  /** Elements without content. */
  private lone(tag: 'br' | 'img' | 'hr', attributes: Attributes): void {
    if (tag === 'br') this.endLine();
    else if (tag === 'img') {
      const label = attributes['alt']?.trim() ?? '';
      if (label === '' || label.length > MAX_LABEL) return;
      this.put(`[${label}]`);
      if (this.link) this.link.label += label;
    } else {
      this.breakLine(false);
      this.elements.enter(tag, this.traitOf(tag, attributes));
      this.put('________________________________');
      this.breakLine(false);
    }
  }

  /** What gives the text its shape: links, lists, tables. */
  private shape(tag: string, attributes: Attributes): void {
    if (tag === 'a') {
      this.endLink();
      const address = (attributes['href'] ?? '').trim();
      if (/^(?:https?|ftp|mailto):/i.test(address)) this.link = { address, label: '' };
    } else if (tag === 'ul' || tag === 'ol') {
      if (this.lists.length < MAX_LISTS) this.lists.push(tag === 'ol' ? Number.parseInt(attributes['start'] ?? '1', 10) || 1 : 0);
    } else if (tag === 'li') {
      const number = this.lists.at(-1) ?? 0;
      this.bullet = number > 0 ? `${number}. ` : '- ';
      if (number > 0) this.lists[this.lists.length - 1] = number + 1;
    } else if (tag === 'table') {
      if (this.rows.length < MAX_LISTS) this.rows.push(-1);
    } else if (tag === 'tr') {
      if (this.rows.length > 0) this.rows[this.rows.length - 1] = -1;
    } else if (tag === 'td' || tag === 'th') this.beginCell();
  }

  /** Cells of one line each stand on one line, ` | ` between them; a cell of several lines begins a line of its own. */
  private beginCell(): void {
    const rowBegan = this.rows.at(-1) ?? -1;
    const written = this.lines.length + (this.line === '' ? 0 : 1);
    if (rowBegan < 0 || written !== rowBegan + 1) {
      this.breakLine(false);
      return;
    }
    if (this.line === '') this.reopenLine();
    this.separator = ' | ';
    this.blank = false;
    this.gap = false;
  }

  private endLink(): void {
    const link = this.link;
    this.link = null;
    if (!link || this.elements.has('unseen')) return;
    const label = link.label.trim();
    if (label === '' || tellsAddress(label, link.address)) return;
    this.blank = true;
    this.put(`<${link.address.slice(0, MAX_ADDRESS)}>`);
  }

  private layOut(): void {
    const chunk = this.unread;
    this.unread = '';
    if (chunk === '' || this.elements.has('unseen')) return;
    if (this.link && this.link.label.length < MAX_ADDRESS) this.link.label += chunk;
    if (this.elements.has('verbatim')) {
      for (const [i, line] of chunk.split(/\r?\n/).entries()) {
        if (i > 0) this.endLine();
        this.put(line.replaceAll('\u00a0', ' '));
      }
      return;
    }
    // White space collapses, no-break spaces do not.
    const collapsed = UNEVEN_BLANKS.test(chunk) ? chunk.replace(/[ \t\r\n\f]+/g, ' ') : chunk;
    const [from, to] = [collapsed.startsWith(' ') ? 1 : 0, collapsed.endsWith(' ') ? -1 : undefined];
    if (from === 1) this.blank = true;
    this.put(collapsed.slice(from, to).replaceAll('\u00a0', ' '));
    if (to === -1) this.blank = true;
  }

  private put(text: string): void {
    if (text === '') return;
    if (this.line === '') this.beginLine();
    else if (this.separator !== '') this.line += this.separator;
    else if (this.blank) this.line += ' ';
    this.line += text;
    this.separator = '';
    this.blank = false;
    this.gap = false;
  }

  private beginLine(): void {
    const { depth, marks } = this.elements;
    const last = this.lines.at(-1);
    // The empty line between two blocks belongs to the shallower quotation.
    if (this.gap && last && last.text !== '')
      this.lines.push({ text: '', ...(last.depth < depth ? { depth: last.depth, marks: last.marks } : { depth, marks }) });
    this.lineDepth = depth;
    this.lineMarks = marks;
    if (this.rows.at(-1) === -1) this.rows[this.rows.length - 1] = this.lines.length;
    this.line = this.bullet;
    this.bullet = '';
  }

  /** Ends the line if anything stands on it. A block that begins a cell does not part it from the cell before. */
  private breakLine(withGap: boolean): void {
    if (this.separator !== '') return;
    if (this.line !== '') this.endLine();
    this.blank = false;
    if (withGap) this.gap = true;
  }

  /** Ends the line, empty or not; of several empty lines in a row one is kept. */
  private endLine(): void {
    const text = this.line.trimEnd();
    const { depth, marks } = this.line === '' ? this.elements : { depth: this.lineDepth, marks: this.lineMarks };
    const last = this.lines.at(-1);
    if (this.lines.length > MAX_LINES) last!.text += `\n${text}`;
    else if (text !== '' || last?.text !== '') this.lines.push({ text, depth, marks });
    this.line = '';
    this.blank = false;
    this.separator = '';
    this.gap = false;
  }

  private reopenLine(): void {
    const last = this.lines.pop()!;
    this.line = last.text;
    this.lineDepth = last.depth;
    this.lineMarks = last.marks;
  }
}
