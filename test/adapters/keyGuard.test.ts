import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { keyInForce, keyState, rememberKey } from '../../src/adapters/keyGuard.ts';
import { existingSecret } from '../../src/adapters/secretFile.ts';
import { openSqliteStore } from '../../src/adapters/sqliteStore.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buzon-key-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** A database that a worker began to use, as before keys were remembered. */
async function givenADatabase({ begun = true } = {}): Promise<void> {
  const store = await openSqliteStore({ folder, now: () => new Date() });
  if (begun) await store.since(new Date());
  await store.close();
}

function remembered(): string | undefined {
  const db = new Database(join(folder, 'buzon.db'), { readonly: true });
  try {
    return db.prepare<[], string>(`SELECT value FROM setting WHERE key = 'secret-hash'`).pluck().get();
  } finally {
    db.close();
  }
}

const REFUSED = { code: 'CONFIG_INVALID', temporary: false, remedy: expect.stringContaining('buzon key accept') };

test('a first start makes the key, and the database remembers it without holding it', async () => {
  const key = keyInForce(folder, null);
  await givenADatabase();
  rememberKey(folder, key);

  expect(keyState(folder, null)).toBe('same');
  expect(keyInForce(folder, null)).toBe(key);
  expect(remembered()).not.toContain(key);
});

test('two databases with one key remember it differently', async () => {
  await givenADatabase();
  rememberKey(folder, 'one and the same key');
  const first = remembered();
  rememberKey(folder, 'one and the same key', true);

  expect(remembered()).not.toBe(first);
  expect(keyState(folder, 'one and the same key')).toBe('same');
});

test('a database from before keys were remembered takes the present one', async () => {
  await givenADatabase();
  await writeFile(join(folder, 'secret'), 'the key of always\n');

  expect(keyState(folder, null)).toBe('unknown');
  rememberKey(folder, keyInForce(folder, null));
  expect(keyState(folder, null)).toBe('same');
});

test.each([
  ['that remembers its key', true],
  ['from before keys were remembered', false],
])('a lost key file beside a database %s is refused and not made anew', async (_what, known) => {
  await givenADatabase();
  if (known) rememberKey(folder, 'the key of always');

  expect(() => keyInForce(folder, null)).toThrow(expect.objectContaining(REFUSED));
  expect(existingSecret(folder)).toBeNull();
});

test('a key that was made anew is refused, and the remembered one stays', async () => {
  await givenADatabase();
  rememberKey(folder, 'the key of always');
  const before = remembered();
  await writeFile(join(folder, 'secret'), 'quite another key\n');

  expect(() => keyInForce(folder, null)).toThrow(expect.objectContaining(REFUSED));
  rememberKey(folder, 'quite another key');
  expect(remembered()).toBe(before);
});

test('another BUZON_SECRET is refused, and the message does not tell it', async () => {
  await givenADatabase();
  rememberKey(folder, 'the key of always');

  const start = () => keyInForce(folder, 'quite another key');

  expect(start).toThrow(expect.objectContaining({ ...REFUSED, message: expect.stringContaining('BUZON_SECRET') }));
  expect(start).not.toThrow('quite another key');
});

test('a database that was migrated and never started gets its key at the first start', async () => {
  await givenADatabase({ begun: false });

  expect(keyState(folder, null)).toBe('first');
  expect(keyInForce(folder, null)).toHaveLength(32);
});

test('a damaged memory of the key is another key', async () => {
  await givenADatabase();
  rememberKey(folder, 'the key of always');
  const db = new Database(join(folder, 'buzon.db'));
  db.prepare(`UPDATE setting SET value = 'x' WHERE key = 'secret-hash'`).run();
  db.close();

  expect(keyState(folder, 'the key of always')).toBe('other');
});
