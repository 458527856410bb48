import { TAR_END, tarEntries, tarHeader, tarPadding } from '../../src/adapters/tarArchive.ts';

/** One file of a backup. */
export interface Packed {
  name: string;
  bytes: Buffer;
}

/** The files of an archive that is not compressed. */
export async function unpacked(archive: Buffer): Promise<Packed[]> {
  const files: Packed[] = [];
  for await (const { name, chunks } of tarEntries(pieces(archive))) {
    const read: Buffer[] = [];
    for await (const chunk of chunks) read.push(chunk);
    files.push({ name, bytes: Buffer.concat(read) });
  }
  return files;
}

export function packed(files: readonly Packed[]): Buffer {
  return Buffer.concat([
    ...files.flatMap(({ name, bytes }) => [tarHeader(name, bytes.length, new Date(0)), bytes, tarPadding(bytes.length)]),
    TAR_END,
  ]);
}

/** Octets as they come from a disk, cut where no block ends. */
export async function* pieces(bytes: Buffer, size = 1_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
