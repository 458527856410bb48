import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { parseAddresses } from './addresses.ts';
import { authorOf, authorWarnings } from './author.ts';
import { type Body, bodyOf } from './body.ts';
import { calendarLine } from './calendar.ts';
import { tellingCharset } from './charset.ts';
import { decodeWords } from './encodedWords.ts';
import { withoutComments } from './fields.ts';
import { fingerprint } from './fingerprint.ts';
import { cutHead } from './head.ts';
import { charsetsOfFields, firstField, messageIdOf, messageIds, readFields } from './headers.ts';
import { htmlLines, linesAsText } from './html.ts';
import { type AttachmentSink, Leaves } from './leaves.ts';
import { PARSE_LIMITS, type ParseLimits, ParseRefusal } from './limits.ts';
import type { HtmlLine } from './lineWriter.ts';
import type { Attachment, HeaderField, ParsedMail, ParseResult } from './message.ts';
import { neutralLine } from './neutral.ts';
import { newTextOf } from './newText.ts';
import type { Part } from './part.ts';
import { readParts } from './parts.ts';
import { protectionOf } from './protection.ts';
import { isForwardPrefix, withoutReplyPrefixes } from './subject.ts';

export interface ParseOptions {
  limits?: ParseLimits;
  /** Opens a place for the octets of the next attachment; without it they are measured only. */
  openSink?: (() => AttachmentSink) | undefined;
  /** False leaves the HTML out of the result, when nobody will show it: it is larger than all the rest. */
  keepHtml?: boolean | undefined;
}

/** Reads one message (RFC 5322, 2045-2049, 2231). What is wrong with it is told in the result; only a broken input or sink throws. */
export async function parseMail(input: Readable | Buffer, options: ParseOptions = {}): Promise<ParseResult> {
  try {
    return await read(Buffer.isBuffer(input) ? [input] : input, options);
  } catch (error) {
    if (error instanceof ParseRefusal) return { ok: false, cause: error.refusal, because: error.message };
    throw error;
  } finally {
    if (!Buffer.isBuffer(input)) input.destroy(); // a message that is refused is not read to its end
  }
}

async function read(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  { limits = PARSE_LIMITS, openSink, keepHtml = true }: ParseOptions,
): Promise<ParseResult> {
  const { head, body } = await cutHead(chunks, limits.maxHeaderBytes);
  const firstLook = readFields(head);
  if (!isHeaderSection(firstLook)) return { ok: false, cause: 'unreadable', because: 'no tiene encabezado' };

  const print = fingerprint(firstLook);
  const leaves = new Leaves(limits, openSink);
  const { root, unopened } = await readParts(firstLook, watched(body, limits.maxBytes, print.body), limits, (part) =>
    leaves.readerOf(part),
  );
  for (const part of unopened) leaves.warnings.add(`${part.type} sin su delimitador: se leyó lo que se pudo`);
  const charset = leaves.isSettled && isUtf8(head) ? null : tellingCharset([...charsetsOfTexts(root), ...charsetsOfFields(firstLook)]);
  leaves.settle(charset);
  const fields = isUtf8(head) ? firstLook : readFields(head, charset);
  const mail = mailOf(fields, root, leaves, print.digest());
  return { ok: true, mail: keepHtml ? mail : { ...mail, html: null } };
}

function mailOf(fields: readonly HeaderField[], root: Part, leaves: Leaves, digest: string): ParsedMail {
  const linesOf = rememberedLines();
  const { text, html, formsDiffer } = readable(root, leaves, (markup) => linesAsText(linesOf(markup)));
  const { from, fromField, count } = authorOf(fields);
  const subject = neutralLine(decodeWords(firstField(fields, 'subject') ?? ''));
  const addresses = (name: string) => fields.filter((field) => field.name === name).flatMap((field) => parseAddresses(field.value));
  return {
    messageId: messageIdOf(firstField(fields, 'message-id')),
    inReplyTo: messageIds(firstField(fields, 'in-reply-to')),
    references: capped(messageIds(firstField(fields, 'references'))),
    date: dateOf(firstField(fields, 'date')),
    from,
    fromField,
    sender: addresses('sender')[0] ?? null,
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    returnPath: returnPathOf(firstField(fields, 'return-path')),
    subject,
    text,
    html,
    ...newTextOf(
      { text, html, head: { forwarded: isForwardPrefix(withoutReplyPrefixes(subject).prefixes[0] ?? ''), author: from } },
      linesOf,
    ),
    attachments: leaves.attachments.map(({ attachment }) => ({ ...attachment, inline: isInline(attachment, html) })),
    headers: [...fields],
    contentType: { type: root.type, params: root.params },
    reports: leaves.reports,
    protection: protectionOf(root, text),
    warnings: [
      ...authorWarnings(fields, fromField, count),
      ...leaves.warnings,
      ...(formsDiffer ? ['el texto y el HTML dicen cosas distintas'] : []),
    ],
    fingerprint: digest,
  };
}

