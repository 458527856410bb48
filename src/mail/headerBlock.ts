import { QUOTE_LOCALES } from './quoteLocales.ts';

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
/** `De: Ana <ana@x.co>` and nothing else: a block of one field; not `De: Ana`. */
const LONE_FROM = /[:：][*_\s]{0,4}\S.{0,100}\s[<[][^\s<>[\]]{1,100}@[^\s<>[\]]{1,100}[>\]][*_\s]{0,4}$/;

/** Which header field a line holds. */
function labelOf(line: string): Label | undefined {
  const name = line.length <= MAX_LINE ? FIELD.exec(line)?.groups?.['name'] : undefined;
  return name === undefined ? undefined : LABEL_OF.get(name.trim().toLowerCase());
}

/** Every header field in a line: some programs put the whole block into one, `From: Ana Sent: Monday To: Luis Subject: x`. */
function labelsIn(line: string): Label[] {
  const first = labelOf(line);
  if (first === undefined) return [];
  const further = [...line.matchAll(INNER_FIELD)].map(({ groups }) => LABEL_OF.get(groups!['name']!.toLowerCase()));
  return [first, ...further.filter((label) => label !== undefined)];
}

/**
 * Does the header block of an earlier mail begin at `lines[start]`? It has two of From, Sent, To, Subject at least, one of them From or Sent,
 * and the fewer they are the more addresses and dates.
 */
export function isHeaderBlockAt(lines: readonly string[], start: number): boolean {
  const first = labelOf(lines[start]!);
  if (first === undefined || first === 'cc') return false;
  if (first === 'from' && LONE_FROM.test(lines[start]!) && (start === 0 || lines[start - 1]!.trim() === '')) return true;
  const found = new Set<Label>();
  let addressed = false;
  let dated = false;
  let gap = 0;
  for (let i = start; i < lines.length && i < start + MAX_BLOCK_LINES && gap < MAX_FIELD_LINES; i++) {
    const line = lines[i]!.trim();
    const labels = labelsIn(line);
    if (line === '' && found.size > 1) break;
    gap = labels.some((label) => !found.has(label)) ? 0 : gap + 1;
    for (const label of labels) if (label !== 'cc') found.add(label);
    if ((labels.includes('from') || labels.includes('to')) && /[^\s@]@[^\s@]/.test(line)) addressed = true;
    if (labels.includes('sent') && /\d/.test(line)) dated = true;
  }
  if (!found.has('from') && !found.has('sent')) return false;
  if (found.size >= 3) return found.size === 4 || addressed || (dated && found.has('subject'));
  return found.size === 2 && addressed && (dated || found.has('from'));
}
