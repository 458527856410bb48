import { Parser } from 'htmlparser2';
import type { Capability, CorpusCase } from './corpusFolder.ts';

/** What is said about one case, in the form of a results file of the corpus's own scorer. */
export interface CorpusResult {
  id: string;
  recorded: boolean;
  error: string | null;
  parsed?: {
    subject: string;
    from: Mailbox;
    to: Mailbox[];
    cc: Mailbox[];
    text: string;
    html: string | null;
    message_id: string | null;
    attachments: { filename: string; size: number; sha256: string; content_type: string }[];
  };
  reply?: string;
  is_bounce?: boolean;
  recipients?: string[];
  suppress_autoreply?: boolean;
}

interface Mailbox {
  name: string;
  address: string;
}

/** What the manifests may expect; only the fields present count. */
interface Expected {
  subject?: string;
  from?: { name?: string; address?: string };
  to?: { address?: string }[];
  cc?: { address?: string }[];
  text?: string;
  texts?: string[];
  core?: string;
  text_contains?: string[];
  html_contains?: string[];
  words?: string[];
  attachments?: { filename?: string; size?: number }[];
  attachment_names?: string[];
  attachment_names_any?: string[];
  attachments_include?: { filename: string; size: number }[];
  attachment_sha256_any?: string[];
  attachment_count?: number;
  message_id?: string;
  match?: string;
  contains?: string[];
  absent?: string[];
  absent_words?: string[];
  is_bounce?: boolean;
  recipients?: string[];
  recipients_any?: string[];
  suppress_autoreply?: boolean;
}

export type Checks = Record<string, boolean>;

/** Fields that are reported but decide nothing. */
const SOFT = new Set(['from_name', 'attachment_count', 'to', 'cc']);

const CHECKS: Record<Capability, (expected: Expected, result: CorpusResult) => Checks> = {
  parse: checkParse,
  'reply-trim': checkTrim,
  bounce: checkBounce,
  auto: (expected, result) => ({ suppress_autoreply: result.suppress_autoreply === expected.suppress_autoreply }),
  robust: (_, result) => ({ recorded: result.recorded && !result.error }),
};

export function check(row: CorpusCase, result: CorpusResult): { passed: boolean; checks: Checks } {
  const checks = CHECKS[row.capability](row.expected, result);
  const passed = Object.entries(checks).every(([name, right]) => right || (row.capability === 'parse' && SOFT.has(name)));
  return { passed, checks };
}

function checkParse(expected: Expected, result: CorpusResult): Checks {
  const checks: Checks = {};
  const mail = result.parsed;
  const text = mail?.text ?? '';
  const html = mail?.html ?? '';
  const attachments = mail?.attachments ?? [];
  const names = attachments.map((attachment) => folded(attachment.filename));
  if (expected.subject !== undefined) checks['subject'] = folded(mail?.subject) === folded(expected.subject);
  if (expected.from?.address) checks['from'] = bare(mail?.from.address) === bare(expected.from.address);
  if (expected.from?.name) checks['from_name'] = unquoted(folded(mail?.from.name)) === unquoted(folded(expected.from.name));
  for (const field of ['to', 'cc'] as const) {
    const wanted = expected[field];
    if (wanted) checks[field] = addressList(mail?.[field] ?? []) === addressList(wanted);
  }
  if (expected.text !== undefined) checks['text'] = folded(normalText(text)) === folded(normalText(expected.text));
  if (expected.text_contains) checks['text_contains'] = expected.text_contains.every((one) => folded(text).includes(folded(one)));
  if (expected.html_contains) checks['html_contains'] = expected.html_contains.every((one) => folded(html).includes(folded(one)));
  if (expected.words) {
    const have = new Set([...wordsOf(text), ...wordsOf(visibleText(html))]);
    checks['words'] = expected.words.filter((word) => have.has(word)).length >= 0.95 * expected.words.length;
  }
  if (expected.attachments) {
    const wanted = expected.attachments;
    const namedWell = wanted.every((one) => !one.filename || names.includes(folded(one.filename)));
    checks['attachment_files'] = attachments.length === wanted.length && namedWell;
    const sized = wanted.filter((one) => one.size !== undefined);
    if (sized.length > 0) checks['attachment_sizes'] = sized.every((one) => attachments.some((have) => sameFile(have, one)));
  }
  for (const field of ['attachment_names', 'attachment_names_any'] as const) {
    const wanted = expected[field];
    if (wanted) checks[field] = wanted.every((name) => names.includes(folded(name)));
  }
  if (expected.attachments_include)
    checks['attachments_include'] = expected.attachments_include.every((one) => attachments.some((have) => sameFile(have, one)));
  if (expected.attachment_sha256_any) {
    const have = new Set(attachments.map((attachment) => attachment.sha256));
    checks['attachment_sha256'] = expected.attachment_sha256_any.every((hash) => have.has(hash));
  }
  if (expected.attachment_count !== undefined) checks['attachment_count'] = attachments.length === expected.attachment_count;
  if (expected.message_id !== undefined) checks['message_id'] = bare(mail?.message_id) === bare(expected.message_id);
  return checks;
}

