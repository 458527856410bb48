import { htmlLines, linesAsText, lineText } from './html.ts';
import type { HtmlLine } from './lineWriter.ts';
import { opensWithAttribution, opensWithHeader, type Run, runsOf, saysNothing } from './quote.ts';
import { plainLine, plainLines, type QuoteLine } from './quoteLine.ts';
import { lineOfPassage } from './quoteWitness.ts';
import { isClosing, signatureStart } from './signatureBlock.ts';

/** What was written in a mail, what it quotes, and how its author signs; together they hold every line. */
export interface NewText {
  newText: string;
  quotedText: string;
  signature: string;
}

/** A signature that the HTML marks is believed up to this many lines: some programs put the whole answer into it. */
const MAX_MARKED_SIGNATURE = 20;

/**
 * Words with which an author points at the earlier mail: then it is part of what he says, be it passed on or answered in between.
 * `ver correo abajo`, `Respondo abajo en rojo`, `FYI`, `please see below`; not `trabajo`.
 */
const POINTS_BELOW =
  /(?<!\p{L})(?:abajo|en\s(?:rojo|azul|verde)|el\ssiguiente\scorreo|reenv[ií]o|remito|para\s(?:su|tu)\s(?:informaci[oó]n|conocimiento|gesti[oó]n|atenci[oó]n)|below|inline|in\s(?:red|blue)|fyi|for\syour\sinformation|forwarding|abaixo|encaminho|em\svermelho|para\s(?:seu|sua)\s(?:conhecimento|informa[cç][aã]o))(?!\p{L})/iu;
const MAX_POINTER = 600;

/** What a mail program puts instead of the text when it sends only HTML: `Your email client does not support HTML`; not `adjunto el HTML`. */
const NO_TEXT =
  /(?:html|navegador|browser).{0,80}(?:support|soporta|admite|enabled|habilitad|view|ver\b|mostrar|capable|compatible)|(?:support|soporta|admite|display|mostrar|view|ver\s|visualiza).{0,80}(?:html|navegador|browser)/iu;

function markedBy({ marks }: HtmlLine): QuoteLine['said'] {
  if (marks.size === 0) return null;
  if (marks.has('divider')) return 'divider';
  if (marks.has('history')) return 'history';
  if (marks.has('cite')) return null;
  if (marks.has('intro')) return 'intro';
  if (marks.has('signature')) return 'signature';
  return marks.has('block') ? 'block' : null;
}

function linesOfHtml(html: readonly HtmlLine[]): QuoteLine[] {
  const lines = html.map((line) => ({ ...plainLine(lineText(line)), said: markedBy(line) }));
  const signed = lines.filter((line) => line.said === 'signature' && line.bare !== '').length;
  return signed <= MAX_MARKED_SIGNATURE ? lines : lines.map((line) => (line.said === 'signature' ? { ...line, said: null } : line));
}

type Part = 'new' | 'quoted' | 'signature';

/**
 * Which part each run belongs to. Quotations after the last thing written (a closing with a name does not count) are quoted text; so is an
 * introduced one above the only thing written. Those between written lines are kept with them: answers written into a quotation make no
 * sense without it.
 */
function partsOf(lines: readonly QuoteLine[], runs: readonly Run[]): Part[] {
  const written = (run: Run): boolean => run.kind === 'text' && !saysNothing(lines.slice(run.start, run.end));
  const first = runs.findIndex(written);
  const closes = (run: Run): boolean => isClosing(lines.slice(run.start, run.end).map((line) => line.text));
  const last = runs.findLastIndex((run, i) => written(run) && (i === first || !closes(run)));
  const introduced = runs
    .slice(0, Math.max(first, 0))
    .some((run) => run.kind === 'intro' || (run.kind === 'quote' && opensWithAttribution(lines.slice(run.start, run.end))));
  return runs.map((run, i) => {
    if (run.kind === 'signature') return 'signature';
    if (run.kind === 'text') return 'new';
    if (run.kind === 'intro' || run.kind === 'history' || i > last) return 'quoted';
    return i < first && introduced && first === last ? 'quoted' : 'new';
  });
}

