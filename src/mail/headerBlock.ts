import { isContact } from './contact.ts';
import { QUOTE_LOCALES } from './quoteLocales.ts';
import { withoutReplyPrefixes } from './subject.ts';

type Label = 'from' | 'sent' | 'to' | 'cc' | 'subject';
const LABELS: readonly Label[] = ['from', 'sent', 'to', 'cc', 'subject'];

/** Lines that one field may take (a long list of addresses), and lines that a block may take. */
const MAX_FIELD_LINES = 4;
const MAX_BLOCK_LINES = 16;

/** Where two languages give one word to two fields (`a`, `data`), the first field in this order has it. */
const LABEL_OF: ReadonlyMap<string, Label> = new Map(
  LABELS.toReversed().flatMap((label) => QUOTE_LOCALES.flatMap((locale) => locale[label].map((word): [string, Label] => [word, label]))),
);
/** `De: Ana`, `*Enviado el:* lunes`, `From : x`, `Envoyé le :jeudi`; not `https://x.co` for want of a known label. */
const FIELD = /^[*_\s]{0,4}(?<name>[^:：*_]{1,30}?)[*_\s]{0,5}[:：]/u;
const MAX_LINE = 1000;
/** A field after others in a line: `Sent:` of `From: Ana Sent: Monday`, with a capital letter; not `10:30`. */
const INNER_FIELD = /\s[*_]{0,2}(?<name>\p{Lu}\p{L}{1,12}(?:\s\p{Ll}{1,5})?)[*_]{0,2}\s?[:：]/gu;
/** Fields that no program shows above an earlier mail: who writes them pastes the head of a mail as the matter. `X-Mailer: y`, `Received: by y`; not `Date: y`. */
const TECHNICAL_FIELD =
  /^(?:x-[\w-]{1,60}|(?:dkim|arc)-[\w-]{1,60}|content-[\w-]{1,40}|received(?:-spf)?|return-path|delivered-to|message-id|mime-version|references|in-reply-to|authentication-results|user-agent|list-[\w-]{1,40}):/i;
/** An hour, as each program writes it into the date: `10:00`, `9.05`, `10h15`; not `12/03/2024`. */
const HOUR = /\p{Nd}[:.h]\p{Nd}{2}(?![\p{Nd}./])/u;
/** `De: Ana <ana@x.co>` and nothing else: a block of one field; not `De: Ana`. */
const LONE_FROM = /[:：][*_\s]{0,4}\S.{0,100}\s[<[][^\s<>[\]]{1,100}@[^\s<>[\]]{1,100}[>\]][*_\s]{0,4}$/;

/** Which header field a line holds. */
function labelOf(line: string): Label | undefined {
  const name = line.length <= MAX_LINE ? FIELD.exec(line)?.groups?.['name'] : undefined;
  // Programs write labels with a capital: `from: x` is a line of a configuration.
  return name === undefined || /^\p{Ll}/u.test(name) ? undefined : LABEL_OF.get(name.trim().toLowerCase());
}

/** Does a line begin with the label of a header field? */
export function isHeaderField(line: string): boolean {
  return labelOf(line) !== undefined;
}

/** Every header field in a line: some programs put the whole block into one, `From: Ana Sent: Monday To: Luis Subject: x`. */
function labelsIn(line: string): Label[] {
  const first = labelOf(line);
  if (first === undefined) return [];
  const further = [...line.matchAll(INNER_FIELD)].map(({ groups }) => LABEL_OF.get(groups!['name']!.toLowerCase()));
  return [first, ...further.filter((label) => label !== undefined)];
}

/** Does one of the lines around `start`, up to the next empty ones, hold a field that only a pasted head has? */
function isPastedHead(lines: readonly string[], start: number): boolean {
  let first = start;
  while (first > 0 && start - first < MAX_BLOCK_LINES && lines[first - 1]!.trim() !== '') first--;
  for (let i = first; i < lines.length && i < start + MAX_BLOCK_LINES && lines[i]!.trim() !== ''; i++)
    if (TECHNICAL_FIELD.test(lines[i]!)) return true;
  return false;
}

/** `"Ana" <ana@x.co>` alone in a line; not `De: Ana <ana@x.co>, Luis`. */
const SENDER_LINE = /^[*_\s]{0,4}[^<>@]{0,80}<[^\s<>@]{1,100}@[^\s<>@]{1,100}>[*_\s]{0,4}$/;
const MAX_DATE_LINE = 60;

/** The head as Lotus Notes lays it out: the sender and the date without labels, then labels alone in their lines, without colons. */
function isBareBlockAt(lines: readonly string[], start: number): boolean {
  const date = lines[start + 1]?.trim() ?? '';
  if (date.length > MAX_DATE_LINE || !HOUR.test(date) || !SENDER_LINE.test(lines[start]!)) return false;
  const labels = lines.slice(start + 2, start + MAX_BLOCK_LINES).map((line) => LABEL_OF.get(line.trim().toLowerCase()));
  return labels.includes('to') && labels.includes('subject');
}

