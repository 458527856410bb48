import { createHash, randomUUID } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, codeOf } from '../errors.ts';

const NAME = 'oauth-refresh-token';

/** The refresh token in force: the one of the settings, or the one that the authorization server gave in its place (RFC 6749 6). */
export interface RefreshTokens {
  /** @throws AppError `STORE_FAILED` when the file cannot be read, or when one that was given lately can still not be kept */
  current(): string;
  /** Keeps a new one, durably; it is never used before. @throws AppError `STORE_FAILED`, and then it is kept by the next call of `current` */
  replace(token: string): void;
}

/** What the file holds. */
interface Kept {
  /** SHA-256 of the token in the settings that this one came from: when the settings name another one, that one holds. */
  configured: string;
  refreshToken: string;
}

/**
 * Refresh tokens in a file of the data folder, which only its owner can read. It is read anew each time: `doctor` may have been given a newer one.
 * A folder that is not there yet is made when there is something to keep: the token of the settings may be worth nothing any more then.
 */
export function refreshTokensIn(folder: string, configured: string): RefreshTokens {
  const path = join(folder, NAME);
  const origin = createHash('sha256').update(configured).digest('hex');
  let unsaved: string | null = null;

  function save(): void {
    if (unsaved === null) return;
    attempt('keep', path, () => {
      makeFolder(folder);
      writeDurably(path, folder, JSON.stringify({ configured: origin, refreshToken: unsaved } as Kept));
    });
    unsaved = null;
  }

  return {
    current() {
      save();
      const kept = attempt('read', path, () => keptIn(path));
      return unsaved ?? (kept?.configured === origin ? kept.refreshToken : configured);
    },
    replace(token) {
      unsaved = token;
      save();
    },
  };
}

/** Null when there is no such file, or not one of ours. */
function keptIn(path: string): Kept | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null;
    return typeof kept?.configured === 'string' && typeof kept.refreshToken === 'string' ? (kept as Kept) : null;
  } catch {
    return null;
  }
}

function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) giveToOwnerOf(dirname(folder), folder);
}

function writeDurably(path: string, folder: string, text: string): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    giveToOwnerOf(folder, draft);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** A command that root runs must not lock the worker out. */
function giveToOwnerOf(folder: string, file: string): void {
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() === 0 && uid !== 0) chownSync(file, uid, gid);
}

function attempt<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new AppError('STORE_FAILED', `could not ${doing} the refresh token in ${path}`, {
      temporary: true,
      remedy: `Revise el espacio libre y que el usuario de Buzón pueda leer y escribir ${path}.`,
      cause: new Error(codeOf(error)), // the text of the error may hold what was read
    });
  }
}
