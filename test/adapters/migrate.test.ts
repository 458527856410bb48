import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { migrate, requireUpToDate } from '../../src/adapters/migrate.ts';
import { schemaAfterMigrations } from '../support/schema.ts';

const NOW = new Date('2026-03-02T15:00:00.000Z');
let folder: string;
let db: Database.Database;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  db = new Database(join(folder, 'test.db'));
  await givenMigration('0001_first.sql', 'CREATE TABLE thing (id INTEGER PRIMARY KEY) STRICT;');
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

function givenMigration(name: string, sql: string): Promise<void> {
  return writeFile(join(folder, name), sql);
}

function tables(): string[] {
  return db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_migration' ORDER BY name")
    .pluck()
    .all();
}

test('the schema after all migrations is the one that was reviewed (npm run schema:dump writes it)', async () => {
  expect(schemaAfterMigrations()).toBe(await readFile(join(import.meta.dirname, '../golden/schema.sql'), 'utf8'));
});

test('what is missing is applied in order, and told', async () => {
  expect(migrate(db, NOW, folder)).toEqual(['0001_first.sql']);
  await givenMigration('0002_second.sql', 'CREATE TABLE more (id INTEGER PRIMARY KEY REFERENCES thing (id)) STRICT;');
  await givenMigration('0003_third.sql', 'ALTER TABLE more ADD COLUMN name TEXT;');

  const applied = migrate(db, NOW, folder);

  expect(applied).toEqual(['0002_second.sql', '0003_third.sql']);
  expect(tables()).toEqual(['more', 'thing']);
  expect(migrate(db, NOW, folder)).toEqual([]);
});

test('a migration that fails leaves the database as it was, with those before it applied', async () => {
  await givenMigration('0002_half.sql', 'CREATE TABLE more (id INTEGER) STRICT; CREATE TABLE thing (id INTEGER) STRICT;');

  expect(() => migrate(db, NOW, folder)).toThrow(
    expect.objectContaining({ code: 'STORE_FAILED', temporary: false, message: expect.stringContaining('0002_half.sql') }),
  );

  expect(tables()).toEqual(['thing']);
});

test('a migration that leaves rows without the rows they refer to is undone', async () => {
  await givenMigration(
    '0002_loose.sql',
    'CREATE TABLE child (thing_id INTEGER REFERENCES thing (id)) STRICT; INSERT INTO child VALUES (9);',
  );

  expect(() => migrate(db, NOW, folder)).toThrow(/refer to rows/);

  expect(tables()).toEqual(['thing']);
});

test('a file that was edited after it had been applied is refused', async () => {
  migrate(db, NOW, folder);
  await givenMigration('0001_first.sql', 'CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT) STRICT;');

  expect(() => migrate(db, NOW, folder)).toThrow(
    expect.objectContaining({ code: 'STORE_FAILED', remedy: expect.stringContaining('0001_first.sql') }),
  );
});

test('a database from a newer program is refused and not touched', async () => {
  await givenMigration('0002_future.sql', 'CREATE TABLE future (id INTEGER) STRICT;');
  migrate(db, NOW, folder);
  await rm(join(folder, '0002_future.sql'));

  expect(() => migrate(db, NOW, folder)).toThrow(
    expect.objectContaining({ code: 'STORE_NEWER', temporary: false, remedy: expect.stringContaining('versión') }),
  );
  expect(tables()).toEqual(['future', 'thing']);
});

test('a gap in the numbers is a fault of the program', async () => {
  await givenMigration('0003_third.sql', 'SELECT 1;');

  expect(() => migrate(db, NOW, folder)).toThrow('should have number 2');
});

test('a reader refuses a database that lacks a migration, and changes nothing', () => {
  expect(() => requireUpToDate(db, folder)).toThrow(expect.objectContaining({ remedy: expect.stringContaining('buzon migrate') }));
  expect(tables()).toEqual([]);

  migrate(db, NOW, folder);

  expect(() => requireUpToDate(db, folder)).not.toThrow();
});

test('a database that is up to date is opened while another process writes', () => {
  const other = new Database(join(folder, 'test.db'), { timeout: 10 });
  migrate(other, NOW, folder);
  other.exec('BEGIN IMMEDIATE');
  db.pragma('busy_timeout = 10');

  expect(migrate(db, NOW, folder)).toEqual([]);

  other.exec('ROLLBACK');
  other.close();
});
