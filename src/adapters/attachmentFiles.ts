import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AttachmentSink } from '../mail/leaves.ts';

/** Up to this size an attachment is written only when its bytes are not there yet. */
const MAX_HELD_BYTES = 256 * 1024;

/**
 * Keeps attachments under their SHA-256, `ab/abcdef…`, so that the same logo is stored once. Nothing that the sender wrote gets into a path.
 * The store makes them durable with the messages that name them. Waits for the disk, so it is for the parser's thread, which has nothing else to
 * do: handing each of these small steps to the pool of threads and back would cost several times the steps.
 * @param folder made when missing; folders and files are readable by the owner only
 */
export function attachmentFiles(folder: string): () => AttachmentSink {
  return () => {
    let held: Buffer[] = [];
    let heldBytes = 0;
    let file: TemporaryFile | null = null;

    function writeHeld(): TemporaryFile {
      file ??= temporaryFile(folder);
      for (const chunk of held) writeWhole(file.descriptor, chunk);
      held = [];
      heldBytes = 0;
      return file;
    }

    function close(): void {
      if (file?.open) closeSync(file.descriptor);
      if (file) file.open = false;
    }

    function drop(): void {
      close();
      if (file) rmSync(file.path, { force: true });
    }

    return {
      write(chunk) {
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes > MAX_HELD_BYTES) writeHeld();
      },
      keep(sha256, size) {
        const path = join(folder, sha256.slice(0, 2), sha256);
        if (holds(path, size)) return drop();
        const { path: written } = writeHeld();
        close();
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        renameSync(written, path);
      },
      drop,
    };
  };
}

interface TemporaryFile {
  descriptor: number;
  open: boolean;
  path: string;
}

function temporaryFile(folder: string): TemporaryFile {
  const temporaryFolder = join(folder, 'tmp');
  mkdirSync(temporaryFolder, { recursive: true, mode: 0o700 });
  const path = join(temporaryFolder, randomUUID());
  return { descriptor: openSync(path, 'wx', 0o600), open: true, path };
}

/** A disk that is nearly full takes only a part. */
function writeWhole(descriptor: number, chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
}

/** One that a power failure left short is not held. */
function holds(path: string, size: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === size;
}