function sameFile(have: { filename: string; size: number }, wanted: { filename?: string; size?: number }): boolean {
  return (!wanted.filename || folded(have.filename) === folded(wanted.filename)) && have.size === wanted.size;
}

function checkTrim(expected: Expected, result: CorpusResult): Checks {
  if (result.reply === undefined) return { reply: false };
  const got = normalText(result.reply);
  const checks: Checks = { reply: isReply(expected, got) };
  if (expected.absent?.length) checks['quote_gone'] = !expected.absent.some((one) => folded(got).includes(folded(one)));
  if (expected.absent_words?.length) {
    const have = new Set(wordsOf(got));
    checks['quote_gone'] = expected.absent_words.filter((word) => have.has(word)).length <= 0.1 * expected.absent_words.length;
  }
  return checks;
}

function isReply(expected: Expected, got: string): boolean {
  const text = expected.text ?? '';
  switch (expected.match) {
    case 'norm':
      return got === normalText(text);
    case 'starts':
    case 'starts_norm':
      return [text, expected.core].some((one) => one && folded(got).startsWith(folded(normalText(one))));
    case 'nospace':
      return got.replace(/\s/g, '') === text.replace(/\s/g, '');
    case 'words': {
      const wanted = new Set(wordsOf(text));
      const have = new Set(wordsOf(got));
      return [...wanted].filter((word) => have.has(word)).length >= 0.95 * wanted.size;
    }
    case 'any_words':
      return (expected.texts ?? []).some((one) => sameSet(new Set(wordsOf(one)), new Set(wordsOf(got))));
    case 'contains':
      return (expected.contains ?? []).every((one) => folded(got).includes(folded(one)));
    case 'contains_lines': {
      const wanted = text
        .split('\n')
        .map(folded)
        .filter((line) => line.length > 3);
      return wanted.filter((line) => folded(got).includes(line)).length >= 0.9 * wanted.length;
    }
    default:
      return false;
  }
}

function checkBounce(expected: Expected, result: CorpusResult): Checks {
  const checks: Checks = { is_bounce: result.is_bounce === expected.is_bounce };
  const got = new Set((result.recipients ?? []).map(bare));
  if (expected.is_bounce && expected.recipients) checks['recipients'] = expected.recipients.every((one) => got.has(bare(one)));
  else if (expected.is_bounce && expected.recipients_any) checks['recipients'] = expected.recipients_any.some((one) => got.has(bare(one)));
  return checks;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function folded(text: string | null | undefined): string {
  return (text ?? '').normalize('NFC').replace(/\s+/g, ' ').trim();
}

function bare(address: string | null | undefined): string {
  return (address ?? '')
    .trim()
    .replace(/^[<>]+|[<>]+$/g, '')
    .toLowerCase();
}

function unquoted(name: string): string {
  return name.replace(/^["']+|["']+$/g, '');
}

function addressList(list: readonly { address?: string }[]): string {
  return list
    .filter((one) => one.address)
    .map((one) => bare(one.address))
    .sort()
    .join(' ');
}

function normalText(text: string): string {
  const lines = text.normalize('NFC').replace(/\r\n?/g, '\n').replaceAll('\u00a0', ' ').split('\n');
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Distinct words of letters, three at least, in lower case. */
function wordsOf(text: string): Set<string> {
  const plain = text.normalize('NFC').replace(/https?:\/\/\S+|\S+@\S+|\[\d+\]/g, ' ');
  return new Set(Array.from(plain.matchAll(/[\p{L}\p{Nl}\p{No}]{3,}/gu), (match) => match[0].toLowerCase()));
}

const BLOCKS = new Set('p div br tr li table h1 h2 h3 h4 h5 h6 blockquote ul ol pre hr td th body center dd dt'.split(' '));
const UNSEEN = new Set(['style', 'script', 'title']);

function visibleText(html: string): string {
  const out: string[] = [];
  let unseen = 0;
  const parser = new Parser({
    onopentagname: (name) => {
      if (UNSEEN.has(name)) unseen++;
      if (BLOCKS.has(name)) out.push('\n');
    },
    onclosetag: (name) => {
      if (UNSEEN.has(name) && unseen > 0) unseen--;
      if (BLOCKS.has(name)) out.push('\n');
    },
    ontext: (text) => {
      if (unseen === 0) out.push(text);
    },
  });
  parser.end(html);
  return out.join('');
}
