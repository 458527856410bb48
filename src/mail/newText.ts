import { isClosing } from './closing.ts';
import type { Author } from './contactBlock.ts';
import { isGreeting } from './greeting.ts';
import { htmlLines, linesAsText, lineText } from './html.ts';
import type { HtmlLine } from './lineWriter.ts';
import { isForwarded, opensWithAttribution, opensWithHeader, type Run, runsOf, saysNothing } from './quote.ts';
import { isEmpty, plainLine, plainLines, type QuoteLine } from './quoteLine.ts';
import { lineOfPassage } from './quoteWitness.ts';
import { isRule, leadsOver, signatureStart } from './signatureBlock.ts';
import { isWritten } from './written.ts';

/** What was written in a mail, what it quotes, and how its author signs; together they hold every line. */
export interface NewText {
  newText: string;
  quotedText: string;
  signature: string;
}

/** What the head of a mail tells about its text. */
export interface Head {
  /** Does the subject say that the mail was passed on? */
  forwarded: boolean;
  author: Author | null;
}
const NO_HEAD: Head = { forwarded: false, author: null };

/** A signature that the HTML marks is believed up to this many lines, if it reads like one: some programs put the whole answer into it. */
const MAX_MARKED_SIGNATURE = 20;

/**
 * Words with which an author points at the earlier mail: then it is part of what he says, be it passed on or answered in between.
 * `ver correo abajo`, `Respondo entre líneas`, `FYI`, `please see below`; not `trabajo`.
 */
const POINTS_BELOW =
  /(?<!\p{L})(?:abajo|entre\sl[ií]neas|(?:el|del)\ssiguiente\scorreo|reenv[ií]o|remito|para\s(?:su|tu)\s(?:informaci[oó]n|conocimiento|gesti[oó]n|atenci[oó]n)|below|inline|fyi|for\syour\sinformation|forwarding|abaixo|encaminho|para\s(?:seu|sua)\s(?:conhecimento|informa[cç][aã]o))(?!\p{L})/iu;
/** How answers are told from what they answer: `en rojo`, `in bold`, `entre líneas`; with them in one sentence: `mis respuestas en rojo`, not `el error sale en rojo`. */
const MARKED =
  '(?:(?<!\\p{L})(?:en|em|in)\\s(?:color\\s)?(?:rojo|azul|verde|amarillo|morado|negrill?a|may[uú]sculas?|vermelho|negrito|red|blue|green|bold|capitals)(?!\\p{L})|entre\\sl[ií]neas|(?<!\\p{L})in-?line(?!\\p{L}))';
const ANSWERS = '(?:respond|respuest|contest|comentarios|observaciones|aclaraciones|answer|comments|replies|respost|coment[aá]rios)';
const ANSWERS_MARKED = new RegExp(`${ANSWERS}[^.]{0,60}${MARKED}|${MARKED}[^.]{0,60}${ANSWERS}`, 'iu');
const MAX_POINTER = 600;
/** Empty lines and rules that may stand between the earlier mail and what leads over to it. */
const MAX_GAP = 5;
/** Words that ask for something to be done with what is passed on: `Por favor su apoyo`, `Les comparto`, `please check`; not `Ya quedó resuelto`. */
const ASKS =
  /(?<!\p{L})(?:por\sfavor|favor|ay[uú]d|apoy|colabor|gesti[oó]n|atend|atenci[oó]n|revis|verific|compart|solicit|please|help|assist|look\sinto|por\sgentileza|ajud|segue)/iu;
/** A cover note for what is passed on says no more. */
const MAX_COVER_NOTE = 300;

