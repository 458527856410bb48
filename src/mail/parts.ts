import { isUtf8 } from 'node:buffer';
import { tellingCharset } from './charset.ts';
import { withoutComments } from './fields.ts';
import { emptyLine, endOfFields } from './head.ts';
import { charsetsOfFields, firstField, readFields } from './headers.ts';
import { type ParseLimits, ParseRefusal } from './limits.ts';
import type { HeaderField } from './message.ts';
import { type Part, partOf } from './part.ts';
import { PartCutter } from './partCutter.ts';
import { type TransferDecoder, transferDecoder } from './transferEncoding.ts';

/** What is done with the decoded octets of one leaf. */
export interface PartReader {
  write(chunk: Buffer): void | Promise<void>;
  end(): void | Promise<void>;
  /** The rest will not come. */
  drop?(): void | Promise<void>;
}

/** Of a multipart whose boundary does not appear; what is behind them is not read. */
const MAX_UNOPENED_BYTES = 16 * 1024 * 1024;
/** Of such multiparts inside each other. */
const MAX_UNOPENED_LEVELS = 5;

/**
 * Cuts a body into its parts and hands the decoded octets of each leaf to a reader of its own. Nested messages are leaves.
 * @returns the root part, and the multiparts whose boundary was not found in them
 * @throws ParseRefusal at a limit
 */
export async function readParts(
  fields: readonly HeaderField[],
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  limits: ParseLimits,
  readerOf: (part: Part) => PartReader,
): Promise<{ root: Part; unopened: Part[] }> {
  return readLevels(fields, body, { limits, readerOf, parts: 0 }, MAX_UNOPENED_LEVELS);
}

/** What is the same on all levels of one message. */
interface Reading {
  limits: ParseLimits;
  readerOf: (part: Part) => PartReader;
  /** How many there are so far. */
  parts: number;
}

async function readLevels(
  fields: readonly HeaderField[],
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  reading: Reading,
  levels: number,
  boundary: Buffer | null = null,
): Promise<{ root: Part; unopened: Part[] }> {
  const tree = await readTree(fields, body, reading, boundary);
  const unopened = tree.unopened();
  for (const [part, content] of unopened) part.children.push(...(await partsWithin(part, content, reading, levels)));
  return { root: tree.root, unopened: unopened.map(([part]) => part) };
}

/**
 * The content of a multipart in which its boundary never appears: cut at the line that looks like a boundary, or taken as text, so that
 * nothing is lost. Multiparts are never encoded as a whole (RFC 2045 6.4); some senders do it.
 */
async function partsWithin(part: Part, content: Buffer, reading: Reading, levels: number): Promise<Part[]> {
  const octets = isEncoded(part) ? decodedWhole(content, encodingOf(part)) : content;
  const boundary = levels > 0 ? likelyBoundary(octets) : null;
  const type = boundary ? part.type : 'text/plain';
  const { root } = await readLevels([{ name: 'content-type', value: type }], [octets], reading, levels - 1, boundary);
  const parts = boundary ? root.children : [root];
  for (const child of parts) child.parent = part;
  return parts;
}

function encodingOf(part: Part): string {
  return withoutComments(firstField(part.fields, 'content-transfer-encoding') ?? '');
}

function isEncoded(part: Part): boolean {
  return /base64|quoted/i.test(encodingOf(part)); // 'base64' but not '8bit'
}

function decodedWhole(content: Buffer, encoding: string): Buffer {
  const decoder = transferDecoder(encoding);
  return Buffer.concat([decoder.write(content), decoder.end()]);
}

