import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { AppError, codeOf, reasonOf } from '../errors.ts';

/** One file of the migrations folder: `0007_ticket_alias.sql` is number 7. */
interface Migration {
  number: number;
  name: string;
  sql: string;
  sha256: string;
}

interface AppliedMigration {
  number: number;
  name: string;
  sha256: string;
}

/** `migrations/sqlite` beside `src` and beside `dist`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations/sqlite', import.meta.url));

/**
 * Brings a database up to date: applies what is missing, each file in one transaction, and returns the names of what was applied.
 * Safe to call from two processes at once. @throws AppError `STORE_NEWER` when the database knows more than this program,
 * `STORE_FAILED` when an applied file was edited afterwards or one cannot be applied.
 */
export function migrate(db: Database.Database, now: Date, folder: string = MIGRATIONS_FOLDER): string[] {
  const known = migrationsIn(folder);
  db.exec(`CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
  ) STRICT`);
  const done: string[] = [];
  for (const migration of missingIn(db, known)) if (applyOne(db, migration, known, now)) done.push(migration.name);
  return done;
}

/** Refuses a database that is not exactly at this program's schema; changes nothing. @throws AppError */
export function requireUpToDate(db: Database.Database, folder: string = MIGRATIONS_FOLDER): void {
  const missing = missingIn(db, migrationsIn(folder));
  if (missing.length > 0) {
    throw new AppError('STORE_FAILED', `the database lacks ${missing.map(({ name }) => name).join(', ')}`, {
      temporary: false,
      remedy: 'La base de datos es de una versión anterior: ejecute "buzon migrate".',
    });
  }
}

/** The newest migration that a database has; null when it has none. Changes nothing. @throws AppError as `migrate` does about a database that does not fit */
export function schemaOf(db: Database.Database, folder: string = MIGRATIONS_FOLDER): string | null {
  missingIn(db, migrationsIn(folder));
  return appliedIn(db).at(-1)?.name ?? null;
}

/** Refuses a schema, called by its newest migration, that this program does not know. @throws AppError `STORE_NEWER` */
export function requireKnownSchema(newest: string, folder: string = MIGRATIONS_FOLDER): void {
  if (!migrationsIn(folder).some(({ name }) => name === newest)) throw tooNew(newest);
}

function migrationsIn(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]{1,80}\.sql$/.test(name)) // 0007_ticket_alias.sql; not 7-alias.sql
    .sort();
  return names.map((name, index) => {
    const number = Number(name.slice(0, 4));
    if (number !== index + 1) throw new Error(`migration ${name} should have number ${index + 1}`);
    const bytes = readFileSync(join(folder, name));
    return { number, name, sql: bytes.toString('utf8'), sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

function missingIn(db: Database.Database, known: readonly Migration[]): Migration[] {
  const applied = appliedIn(db);
  for (const { number, name, sha256 } of applied) {
    const migration = known[number - 1];
    if (migration === undefined) throw tooNew(name);
    if (migration.sha256 !== sha256) {
      throw new AppError('STORE_FAILED', `${migration.name} was edited after it had been applied`, {
        temporary: false,
        remedy: `El archivo ${migration.name} no es el que se aplicó a la base de datos: reinstale Buzón y no modifique migraciones aplicadas.`,
      });
    }
  }
  return known.slice(applied.length);
}

function tooNew(name: string): AppError {
  return new AppError('STORE_NEWER', `the database has ${name}, which this program does not know`, {
    temporary: false,
    remedy: 'La base de datos es de una versión más nueva de Buzón: instale esa versión, o restaure una copia anterior.',
  });
}

function appliedIn(db: Database.Database): AppliedMigration[] {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'").get();
  if (exists === undefined) return [];
  return db.prepare<[], AppliedMigration>('SELECT number, name, sha256 FROM schema_migration ORDER BY number').all();
}

/** False when another process applied it in the meantime. */
function applyOne(db: Database.Database, migration: Migration, known: readonly Migration[], now: Date): boolean {
  db.pragma('foreign_keys = OFF'); // a table can only be rebuilt with them off; they are checked before the commit
  db.exec('BEGIN IMMEDIATE');
  try {
    const still = missingIn(db, known).some(({ number }) => number === migration.number);
    if (still) {
      db.exec(migration.sql);
      const broken = db.pragma('foreign_key_check') as unknown[];
      if (broken.length > 0) throw new Error(`${broken.length} rows refer to rows that do not exist`);
      db.prepare('INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)').run(
        migration.number,
        migration.name,
        migration.sha256,
        now.toISOString(),
      );
    }
    db.exec('COMMIT');
    return still;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    if (error instanceof AppError || isPassing(error)) throw error;
    throw new AppError('STORE_FAILED', `could not apply ${migration.name}: ${reasonOf(error)}`, {
      temporary: false,
      remedy: `No se pudo aplicar ${migration.name}; la base de datos quedó como estaba. Reinstale Buzón o informe este error.`,
      cause: error,
    });
  } finally {
    db.pragma('foreign_keys = ON');
  }
}

/** A lock or a full disk is no fault of the migration. */
function isPassing(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY)/.test(codeOf(error)); // SQLITE_BUSY; not SQLITE_ERROR
}
