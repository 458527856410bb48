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
 * Reads the header section (RFC 5322 2.1) and leaves the body to be read. Blanks and a byte order mark on top are skipped, and a body that follows the last
 * field without an empty line is still the body.
 * @throws ParseRefusal `header-too-large`
 */
export async function cutHead(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, maxHeaderBytes: number): Promise<Cut> {
  const source = withLineFeeds(chunks);
  let read: Buffer = Buffer.alloc(0);
  let searchFrom = 0;
  for (;;) {
    const next = await source.next();
    if (!next.done) read = searchFrom === 0 ? withoutBlanks(Buffer.concat([read, next.value])) : Buffer.concat([read, next.value]);
    const end = endOfHead(read, searchFrom) ?? (next.done ? { head: read.length, body: read.length } : null);
    const size = end?.head ?? read.length;
    if (size > maxHeaderBytes) throw new ParseRefusal('header-too-large', `el encabezado pasa de ${maxHeaderBytes} octetos`);
    if (end) {
      const lastField = endOfFields(read.subarray(0, end.head));
      const body = lastField < end.head ? lastField : end.body;
      return { head: read.subarray(0, lastField), body: rest(read.subarray(body), source) };
    }
    searchFrom = Math.max(0, read.length - 3);
  }
}

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
    if (read[lf + 1] === LF) return { head: lf + 1, body: lf + 2 };
    if (read[lf + 1] === CR && read[lf + 2] === LF) return { head: lf + 1, body: lf + 3 };
  }
  return null;
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