/** Does a line hold the subject of an answer? `Asunto: RE: consulta`; not `Asunto: Traslado`. */
function isAnswered(line: string): boolean {
  const subject = line.replace(FIELD, '').replace(/^[*_\s]{1,5}/, '');
  return withoutReplyPrefixes(subject).prefixes.length > 0;
}

/**
 * Has a block without addresses the order in which programs write their fields? They begin with the sender, and only Outlook leaves out a
 * subject, an empty one; a person begins with whom he writes to, or goes from one thing to another (`De: Sede Norte`, `A: Sede Sur`).
 */
function isLaidOut(labels: ReadonlySet<Label>): boolean {
  const order = [...labels].join();
  return order.startsWith('from') && (labels.has('subject') || order === 'from,sent,to');
}

/** A field of a form, with any label: `Ambiente: producción`; not `Hola, Luis:`, not `10:30 error`. */
const FORM_FIELD = /^[*_\s]{0,4}\p{Lu}[\p{L}\s]{1,30}[*_\s]{0,5}:[*_\s]{0,4}\S/u;
/** A label as people write it over a memorandum: `PARA`; not `CC`, not `A`. */
const SHOUTED = /^[*_\s]{0,4}(?!cco?\s?:)\p{Lu}{2,20}[*_\s]{0,5}:/u;

/** Does a block belong to what a person fills in: does it go on a form, or is it headed as a memorandum is? A telephone above it ends a signature. */
function isFilledIn(lines: readonly string[], start: number): boolean {
  const above = lines[start - 1] ?? '';
  return SHOUTED.test(lines[start]!) || (above.length <= MAX_LINE && FORM_FIELD.test(above) && !isContact(above));
}

/** What a block of header fields says; only a program's says so much. */
interface Evidence {
  labels: ReadonlySet<Label>;
  addressed: boolean;
  /** With an address in brackets, as programs show it. */
  bracketed: boolean;
  dated: boolean;
  timed: boolean;
  answered: boolean;
}

function evidenceFrom(lines: readonly string[], start: number): Evidence {
  const labels = new Set<Label>();
  const evidence = { labels, addressed: false, bracketed: false, dated: false, timed: false, answered: false };
  let field: Label | undefined;
  let spaced: boolean | undefined;
  let gap = 0;
  for (let i = start; i < lines.length && i < start + MAX_BLOCK_LINES && gap < MAX_FIELD_LINES; i++) {
    const line = lines[i]!.trim();
    const found = labelsIn(line);
    const apart = i > start && lines[i - 1]!.trim() === '';
    if (line === '' ? labels.size > 1 : apart && found.length === 0) break;
    if (found.length > 0 && i > start) {
      // Empty lines stand between all fields or between none: what stands above one of them is a line of the author's.
      if (spaced === true && !apart) return { ...evidence, labels: new Set() };
      spaced ??= apart;
    }
    gap = found.some((label) => !labels.has(label)) ? 0 : gap + 1;
    field = found.at(-1) ?? field;
    for (const label of found) if (label !== 'cc') labels.add(label);
    // A long list of addresses goes on in the next line; some programs put each value there.
    const holds = (label: Label): boolean => found.includes(label) || (found.length === 0 && field === label && line !== '');
    if ((holds('from') || holds('to')) && /[^\s@]@[^\s@]/.test(line)) evidence.addressed = true;
    if (evidence.addressed && /[<[(][^\s@]{1,100}@/.test(line)) evidence.bracketed = true;
    if (holds('sent') && /\p{Nd}/u.test(line)) evidence.dated = true;
    if (holds('sent') && HOUR.test(line)) evidence.timed = true;
    if (found[0] === 'subject' && isAnswered(line)) evidence.answered = true;
  }
  return evidence;
}

/**
 * Does the header block of an earlier mail begin at `lines[start]`? It has two of From, Sent, To, Subject at least, one of them From or Sent,
 * and addresses, an hour or the subject of an answer: a form has such labels too (`De: Bodega`, `Fecha: 3 de mayo`).
 */
export function isHeaderBlockAt(lines: readonly string[], start: number): boolean {
  const first = labelOf(lines[start]!);
  if (first === undefined) return isBareBlockAt(lines, start);
  if (first === 'cc' || isPastedHead(lines, start)) return false;
  if (first === 'from' && LONE_FROM.test(lines[start]!) && (start === 0 || lines[start - 1]!.trim() === '')) return true;
  const { labels, addressed, bracketed, dated, timed, answered } = evidenceFrom(lines, start);
  if (!labels.has('from') && !labels.has('sent')) return false;
  // Neither a date nor an address in brackets: what a log or a template shows of a mail is no earlier one.
  if (!bracketed && !answered && !labels.has('sent')) return false;
  if (labels.size >= 3) return addressed || (timed && isLaidOut(labels) && !isFilledIn(lines, start)) || (answered && labels.has('from'));
  return labels.size === 2 && addressed && (dated || labels.has('from'));
}
