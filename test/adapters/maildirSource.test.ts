import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { subfolderName } from '../../src/adapters/maildir.ts';
import { createMaildirSource } from '../../src/adapters/maildirSource.ts';
import { reasonOf } from '../../src/errors.ts';
import type { RawMessage } from '../../src/mail/message.ts';
import type { MailSource } from '../../src/ports.ts';
import { aMessage, bytesOf, readAll, signalOf } from '../support/messages.ts';
import { aSilentLog } from '../support/silentLog.ts';

let above: string;
let folder: string;
let source: MailSource;
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), 'maildir-'));
  folder = join(above, 'buzon');
  source = createMaildirSource({ folder, doneFolder: 'Procesados/Año 1', quarantineFolder: null, maxBytes: 1_000_000 }, aSilentLog());
});
afterEach(async () => {
  await source.close();
  await rm(above, { recursive: true });
});

const LARGE = bytesOf(3 * 1024 * 1024);
const largeSource = (log = aSilentLog()) =>
  createMaildirSource({ folder, doneFolder: null, quarantineFolder: null, maxBytes: 10_000_000 }, log);

async function octetsOf({ chunks }: RawMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of chunks) pieces.push(piece);
  return Buffer.concat(pieces);
}

const refsOf = async () => (await source.list(signalOf())).map(({ ref }) => ref);

test('S25 a missing Maildir is made by the first list, for its owner only', async () => {
  expect(await refsOf()).toEqual([]);

  const modes = await Promise.all(['', 'new', 'cur', 'tmp'].map(async (part) => (await stat(join(folder, part))).mode & 0o777));
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o700]);
});

test('a probe of a missing Maildir makes nothing and says that it will be made', async () => {
  const lines = await source.probe();

  expect(lines).toMatchObject([{ ok: true, what: expect.stringContaining('se creará') }]);
  expect(await readdir(above)).toEqual([]);
});

test('a file in the place of the mailbox is an error that waiting does not heal, with its remedy', async () => {
  await writeFile(folder, '');

  await expect(source.list(signalOf())).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
    temporary: false,
    remedy: expect.stringContaining(folder),
  });
});

(userInfo().uid === 0 ? test.skip : test)('a folder without permission is told by the probe', async () => {
  await mkdir(folder);
  await chmod(folder, 0);

  expect(await source.probe()).toMatchObject([{ ok: false, remedy: expect.stringContaining('permiso') }]);
});

test('any mail file may be dropped into new/, drafts, folders and links are no messages', async () => {
  await refsOf();
  await writeFile(join(folder, 'new', 'prueba ñ.eml'), aMessage('uno'));
  await writeFile(join(folder, 'new', '.oculto'), '');
  await writeFile(join(folder, 'tmp', 'borrador'), '');
  await mkdir(join(folder, 'new', 'carpeta'));
  await symlink('/etc/hostname', join(folder, 'new', 'enlace'));

  const read = await readAll(source, await source.list(signalOf()));

  expect(read.map(({ bytes }) => String(bytes))).toEqual([String(aMessage('uno'))]);
});

test('R33 files come in the order in which they arrived, whatever they are called and wherever they lie', async () => {
  await refsOf();
  const arrived = new Date('2026-11-23T15:00:00Z').getTime();
  const files = ['new/2.eml', 'cur/9.eml:2,S', 'new/a.eml', 'cur/1.eml:2,', 'new/10.eml']; // oldest first
  for (const [n, file] of [...files.entries()].toReversed()) {
    await writeFile(join(folder, file), aMessage(`asunto ${n}`));
    const at = new Date(arrived + n * 1_000);
    await utimes(join(folder, file), at, at);
  }

  const read = await readAll(source, await source.list(signalOf()));

  expect(read.map(({ bytes }) => /Subject: (.+)\r/.exec(String(bytes))?.[1])).toEqual(files.map((_, n) => `asunto ${n}`));
});

test('R10 one file that cannot be read does not keep the ones after it waiting', async () => {
  await refsOf();
  await writeFile(join(folder, 'new', '1.eml'), aMessage('uno'));
  await writeFile(join(folder, 'new', '2.eml'), aMessage('dos'));
  const listed = await source.list(signalOf());
  await rm(join(folder, 'new', '1.eml'));
  await mkdir(join(folder, 'new', '1.eml')); // reads like a file without permission, also for root

  const read = await readAll(source, listed);

  expect(read.map(({ bytes }) => String(bytes))).toEqual([String(aMessage('dos'))]);
});

