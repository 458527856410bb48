import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dovecot } from '../../test/support/dovecot.ts';
import { sha256Of } from './matter.ts';

/** A message as it lies on the mail server, seen past IMAP. */
export interface Lying {
  folder: string;
  sha256: string;
  /** Marked `\Deleted`: where the server has neither MOVE nor UIDPLUS, that is how a message leaves. */
  deleted: boolean;
}

/** Where a user's mail lies on this machine. */
export async function maildirOf(dovecot: Dovecot, user: string): Promise<string> {
  return join((await dovecot.doveadm('user', '-f', 'home', user)).trim(), 'Maildir');
}

/** Every message of a user. A message that moves while one looks may be missed: look when nobody works. */
export function lyingIn(maildir: string): Lying[] {
  const folders = [
    'INBOX',
    ...namesIn(maildir)
      .filter((name) => name.startsWith('.'))
      .map((name) => name.slice(1)),
  ];
  return folders.flatMap((folder) =>
    filesOf(maildir, folder).map((path) => ({ folder, sha256: sha256Of(readFileSync(path)), deleted: isDeleted(path) })),
  );
}

/** Messages in the INBOX that are not marked `\Deleted`. */
export function inboxCount(maildir: string): number {
  return filesOf(maildir, 'INBOX').filter((path) => !isDeleted(path)).length;
}

function filesOf(maildir: string, folder: string): string[] {
  const path = folder === 'INBOX' ? maildir : join(maildir, `.${folder}`);
  return ['new', 'cur'].flatMap((part) => namesIn(join(path, part)).map((name) => join(path, part, name)));
}

/** The flags are at the end of a file's name: `1700.M1P1.host:2,ST` is marked, `1700.M1P1.host:2,S` is not. */
function isDeleted(path: string): boolean {
  return /:2,[A-Z]{0,20}T[a-zA-Z]{0,20}$/.test(path);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not made yet
  }
}
