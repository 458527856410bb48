import { ParseRefusal } from './limits.ts';

/** A message cut where its header section ends. */
export interface Cut {
  /** The header section as it came, without the empty line that ends it. */
  head: Buffer;
  body: AsyncIterable<Buffer>;
}

const LF = 0x0a;
const CR = 0x0d;
/** Scripts and editors write it on top of a file in UTF-8; it would make the first field no field. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Reads the header section (RFC 5322 2.1) and leaves the body to be read. Blanks and a byte order mark on top are skipped, a body that follows the last
 * field without an empty line is still the body, and MIME fields behind an empty line too many are still fields.
 * @throws ParseRefusal `header-too-large`
 */
export async function cutHead(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, maxHeaderBytes: number): Promise<Cut> {
  const source = withLineFeeds(chunks);
  const first = await readHead(Buffer.alloc(0), source, maxHeaderBytes, withoutBlanks);
  if (first.head > maxHeaderBytes) throw new ParseRefusal('header-too-large', `el encabezado pasa de ${maxHeaderBytes} octetos`);
  const lastField = endOfFields(first.read.subarray(0, first.head));
  const head = first.read.subarray(0, lastField);
  const begun = first.read.subarray(lastField < first.head ? lastField : first.body);
  if (lastField < first.head || !mayBeMimeField(begun)) return { head, body: rest(begun, source) };
  const second = await mimeFields(head, begun, source);
  return { head: second.head.length === 0 ? head : Buffer.concat([head, second.head]), body: rest(second.body, source) };
}

/** What was read, and where in it the header section ends and the body begins. */
interface Seen {
  read: Buffer;
  head: number;
  body: number;
}

/** Reads on until the header section ends, or until more than `max` octets are read. */
async function readHead(begun: Buffer, source: AsyncIterator<Buffer>, max: number, tidied = (read: Buffer) => read): Promise<Seen> {
  let read = begun;
  let searchFrom = 0;
  for (;;) {
    const end = endOfHead(read, searchFrom);
    if (end) return { read, ...end };
    if (read.length > max) return { read, head: read.length, body: read.length };
    searchFrom = Math.max(0, read.length - MAX_CRS - 1);
    const next = await source.next();
    if (next.done) return { read, head: read.length, body: read.length };
    read = read.length === 0 ? next.value : Buffer.concat([read, next.value]);
    if (searchFrom === 0) read = tidied(read);
  }
}

/** Octets of MIME fields that are looked for below the header section. */
const MAX_MIME_FIELDS = 16 * 1024;
/** Matches `MIME-Version: 1.0` and `Content-Type : x`; not `Contenido: x`. */
const MIME_FIELD = /^(?:mime-version|content-[a-z-]{1,40})[ \t]{0,20}:/i;
const TYPE_FIELD = /^content-type[ \t]{0,20}:/im;
const FIRST_LETTERS = [...'mMcC'].map((letter) => letter.charCodeAt(0));

/** By its first octet, which few texts have; an empty body may still begin like one. */
function mayBeMimeField(body: Buffer): boolean {
  return body.length === 0 || FIRST_LETTERS.includes(body[0]!);
}

/** Scripts write an empty line too many, and all that tells how to read the body follows in it: the fields alone, where no type is declared above. */
async function mimeFields(head: Buffer, begun: Buffer, source: AsyncIterator<Buffer>): Promise<{ head: Buffer; body: Buffer }> {
  let body = begun;
  for (let next: IteratorResult<Buffer>; body.length < 60; body = Buffer.concat([body, next.value])) {
    next = await source.next();
    if (next.done) break;
  }
  if (!MIME_FIELD.test(body.subarray(0, 60).toString('latin1')) || TYPE_FIELD.test(head.toString('latin1'))) return { head: NOTHING, body };
  const { read, ...end } = await readHead(body, source, MAX_MIME_FIELDS);
  const fields = read.subarray(0, end.head);
  const areFields = end.body > end.head && endOfFields(fields) === fields.length && TYPE_FIELD.test(fields.toString('latin1'));
  return areFields ? { head: fields, body: read.subarray(end.body) } : { head: NOTHING, body: read };
}

const NOTHING = Buffer.alloc(0);

/** Line ends of old Macs, a lone CR, become LF when a message has no others. */
async function* withLineFeeds(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let onlyCr: boolean | null = null;
  for await (const chunk of chunks) {
    onlyCr ??= chunk.includes(CR) && !chunk.includes(LF);
    yield onlyCr ? Buffer.from(chunk.toString('latin1').replaceAll('\r', '\n'), 'latin1') : chunk;
  }
  return undefined;
}

function endOfHead(read: Buffer, from: number): { head: number; body: number } | null {
  for (let lf = read.indexOf(LF, from); lf >= 0; lf = read.indexOf(LF, lf + 1)) {
    const empty = emptyLine(read, lf + 1);
    if (empty > 0) return { head: lf + 1, body: lf + 1 + empty };
  }
  return null;
}

/** CRs that a line end may have: programs that write CRLF in text mode make two of one. */
export const MAX_CRS = 3;

/** Octets of the empty line that begins there; 0 when it is none. */
export function emptyLine(octets: Buffer, at: number): number {
  let end = at;
  while (octets[end] === CR && end - at < MAX_CRS) end++;
  return octets[end] === LF ? end + 1 - at : 0;
}

/** Where the lines begin that belong to no field; they are a body that lacks its empty line. */
export function endOfFields(head: Buffer): number {
  let end = 0;
  let inField = false;
  for (let at = 0; at < head.length; ) {
    const lf = head.indexOf(LF, at);
    const next = lf < 0 ? head.length : lf + 1;
    inField = isFold(head[at]!) ? inField : fieldName(head.subarray(at, next)) !== null;
    if (inField) end = next;
    at = next;
  }
  return end === 0 ? head.length : end;
}

export function isFold(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}

/** Matches `Subject:` and `Subject :`; not `From ana@x.co Mon Jul  6 10:00:00 2020` and not `Hola Ana:`. */
const FIELD_NAME = /^([!-9;-~]{1,200})[ \t]{0,20}:/;

/** The name that a header line begins with, as written; null for any other line. */
export function fieldName(line: Buffer): string | null {
  return FIELD_NAME.exec(line.subarray(0, 240).toString('latin1'))?.[1] ?? null;
}

function withoutBlanks(read: Buffer): Buffer {
  let at = read.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0;
  while (read[at] === LF || read[at] === CR || isFold(read[at] ?? 0)) at++;
  return read.subarray(at);
}

async function* rest(first: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}
