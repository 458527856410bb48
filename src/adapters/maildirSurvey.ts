import { basename, join } from 'node:path';
import type { Place, Surveyed } from '../desk/reconcile.ts';
import { codeOf } from '../errors.ts';
import { firstField, messageIdOf, readFields } from '../mail/headers.ts';
import type { MessageRef } from '../mail/message.ts';
import { HEADER_ROOM, headerSectionOf } from './headerSection.ts';
import { baseNameOf, folderError, moveAside, subfolderName } from './maildir.ts';
import { type Found, filesOf, ifPresent, OF_ONE_FILE, readStart } from './maildirFiles.ts';

/** Header sections are nearly always shorter. Octets. */
const MOST_HEADERS = 16 * 1024;

interface Maildirs {
  folder: string;
  doneFolder: string | null;
  quarantineFolder: string | null;
}

/** What lies in the mailbox and in the folders for settled mail; the mailbox last: a message that is settled meanwhile is missed rather than seen twice. */
export async function* surveyMaildir(maildirs: Maildirs, since: Date, signal: AbortSignal): AsyncGenerator<Surveyed> {
  const { doneFolder, quarantineFolder } = maildirs;
  const telling = doneFolder !== null && quarantineFolder !== null; // a file that stays carries no mark
  for (const [place, root] of placesOf(maildirs)) {
    const settled = place !== 'mailbox' ? true : telling ? false : null;
    for (const { path, ...found } of await filesIn(root)) {
      signal.throwIfAborted();
      if (found.receivedAt < since) continue;
      yield { ...found, place, messageId: await messageIdAt(path, root), settled };
    }
  }
}

/** Moves files from the folders for settled mail to `new/`, their times unchanged. @returns how many were still there. @throws AppError */
export async function bringBackMaildir(maildirs: Maildirs, messages: readonly { place: Place; ref: MessageRef }[]): Promise<number> {
  let brought = 0;
  for (const [place, root] of placesOf(maildirs)) {
    const refs = new Set(messages.filter((each) => each.place === place).map(({ ref }) => ref));
    if (refs.size === 0 || place === 'mailbox') continue;
    const lost = (await filesIn(root)).filter(({ ref }) => refs.has(ref));
    try {
      for (const { path } of lost) await moveAside(path, join(maildirs.folder, 'new'), baseNameOf(basename(path)));
    } catch (error) {
      throw folderError('SOURCE_FAILED', 'bring messages back from', root, error);
    }
    brought += lost.length;
  }
  return brought;
}

function placesOf({ folder, doneFolder, quarantineFolder }: Maildirs): [Place, string][] {
  const aside = (place: Place, name: string | null): [Place, string][] =>
    name === null ? [] : [[place, join(folder, subfolderName(name))]];
  return [...aside('processed', doneFolder), ...aside('quarantine', quarantineFolder), ['mailbox', folder]];
}

/** None when there is no such Maildir. */
async function filesIn(root: string): Promise<Found[]> {
  try {
    return (await ifPresent(filesOf(root))) ?? [];
  } catch (error) {
    throw folderError('SOURCE_FAILED', 'look through', root, error);
  }
}

/** Null also when the file has vanished, or cannot be read: then its name alone tells which message it is. */
async function messageIdAt(path: string, root: string): Promise<string | null> {
  try {
    let start = await readStart(path, MOST_HEADERS);
    if (start.length === MOST_HEADERS && headerSectionOf(start) === start) start = await readStart(path, HEADER_ROOM);
    return messageIdOf(firstField(readFields(headerSectionOf(start)), 'message-id'));
  } catch (error) {
    if (['ENOENT', ...OF_ONE_FILE].includes(codeOf(error))) return null;
    throw folderError('SOURCE_FAILED', 'look through', root, error);
  }
}