/** A line above a field of a part: `--x` above `Content-Type: text/plain`; not `-- ` and not above `Saludos`. */
const BOUNDARY_ABOVE = /^--([^\r\n]{1,200}?)[ \t]{0,20}\r?\n(?=content-[a-z-]{1,40}[ \t]{0,9}:)/im;
/** Matches the line `--=_X_2152-afeea336`; not `-- ` and not `---------- Forwarded message ----------`. */
const BOUNDARY_LINE = /^--([A-Za-z0-9'()+_,./:=?-]{6,70})[ \t]{0,20}\r?$/m;

function likelyBoundary(content: Buffer): Buffer | null {
  const text = content.toString('latin1');
  const boundary = (BOUNDARY_ABOVE.exec(text) ?? BOUNDARY_LINE.exec(text))?.[1];
  return boundary === undefined ? null : Buffer.from(boundary, 'latin1');
}

async function readTree(
  fields: readonly HeaderField[],
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  reading: Reading,
  boundary: Buffer | null,
): Promise<Tree> {
  const tree = new Tree(fields, reading, boundary);
  const cutter = new PartCutter(tree.root, reading.limits.maxHeaderBytes, tree);
  try {
    for await (const chunk of body) await cutter.write(chunk);
    await cutter.end();
    await tree.end();
  } catch (error) {
    await tree.drop();
    throw error;
  }
  return tree;
}

interface OpenLeaf {
  part: Part;
  reader: PartReader;
  decoder: TransferDecoder;
}

class Tree {
  readonly root: Part;
  readonly #reading: Reading;
  /** What stands before the first part of each multipart. */
  readonly #preambles = new Map<Part, { chunks: Buffer[]; room: number }>();
  /** The charsets that parts have declared: raw 8-bit names of files are written in the first one that tells something. */
  readonly #charsets: string[] = [];
  #leaf: OpenLeaf | null = null;

  /** @param boundary of the root, when it was found and not declared */
  constructor(fields: readonly HeaderField[], reading: Reading, boundary: Buffer | null) {
    this.#reading = reading;
    this.root = partOf(fields, null);
    this.root.boundary ??= boundary;
    this.#add(this.root);
  }

  async begin(head: Buffer, parent: Part): Promise<Part> {
    await this.end();
    const fields = readFields(head, isUtf8(head) ? null : tellingCharset([...charsetsOfFields(this.root.fields), ...this.#charsets]));
    const part = partOf(fields, parent);
    parent.children.push(part);
    this.#add(part);
    // What no field holds is content: a part may lack the empty line that ends its header section, or the whole section.
    const rest = head.subarray(fields.length === 0 ? 0 : endOfFields(head));
    if (!isLineEnd(rest)) await this.content(part, rest);
    return part;
  }

  content(part: Part, octets: Buffer): void | Promise<void> {
    if (isMultipart(part)) this.#collectPreamble(part, octets);
    else if (this.#leaf?.part === part) return this.#leaf.reader.write(this.#leaf.decoder.write(octets));
  }

  async end(): Promise<void> {
    if (!this.#leaf) return;
    const { reader, decoder } = this.#leaf;
    await reader.write(decoder.end());
    await reader.end();
    this.#leaf = null;
  }

  /** Forgets the leaf that is being read. */
  async drop(): Promise<void> {
    await this.#leaf?.reader.drop?.();
  }

  /** Multiparts in which no part was found, with what stands in them. */
  unopened(): [Part, Buffer][] {
    const empty = [...this.#preambles].filter(([part]) => part.children.length === 0);
    return empty.map(([part, { chunks }]) => [part, Buffer.concat(chunks)]);
  }

  #add(part: Part): void {
    const { maxDepth, maxParts } = this.#reading.limits;
    this.#reading.parts++;
    if (part.depth > maxDepth) throw new ParseRefusal('too-deep', `partes anidadas a más de ${maxDepth} niveles`);
    if (this.#reading.parts > maxParts) throw new ParseRefusal('too-many-parts', `más de ${maxParts} partes`);
    if (part.params['charset']) this.#charsets.push(part.params['charset']);
    if (isMultipart(part)) return;
    this.#leaf = { part, reader: this.#reading.readerOf(part), decoder: transferDecoder(encodingOf(part)) };
  }

  #collectPreamble(part: Part, octets: Buffer): void {
    if (part.children.length > 0) return;
    const preamble = this.#preambles.get(part) ?? { chunks: [], room: MAX_UNOPENED_BYTES };
    this.#preambles.set(part, preamble);
    if (preamble.room > 0) preamble.chunks.push(octets.subarray(0, preamble.room));
    preamble.room -= octets.length;
  }
}

/** Is it nothing but one line end at most? */
function isLineEnd(octets: Buffer): boolean {
  return octets.length === emptyLine(octets, 0);
}

function isMultipart({ type }: Part): boolean {
  return type.startsWith('multipart/');
}
