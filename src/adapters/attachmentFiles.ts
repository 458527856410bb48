import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AttachmentSink } from '../mail/leaves.ts';

/** Up to this size an attachment is written only when its bytes are not there yet. */
const MAX_HELD_BYTES = 256 * 1024;

/**
 * Keeps attachments under their SHA-256, `ab/abcdef…`, so that the same logo is stored once. Nothing that the sender wrote gets into a path.
 * The store makes them durable with the messages that name them.
 * @param folder made when missing; folders and files are readable by the owner only
 */
export function attachmentFiles(folder: string): () => AttachmentSink {
  return () => {
    let held: Buffer[] = [];
    let heldBytes = 0;
    let file: TemporaryFile | null = null;

    async function writeHeld(): Promise<TemporaryFile> {
      file ??= await temporaryFile(folder);
      const bytes = Buffer.concat(held);
      held = [];
      heldBytes = 0;
      await file.handle.writeFile(bytes);
      return file;
    }

    async function drop(): Promise<void> {
      if (!file) return;
      await file.handle.close();
      await rm(file.path, { force: true });
    }

    return {
      async write(chunk) {
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes > MAX_HELD_BYTES) await writeHeld();
      },
      async keep(sha256, size) {
        const path = join(folder, sha256.slice(0, 2), sha256);
        if (await holds(path, size)) return drop();
        const written = await writeHeld();
        await written.handle.close();
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(written.path, path);
      },
      drop,
    };
  };
}

interface TemporaryFile {
  handle: FileHandle;
  path: string;
}

async function temporaryFile(folder: string): Promise<TemporaryFile> {
  const temporaryFolder = join(folder, 'tmp');
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
  const path = join(temporaryFolder, randomUUID());
  return { handle: await open(path, 'wx', 0o600), path };
}

/** One that a power failure left short is not held. */
async function holds(path: string, size: number): Promise<boolean> {
  try {
    return (await stat(path)).size === size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
