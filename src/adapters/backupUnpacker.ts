import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DamagedArchive, type TarEntry } from './tarArchive.ts';

/** Files on their way to the disk at the same time. */
const SYNCED_AT_ONCE = 32;

/** Writes the files of an archive, each once, and puts them on the disk beside the writing of the next ones. */
export class Unpacker implements AsyncDisposable {
  private readonly folder: string;
  private readonly folders = new Set<string>();
  private readonly paths = new Set<string>();
  private syncing: Promise<void>[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  wrote(path: string): boolean {
    return this.paths.has(path);
  }

  async write({ name, chunks }: TarEntry): Promise<{ size: number; sha256: string }> {
    if (this.paths.has(name)) throw new DamagedArchive(`${name} is there twice`);
    const path = join(this.folder, name);
    await this.makeFolder(dirname(path));
    const hash = createHash('sha256');
    let size = 0;
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        await file.writeFile(chunk);
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    this.paths.add(name);
    this.syncing.push(syncAndClose(file));
    if (this.syncing.length >= SYNCED_AT_ONCE) await this.settle();
    return { size, sha256: hash.digest('hex') };
  }

  /** Everything that was written is on the disk. @throws Error when something could not be put there */
  async finish(): Promise<void> {
    await this.settle();
    for (const path of this.folders) await syncPath(path);
  }

  private async makeFolder(path: string): Promise<void> {
    if (this.folders.has(path)) return;
    if (path !== this.folder) await this.makeFolder(dirname(path));
    await mkdir(path, { recursive: true, mode: 0o700 });
    this.folders.add(path);
  }

  private async settle(): Promise<void> {
    const syncing = this.syncing;
    this.syncing = [];
    const failed = (await Promise.allSettled(syncing)).find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.syncing);
  }
}

async function syncAndClose(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** fsync of a folder. */
export async function syncPath(path: string): Promise<void> {
  await syncAndClose(await open(path, 'r'));
}
