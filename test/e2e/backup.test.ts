import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { aFolder, filesOf } from '../support/backups.ts';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { dumpOf, restoredDumpOf } from '../support/dump.ts';
import { givenAnInstallation, SMTP_LOGIN } from '../support/installation.ts';
import { MailStream } from '../support/mailStream.ts';
import { type Ended, ROOT, runProgram } from '../support/program.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';

jest.setTimeout(60_000);

const MAILS = 150;

interface Row {
  id: number;
  raw_id: string | null;
  ticket_number: number | null;
}

function ledgerIn(folder: string): Row[] {
  const db = new Database(join(folder, 'buzon.db'), { readonly: true });
  try {
    return db.prepare<[], Row>('SELECT id, raw_id, ticket_number FROM inbound ORDER BY id').all();
  } finally {
    db.close();
  }
}

/** Stored files without what is half written. */
async function storedIn(folder: string): Promise<string[]> {
  return (await filesOf(folder)).filter((path) => !path.includes('/tmp/'));
}

(hasDovecot ? describe : describe.skip)('while a worker takes in a backlog', () => {
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });

  test('each backup is one moment of it, and the last one, restored, is the same data folder', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const { folder, dataFolder, env } = installation;
    const stream = new MailStream(11, { attachmentEvery: 4, attachmentBytes: { min: 1_000, max: 200_000 } });
    await dovecot.deliver(installation.user, ...Array.from({ length: MAILS }, () => stream.fromAPerson().bytes));
    const into = (name: string) => ({ env: { ...env, BUZON_DATA: join(folder, name) }, cwd: folder });

    await using worker = installation.start('start');
    await smtp.untilTaken(1);
    const during: Ended[] = [];
    for (const name of ['one.tar', 'two.tar.gz']) during.push(await installation.run('backup', join(folder, name)));
    await smtp.untilTaken(MAILS);
    await worker.kill('SIGTERM');
    const after = await installation.run('backup', '--json', join(folder, 'three.tgz'));
    const restored = [];
    for (const name of ['one.tar', 'two.tar.gz', 'three.tgz'])
      restored.push(await runProgram(['restore', join(folder, name)], into(`${name}-data`)));

    expect([...during, after, ...restored].map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(JSON.parse(after.stdout)).toMatchObject({ tickets: MAILS, messages: MAILS, lacking: 0 });
    const live = ledgerIn(dataFolder);
    for (const name of ['one.tar-data', 'two.tar.gz-data']) {
      const rows = ledgerIn(join(folder, name));
      expect(rows).toEqual(live.slice(0, rows.length));
      const kept = (await storedIn(join(folder, name))).filter((path) => path.startsWith('raw/'));
      expect(kept).toHaveLength(new Set(rows.map(({ raw_id }) => raw_id)).size);
      const { code, stdout } = await runProgram(['outbox', 'list', '--json'], into(name));
      expect({ code, waiting: /"state":"(?:queued|sending)"/.test(stdout) }).toEqual({ code: 0, waiting: false });
    }
    expect(restoredDumpOf(join(folder, 'three.tgz-data'))).toBe(dumpOf(dataFolder));
    expect(await storedIn(join(folder, 'three.tgz-data'))).toEqual(await storedIn(dataFolder));
    for (const path of [...(await storedIn(dataFolder)), 'secret'])
      expect((await readFile(join(folder, 'three.tgz-data', path))).equals(await readFile(join(dataFolder, path)))).toBe(true);
    expect(restored[2]!.stderr).toContain('buzon reconcile --recover');
    expect(await readdir(folder).then((names) => names.filter((name) => /partial|\.db|restore-/.test(name)))).toEqual([]);
  });
});

