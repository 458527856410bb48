/**
 * The ustar format (POSIX.1-1988) as far as a backup needs it: plain files with short names, which every `tar` can list and unpack. Reading is
 * stricter than any `tar`: what is not exactly of this kind (links, folders, extended headers) is a fault of the archive.
 */
const BLOCK = 512;
const MAX_NAME = 100;
const MAGIC = 'ustar\0' + '00';
/** The size field holds eleven octal digits; larger sizes are written in base 256, as GNU tar does. */
const MAX_OCTAL_SIZE = 8 ** 11;

/** What follows the last file. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** The archive is cut off, or is not one of ours. */
export class DamagedArchive extends Error {}

export interface TarEntry {
  name: string;
  /** In octets, as the header says; `chunks` come to exactly that, or throw. */
  size: number;
  /** To be read to the end before the next entry is asked for. @throws DamagedArchive when the archive ends before */
  chunks: AsyncIterable<Buffer>;
}

/** The block before a file's octets: owner's reading and writing only, no user, no group. */
export function tarHeader(name: string, size: number, modifiedAt: Date): Buffer {
  if (Buffer.byteLength(name) >= MAX_NAME) throw new Error(`a name in a backup has less than ${MAX_NAME} octets: ${name}`);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 'latin1');
  header.write('0000600\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  writeSize(header, size);
  header.write(`${octal(Math.floor(modifiedAt.getTime() / 1000), 11)}\0`, 136, 'latin1');
  header.write('0', 156, 'latin1');
  header.write(MAGIC, 257, 'latin1');
  header.write(`${octal(checksumOf(header), 6)}\0 `, 148, 'latin1');
  return header;
}

/** What fills a file's last block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The files of an archive in their order; ends after the whole source was read. @throws DamagedArchive */
export async function* tarEntries(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void> {
  const octets = new Octets(source);
  for (;;) {
    const header = await octets.take(BLOCK);
    if (header.every((octet) => octet === 0)) break;
    const { name, size } = entryFrom(header);
    yield { name, size, chunks: octets.upTo(size) };
    await octets.take(tarPadding(size).length);
  }
  await octets.drain();
}

function entryFrom(header: Buffer): { name: string; size: number } {
  if (header.toString('latin1', 257, 265) !== MAGIC) throw new DamagedArchive('a block is no header of this format');
  if (parseOctal(header, 148, 6) !== checksumOf(header)) throw new DamagedArchive('the checksum of a header is wrong');
  if (header.toString('latin1', 156, 157) !== '0') throw new DamagedArchive('an entry is no plain file');
  const name = header.toString('latin1', 0, MAX_NAME);
  const end = name.indexOf('\0');
  if (end < 1) throw new DamagedArchive('an entry has no name');
  return { name: name.slice(0, end), size: readSize(header) };
}

/** The sum of a header's octets, its own field counted as spaces. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [at, octet] of header.entries()) if (at < 148 || at >= 156) sum += octet;
  return sum;
}

function writeSize(header: Buffer, size: number): void {
  if (size < MAX_OCTAL_SIZE) {
    header.write(`${octal(size, 11)}\0`, 124, 'latin1');
    return;
  }
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(size), 128);
}

function readSize(header: Buffer): number {
  if (header.readUInt8(124) !== 0x80) return parseOctal(header, 124, 11);
  const size = header.readBigUInt64BE(128);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new DamagedArchive('an entry has an impossible size');
  return Number(size);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function parseOctal(header: Buffer, at: number, digits: number): number {
  const text = header.toString('latin1', at, at + digits);
  if (!/^[0-7]{1,11}$/.test(text)) throw new DamagedArchive('a number in a header is none'); // 00000001750; not 0000000175x
  return Number.parseInt(text, 8);
}

/** Takes octets off a source in pieces of the sizes asked for. */
class Octets {
  private readonly source: AsyncIterator<Uint8Array>;
  private held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.upTo(count)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** As many octets as asked for, in pieces as they come. */
  async *upTo(count: number): AsyncGenerator<Buffer, void> {
    for (let left = count; left > 0; ) {
      if (this.held.length === 0 && !(await this.fill())) throw new DamagedArchive('it ends in the middle');
      const piece = this.held.subarray(0, left);
      this.held = this.held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Reads what is left: the check at the end of a compressed archive lies behind its last file. */
  async drain(): Promise<void> {
    while (await this.fill());
  }

  private async fill(): Promise<boolean> {
    const { done, value } = await this.source.next();
    if (!done) this.held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return !done;
  }
}
