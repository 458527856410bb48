import { AppError } from '../errors.ts';
import { worldError } from './sqliteDatabase.ts';

/** As `worldError`, for a command that a person starts: nothing goes on by itself afterwards. */
export function onceError(error: unknown, doing: string, folder: string): unknown {
  const known = worldError(error, doing, folder);
  if (known === error || !(known instanceof AppError) || !known.temporary) return known;
  const remedy = known.code === 'STORE_FULL' ? `libere espacio en el disco de ${folder} y repita la orden` : 'repita la orden';
  return new AppError(known.code, doing, { temporary: false, remedy, cause: error });
}

/** @param message what was interrupted and what is left of it, in Spanish */
export function interrupted(message: string, cause: unknown): AppError {
  return new AppError('REFUSED', message, {
    temporary: false,
    remedy: 'repita la orden',
    cause,
  });
}
