import { constants, existsSync } from 'node:fs';
import { access, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError, codeOf, type ErrorCode, faultOf } from '../errors.ts';
import type { ProbeLine } from '../ports.ts';

/** The three folders of a Maildir: arrived, seen by a mail program, being written. */
const MAILDIR_PARTS = ['new', 'cur', 'tmp'] as const;

/** Makes a Maildir, for its owner only; what exists stays as it is. */
export async function makeMaildir(folder: string): Promise<void> {
  for (const part of MAILDIR_PARTS) await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
}

/** A folder inside a Maildir, levels parted by `/`, the way Maildir++ writes it: `Procesados/2026` is `.Procesados.2026`. */
export function subfolderName(name: string): string {
  return `.${name
    .split('/')
    .filter((level) => level !== '')
    .map((level) => level.replaceAll('.', '_'))
    .join('.')}`;
}

/** The part of a file's name that stays when a mail program sets flags: `1700.M1.host` of `1700.M1.host:2,S`. */
export function baseNameOf(file: string): string {
  const info = file.lastIndexOf(':2,');
  return info < 0 ? file : file.slice(0, info);
}

/**
 * Writes a message so that a reader of `new/` sees it whole or not at all, and that it is on disk when this resolves. A message of the same name is
 * replaced.
 */
export async function writeMessage(folder: string, name: string, bytes: Buffer): Promise<void> {
  const draft = join(folder, 'tmp', name);
  try {
    await withFile(draft, 'w', async (file) => {
      await file.writeFile(bytes);
      await file.sync();
    });
    await rename(draft, join(folder, 'new', name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await withFile(join(folder, 'new'), 'r', (names) => names.sync());
}

/**
 * Moves a file into a folder under the name given, or one like it when that is taken: what lies there is never replaced, as long as nobody else
 * writes the same name at the same moment. A file that is gone is no error.
 */
export async function moveAside(from: string, folder: string, name: string): Promise<void> {
  let target = join(folder, name);
  for (let copy = 2; existsSync(target); copy += 1) target = join(folder, `${copy}-${name}`);
  await rename(from, target).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

/**
 * What the disk said, as an error of the door. A full disk and trouble of the device pass; a folder that may not be used does not, except that mail
 * to be sent waits until it may.
 */
export function folderError(code: ErrorCode, doing: string, folder: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = codeOf(error);
  const barred = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(reason);
  const remedy = barred
    ? `No se puede usar la carpeta ${folder} (${reason}): revise que exista y que el usuario del servicio pueda leerla y escribir en ella.`
    : `La carpeta ${folder} falló (${reason}): revise el espacio y el estado del disco; se intentará de nuevo.`;
  return new AppError(code, `could not ${doing} ${folder}`, {
    temporary: !barred || code === 'TRANSPORT_UNREACHABLE',
    remedy,
    cause: diskFault(error),
  });
}

/** `EACCES, rename`: what the disk said, without its paths: a client's mail may have named the file. */
export function diskFault(error: unknown): string {
  const code = codeOf(error);
  if (code === '') return faultOf(error);
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? code : `${code}, ${syscall}`;
}

async function withFile<T>(path: string, flags: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags, 0o600);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Whether a folder can be used, and what to do if not. Creates nothing. */
export async function probeFolder(folder: string, role: string): Promise<ProbeLine> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return { ok: true, what: `${role}: carpeta ${folder}, se puede leer y escribir` };
  } catch (error) {
    const remedy = `Dé permiso de lectura y escritura al usuario del servicio sobre ${folder}.`;
    if (codeOf(error) !== 'ENOENT') return { ok: false, what: `${role}: carpeta ${folder}, sin acceso (${codeOf(error)})`, remedy };
  }
  const above = nearestFolder(dirname(resolve(folder)));
  const makeable = await access(above, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return makeable
    ? { ok: true, what: `${role}: carpeta ${folder}, no existe, se creará al arrancar` }
    : {
        ok: false,
        what: `${role}: carpeta ${folder}, no existe y no se puede crear en ${above}`,
        remedy: `Cree la carpeta ${folder} y désela al usuario del servicio.`,
      };
}

/** The folder itself or the nearest one above it that exists. */
function nearestFolder(folder: string): string {
  for (let here = folder; ; here = dirname(here)) if (existsSync(here) || here === dirname(here)) return here;
}
