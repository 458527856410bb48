import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Splitter, type SplitterChunk } from '@zone-eu/mailsplit';
import { firstField, readFields } from './headers.ts';
import { type ParseLimits, ParseRefusal } from './limits.ts';
import type { HeaderField } from './message.ts';
import { type Part, partOf } from './part.ts';
import { type TransferDecoder, transferDecoder } from './transferEncoding.ts';

/** What is done with the decoded octets of one leaf. */
export interface PartReader {
  write(chunk: Buffer): void | Promise<void>;
  end(): void | Promise<void>;
  /** The rest will not come. */
  drop?(): void | Promise<void>;
}

/**
 * Cuts a body into its parts and hands the decoded octets of each leaf to a reader of its own. Nested messages are leaves.
 * @returns the root part, and the multiparts whose boundary was not found in them
 * @throws ParseRefusal at a limit
 */
export async function readParts(
  fields: readonly HeaderField[],
  body: AsyncIterable<Buffer>,
  limits: ParseLimits,
  readerOf: (part: Part) => PartReader,
): Promise<{ root: Part; unopened: Part[] }> {
  const tree = await readTree(fields, body, limits, readerOf);
  const unopened = tree.unopened();
  for (const [part, content] of unopened) part.children.push(...(await partsWithin(part, content, limits, readerOf)));
  return { root: tree.root(fields), unopened: unopened.map(([part]) => part) };
}

/**
 * The content of a multipart in which its boundary never appears: cut at the line that looks like a boundary, or taken as text, so that
 * nothing is lost.
 */
async function partsWithin(part: Part, content: Buffer, limits: ParseLimits, readerOf: (part: Part) => PartReader): Promise<Part[]> {
  const boundary = likelyBoundary(content);
  const type = boundary ? `${part.type}; boundary="${boundary}"` : 'text/plain';
  const tree = await readTree([{ name: 'content-type', value: type }], chunksOf(content), limits, readerOf);
  const root = tree.root([]);
  const parts = boundary ? root.children : [root];
  for (const child of parts) child.parent = part;
  return parts;
}

