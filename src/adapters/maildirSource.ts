import { existsSync, type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError, codeOf, reasonOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Listed, MessageRef, RawMessage } from '../mail/message.ts';
import type { MailSource } from '../ports.ts';
import { HEADER_ROOM, headerSectionOf } from './headerSection.ts';
import { baseNameOf, diskFault, folderError, makeMaildir, moveAside, probeFolder, subfolderName } from './maildir.ts';
import { type Found, filesOf, ifPresent, OF_ONE_FILE, readStart } from './maildirFiles.ts';
import { bringBackMaildir, surveyMaildir } from './maildirSurvey.ts';
import { createWakeUp } from './wakeUp.ts';

export interface MaildirOptions {
  /** The Maildir; made when missing. */
  folder: string;
  /** Where settled messages go, inside the Maildir: `Procesados` is `.Procesados/cur`. Null: they stay, and this process offers them no more. */
  doneFolder: string | null;
  quarantineFolder: string | null;
  /** Of a larger message only the header section is read, octets. */
  maxBytes: number;
}

/** A message up to this size is read at once, a larger one in pieces. Octets. */
const WHOLE_UP_TO = 2 * 1024 * 1024;
const PIECE = 1024 * 1024;

/** A Maildir: `new/` and `cur/` alike, flags mean nothing. Any mail file may be dropped into `new/`. */
export function createMaildirSource(options: MaildirOptions, log: Log): MailSource {
  const { folder, maxBytes } = options;
  const wakeUp = createWakeUp();
  const left = new Set<MessageRef>();
  let paths = new Map<MessageRef, string>();
  let watcher: FSWatcher | null = null;

  async function look(): Promise<Found[]> {
    const found = await filesOf(folder);
    paths = new Map(found.map(({ ref, path }) => [ref, path]));
    return found;
  }

  /** Where messages lie now: a mail program may have moved them since they were listed. Looks into the folders once at most. */
  function finder(): (ref: MessageRef) => Promise<string | null> {
    let looked = false;
    return async (ref) => {
      const path = paths.get(ref);
      if (path !== undefined && existsSync(path)) return path;
      if (!looked) await look();
      looked = true;
      return paths.get(ref) ?? null;
    };
  }

  return {
    async list(signal) {
      if (signal.aborted) return [];
      wakeUp.forget();
      try {
        await makeMaildir(folder);
        watcher ??= watchFolder(join(folder, 'new'), wakeUp.wake, log);
        const found = await look();
        return found.filter(({ ref }) => !left.has(ref)).map(({ ref, receivedAt, size }) => ({ ref, receivedAt, size }));
      } catch (error) {
        throw folderError('SOURCE_FAILED', 'read the mailbox', folder, error);
      }
    },

    async *fetch(listed, signal): AsyncGenerator<RawMessage> {
      const find = finder();
      const gone = () => {
        log.info('source.note', { reason: `a message is not in ${folder} any more` });
        return null;
      };
      const stays = (error: unknown) => log.warn('source.note', { reason: `a message stays in ${folder}: ${codeOf(error)}` });
      for (const one of listed) {
        if (signal.aborted) return;
        await using opened = new AsyncDisposableStack(); // until the next one is asked for
        const message = await find(one.ref)
          .then((path) => (path === null ? null : readMessage(one, path, { maxBytes, opened, stays })))
          .then((found) => found ?? gone())
          .catch((error: unknown) => {
            if (!OF_ONE_FILE.includes(codeOf(error))) throw folderError('SOURCE_FAILED', 'read a message of', folder, error);
            stays(error);
            return null;
          });
        if (message !== null) yield message;
      }
    },

    waitForMail: (signal, maxMs) => wakeUp.sleep(signal, maxMs),

    async settle(refs, place) {
      const name = { processed: options.doneFolder, quarantine: options.quarantineFolder, left: null }[place];
      if (name === null) {
        for (const ref of refs) left.add(ref);
        return;
      }
      const target = join(folder, subfolderName(name));
      try {
        await makeMaildir(target);
        const find = finder();
        for (const ref of refs) {
          const path = await find(ref);
          if (path !== null) await moveAside(path, join(target, 'cur'), settledNameOf(path));
          paths.delete(ref);
        }
      } catch (error) {
        throw folderError('SOURCE_FAILED', 'move settled messages to', target, error);
      }
    },

    survey: (since, signal) => surveyMaildir(options, since, signal),

    bringBack: (messages) => bringBackMaildir(options, messages),

    probe: async () => [await probeFolder(folder, 'buzón')],

    async close() {
      wakeUp.end();
      watcher?.close();
      watcher = null;
    },
  };
}

interface Reading {
  maxBytes: number;
  /** Closes what its message leaves open. */
  opened: AsyncDisposableStack;
  /** Told why the rest of a message cannot be had. */
  stays(error: unknown): void;
}

/** The bytes of a message; null when its file has vanished. */
async function readMessage(listed: Listed, path: string, { maxBytes, opened, stays }: Reading): Promise<RawMessage | null> {
  if (listed.size > maxBytes) {
    const start = await ifPresent(readStart(path, HEADER_ROOM));
    return start === null ? null : { ...listed, chunks: [headerSectionOf(start)], headerOnly: true };
  }
  if (listed.size > WHOLE_UP_TO) {
    const file = await ifPresent(open(path));
    return file === null ? null : { ...listed, chunks: piecesOf(opened.use(file), stays), headerOnly: false };
  }
  const bytes = await ifPresent(readFile(path));
  return bytes === null ? null : { ...listed, chunks: [bytes], headerOnly: false };
}

/** @throws AppError `MESSAGE_UNREADABLE` */
async function* piecesOf(file: FileHandle, stays: Reading['stays']): AsyncGenerator<Buffer> {
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, null).catch((error: unknown) => {
      stays(error);
      throw new AppError('MESSAGE_UNREADABLE', 'a message cannot be read now', { temporary: true, cause: diskFault(error) });
    });
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A name in `cur/` carries flags, if only an empty list of them. */
function settledNameOf(path: string): string {
  const name = basename(path);
  return name === baseNameOf(name) ? `${name}:2,` : name;
}

/** Tells of files that appear. Without it, mail is found by the poll. */
function watchFolder(folder: string, wake: () => void, log: Log): FSWatcher {
  const watcher = watch(folder, { persistent: false }, (_event, name) => {
    if (name === null || existsSync(join(folder, name))) wake();
  });
  watcher.on('error', (error) => log.warn('source.note', { reason: `the folder is not watched any more: ${reasonOf(error)}` }));
  return watcher;
}
