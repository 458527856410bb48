import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Database from 'better-sqlite3';
import { rawPath } from '../../src/adapters/rawFolder.ts';
import { openSqliteStore } from '../../src/adapters/sqliteStore.ts';
import { tarHeader } from '../../src/adapters/tarArchive.ts';
import { lockWorker } from '../../src/adapters/workerLock.ts';
import { type Packed, packed, unpacked } from '../support/archive.ts';
import { aFolder, changing, givenDataToKeep, sha256, whenBackedUp, whenRestored } from '../support/backups.ts';
import { TODAY } from '../support/desk.ts';
import { keysFor } from '../support/effects.ts';

let place: Awaited<ReturnType<typeof aFolder>>;
let archive: Buffer;
let files: Packed[];

beforeAll(async () => {
  place = await aFolder();
  await using kept = await givenDataToKeep();
  ({ archive } = await whenBackedUp(kept.desk.folder));
  files = await unpacked(archive);
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

const DAMAGED = {
  code: 'REFUSED',
  temporary: false,
  message: expect.stringMatching(/^la copia está dañada o incompleta/),
  remedy: expect.stringContaining('no cambió nada'),
};

async function expectDamaged(bytes: Buffer): Promise<void> {
  await expect(whenRestored(bytes, join(place.path, 'data'))).rejects.toMatchObject(DAMAGED);
  expect(await readdir(place.path)).toEqual([]);
}

/** The backup with one of its files made into others. */
function withFile(name: string | RegExp, make: (file: Packed) => Packed[]): Buffer {
  const made = files.flatMap((file) => (file.name.match(name)?.[0] === file.name ? make(file) : [file]));
  return packed(made);
}

/** The backup with its database changed, and a manifest that fits that. */
async function withDatabase(change: (db: Database.Database) => void): Promise<Buffer> {
  await using folder = await aFolder();
  await writeFile(join(folder.path, 'buzon.db'), fileCalled('buzon.db').bytes);
  changing(folder.path, change);
  return withDatabaseFile(await readFile(join(folder.path, 'buzon.db')));
}

function withDatabaseFile(bytes: Buffer): Buffer {
  return withManifest({ database: { bytes: bytes.length, sha256: sha256(bytes) } }, bytes);
}

/** The backup with some things in its manifest changed, and a last entry that fits that. */
function withManifest(changes: object, database = fileCalled('buzon.db').bytes): Buffer {
  const manifest = Buffer.from(JSON.stringify({ ...jsonOf('manifest.json'), ...changes }));
  const contents = Buffer.from(JSON.stringify({ ...jsonOf('contents.json'), manifest: sha256(manifest) }));
  const made: Record<string, Buffer> = { 'manifest.json': manifest, 'buzon.db': database, 'contents.json': contents };
  return packed(files.map((file) => ({ ...file, bytes: made[file.name] ?? file.bytes })));
}

function jsonOf(name: string): Record<string, unknown> {
  return JSON.parse(fileCalled(name).bytes.toString()) as Record<string, unknown>;
}

/** The manifest, with changes or as it is. */
function unpackedManifest(changes: object, changed: boolean): Packed {
  return { name: 'manifest.json', bytes: Buffer.from(JSON.stringify({ ...jsonOf('manifest.json'), ...(changed ? changes : {}) })) };
}

function fileCalled(name: string | RegExp): Packed {
  const found = files.find((file) => (typeof name === 'string' ? file.name === name : name.test(file.name)));
  if (!found) throw new Error(`the backup has no ${name}`);
  return found;
}

describe('a backup that is not whole leaves nothing behind:', () => {
  test('cut off anywhere', async () => {
    for (let length = 0; length < archive.length - 1024; length += Math.ceil(archive.length / 40))
      await expectDamaged(archive.subarray(0, length));
  });

  test('cut off anywhere, compressed', async () => {
    const compressed = gzipSync(archive);
    for (let length = 0; length < compressed.length; length += Math.ceil(compressed.length / 20))
      await expectDamaged(compressed.subarray(0, length));
    await expectDamaged(compressed.subarray(0, -1));
  });

  test('one octet of the compressed file is another', async () => {
    const compressed = gzipSync(archive);
    compressed[compressed.length - 6]! ^= 1; // its checksum, which comes after everything
    await expectDamaged(compressed);
  });

  test('one bit of any of its files is another', async () => {
    for (const { name, bytes } of files) {
      for (const at of [0, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2), bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        await expectDamaged(withFile(name, () => [{ name, bytes: changed }]));
      }
    }
  });

  test('any one of its files is not there, or is there twice', async () => {
    for (const { name } of files) {
      await expectDamaged(withFile(name, () => []));
      await expectDamaged(withFile(name, (file) => [file, file]));
    }
  });

  test('its files come in another order', async () => {
    await expectDamaged(packed([...files].reverse()));
  });

  test('it is no archive at all', async () => {
    await expectDamaged(Buffer.from('¿Esto qué es?'.repeat(1_000)));
    await expectDamaged(Buffer.alloc(0));
    await expectDamaged(Buffer.alloc(10_240));
    await expectDamaged(Buffer.from([0x1f]));
  });
});

describe('a hostile backup writes nothing anywhere:', () => {
  const evil = Buffer.from('evil');
  const name = sha256(evil);

  test.each([
    ['a way up', '../evil'],
    ['a way up from a folder of ours', `raw/../../${name}.eml`],
    ['a place on the disk', '/tmp/evil'],
    ['another folder', `bin/${name}`],
    ['another name', 'raw/ev/evil.eml'],
    ['the folder of another name', `raw/00/${name}.eml`],
    ['no file of ours', 'worker.lock'],
    ['a second database', 'buzon.db'],
    ['a second key', 'secret'],
    ['what the database does not name', `raw/${name.slice(0, 2)}/${name}.eml`],
  ])('%s', async (_what, path) => {
    const contents = JSON.parse(fileCalled('contents.json').bytes.toString());
    contents.files.raw += 1;
    await expectDamaged(
      withFile('contents.json', (file) => [
        { name: path, bytes: evil },
        { ...file, bytes: Buffer.from(JSON.stringify(contents)) },
      ]),
    );
  });

  test('names in its database that lead elsewhere', async () => {
    await expectDamaged(await withDatabase((db) => db.exec(`UPDATE inbound SET raw_id = '../../../../etc/passwd' WHERE id = 1`)));
  });

  test('a database without the tables that it should have', async () => {
    await expectDamaged(await withDatabase((db) => db.exec('DROP TABLE outbox')));
  });

  test('a large file that its database does not name, which is not even read', async () => {
    let read = 0;
    function* endless(): Generator<Buffer> {
      yield packed(files.slice(0, -1)).subarray(0, -1024);
      yield tarHeader(`raw/${name.slice(0, 2)}/${name}.eml`, 2 ** 30, new Date(0));
      for (; read < 64; read += 1) yield Buffer.alloc(65_536);
    }

    await expect(whenRestored(endless(), join(place.path, 'data'))).rejects.toMatchObject(DAMAGED);

    expect(read).toBeLessThan(16);
    expect(await readdir(place.path)).toEqual([]);
  });

  test('more files than its manifest tells of', async () => {
    await expectDamaged(withManifest({ named: { models: 1, raw: 1, attachments: 1 } }));
  });

  test.each([
    ['a file', /^raw\//],
    ['a database', /^buzon\.db$/],
  ])('%s for which the disk has no room', async (_what, which) => {
    const at = files.findIndex((file) => which.test(file.name));
    const bytes = 2 ** 50;
    const before = unpackedManifest({ database: { bytes, sha256: name } }, which.test('buzon.db'));

    const restoring = whenRestored(
      Buffer.concat([packed([before, ...files.slice(1, at)]).subarray(0, -1024), tarHeader(files[at]!.name, bytes, new Date(0))]),
      join(place.path, 'data'),
    );

    await expect(restoring).rejects.toMatchObject({
      code: 'STORE_FULL',
      temporary: false,
      remedy: expect.stringContaining('libere espacio'),
    });
    expect(await readdir(place.path)).toEqual([]);
  });

  test('a first entry that is larger than a manifest can be', async () => {
    await expectDamaged(withFile('manifest.json', (file) => [{ ...file, bytes: Buffer.alloc(100_000, ' ') }]));
  });
});

test('a damaged database is found before anything is put in place, however well it was packed', async () => {
  const bytes = Buffer.from(fileCalled('buzon.db').bytes);
  bytes.fill(0x5a, 8 * 4096, 9 * 4096);
  await expectDamaged(withDatabaseFile(bytes));
  await expectDamaged(
    await withDatabase((db) => db.pragma('foreign_keys = OFF') && db.exec('UPDATE entry SET ticket_number = 99 WHERE id = 1')),
  );
});

test('a backup of a newer schema or a newer format is refused with the remedy to install that version', async () => {
  const remedy = expect.stringContaining('instale esa versión');

  const newerSchema = whenRestored(withManifest({ schema: '0999_later.sql' }), join(place.path, 'data'));
  await expect(newerSchema).rejects.toMatchObject({ code: 'STORE_NEWER', remedy });
  const newerFormat = whenRestored(withManifest({ format: 2, later: true }), join(place.path, 'data'));
  await expect(newerFormat).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('más nueva'), remedy });
  expect(await readdir(place.path)).toEqual([]);
});

test('replies that were waiting are not sent again by themselves', async () => {
  await using folder = await aFolder();
  const to = join(folder.path, 'data');
  const backup = await withDatabase((db) => {
    db.exec(
      `UPDATE outbox SET state = 'sending' WHERE id = 2; UPDATE outbox SET state = 'sent', settled_at = 'then', response = '250 ok' WHERE id = 3`,
    );
  });

  const { summary } = await whenRestored(backup, to);

  expect(summary.waiting).toEqual({ replies: 3, kept: false });
  changing(to, (db) => {
    const response = 'restaurado de una copia: pudo haberse enviado';
    const dropped = { state: 'dropped', response, settled_at: '2026-11-23T15:00:00.000Z' };
    expect(db.prepare('SELECT state, response, settled_at FROM outbox ORDER BY id').all()).toEqual([
      dropped,
      dropped,
      { state: 'sent', response: '250 ok', settled_at: 'then' },
      dropped,
    ]);
  });
});

test('a ticket after a restoration gets no number that may have been given out since the backup, however often it is restored', async () => {
  await using folder = await aFolder();
  const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')] as const;

  const once = await whenRestored(archive, first);
  const again = await whenRestored((await whenBackedUp(first)).archive, second);

  expect([once.summary.nextNumber, again.summary.nextNumber]).toEqual([1100, 2100]);
  expect(await nextNumberOf(first)).toBe(1100);
  expect(await nextNumberOf(second)).toBe(2100);
});

/** What the store tells a new ticket. */
async function nextNumberOf(folder: string): Promise<number> {
  const store = await openSqliteStore({ folder, now: () => TODAY });
  try {
    return (await store.transaction((tx) => tx.lookUp(keysFor({ name: 'new' })))).nextTicketNumber;
  } finally {
    await store.close();
  }
}

test('mail folders in the data folder stay where they are, and those only that the settings name', async () => {
  await using folder = await aFolder();
  const [mailbox, outbox] = ['mailbox', 'outbox'].map((name) => join(folder.path, name)) as [string, string];
  for (const each of [mailbox, outbox]) {
    await mkdir(each);
    await writeFile(join(each, 'mail'), 'what was there');
  }

  const strict = whenRestored(archive, folder.path, { mailFolders: [mailbox] });
  await expect(strict).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('(tiene outbox)') });
  await whenRestored(archive, folder.path, { mailFolders: [`${mailbox}/`, outbox] });

  expect(await readdir(folder.path)).toEqual(expect.arrayContaining(['buzon.db', 'mailbox', 'outbox', 'raw']));
  expect(await readFile(join(mailbox, 'mail'), 'utf8')).toBe('what was there');
});