const MAX_PLACEHOLDER = 300;
/** What a mail program puts instead of the text when it sends only HTML: `Your email client does not support HTML`; not `adjunto el HTML`. */
const NO_TEXT =
  /(?:html|navegador|browser).{0,80}(?:support|soporta|admite|enabled|habilitad|view|ver\b|verlo|mostrar|capable|compatible)|(?:support|soporta|admite|display|mostrar|view|ver\s|visualiza).{0,80}(?:html|navegador|browser)/iu;

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
  const signed = lines.filter((line) => line.said === 'signature' && line.bare !== '').map((line) => line.bare);
  return signed.length <= MAX_MARKED_SIGNATURE && !isWritten(signed)
    ? lines
    : lines.map((line) => (line.said === 'signature' ? { ...line, said: null } : line));
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
function withoutSignatures(lines: readonly QuoteLine[], runs: readonly Run[], author: Author | null): Run[] {
  const out: Run[] = [];
  let done = false;
  for (const run of runs.toReversed()) {
    if (run.kind !== 'text') {
      out.push(run);
      continue;
    }
    const found =
      run.start +
      signatureStart(
        lines.slice(run.start, run.end).map((line) => line.text),
        author,
      );
    if (done) {
      // A program that lets its author write below the quotation leaves the signature above it.
      out.push(found === run.start ? { ...run, kind: 'signature' } : run);
      continue;
    }
    const at = lines.slice(found, run.end).some((line) => line.bare.trim() !== '') ? found : run.end;
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

/**
 * Is the earlier mail part of what the author says? It is when the line above leads over to it; and when he points at it, or passes it on, and
 * says little more. What a program introduces with an attribution it quotes by itself.
 */
function pointsAtHistory(newText: string, lines: readonly QuoteLine[], { kind, start, end }: Run, forwarded: boolean): boolean {
  const quoted = lines.slice(start, end);
  const headed = opensWithHeader(quoted);
  const above = lines.slice(Math.max(0, start - MAX_GAP), start).findLast((line) => !isEmpty(line) && !isRule(line.bare));
  if ((headed || kind !== 'intro') && above !== undefined && leadsOver(above.bare)) return true;
  if (newText.length > MAX_POINTER) return false;
  if (ANSWERS_MARKED.test(newText)) return true;
  if (!headed) return false;
  if (POINTS_BELOW.test(newText)) return true;
  return newText.length <= MAX_COVER_NOTE && (forwarded || (isForwarded(quoted) && ASKS.test(newText)));
}

/** Is a run the earlier mail, or part of one, as a program tells? Nobody only greets: without it what stands below a greeting was written, too. */
function isIntroduced(lines: readonly QuoteLine[], { kind, start, end }: Run): boolean {
  if (kind !== 'quote' && kind !== 'history') return kind === 'intro';
  const quoted = lines.slice(start, end);
  // Outlook's line is drawn by people, too.
  if (kind === 'quote' ? quoted[0]!.said !== null : quoted.every((line) => line.said !== 'divider')) return true;
  return opensWithHeader(quoted) || opensWithAttribution(quoted);
}

function split(input: readonly QuoteLine[], head: Head): NewText {
  const found = runsOf(input);
  const { lines } = found;
  const runs = withoutSignatures(lines, found.runs, head.author);
  const parts = partsOf(lines, runs);
  const collect = (...wanted: Part[]): string =>
    textOf(runs.flatMap((run, i) => (wanted.includes(parts[i]!) ? lines.slice(run.start, run.end).map((line) => line.text) : [])));
  const newText = collect('new');
  const quoted = runs[parts.indexOf('quoted')];
  if (newText === '' || (isGreeting(newText) && !runs.some((run) => isIntroduced(lines, run))))
    return { newText: collect('new', 'quoted', 'signature'), quotedText: '', signature: '' };
  if (quoted && pointsAtHistory(newText, lines, quoted, head.forwarded))
    return { newText: collect('new', 'quoted'), quotedText: '', signature: collect('signature') };
  return { newText, quotedText: collect('quoted'), signature: collect('signature') };
}

/**
 * Parts the text of a mail with the help of its HTML: it says where the quotation begins when the words of the text do not, and that quoted
 * lines are the author's own when the text, where each quotation has the same marks, cannot tell.
 */
function splitWithWitness(lines: readonly QuoteLine[], html: readonly HtmlLine[], head: Head): NewText {
  const byWords = split(lines, head);
  if (html.every((line) => line.marks.size === 0)) return byWords;
  const byElements = split(linesOfHtml(html), head);
  if (byElements.quotedText === '') {
    const own = byWords.quotedText.startsWith('>') && html.some((line) => line.marks.has('block'));
    return own
      ? split(
          lines.map((line) => ({ ...line, bare: line.text, depth: 0 })),
          head,
        )
      : byWords;
  }
  if (byWords.quotedText !== '') return byWords;
  const texts = lines.map((line) => line.text);
  const at = lineOfPassage(texts, `${byElements.newText}${byElements.signature}`, byElements.quotedText);
  return at < 0
    ? byWords
    : split(
        lines.map((line, i) => (i === at ? { ...line, said: 'divider' } : line)),
        head,
      );
}

/**
 * Parts what was written in this mail from what it quotes and from the signature. Nothing is thrown away: each line is in one of the three,
 * and what is doubtful stays in `newText`. Linear in the length of its input; never throws.
 *
 * When a mail has both forms, the text is parted, for its lines are the author's own; the HTML is the witness that tells in any language
 * where the quotation begins, and is asked when the words of the text do not. A text made from the HTML, or missing, leaves the HTML alone.
 * @param linesOf reads the HTML, or knows it already
 */
export function newTextOf(
  { text, html, head = NO_HEAD }: { text: string; html: string | null; head?: Head },
  linesOf: typeof htmlLines = htmlLines,
): NewText {
  if (html === null || html.trim() === '') return split(plainLines(text), head);
  const plain = text.trim();
  const lines = linesOf(html);
  const whole = linesAsText(lines);
  const placeholder = plain.length < MAX_PLACEHOLDER && whole.length > plain.length && NO_TEXT.test(plain);
  if (plain === '' || plain === whole || placeholder) return split(linesOfHtml(lines), head);
  return splitWithWitness(plainLines(text), lines, head);
}
