import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { AppError, codeOf } from '../errors.ts';
import { onceError } from './backupErrors.ts';

/**
 * A new file that has its name only when it is whole and on the disk; until then it is called `….partial`. Its owner alone may read it.
 * @param write ends the stream it is given; then the octets are on the disk
 * @throws AppError `REFUSED` when there is one of that name; whatever `write` throws
 */
export async function writeNewFile<T>(path: string, write: (target: Writable) => Promise<T>): Promise<T> {
  const partial = `${path}.partial`;
  refuseExisting(path);
  const file = await openNew(partial, path);
  const target = file.createWriteStream({ flush: true });
  try {
    const result = await write(target);
    refuseExisting(path);
    await rename(partial, path);
    await syncFolder(dirname(resolve(path)));
    return result;
  } catch (error) {
    await rm(partial, { force: true });
    throw onceError(error, `could not write ${path}`, dirname(resolve(path)));
  } finally {
    target.destroy();
  }
}

/** The file for reading. @throws AppError `NOT_FOUND` when it cannot be opened */
export async function readingFile(path: string): Promise<Readable> {
  const file = await open(path, 'r').catch((error: unknown) => {
    const what = codeOf(error) === 'ENOENT' ? `no existe el archivo ${path}` : `el archivo ${path} no se puede leer (${codeOf(error)})`;
    throw new AppError('NOT_FOUND', what, { temporary: false, remedy: 'revise la ruta y los permisos', cause: error });
  });
  return file.createReadStream();
}

function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new AppError('REFUSED', `ya existe ${path}, y una copia no reemplaza a otra`, {
    temporary: false,
    remedy: 'elija otro nombre, por ejemplo con la fecha, o mueva el archivo que ya existe',
  });
}

async function openNew(partial: string, path: string): Promise<FileHandle> {
  try {
    return await open(partial, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw onceError(error, `could not write ${path}`, dirname(resolve(path)));
    throw new AppError('REFUSED', `ya existe ${partial}: otra copia está en curso, o una se interrumpió`, {
      temporary: false,
      remedy: 'espere a que termine; si ninguna está en curso, borre ese archivo y repita la orden',
    });
  }
}

/** Some network disks do not know this for folders; then the name is as durable as they make it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP'].includes(codeOf(error))) throw error;
  } finally {
    await folder.close();
  }
}