test('a mail folder that is called like a folder of ours is in the way', async () => {
  await using folder = await aFolder();
  await mkdir(join(folder.path, 'raw'));

  const restoring = whenRestored(archive, folder.path, { mailFolders: [join(folder.path, 'raw')] });

  await expect(restoring).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('(tiene raw)') });
});

test.each([
  ['a database', 'buzon.db', 'ya tiene una base de datos'],
  ['anything else', 'notas.txt', 'no está vacía (tiene notas.txt)'],
  ['what an interrupted restoration left', 'restore-a1b2c3', 'no está vacía'],
])('a folder with %s is not touched', async (_what, name, why) => {
  await using folder = await aFolder();
  await writeFile(join(folder.path, name), 'what was there');

  const restoring = whenRestored(archive, folder.path);

  await expect(restoring).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining(why), remedy: expect.any(String) });
  expect(await readdir(folder.path)).toEqual([name]);
  expect(await readFile(join(folder.path, name), 'utf8')).toBe('what was there');
});

test('a folder that a worker has is not touched', async () => {
  await using folder = await aFolder();
  const lease = lockWorker(folder.path);

  await expect(whenRestored(archive, folder.path)).rejects.toMatchObject({ code: 'STORE_BUSY' });

  await lease.close();
  await whenRestored(archive, folder.path);
  expect(existsSync(join(folder.path, 'buzon.db'))).toBe(true);
});

