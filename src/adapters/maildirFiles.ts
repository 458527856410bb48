import { lstat, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from '../errors.ts';
import type { Listed, MessageRef } from '../mail/message.ts';
import { baseNameOf } from './maildir.ts';

/** Files that are asked for their size at a time. */
const STATS_AT_ONCE = 64;

/** What is wrong with a file and not with the disk: the others can be read, and it is offered again. */
export const OF_ONE_FILE = ['EACCES', 'EPERM', 'EISDIR', 'ELOOP'];

/** A message and where it lies. */
export interface Found extends Listed {
  path: string;
}

/** The messages of a Maildir, oldest first, those of one moment by name. */
export async function filesOf(folder: string): Promise<Found[]> {
  const found = new Map<MessageRef, Found>();
  for (const part of ['new', 'cur']) {
    const names = (await readdir(join(folder, part))).filter((name) => !name.startsWith('.')).sort();
    for (let i = 0; i < names.length; i += STATS_AT_ONCE) {
      const some = names.slice(i, i + STATS_AT_ONCE).map((name) => fileAt(join(folder, part, name)));
      for (const file of await Promise.all(some)) if (file !== null && !found.has(file.ref)) found.set(file.ref, file);
    }
  }
  return [...found.values()].sort(
    (a, b) => a.receivedAt.getTime() - b.receivedAt.getTime() || (basename(a.path) < basename(b.path) ? -1 : 1),
  );
}

/**
 * A regular file as a message; null for everything else. The time belongs to its name: a file of the same name that is dropped another day is
 * another message.
 */
async function fileAt(path: string): Promise<Found | null> {
  const stats = await ifPresent(lstat(path));
  if (stats === null || !stats.isFile()) return null;
  const ref = `maildir:${baseNameOf(basename(path))};m=${Math.floor(stats.mtimeMs)}`;
  return { ref, receivedAt: stats.mtime, size: stats.size, path };
}

/** The first octets of a file, at most `length` of them. */
export async function readStart(path: string, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Null when the file has vanished meanwhile. */
export async function ifPresent<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