/** The built program with a data folder that a worker has begun, a Maildir and answers as files. */
async function givenADataFolder() {
  const place = await aFolder();
  const mailbox = join(place.path, 'mailbox');
  for (const name of ['new', 'cur', 'tmp']) await mkdir(join(mailbox, name), { recursive: true });
  for (const name of ['01-incidencia-produccion-caida.eml', '02-requerimiento-nuevo-reporte.eml'])
    await cp(join(ROOT, 'config', 'demo', name), join(mailbox, 'new', name));
  const env = {
    BUZON_DATA: join(place.path, 'data'),
    BUZON_MAILBOX: `maildir:${mailbox}`,
    BUZON_TRANSPORT: `file:${join(place.path, 'out')}`,
    BUZON_HTTP: '',
  };
  const run = (args: string[], more: Record<string, string> = {}) => runProgram(args, { env: { ...env, ...more }, cwd: place.path });
  expect(await run(['once'])).toMatchObject({ code: 0 });
  return { path: place.path, data: env.BUZON_DATA, env, run, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('a backup that goes to standard output is restored from standard input, and nothing stays in the data folder', async () => {
  await using given = await givenADataFolder();
  await using place = await aFolder();
  const names = async () => (await readdir(given.data)).filter((name) => !name.startsWith('buzon.db-')); // SQLite's own come and go
  const before = await names();

  const shell = `"${process.execPath}" "${join(ROOT, 'dist/main.js')}" backup - | BUZON_DATA="${place.path}/data" "${process.execPath}" "${join(ROOT, 'dist/main.js')}" restore -`;
  const child = spawn('sh', ['-c', shell], { env: { PATH: process.env['PATH'] ?? '', ...given.env }, cwd: given.path, stdio: 'ignore' });
  const code = await new Promise((done) => child.once('close', done));

  expect(code).toBe(0);
  expect(restoredDumpOf(join(place.path, 'data'))).toBe(dumpOf(given.data));
  expect(await names()).toEqual(before);
});

test('a reader of a backup that goes away makes it fail', async () => {
  await using given = await givenADataFolder();
  const child = spawn(process.execPath, [join(ROOT, 'dist/main.js'), 'backup', '-'], {
    env: { PATH: process.env['PATH'] ?? '', ...given.env },
    cwd: given.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());

  const code = await new Promise((done) => child.once('close', done));

  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('dejó de leer') });
});

test('an incomplete backup is made, told line by line with the row, and ends with 1', async () => {
  await using given = await givenADataFolder();
  const [lost] = (await storedIn(given.data)).filter((path) => path.startsWith('raw/'));
  await rm(join(given.data, lost!));

  const { code, stderr } = await given.run(['backup', 'copy.tar.gz']);

  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`✗ falta ${lost}, del mensaje `) });
  expect((await stat(join(given.path, 'copy.tar.gz'))).mode & 0o777).toBe(0o600);
  expect(await given.run(['restore', 'copy.tar.gz'], { BUZON_DATA: join(given.path, 'other') })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`✗ falta ${lost}`),
  });
});

test('doctor finds a damaged page of the database and names the remedy', async () => {
  await using given = await givenADataFolder();
  await using _file = await damagedAt(join(given.data, 'buzon.db'), 8);

  const { code, stdout } = await given.run(['doctor']);

  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ base de datos: está dañada \(.+\)\n {4}Remedio: .*buzon restore/);
});

/** Writes over one page of a database that nobody has open. */
async function damagedAt(path: string, page: number): Promise<AsyncDisposable> {
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
  return file;
}

test('doctor finds a row that refers to nothing', async () => {
  await using given = await givenADataFolder();
  const db = new Database(join(given.data, 'buzon.db'));
  db.pragma('foreign_keys = OFF');
  db.exec('UPDATE entry SET ticket_number = 99');
  db.close();

  const { code, stdout } = await given.run(['doctor']);

  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/✗ base de datos: .*entry refers to a missing ticket/) });
});

test('a lost key stops the worker, is not made anew, and goes on when it is restored', async () => {
  await using given = await givenADataFolder();
  const secret = join(given.data, 'secret');
  const key = await readFile(secret);
  await rm(secret);

  const [once, doctor] = [await given.run(['once']), await given.run(['doctor'])];

  expect(once).toMatchObject({ code: 2, stderr: expect.stringMatching(/falta la clave[\s\S]*Remedio: recupere la clave/) });
  expect(doctor).toMatchObject({ code: 1, stdout: expect.stringMatching(/✗ falta la clave|✗ clave: falta la clave/) });
  expect(existsSync(secret)).toBe(false);
  await writeFile(secret, key);
  expect(await given.run(['once'])).toMatchObject({ code: 0 });
});

test('another key stops the worker until a person accepts it', async () => {
  await using given = await givenADataFolder();
  const other = { BUZON_SECRET: 'a key that is another one' };

  const refused = await given.run(['once'], other);
  const accepted = await given.run(['key', 'accept'], other);

  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('BUZON_SECRET no es la de esta base de datos') });
  expect(refused.stderr).not.toContain(other.BUZON_SECRET);
  expect(accepted).toMatchObject({ code: 0, stdout: expect.stringContaining('dejan de valer') });
  expect(await given.run(['once'], other)).toMatchObject({ code: 0 });
  expect(await given.run(['once'])).toMatchObject({ code: 2 });
});

test('a key that is gone for good is made anew only when a person says so', async () => {
  await using given = await givenADataFolder();
  await rm(join(given.data, 'secret'));

  const accepted = await given.run(['key', 'accept', '--json']);

  expect({ code: accepted.code, said: JSON.parse(accepted.stdout) }).toEqual({ code: 0, said: { changed: true, before: 'lost' } });
  expect(await given.run(['once'])).toMatchObject({ code: 0 });
  expect(await given.run(['key', 'accept', '--json'])).toMatchObject({ stdout: expect.stringContaining('"changed":false') });
});
