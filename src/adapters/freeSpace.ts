import { statfs } from 'node:fs/promises';
import { AppError } from '../errors.ts';

/** @throws AppError `STORE_FULL` when so many octets do not fit on the disk of the folder; a disk that does not tell its size has room */
export async function requireSpace(folder: string, octets: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(folder);
  if (blocks === 0 || octets <= bavail * bsize) return;
  throw new AppError('STORE_FULL', `en el disco de ${folder} no caben ${megabytes(octets)} más: quedan ${megabytes(bavail * bsize)}`, {
    temporary: false,
    remedy: `libere espacio en el disco de ${folder} y repita la orden`,
  });
}

function megabytes(octets: number): string {
  return `${Math.ceil(octets / 1e6).toLocaleString('es-CO')} MB`;
}