async function* chunksOf(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** Matches the line `--=_X_2152-afeea336`; not `-- ` and not `---------- Forwarded message ----------`. */
const BOUNDARY_LINE = /^--([A-Za-z0-9'()+_,./:=?-]{6,70})\r?$/m;

function likelyBoundary(content: Buffer): string | null {
  return BOUNDARY_LINE.exec(content.toString('latin1'))?.[1] ?? null;
}

async function readTree(
  fields: readonly HeaderField[],
  body: AsyncIterable<Buffer>,
  limits: ParseLimits,
  readerOf: (part: Part) => PartReader,
): Promise<Tree> {
  const tree = new Tree(limits, readerOf);
  const splitter = new Splitter({ ignoreEmbedded: true, maxHeadSize: limits.maxHeaderBytes, maxChildNodes: limits.maxParts });
  try {
    await pipeline(Readable.from(withMimeHead(fields, body), { objectMode: false }), splitter, (pieces: AsyncIterable<SplitterChunk>) =>
      tree.take(pieces, fields),
    );
  } catch (error) {
    await tree.drop();
    throw limitMet(error) ?? error;
  }
  return tree;
}

/** The splitter sees only the fields that say how the body is built, as they were understood here. */
async function* withMimeHead(fields: readonly HeaderField[], body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const names = ['content-type', 'content-transfer-encoding', 'content-disposition'];
  const lines = names.map((name) => ({ name, value: firstField(fields, name) })).filter(({ value }) => value !== null);
  yield Buffer.from(`${lines.map(({ name, value }) => `${name}: ${value}\r\n`).join('')}mime-version: 1.0\r\n\r\n`);
  yield* body;
}

function limitMet(error: unknown): ParseRefusal | null {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== 'EMAXLEN') return null;
  return new ParseRefusal(error.message.includes('header') ? 'header-too-large' : 'too-many-parts', error.message);
}

interface OpenLeaf {
  reader: PartReader;
  decoder: TransferDecoder;
  /** A line end at the start that waits for what follows; null before the first octets. */
  lineEnd: Buffer | null;
}

const NOTHING = Buffer.alloc(0);

function isLineEnd(octets: Buffer): boolean {
  return octets.length <= 2 && octets.at(-1) === 0x0a && (octets.length === 1 || octets[0] === 0x0d);
}

class Tree {
  readonly #limits: ParseLimits;
  readonly #readerOf: (part: Part) => PartReader;
  readonly #parts = new Map<object, Part>();
  /** What stands before the first part of each multipart. */
  readonly #preambles = new Map<Part, { chunks: Buffer[]; room: number }>();
  /** The first charset that a part declares: raw 8-bit names of files are written in it. */
  #charset: string | null = null;
  #root: Part | null = null;
  #open: OpenLeaf | null = null;

  constructor(limits: ParseLimits, readerOf: (part: Part) => PartReader) {
    this.#limits = limits;
    this.#readerOf = readerOf;
  }

  async take(pieces: AsyncIterable<SplitterChunk>, rootFields: readonly HeaderField[]): Promise<void> {
    for await (const piece of pieces) {
      if (piece.type === 'node') {
        await this.#close();
        const parent = piece.parentNode ? (this.#parts.get(piece.parentNode) ?? this.#root) : null;
        const part = partOf(parent ? readFields(piece.getHeaders(), this.#charset) : rootFields, parent);
        this.#charset ??= part.params['charset'] ?? null;
        this.#add(piece, part);
        if (!piece.multipart) this.#open = { reader: this.#readerOf(part), decoder: transferDecoder(piece.encoding || ''), lineEnd: null };
      } else if (piece.type === 'body' && this.#open) {
        await this.#write(this.#open, piece.value);
      } else if (piece.type === 'data') {
        this.#collectPreamble(this.#parts.get(piece.node), piece.value);
      }
    }
    await this.#close();
  }

  /** Multiparts in which no part was found, with what stands in them. */
  unopened(): [Part, Buffer][] {
    const empty = [...this.#preambles].filter(([part]) => part.children.length === 0);
    return empty.map(([part, { chunks }]) => [part, Buffer.concat(chunks)]);
  }

  #collectPreamble(part: Part | undefined, value: Buffer): void {
    if (!part || part.children.length > 0) return;
    const preamble = this.#preambles.get(part) ?? { chunks: [], room: this.#limits.maxTextChars };
    this.#preambles.set(part, preamble);
    if (preamble.room > 0) preamble.chunks.push(value.subarray(0, preamble.room));
    preamble.room -= value.length;
  }

  root(fields: readonly HeaderField[]): Part {
    return this.#root ?? partOf(fields, null);
  }

  #add(node: object, part: Part): void {
    this.#parts.set(node, part);
    if (part.depth > this.#limits.maxDepth) throw new ParseRefusal('too-deep', `partes anidadas a más de ${this.#limits.maxDepth} niveles`);
    if (this.#parts.size > this.#limits.maxParts) throw new ParseRefusal('too-many-parts', `más de ${this.#limits.maxParts} partes`);
    if (part.parent) part.parent.children.push(part);
    else this.#root = part;
  }

  /** The splitter leaves the line end of the boundary in a part that is empty otherwise: one that nothing follows is not written. */
  async #write(leaf: OpenLeaf, octets: Buffer): Promise<void> {
    if (leaf.lineEnd === null && isLineEnd(octets)) {
      leaf.lineEnd = octets;
      return;
    }
    if (leaf.lineEnd?.length) await leaf.reader.write(leaf.decoder.write(leaf.lineEnd));
    leaf.lineEnd = NOTHING;
    await leaf.reader.write(leaf.decoder.write(octets));
  }

  /** Forgets the leaf that was being read. */
  async drop(): Promise<void> {
    await this.#open?.reader.drop?.();
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    const { reader, decoder } = this.#open;
    await reader.write(decoder.end());
    await reader.end();
    this.#open = null;
  }
}
