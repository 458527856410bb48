import { cp, mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { writeNewFile } from '../../src/adapters/backupFile.ts';
import { MIGRATIONS_FOLDER, migrate } from '../../src/adapters/migrate.ts';
import { unpacked } from '../support/archive.ts';
import { aFolder, changing, givenDataToKeep, whenBackedUp, whenRestored } from '../support/backups.ts';
import { TODAY } from '../support/desk.ts';
import { dumpOf, restoredDumpOf } from '../support/dump.ts';

test('a backup that is restored has every row and every octet, and only their owner can read them', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  const to = join(folder.path, 'data');

  const { archive, summary, lacking } = await whenBackedUp(kept.desk.folder);
  const restored = await whenRestored(archive, to, { resend: true });

  expect({ lacking, summary }).toMatchObject({
    lacking: [],
    summary: { tickets: 4, messages: 4, files: { models: 1, raw: 4, attachments: 1 }, lacking: 0, secret: true, refreshToken: true },
  });
  expect(restored.summary).toEqual({ ...summary, waiting: { replies: 4, kept: true }, nextNumber: 1100 });
  expect(restoredDumpOf(to)).toBe(dumpOf(kept.desk.folder));
  for (const path of [...kept.files, 'secret', 'oauth-refresh-token']) {
    expect(await readFile(join(to, path))).toEqual(await readFile(join(kept.desk.folder, path)));
    expect((await stat(join(to, path))).mode & 0o777).toBe(0o600);
  }
  for (const name of ['.', 'raw', 'attachments', 'models']) expect((await stat(join(to, name))).mode & 0o777).toBe(0o700);
  expect((await stat(join(to, 'buzon.db'))).mode & 0o777).toBe(0o600);
});

test('the manifest comes first, and the database in the archive says all by itself', async () => {
  await using kept = await givenDataToKeep();

  const files = await unpacked((await whenBackedUp(kept.desk.folder)).archive);

  expect(files.map(({ name }) => name).slice(0, 4)).toEqual(['manifest.json', 'secret', 'oauth-refresh-token', 'buzon.db']);
  expect(
    files
      .map(({ name }) => name)
      .slice(4, -1)
      .sort(),
  ).toEqual(kept.files);
  expect(JSON.parse(files[0]!.bytes.toString())).toMatchObject({
    format: 1,
    program: '1.2.3',
    tickets: 4,
    messages: 4,
    keys: [{ name: 'secret' }, { name: 'oauth-refresh-token' }],
  });
  const db = new Database(files[3]!.bytes);
  expect(db.pragma('journal_mode', { simple: true })).not.toBe('wal');
  expect(db.prepare('SELECT count(*) FROM ticket').pluck().get()).toBe(4);
  db.close();
});

test('rows that are committed while the database is copied are not in the copy, and the copying does not begin anew', async () => {
  await using kept = await givenDataToKeep();
  changing(kept.desk.folder, (db) => db.exec(`INSERT INTO setting VALUES ('large', hex(zeroblob(6000000)))`));
  const before = dumpOf(kept.desk.folder);
  await using folder = await aFolder();
  let steps = 0;

  const { archive } = await whenBackedUp(kept.desk.folder, {
    onProgress({ stage }) {
      if (stage !== 'database') return;
      steps += 1;
      changing(kept.desk.folder, (db) => db.prepare('INSERT INTO setting VALUES (?, ?)').run(`during step ${steps}`, ''));
    },
  });
  await whenRestored(archive, join(folder.path, 'data'), { resend: true });

  expect(steps).toBeGreaterThan(2);
  expect(steps).toBeLessThan(10);
  expect(restoredDumpOf(join(folder.path, 'data'))).toBe(before);
});

test('what comes in between the copy of the database and the copy of its files is left for the next backup', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  const coming: Promise<unknown>[] = [];

  const { archive, summary } = await whenBackedUp(kept.desk.folder, {
    onProgress({ stage, done }) {
      if (stage === 'files' && done === 0) coming.push(kept.desk.givenTicket({ from: 'rio@cliente.example' }));
    },
  });
  await Promise.all(coming);
  await whenRestored(archive, join(folder.path, 'data'));

  expect(kept.desk.tickets()).toHaveLength(5);
  expect(summary).toMatchObject({ tickets: 4, files: { raw: 4 }, lacking: 0 });
});

test('stored files that are gone or damaged are told one by one with their row, and the backup has all the others', async () => {
  await using kept = await givenDataToKeep();
  const [gone, damaged] = kept.files.filter((path) => path.startsWith('raw/'));
  const attachment = kept.files.find((path) => path.startsWith('attachments/'))!;
  await rm(join(kept.desk.folder, gone!));
  await writeFile(join(kept.desk.folder, damaged!), 'other octets');
  await rm(join(kept.desk.folder, attachment));
  await mkdir(join(kept.desk.folder, attachment));

  const { archive, summary, lacking } = await whenBackedUp(kept.desk.folder);

  expect(lacking).toEqual([
    expect.objectContaining({ path: gone, problem: 'missing', message: expect.any(Number), ticket: expect.any(Number) }),
    expect.objectContaining({ path: damaged, problem: 'damaged' }),
    expect.objectContaining({ path: attachment, problem: 'unreadable', message: 4, ticket: 4 }),
  ]);
  expect(summary).toMatchObject({ lacking: 3, files: { models: 1, raw: 2, attachments: 0 } });
  await using folder = await aFolder();
  const restored = await whenRestored(archive, join(folder.path, 'data'));
  expect(restored.lacking.map(({ path }) => path)).toEqual([gone, damaged, attachment]);
  expect(restored.summary.lacking).toBe(3);
});

