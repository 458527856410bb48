import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError, codeOf } from '../errors.ts';

const NAME = 'worker.lock';

/**
 * One worker at a time on a data folder: two would send each reply twice. The lock is the system's own on an open file, so that it ends with the
 * process, however that ends. @throws AppError `STORE_BUSY` when another worker holds it, `STORE_FAILED` when the file cannot be opened
 */
export function lockWorker(folder: string): { close(): Promise<void> } {
  const db = open(folder);
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw unusable(folder, error);
    throw new AppError('STORE_BUSY', `another worker has ${folder}`, {
      temporary: true,
      remedy: 'Ya hay un "buzon start" u "once" en esta carpeta de datos: deténgalo primero, o espere a que termine.',
      cause: error,
    });
  }
  return {
    close: async () => {
      db.close();
    },
  };
}

function open(folder: string): Database.Database {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new Database(join(folder, NAME), { timeout: 0 });
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, cause: unknown): AppError {
  return new AppError('STORE_FAILED', `could not open ${join(folder, NAME)}`, {
    temporary: false,
    remedy: `Revise que el usuario de Buzón pueda escribir en la carpeta ${folder}.`,
    cause,
  });
}