/** Parts the signature from the last text, and so on upwards while a text was nothing else. */
function withoutSignatures(lines: readonly QuoteLine[], runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  let done = false;
  for (const run of runs.toReversed()) {
    if (done || run.kind !== 'text') {
      out.push(run);
      continue;
    }
    const at = run.start + signatureStart(lines.slice(run.start, run.end).map((line) => line.text));
    if (at < run.end) out.push({ ...run, kind: 'signature', start: at });
    if (at > run.start) out.push({ ...run, end: at });
    done = lines.slice(run.start, at).some((line) => line.bare.trim() !== '');
  }
  return out.reverse();
}

/** Lines as text, without the empty ones around them. */
function textOf(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line.trim() !== '');
  return first < 0 ? '' : lines.slice(first).join('\n').trimEnd();
}

/** Does the author point at an earlier mail that stands below with its header, saying little more than to look at it? */
function pointsAtHistory(newText: string, lines: readonly QuoteLine[], runs: readonly Run[], parts: readonly Part[]): boolean {
  if (newText.length > MAX_POINTER || !POINTS_BELOW.test(newText)) return false;
  const quoted = runs[parts.indexOf('quoted')];
  return quoted !== undefined && opensWithHeader(lines.slice(quoted.start, quoted.end));
}

function split(input: readonly QuoteLine[]): NewText {
  const found = runsOf(input);
  const { lines } = found;
  const runs = withoutSignatures(lines, found.runs);
  const parts = partsOf(lines, runs);
  const collect = (...wanted: Part[]): string =>
    textOf(runs.flatMap((run, i) => (wanted.includes(parts[i]!) ? lines.slice(run.start, run.end).map((line) => line.text) : [])));
  const newText = collect('new');
  if (newText === '') return { newText: collect('new', 'quoted', 'signature'), quotedText: '', signature: '' };
  if (pointsAtHistory(newText, lines, runs, parts))
    return { newText: collect('new', 'quoted'), quotedText: '', signature: collect('signature') };
  return { newText, quotedText: collect('quoted'), signature: collect('signature') };
}

/**
 * Parts the text of a mail with the help of its HTML: it says where the quotation begins when the words of the text do not, and that quoted
 * lines are the author's own when the text, where each quotation has the same marks, cannot tell.
 */
function splitWithWitness(lines: readonly QuoteLine[], html: readonly HtmlLine[]): NewText {
  const byWords = split(lines);
  if (html.every((line) => line.marks.size === 0)) return byWords;
  const byElements = split(linesOfHtml(html));
  if (byElements.quotedText === '') {
    const own = byWords.quotedText.startsWith('>') && html.some((line) => line.marks.has('block'));
    return own ? split(lines.map((line) => ({ ...line, bare: line.text, depth: 0 }))) : byWords;
  }
  if (byWords.quotedText !== '') return byWords;
  const texts = lines.map((line) => line.text);
  const at = lineOfPassage(texts, `${byElements.newText}${byElements.signature}`, byElements.quotedText);
  return at < 0 ? byWords : split(lines.map((line, i) => (i === at ? { ...line, said: 'divider' } : line)));
}

/**
 * Parts what was written in this mail from what it quotes and from the signature. Nothing is thrown away: each line is in one of the three,
 * and what is doubtful stays in `newText`. Linear in the length of its input; never throws.
 *
 * When a mail has both forms, the text is parted, for its lines are the author's own; the HTML is the witness that tells in any language
 * where the quotation begins, and is asked when the words of the text do not. A text made from the HTML, or missing, leaves the HTML alone.
 * @param linesOf reads the HTML, or knows it already
 */
export function newTextOf(input: { text: string; html: string | null }, linesOf: typeof htmlLines = htmlLines): NewText {
  const text = input.text.trim();
  if (input.html !== null && input.html.trim() !== '') {
    const html = linesOf(input.html);
    const whole = linesAsText(html);
    const placeholder = text.length < 300 && whole.length > text.length && NO_TEXT.test(text);
    if (text === '' || text === whole || placeholder) return split(linesOfHtml(html));
    return splitWithWitness(plainLines(input.text), html);
  }
  return split(plainLines(input.text));
}
