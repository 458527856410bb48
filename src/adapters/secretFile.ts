import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';

const NAME = 'secret';

/**
 * The key of tokens and Message-IDs when the settings name none: made at the first start and kept in the data folder, readable by its owner only.
 * Two processes that start at once get the same one. @throws AppError when the folder cannot be written
 */
export function secretIn(folder: string): string {
  const path = join(folder, NAME);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(path)) makeSecret(path);
    chmodSync(path, 0o600);
  } catch (error) {
    throw new AppError('STORE_FAILED', `could not make the key ${path}`, {
      temporary: false,
      remedy: `Revise que el usuario de Buzón pueda escribir en la carpeta ${folder}.`,
      cause: error,
    });
  }
  return existingSecret(folder) ?? '';
}

/** The key of a data folder that was started before, or null. */
export function existingSecret(folder: string): string | null {
  const path = join(folder, NAME);
  try {
    const secret = existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
    if (secret === null || secret.length >= 16) return secret;
  } catch (error) {
    throw unusable(path, error);
  }
  throw unusable(path, new Error('it is shorter than 16 characters'));
}

function makeSecret(path: string): void {
  const temporary = `${path}.${randomUUID()}`; // a process number comes again in a container, and a crash leaves the file behind
  try {
    writeDurably(temporary, `${randomBytes(24).toString('base64url')}\n`);
    linkSync(temporary, path); // fails when another process was quicker; then its key holds
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function unusable(path: string, cause: unknown): AppError {
  return new AppError('STORE_FAILED', `could not read the key ${path}`, {
    temporary: false,
    remedy: `Restaure el archivo ${path} de una copia: con otra clave, los códigos de los tickets existentes dejan de valer.`,
    cause,
  });
}
