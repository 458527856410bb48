import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, codeOf } from '../errors.ts';
import { reached } from '../milestones.ts';
import type { Store } from '../ports.ts';
import { worldError } from './sqliteDatabase.ts';

/** A temporary file of this age belongs to no running process any more. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Where messages are kept byte for byte, each under its SHA-256: `raw/ab/abcd….eml`. */
export interface RawFolder {
  keep: Store['keep'];
  /**
   * Puts kept messages, attachments (by their SHA-256) and the folders that name them on the disk, all at once. @throws AppError when that fails or
   * a message is not there; an attachment that is not there can be made again from its message.
   */
  makeDurable(rawIds: ReadonlySet<string>, attachments: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

/** Path of a kept message in a data folder. */
export function rawPath(folder: string, rawId: string): string {
  return join(folder, 'raw', rawId.slice(0, 2), `${rawId}.eml`);
}

/** Path of an attachment's decoded bytes in a data folder; the sender's file name has no part in it. */
export function attachmentPath(folder: string, sha256: string): string {
  return join(folder, 'attachments', sha256.slice(0, 2), sha256);
}

/** Opens the kept mail of a data folder, and clears away what an earlier process left half written. */
export async function openRawFolder(folder: string, now: Date): Promise<RawFolder> {
  const temporaryFolder = join(folder, 'raw', 'tmp');
  try {
    await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
    for (const each of [temporaryFolder, join(folder, 'attachments', 'tmp')]) await clearAbandoned(each, now);
    await syncPath(folder);
  } catch (error) {
    throw worldError(error, 'could not open the folder of kept mail', folder);
  }
  /** Written by this process and not yet on the disk: after a failed fsync their bytes cannot be trusted. */
  const fresh = new Set<string>();
  /** Folders whose own name was put on the disk by this process. */
  const named = new Set<string>();

  async function makeDurable(rawIds: ReadonlySet<string>, attachments: ReadonlySet<string>): Promise<void> {
    const files = [...attachments].map((sha256) => attachmentPath(folder, sha256));
    const folders = new Set([...rawIds].map((rawId) => dirname(rawPath(folder, rawId))));
    if ([...folders].some((path) => !named.has(path))) folders.add(join(folder, 'raw'));
    const results = await Promise.allSettled([
      ...[...rawIds].map((rawId) => syncRaw(rawId)),
      ...[...folders].map((path) => syncPath(path)),
      ...files.flatMap((path) => [syncIfThere(path), syncIfThere(dirname(path))]),
    ]);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw worldError(failure.reason, 'could not put kept mail on the disk', folder);
    for (const path of folders) named.add(path);
  }

  async function syncRaw(rawId: string): Promise<void> {
    const path = rawPath(folder, rawId);
    try {
      await syncPath(path);
      fresh.delete(rawId);
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        throw new AppError('STORE_FAILED', `the bytes of ${rawId} are not there`, { temporary: true, cause: error });
      if (fresh.delete(rawId)) await rm(path, { force: true });
      throw error;
    }
  }

  function explain(error: unknown): never {
    throw worldError(error, 'could not keep a message', folder);
  }

  return {
    async keep(chunks) {
      const temporary = join(temporaryFolder, randomUUID());
      try {
        const { rawId, size } = await writeHashed(temporary, chunks, folder);
        reached('message.written');
        const path = rawPath(folder, rawId);
        if (await place(temporary, path, rawId).catch(explain)) fresh.add(rawId);
        reached('message.kept');
        return { rawId, size, path };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    makeDurable,
    close: () => Promise.resolve(),
  };
}

/** Writes the chunks to a new file and tells their SHA-256 and length. An error of the chunks' source comes through as it is. */
export async function writeHashed(
  path: string,
  chunks: Parameters<Store['keep']>[0],
  folder: string,
): Promise<{ rawId: string; size: number }> {
  const explain = (error: unknown): never => {
    throw worldError(error, 'could not keep a message', folder);
  };
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx', 0o600).catch(explain);
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk).catch(explain);
    }
  } finally {
    await file.close();
  }
  return { rawId: hash.digest('hex'), size };
}

/** True when the file is there and whole; one that a power failure left empty is not. */
async function holds(path: string, sha256: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === sha256;
}

/** Gives a written message its name, unless that file is there already. True when it was not. */
async function place(temporary: string, path: string, sha256: string): Promise<boolean> {
  if (await holds(path, sha256)) {
    await rm(temporary);
    return false;
  }
  await moveInto(temporary, path);
  return true;
}

async function moveInto(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(temporary, path);
  }
}

/** Removes what a process that is no more left half written; `isTemporary` tells such names where others lie beside them. */
export async function clearAbandoned(
  temporaryFolder: string,
  now: Date,
  isTemporary: (name: string) => boolean = () => true,
): Promise<void> {
  const names = await readdir(temporaryFolder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter(isTemporary)) {
    const path = join(temporaryFolder, name);
    const writtenAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      (error: unknown) => {
        if (codeOf(error) === 'ENOENT') return Infinity; // another process has finished with it meanwhile
        throw error;
      },
    );
    if (writtenAt < now.getTime() - ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

async function syncIfThere(path: string): Promise<void> {
  try {
    await syncPath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** fsync of a file or folder; reading permission is enough for it. */
async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
