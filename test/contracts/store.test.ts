import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { migrate } from '../../src/adapters/migrate.ts';
import { openRawFolder } from '../../src/adapters/rawFolder.ts';
import { databasePath, openDatabase } from '../../src/adapters/sqliteDatabase.ts';
import { openSqliteStore, sqliteStoreOn } from '../../src/adapters/sqliteStore.ts';
import { ARRIVAL, appendingEffect, bounceEffect, keysFor, openingEffect, quarantiningEffect } from '../support/effects.ts';
import { storeContract } from './store.contract.ts';

storeContract({
  name: 'SQLite store',
  open: (folder, now) => openSqliteStore({ folder, now }),
});

test('what is done for each mail searches in indexes only, so that its cost does not grow with what is stored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  await (await openSqliteStore({ folder, now: () => ARRIVAL })).close();
  const statements = new Set<string>();
  const db = new Database(databasePath(folder), { verbose: (sql) => statements.add(String(sql)) });
  const raw = await openRawFolder(folder, ARRIVAL);
  const store = sqliteStoreOn({ db, raw, folder, now: () => ARRIVAL, migrated: [], readOnly: false });
  const { rawId } = await store.keep([Buffer.from('a: b\r\n\r\n')]);

  await store.transaction((tx) => tx.recordAliases([{ formerNumber: '7', nextFormerNumber: '8' }]));
  await store.transaction(async (tx) => {
    await tx.apply(openingEffect({ name: 'a', rawId, references: ['x@cliente.example'] }, 1));
    await tx.apply(appendingEffect({ name: 'b', rawId }, 1, { reopen: true, participants: ['luis@cliente.example'] }));
    await tx.apply(quarantiningEffect({ name: 'c', rawId }));
    await tx.apply(bounceEffect({ name: 'd', rawId }, { outboxId: 1, address: 'ana@cliente.example', permanent: true }));
    await tx.lookUp(
      keysFor(
        { name: 'e', references: ['a@cliente.example'] },
        {
          numbers: [{ number: 1, proof: 'plain token', by: '[ITAC #1]' }],
          formerNumbers: [{ number: '7', by: '[#7]' }],
          reportedMessageId: 'reply-a@desk.example',
        },
      ),
    );
  });
  await store.settled(['maildir:a', 'maildir:z']);
  await store.due(ARRIVAL, 10);
  await store.settleOutbox([
    { id: 1, result: { state: 'queued', nextAttemptAt: ARRIVAL, response: '451' } },
    { id: 1, result: { state: 'failed', at: ARRIVAL, response: '550', undeliverable: true } },
  ]);
  const asked = [...statements].filter((sql) => /^\s*(SELECT|UPDATE|INSERT)/.test(sql));

  const scans = asked.flatMap((sql) =>
    db
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .filter(({ detail }) => /^SCAN (?!asked VIRTUAL TABLE|\(subquery|CONSTANT ROW)/.test(detail)) // SCAN inbound; not SCAN (subquery-1)
      .map(({ detail }) => `${detail}: ${sql}`),
  );

  expect(asked.length).toBeGreaterThan(30);
  expect(scans).toEqual([]);
  await store.close();
  await rm(folder, { recursive: true });
});

describe('SQLite store in a process that is killed', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Runs the lines, which see `store`, `rawId` and `openingEffect`, in a process of their own until it kills itself. */
  function killedAfter(lines: string): void {
    const module = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
    const program = `
      import { openSqliteStore } from ${module('../../src/adapters/sqliteStore.ts')};
      import { ARRIVAL, openingEffect } from ${module('../support/effects.ts')};
      const store = await openSqliteStore({ folder: ${JSON.stringify(folder)}, now: () => ARRIVAL });
      const { rawId } = await store.keep([Buffer.from('a: b\\r\\n\\r\\n')]);
      const die = () => process.kill(process.pid, 'SIGKILL');
      ${lines}`;
    const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  }

  test('R01 in the middle of a transaction, nothing of it is there, and the mail comes in afterwards', async () => {
    killedAfter(
      `await store.transaction(async (tx) => { await tx.apply(openingEffect({ name: 'a', rawId }, 1)); die(); await new Promise(() => {}); });`,
    );
    const store = await openSqliteStore({ folder, now: () => ARRIVAL });

    const before = await store.transaction((tx) => tx.lookUp(keysFor({ name: 'a' })));
    const { rawId } = await store.keep([Buffer.from('a: b\r\n\r\n')]);
    const receipt = await store.transaction((tx) => tx.apply(openingEffect({ name: 'a', rawId }, 1)));

    expect(before).toMatchObject({ ingestedAs: null, nextTicketNumber: 1 });
    expect(receipt).toMatchObject({ outcome: 'open', ticketNumber: 1 });
    await store.close();
  });

  test('R01 right after a transaction, all of it is there', async () => {
    killedAfter(`await store.transaction((tx) => tx.apply(openingEffect({ name: 'a', rawId }, 1))); die(); await new Promise(() => {});`);
    const store = await openSqliteStore({ folder, now: () => ARRIVAL });

    const known = await store.transaction((tx) => tx.lookUp(keysFor({ name: 'a' })));

    expect(known.ingestedAs).toMatchObject({ outcome: 'open', ticketNumber: 1 });
    expect(await store.settled(['maildir:a'])).toEqual(new Map([['maildir:a', 'processed']]));
    expect(await store.due(ARRIVAL, 10)).toHaveLength(1);
    await store.close();
  });
});

