import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError, codeOf } from '../errors.ts';

/** Milliseconds to wait for another process's lock; better-sqlite3 is synchronous, so the whole program waits. */
const BUSY_TIMEOUT_MS = 200;
/** While opening nothing else is waiting, and another process may be applying migrations. */
const OPENING_TIMEOUT_MS = 5_000;
/** KiB of database pages kept in memory; indexes of a million messages find their upper levels there. */
const CACHE_KIB = 8_192;
/** Pages of the write-ahead log before they are copied into the database: a page that many mails change is then copied once. */
const CHECKPOINT_PAGES = 4_000;

export function databasePath(folder: string): string {
  return join(folder, 'buzon.db');
}

/** Opens (and creates) the database of a data folder for writing, for its owner's eyes only. @throws AppError */
export function openDatabase(folder: string): Database.Database {
  return explaining('could not open the database', folder, () => {
    makePrivateFolder(folder);
    const file = databasePath(folder);
    closeSync(openSync(file, 'a', 0o600)); // SQLite would create it readable for others; its -wal and -shm copy the mode
    chmodSync(file, 0o600);
    const db = new Database(file, { timeout: OPENING_TIMEOUT_MS });
    try {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      return tuned(db);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** @throws AppError when the folder may not be looked into: that is not the same as having no database */
export function databaseExists(folder: string): boolean {
  return explaining('could not look for the database', folder, () => {
    try {
      return statSync(databasePath(folder)).isFile();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  });
}

/** Opens the database of a data folder for reading; creates and changes nothing. @throws AppError when there is none. */
export function openDatabaseReadOnly(folder: string): Database.Database {
  const file = databasePath(folder);
  if (!databaseExists(folder)) {
    throw new AppError('STORE_FAILED', `no database at ${file}`, {
      temporary: false,
      remedy: `Todavía no hay datos en ${folder}: los crea "buzon start", o "buzon migrate" sin recibir correo. Si están en otra carpeta, indíquela en BUZON_DATA.`,
    });
  }
  return explaining('could not open the database', folder, () =>
    tuned(new Database(file, { readonly: true, fileMustExist: true, timeout: OPENING_TIMEOUT_MS })),
  );
}

function tuned(db: Database.Database): Database.Database {
  db.pragma('foreign_keys = ON');
  db.pragma(`cache_size = -${CACHE_KIB}`);
  return db;
}

/** To be called when the store begins to work: from now on a foreign lock is waited for only briefly. */
export function waitBriefly(db: Database.Database): void {
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(folder);
  const shared = (mode & 0o1000) !== 0; // a sticky folder such as /tmp belongs to everybody
  if ((mode & 0o077) !== 0 && uid === process.getuid?.() && !shared) chmodSync(folder, 0o700);
}

/** Runs something and turns a failure of the world into an `AppError` that says what was being done. */
export function explaining<T>(doing: string, folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw worldError(error, doing, folder);
  }
}

/**
 * A failure of disk or database as an `AppError`; any other error as it is, because it is a fault of ours
 * (a broken constraint, a wrong value) that says nothing about the world.
 */
export function worldError(error: unknown, doing: string, folder: string): unknown {
  const code = codeOf(error);
  const kind = FAILURES.find(({ codes }) => codes.test(code));
  if (error instanceof AppError || kind === undefined) return error;
  return new AppError(kind.as, doing, { temporary: kind.temporary, remedy: kind.remedy(folder), cause: error });
}

/** What to do about a damaged database. */
export function damageRemedy(folder: string): string {
  return (
    `El archivo ${databasePath(folder)} está dañado: detenga Buzón, guarde aparte la carpeta tal como está y restaure la última copia en una vacía ` +
    'con "buzon restore"; después, "buzon reconcile --recover" recupera los correos posteriores a la copia.'
  );
}

const FAILURES: readonly { codes: RegExp; as: AppError['code']; temporary: boolean; remedy: (folder: string) => string }[] = [
  {
    codes: /^SQLITE_(BUSY|LOCKED)/, // SQLITE_BUSY_SNAPSHOT; not SQLITE_FULL
    as: 'STORE_BUSY',
    temporary: true,
    remedy: (folder) => `Otro proceso está escribiendo en ${folder}; Buzón lo intenta de nuevo solo.`,
  },
  {
    codes: /^(SQLITE_FULL|ENOSPC|EDQUOT)$/, // ENOSPC; not EACCES
    as: 'STORE_FULL',
    temporary: true,
    remedy: (folder) => `No queda espacio en el disco de ${folder}: libere espacio; Buzón continúa solo.`,
  },
  {
    codes: /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|(EACCES|EPERM|EROFS|ENOTDIR|ENOENT|EISDIR)$)/, // SQLITE_READONLY_DIRECTORY, EROFS; not EIO
    as: 'STORE_FAILED',
    temporary: false,
    remedy: (folder) =>
      `Buzón no puede escribir en ${folder}: haga que la carpeta y lo que contiene sean del usuario que lo ejecuta (chown -R, chmod -R u+rwX), o indique otra en BUZON_DATA.`,
  },
  {
    codes: /^SQLITE_(CORRUPT|NOTADB)/, // SQLITE_CORRUPT_INDEX; not SQLITE_IOERR
    as: 'STORE_FAILED',
    temporary: false,
    remedy: damageRemedy,
  },
  {
    codes: /^(SQLITE_(IOERR|NOMEM)|(EIO|EMFILE|ENFILE|ENOMEM|ESTALE)$)/, // SQLITE_IOERR_WRITE; not SQLITE_CONSTRAINT
    as: 'STORE_FAILED',
    temporary: true,
    remedy: (folder) => `El disco de ${folder} no responde bien: revise el registro del sistema; Buzón lo intenta de nuevo solo.`,
  },
];