/** One of these is in every message that a mail program or server made. */
const COMMON_FIELDS = new Set([
  'from',
  'to',
  'subject',
  'date',
  'received',
  'message-id',
  'mime-version',
  'content-type',
  'return-path',
  'sender',
]);

function isHeaderSection(fields: readonly HeaderField[]): boolean {
  return fields.some((field) => COMMON_FIELDS.has(field.name));
}

async function* watched(body: AsyncIterable<Buffer>, maxBytes: number, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new ParseRefusal('too-large', `el cuerpo pasa de ${maxBytes} octetos`);
    see(chunk);
    yield chunk;
  }
}

/** The charsets that its texts declare: raw 8-bit fields and texts without a declaration are written in the same. */
function* charsetsOfTexts(part: Part): Generator<string | undefined> {
  if (part.type.startsWith('text/')) yield part.params['charset'];
  for (const child of part.children) yield* charsetsOfTexts(child);
}

/** The text of the mail; of a mail that has none, what is in its named text parts; and a line about each invitation. */
function readable(root: Part, leaves: Leaves, htmlToText: (html: string) => string): Body {
  const body = bodyOf(root, leaves.texts, htmlToText);
  const said = body.text.trim() !== '' || leaves.spareTexts.size === 0 ? body : bodyOf(root, leaves.spareTexts, htmlToText);
  const calendars = leaves.reports.filter((report) => report.contentType === 'text/calendar');
  const lines = calendars.map((report) => calendarLine(report.text, said.text)).filter((line) => line !== null);
  return lines.length === 0 ? said : { ...said, text: [said.text.trimEnd(), ...lines].join('\n\n').trimStart() };
}

/** Reads each HTML body once: its text is wanted for the mail and again to find what is new in it. */
function rememberedLines(): typeof htmlLines {
  const known = new Map<string, HtmlLine[]>();
  return (html) => {
    const lines = known.get(html) ?? htmlLines(html);
    known.set(html, lines);
    return lines;
  };
}

function isInline(attachment: Attachment, html: string | null): boolean {
  const { contentId, inline } = attachment;
  if (inline || contentId === null || html === null) return inline;
  return html.includes(`cid:${contentId}`) || html.includes(`cid:${encodeURIComponent(contentId)}`); // RFC 2392 2
}

const MAX_REFERENCES = 100;

/** The first one names the thread, the last ones its newest messages. */
function capped(ids: string[]): string[] {
  return ids.length <= MAX_REFERENCES ? ids : [ids[0]!, ...ids.slice(1 - MAX_REFERENCES)];
}

/** Months that programs write in Spanish or Portuguese and that begin otherwise in English: `ene`; not `jun`. */
const MONTHS: Readonly<Record<string, string>> = {
  ...{ ene: 'jan', fev: 'feb', abr: 'apr', mai: 'may', ago: 'aug', set: 'sep', out: 'oct', dic: 'dec', dez: 'dec' },
};
const MONTH = /(?<=\d[\s-]{1,5}|de )(ene|fev|abr|mai|ago|set|out|di[cz]|dez)\p{L}{0,10}/iu; // '6 ago' but not 'agosto'

function dateOf(value: string | null): Date | null {
  const written = withoutComments(value ?? '')
    .slice(0, 200)
    .replace(/\s*:\s*/g, ':')
    .replace(/(?<= \d\d?)\.(\d\d)\.(\d\d)(?= |$)/, ':$1:$2') // '10.00.00' but not '6.7.2020 '
    .replace(MONTH, (_, month: string) => MONTHS[month.toLowerCase()] ?? month);
  const date = new Date(written);
  return Number.isNaN(date.getTime()) ? null : date;
}

function returnPathOf(value: string | null): string | null {
  return value === null ? null : (parseAddresses(value)[0]?.address ?? '');
}