describe('SQLite store in a broken world', () => {
  let folder: string;
  const now = () => ARRIVAL;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('S25 data folder, database and kept mail are for the owner only', async () => {
    const data = join(folder, 'data');
    const store = await openSqliteStore({ folder: data, now });
    const { path } = await store.keep([Buffer.from('a: b\r\n\r\n')]);

    const modes = await Promise.all(
      [data, databasePath(data), `${databasePath(data)}-wal`, join(data, 'raw'), path].map(async (each) => (await stat(each)).mode & 0o777),
    );

    expect(modes.map((mode) => mode.toString(8))).toEqual(['700', '600', '600', '700', '600']);
    await store.close();
  });

  test('R09 a database locked by another process is a temporary error, and the mail comes in afterwards', async () => {
    const store = await openSqliteStore({ folder, now });
    const { rawId } = await store.keep([Buffer.from('a: b\r\n\r\n')]);
    const other = new Database(databasePath(folder));
    other.exec('BEGIN IMMEDIATE');

    await expect(store.transaction((tx) => tx.apply(openingEffect({ name: 'a', rawId }, 1)))).rejects.toMatchObject({
      code: 'STORE_BUSY',
      temporary: true,
    });
    other.exec('ROLLBACK');
    other.close();

    expect(await store.transaction((tx) => tx.apply(openingEffect({ name: 'a', rawId }, 1)))).toMatchObject({ outcome: 'open' });
    await store.close();
  });

  test('R09 a full disk is a temporary error that undoes the whole transaction, even when the work overlooks it', async () => {
    const db = openDatabase(folder);
    migrate(db, ARRIVAL);
    const raw = await openRawFolder(folder, ARRIVAL);
    const store = sqliteStoreOn({ db, raw, folder, now, migrated: [], readOnly: false });
    const { rawId } = await store.keep([Buffer.from('a: b\r\n\r\n')]);
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 1}`);
    const large = openingEffect({ name: 'large', rawId }, 2);
    large.outbox[0]!.mail.bytes = Buffer.alloc(100_000);

    const failed = store.transaction(async (tx) => {
      await tx.apply(openingEffect({ name: 'a', rawId }, 1));
      await tx.apply(large).catch(() => undefined);
    });

    await expect(failed).rejects.toMatchObject({ code: 'STORE_FULL', temporary: true });
    expect(await store.transaction((tx) => tx.lookUp(keysFor({ name: 'a' })))).toMatchObject({ ingestedAs: null, nextTicketNumber: 1 });
    await store.close();
  });

  test('a damaged database is refused with the way out', async () => {
    await writeFile(databasePath(folder), 'this is not a database, and it is long enough to be looked at '.repeat(100));

    await expect(openSqliteStore({ folder, now })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      temporary: false,
      remedy: expect.stringContaining('restaure'),
    });
  });

  test('a data folder that cannot be made is refused with its name', async () => {
    await writeFile(join(folder, 'file'), '');

    await expect(openSqliteStore({ folder: join(folder, 'file', 'data'), now })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      temporary: false,
      remedy: expect.stringContaining(join(folder, 'file', 'data')),
    });
  });

  test('kept bytes that a power failure emptied are written again', async () => {
    const store = await openSqliteStore({ folder, now });
    const { path } = await store.keep([Buffer.from('a: b\r\n\r\n')]);
    await writeFile(path, '');

    await store.keep([Buffer.from('a: b\r\n\r\n')]);

    expect((await stat(path)).size).toBe(8);
    await store.close();
  });
});

describe('SQLite store opened for reading', () => {
  let folder: string;
  const now = () => ARRIVAL;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('makes nothing where there is no database, and says what to do', async () => {
    const missing = join(folder, 'nowhere');

    await expect(openSqliteStore({ folder: missing, now, readOnly: true })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      remedy: expect.stringContaining('"buzon migrate" sin recibir correo'),
    });
    await expect(stat(missing)).rejects.toThrow('ENOENT');
  });

  test('looks up and changes nothing while the worker writes', async () => {
    const worker = await openSqliteStore({ folder, now });
    const { rawId } = await worker.keep([Buffer.from('a: b\r\n\r\n')]);
    await worker.transaction((tx) => tx.apply(openingEffect({ name: 'a', rawId }, 1)));
    const reader = await openSqliteStore({ folder, now, readOnly: true });

    const { path } = await reader.keep([Buffer.from('other: b\r\n\r\n')]);
    const known = await reader.transaction((tx) => tx.lookUp(keysFor({ name: 'a' })));
    const written = reader.transaction((tx) => tx.apply(openingEffect({ name: 'b', rawId }, 2)));

    expect(known.ingestedAs).toMatchObject({ outcome: 'open', ticketNumber: 1 });
    await expect(written).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(path.startsWith(folder)).toBe(false);
    await reader.close();
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await worker.close();
  });
});