test('what a backup that was killed left is removed by a later one, and nothing that is younger or called otherwise', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  const old = '.backup-0b3c7d6e-1111-4222-8333-0123456789ab.db';
  const young = '.backup-0b3c7d6e-1111-4222-8333-0123456789ac.db';
  const yesterday = new Date(TODAY.getTime() - 25 * 3_600_000);
  for (const name of [old, `${old}-journal`, '.backup-notes.db', young]) {
    await writeFile(join(folder.path, name), '');
    await utimes(join(folder.path, name), yesterday, name === young ? TODAY : yesterday);
  }

  await whenBackedUp(kept.desk.folder, { scratch: folder.path });

  expect(await readdir(folder.path)).toEqual([young, '.backup-notes.db']);
});

test('a database for whose copy there is no room is not copied at all', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  await truncate(join(kept.desk.folder, 'buzon.db'), 8 * 2 ** 40); // without a block of it on the disk

  const backup = whenBackedUp(kept.desk.folder, { scratch: folder.path });

  await expect(backup).rejects.toMatchObject({ code: 'STORE_FULL', temporary: false, remedy: expect.stringContaining('libere espacio') });
  expect(await readdir(folder.path)).toEqual([]);
});

test('a backup that is interrupted does not say that nothing of it is left: a reader has the first part', async () => {
  await using kept = await givenDataToKeep();
  const asked = new AbortController();

  const backup = whenBackedUp(kept.desk.folder, { signal: asked.signal, onProgress: () => asked.abort('SIGTERM') });

  await expect(backup).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/se interrumpió, .* no es una copia$/) });
});

test('a compressed backup holds the same', async () => {
  await using kept = await givenDataToKeep();

  const plain = await whenBackedUp(kept.desk.folder);
  const compressed = await whenBackedUp(kept.desk.folder, { gzip: true });

  expect(gunzipSync(compressed.archive)).toEqual(plain.archive);
});

test('a damaged database is not kept as if it were sound', async () => {
  await using kept = await givenDataToKeep();
  changing(kept.desk.folder, (db) => {
    db.pragma('foreign_keys = OFF');
    db.exec('UPDATE entry SET ticket_number = 99 WHERE id = 1');
  });

  await expect(whenBackedUp(kept.desk.folder)).rejects.toMatchObject({
    code: 'STORE_FAILED',
    temporary: false,
    message: expect.stringContaining('entry'),
    remedy: expect.stringContaining('buzon restore'),
  });
});

test('an older schema is backed up and restored as it is, and the next start brings it up to date', async () => {
  await using folder = await aFolder();
  const [old, to, migrations] = ['old', 'new', 'migrations'].map((name) => join(folder.path, name)) as [string, string, string];
  const [first] = (await readdir(MIGRATIONS_FOLDER)).sort();
  await mkdir(old);
  await mkdir(migrations);
  await cp(join(MIGRATIONS_FOLDER, first!), join(migrations, first!));
  changing(old, (db) => migrate(db, new Date(), migrations));

  const { archive, summary } = await whenBackedUp(old);
  await whenRestored(archive, to);

  expect(summary).toMatchObject({ schema: first, files: { models: 0, raw: 0, attachments: 0 }, secret: false });
  changing(to, (db) => expect(migrate(db, new Date())).not.toEqual([]));
});

test('a schema that this program does not know is not backed up: it may name files that would be left out', async () => {
  await using kept = await givenDataToKeep();
  changing(kept.desk.folder, (db) => db.exec(`INSERT INTO schema_migration VALUES (999, '0999_later.sql', '', '')`));

  await expect(whenBackedUp(kept.desk.folder)).rejects.toMatchObject({ code: 'STORE_NEWER' });
});

test.each(['database', 'files'])(
  'a backup that is interrupted while it copies the %s leaves no copy of the database behind',
  async (at) => {
    await using kept = await givenDataToKeep();
    await using scratch = await aFolder();
    const asked = new AbortController();

    const backup = whenBackedUp(kept.desk.folder, {
      scratch: scratch.path,
      signal: asked.signal,
      onProgress: ({ stage }) => stage === at && asked.abort('SIGTERM'),
    });

    await expect(backup).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('se interrumpió') });
    expect(await readdir(scratch.path)).toEqual([]);
  },
);

test('a new file has its name only when it is whole, and is its owner’s alone', async () => {
  await using folder = await aFolder();
  const path = join(folder.path, 'copy.tar');

  const during = await writeNewFile(path, async (target) => {
    const names = await readdir(folder.path);
    await new Promise((done) => target.end('all of it', () => done(null)));
    return names;
  });

  expect(during).toEqual(['copy.tar.partial']);
  expect(await readdir(folder.path)).toEqual(['copy.tar']);
  expect(await readFile(path, 'utf8')).toBe('all of it');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.each(['copy.tar', 'copy.tar.partial'])('%s is not written over', async (name) => {
  await using folder = await aFolder();
  await writeFile(join(folder.path, name), 'an older one');

  const writing = writeNewFile(join(folder.path, 'copy.tar'), () => Promise.reject(new Error('it was begun')));

  await expect(writing).rejects.toMatchObject({ code: 'REFUSED', remedy: expect.any(String) });
  expect(await readdir(folder.path)).toEqual([name]);
  expect(await readFile(join(folder.path, name), 'utf8')).toBe('an older one');
});

test('a file that could not be written to its end is gone', async () => {
  await using folder = await aFolder();

  const writing = writeNewFile(join(folder.path, 'copy.tar'), () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })));

  await expect(writing).rejects.toMatchObject({ code: 'STORE_FULL', temporary: false, remedy: expect.stringContaining(folder.path) });
  expect(await readdir(folder.path)).toEqual([]);
});
