import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RawFolder, writeHashed } from './rawFolder.ts';

/** A place for messages that are only looked at: they can be read back by path until it is closed, then nothing is left of them. */
export function spool(): RawFolder {
  let folder: string | undefined;
  return {
    async keep(chunks) {
      folder ??= await mkdtemp(join(tmpdir(), 'buzon-'));
      const path = join(folder, randomUUID());
      return { ...(await writeHashed(path, chunks, folder)), path };
    },
    makeDurable: () => Promise.resolve(),
    async close() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}