test('the root of a disk of its own counts as empty', async () => {
  await using folder = await aFolder();
  await mkdir(join(folder.path, 'lost+found'));

  await whenRestored(archive, folder.path);

  expect((await readdir(folder.path)).filter((name) => !name.startsWith('worker'))).toEqual([
    'attachments',
    'buzon.db',
    'lost+found',
    'models',
    'oauth-refresh-token',
    'raw',
    'secret',
  ]);
});

test('what was begun in the folder during a restoration stays, and the restoration is refused', async () => {
  await using folder = await aFolder();
  const started = join(folder.path, 'buzon.db');
  const writes: Promise<void>[] = [];

  const restoring = whenRestored(archive, folder.path, {
    onProgress: ({ done }) => done === 1 && writes.push(writeFile(started, 'of a worker that began meanwhile')),
  });

  await expect(restoring).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('ya tiene una base de datos') });
  await Promise.all(writes);
  expect((await readdir(folder.path)).filter((name) => !name.startsWith('worker'))).toEqual(['buzon.db']);
  expect(await readFile(started, 'utf8')).toBe('of a worker that began meanwhile');
});

test('a restoration that is interrupted leaves the folder as it was', async () => {
  await using folder = await aFolder();
  const asked = new AbortController();

  const restoring = whenRestored(archive, join(folder.path, 'data'), { signal: asked.signal, onProgress: () => asked.abort('SIGTERM') });

  await expect(restoring).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('se interrumpió') });
  expect(await readdir(folder.path)).toEqual([]);
});

test('a message that was restored lies where the store looks for it', async () => {
  await using folder = await aFolder();
  const { bytes } = fileCalled(/^raw\//);

  await whenRestored(archive, folder.path);

  expect(await readFile(rawPath(folder.path, sha256(bytes)))).toEqual(bytes);
  await rm(folder.path, { recursive: true });
});
