import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../errors.ts';
import type { Io } from './command.ts';

/** The bytes of a file that a command was given, `-` for standard input. @throws AppError `NOT_FOUND` */
export async function contentOf(file: string, io: Io): Promise<Uint8Array> {
  try {
    return file === '-' ? await buffer(io.stdin) : await readFile(file);
  } catch (error) {
    throw new AppError('NOT_FOUND', `no se pudo leer ${file}`, {
      temporary: false,
      remedy: 'revise el nombre y los permisos del archivo',
      cause: error,
    });
  }
}
