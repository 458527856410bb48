import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { existingSecret, secretIn } from './secretFile.ts';
import { databaseExists, explaining, openDatabase, openDatabaseReadOnly } from './sqliteDatabase.ts';
import { hasTable } from './storedFiles.ts';

/** Row of the settings that says with which key a database began. */
const SETTING = 'secret-hash';
const SALT_BYTES = 16;

/**
 * How the key that is there agrees with the one that a database began with:
 * `first`: nothing was begun, with whatever key there is or will be made; `same`; `other`; `lost`: there is none any more;
 * `unknown`: it began before keys were remembered.
 */
export type KeyState = 'first' | 'same' | 'other' | 'lost' | 'unknown';

/** @param configured the key in the settings, or null when it is in the data folder @throws AppError when a file cannot be read */
export function keyState(folder: string, configured: string | null): KeyState {
  const { begun, hash } = memoryIn(folder);
  const key = configured ?? existingSecret(folder);
  if (!begun) return 'first';
  if (key === null) return 'lost';
  if (hash === null) return 'unknown';
  return isHashOf(key, hash) ? 'same' : 'other';
}

/** With another key no code and no Message-ID of an earlier answer is ours any more. @throws AppError `CONFIG_INVALID` when it is `other` or `lost` */
export function requireKey(folder: string, configured: string | null): Exclude<KeyState, 'other' | 'lost'> {
  const state = keyState(folder, configured);
  if (state === 'lost' || state === 'other') throw wrongKey(state, folder, configured);
  return state;
}

/** The key in force; made when there was never one. @throws AppError `CONFIG_INVALID` when it is not the one that the database began with */
export function keyInForce(folder: string, configured: string | null): string {
  requireKey(folder, configured);
  return configured ?? secretIn(folder);
}

/** Lets the database remember the key, when it remembers none; `anew` in any case. The schema is up to date. @throws AppError */
export function rememberKey(folder: string, key: string, anew = false): void {
  if (!anew && memoryIn(folder).hash !== null) return;
  const db = openDatabase(folder);
  try {
    explaining('could not remember the key', folder, () =>
      db
        .prepare(
          `INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO ${anew ? 'UPDATE SET value = excluded.value' : 'NOTHING'}`,
        )
        .run(SETTING, hashOf(key)),
    );
  } finally {
    db.close();
  }
}

/** What a database knows of its key. It has begun when a worker has set its first moment there. */
function memoryIn(folder: string): { begun: boolean; hash: string | null } {
  if (!databaseExists(folder)) return { begun: false, hash: null };
  const db = openDatabaseReadOnly(folder);
  try {
    return explaining('could not read the database', folder, () => {
      if (!hasTable(db, 'setting')) return { begun: false, hash: null };
      const value = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck();
      const hash = value.get(SETTING) ?? null;
      return { begun: hash !== null || value.get('since') !== undefined, hash };
    });
  } finally {
    db.close();
  }
}

/** Salt and keyed hash, in base64url. Whoever has the database can test guesses, as with every Message-ID that was signed with the key, and no more. */
function hashOf(key: string, salt = randomBytes(SALT_BYTES)): string {
  return `${salt.toString('base64url')}.${hmac(key, salt).toString('base64url')}`;
}

function isHashOf(key: string, hash: string): boolean {
  const [salt = '', remembered = ''] = hash.split('.').map((part) => Buffer.from(part, 'base64url'));
  const present = hmac(key, Buffer.from(salt));
  return remembered.length === present.length && timingSafeEqual(Buffer.from(remembered), present);
}

function hmac(key: string, salt: Buffer): Buffer {
  return createHmac('sha256', key).update('buzon: which key is it?').update(salt).digest();
}

function wrongKey(state: 'lost' | 'other', folder: string, configured: string | null): AppError {
  const path = join(folder, 'secret');
  const what =
    state === 'lost'
      ? `falta la clave de esta base de datos: no está el archivo ${path}, y BUZON_SECRET no está definida`
      : `la clave ${configured === null ? `del archivo ${path}` : 'de BUZON_SECRET'} no es la de esta base de datos`;
  return new AppError('CONFIG_INVALID', what, {
    temporary: false,
    remedy:
      `recupere la clave: el archivo ${path} de una copia, o el valor de BUZON_SECRET con que se trabajaba.` +
      ' Si se perdió del todo, "buzon key accept" sigue con la de ahora o con una nueva: los códigos de los tickets que ya se enviaron dejan de valer',
  });
}