test('R10 a large file that cannot be read ends its own message only, as one to be had later', async () => {
  await refsOf();
  await writeFile(join(folder, 'new', '1.eml'), LARGE);
  await writeFile(join(folder, 'new', '2.eml'), aMessage('dos'));
  const log = aSilentLog();
  const large = largeSource(log);
  const listed = await large.list(signalOf());
  await rm(join(folder, 'new', '1.eml'));
  await mkdir(join(folder, 'new', '1.eml')); // opens, and then cannot be read

  const said: unknown[] = [];
  for await (const message of large.fetch(listed, signalOf())) said.push(await octetsOf(message).catch((error: unknown) => error));

  expect(said).toEqual([expect.objectContaining({ code: 'MESSAGE_UNREADABLE', temporary: true }), aMessage('dos')]);
  expect(reasonOf(said[0])).toBe('a message cannot be read now: EISDIR, read');
  expect(log.events.map(({ event }) => event)).toEqual(['source.note']);
  await large.close();
});

test.each([
  ['large', LARGE],
  ['small', aMessage('uno')],
])(
  'R34 a %s file that is deleted after the listing is passed over with a line in the log, which does not name it',
  async (_size, bytes) => {
    await refsOf();
    await writeFile(join(folder, 'new', '1.eml'), bytes);
    await writeFile(join(folder, 'new', '2.eml'), aMessage('dos'));
    const log = aSilentLog();
    const large = largeSource(log);
    const listed = await large.list(signalOf());
    await rm(join(folder, 'new', '1.eml'));

    const read = await readAll(large, listed);

    expect(read.map((message) => String(message.bytes))).toEqual([String(aMessage('dos'))]);
    expect(log.events).toEqual([{ level: 'info', event: 'source.note', fields: { reason: `a message is not in ${folder} any more` } }]);
    await large.close();
  },
);

test.each([
  ['deleted', (path: string) => rm(path)],
  ['moved by a mail program', (path: string) => rename(path, join(folder, 'cur', '1.eml:2,S'))],
])('R34 a large file that is %s while it is handed over is read whole', async (_how, leave) => {
  await refsOf();
  const path = join(folder, 'new', '1.eml');
  await writeFile(path, LARGE);
  const large = largeSource();
  const listed = await large.list(signalOf());

  const whole: boolean[] = [];
  for await (const message of large.fetch(listed, signalOf())) {
    await leave(path);
    whole.push((await octetsOf(message)).equals(LARGE));
  }

  expect(whole).toEqual([true]);
  await large.close();
});

(existsSync('/proc/self/fd') ? test : test.skip)('a large file is closed when its reader has gone', async () => {
  await refsOf();
  const path = join(folder, 'new', '1.eml');
  await writeFile(path, LARGE);
  const large = largeSource();
  const openFiles = async () => Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));

  const during: string[] = [];
  for await (const _message of large.fetch(await large.list(signalOf()), signalOf())) during.push(...(await openFiles()));

  expect(during).toContain(path);
  expect(await openFiles()).not.toContain(path);
  await large.close();
});

test('what the disk says about a settled message is told without the name of its file', async () => {
  await refsOf();
  const name = `${'á'.repeat(117)} Factura de Ana.eml`; // 253 octets: no room is left for the mark of a settled one
  await writeFile(join(folder, 'new', name), aMessage('uno'));
  const refs = await refsOf();
  await mkdir(join(folder, '.Procesados.Año 1'), { recursive: true });

  const failure = await source.settle(refs, 'processed').catch((error: unknown) => error);

  expect(reasonOf(failure)).toMatch(/^could not move settled messages to .*: ENAMETOOLONG, rename$/);
});

test('T33 a file of the same name that is dropped another day is another message, and replaces nothing', async () => {
  await refsOf();
  const drop = async (subject: string, seconds: number) => {
    await writeFile(join(folder, 'new', 'prueba.eml'), aMessage(subject));
    await utimes(join(folder, 'new', 'prueba.eml'), seconds, seconds);
    const refs = await refsOf();
    await source.settle(refs, 'processed');
    return refs[0];
  };

  const first = await drop('lunes', 1_700_000_000);
  const second = await drop('martes', 1_700_086_400);

  const done = join(folder, '.Procesados.Año 1', 'cur');
  const names = (await readdir(done)).sort();
  expect(first).not.toBe(second);
  expect(names).toEqual(['2-prueba.eml:2,', 'prueba.eml:2,']);
  expect(await readFile(join(done, names[0]!), 'utf8')).toContain('martes');
});

test('without a folder for them, settled messages stay and are not offered again', async () => {
  await refsOf();
  await writeFile(join(folder, 'new', 'a.eml'), aMessage('uno'));

  await source.settle(await refsOf(), 'quarantine');

  expect(await refsOf()).toEqual([]);
  expect(await readdir(join(folder, 'new'))).toEqual(['a.eml']);
});

test.each([
  ['Procesados', '.Procesados'],
  ['Procesados/2026', '.Procesados.2026'],
  ['../../etc', '.__.__.etc'],
])('P33 the folder %s lies inside of the Maildir as %s', (name, onDisk) => {
  expect(subfolderName(name)).toBe(onDisk);
});
