import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { AppError, codeOf } from '../errors.ts';
import type { Lease } from '../ports.ts';

/** How often the holder shows that it lives, how often a waiting worker looks, and how long it sees no sign of life until it takes over. Milliseconds. */
export interface LeaseTiming {
  beat: number;
  look: number;
  expires: number;
}

const TIMING: LeaseTiming = { beat: 5_000, look: 1_000, expires: 30_000 };

/**
 * The right to work on a data folder: two workers would send each reply twice. The lock is the system's own on an open file, so that it ends with
 * the process, however that ends. @throws AppError `STORE_BUSY` when another worker holds it, `STORE_FAILED` when the file cannot be opened
 */
export function lockWorker(folder: string, timing: LeaseTiming = TIMING): Lease {
  const lease = tryLock(folder, timing);
  if (lease !== null) return lease;
  throw new AppError('STORE_BUSY', `another worker has ${folder}`, {
    temporary: true,
    remedy: 'Ya hay un "buzon start" u "once" en esta carpeta de datos: deténgalo primero, o espere a que termine.',
  });
}

/**
 * Waits until the lock is free, or its holder has shown no sign of life for `timing.expires`: then it is taken over. A process that stands still keeps
 * the lock of its file, so the one that takes over makes the next file; the highest number is the one that counts. Times are measured on this
 * process's own clock, which nobody sets.
 * @param onWaiting told once, when there is somebody to wait for
 * @returns null when `signal` aborts before
 */
export async function waitForLock(
  folder: string,
  signal: AbortSignal,
  onWaiting: () => void,
  timing: LeaseTiming = TIMING,
): Promise<Lease | null> {
  let seen = { number: 0, beat: Number.NaN };
  let still = 0;
  let looked = performance.now();
  for (let told = false; !signal.aborted; told = true) {
    const lease = tryLock(folder, timing);
    if (lease !== null) return lease;
    if (!told) onWaiting();
    const sign = signOfLife(folder);
    const now = performance.now();
    still += Math.min(now - looked, 2 * timing.look); // while this process stood still itself, it saw nothing
    looked = now;
    if (sign.number !== seen.number || sign.beat !== seen.beat) {
      seen = sign;
      still = 0;
    } else if (still > timing.expires && makeNext(folder, sign.number)) {
      still = 0;
      continue;
    }
    await pause(timing.look, undefined, { signal }).catch(() => {});
  }
  return null;
}

function tryLock(folder: string, timing: LeaseTiming): Lease | null {
  const number = newestNumber(folder);
  const db = open(folder, number);
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw unusable(folder, error);
    return null;
  }
  if (newestNumber(folder) !== number) {
    db.close();
    return null;
  }
  removeBefore(folder, number);
  return leaseOn(folder, number, db, timing);
}

function leaseOn(folder: string, number: number, db: Database.Database, { beat }: LeaseTiming): Lease {
  const path = pathOf(folder, number);
  let beats = 0;
  const showLife = () => {
    beats += 1;
    try {
      utimesSync(path, beats, beats); // a number that changes; no clock has a part in it
    } catch {
      // a disk that cannot be written is noticed by the work itself
    }
  };
  showLife();
  const timer = setInterval(showLife, beat).unref();
  const held = () => {
    try {
      return Math.max(...numbersIn(folder)) === number;
    } catch {
      return true; // a folder that cannot be read is noticed by the work itself
    }
  };
  return {
    held,
    assertHeld() {
      if (held()) return;
      throw new AppError('LEASE_LOST', `another worker has taken over ${folder}, because this one stood still for too long`, {
        temporary: false,
        remedy: 'Otro "buzon start" tomó el relevo y el correo sigue su curso; revise por qué este proceso estuvo detenido.',
      });
    },
    close: async () => {
      clearInterval(timer);
      db.close();
    },
  };
}

/** Files of workers that were passed over; one that cannot be removed is passed over at the next time. */
function removeBefore(folder: string, number: number): void {
  for (const older of numbersIn(folder)) {
    if (older >= number) continue;
    try {
      rmSync(pathOf(folder, older), { force: true });
    } catch {
      // its number is lower, and that is what counts
    }
  }
}

/** False when somebody else was quicker. */
function makeNext(folder: string, number: number): boolean {
  try {
    closeSync(openSync(pathOf(folder, number + 1), 'wx', 0o600));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unusable(folder, error);
  }
}

function signOfLife(folder: string): { number: number; beat: number } {
  const number = newestNumber(folder);
  const beat = statSync(pathOf(folder, number), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return { number, beat };
}

/** `worker.lock`, and `worker.2.lock` after a process that stood still was passed over. */
function pathOf(folder: string, number: number): string {
  return join(folder, number === 1 ? 'worker.lock' : `worker.${number}.lock`);
}

/** Matches `worker.lock` and `worker.12.lock`; not `worker.lock-journal`. */
const NAME = /^worker(?:\.(\d{1,9}))?\.lock$/;

function numbersIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const found = NAME.exec(name);
    return found ? [Number(found[1] ?? 1)] : [];
  });
}

function newestNumber(folder: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return Math.max(1, ...numbersIn(folder));
  } catch (error) {
    throw unusable(folder, error);
  }
}

function open(folder: string, number: number): Database.Database {
  try {
    return new Database(pathOf(folder, number), { timeout: 0 });
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, cause: unknown): AppError {
  return new AppError('STORE_FAILED', `could not open ${join(folder, 'worker.lock')}`, {
    temporary: false,
    remedy: `Revise que el usuario de Buzón pueda escribir en la carpeta ${folder}.`,
    cause,
  });
}
