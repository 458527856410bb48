import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { aFolder, changing, givenDataToKeep, whenBackedUp } from '../support/backups.ts';
import { type CommandResult, runOn } from '../support/cli.ts';

/** Restores a backup of the test data, made at that moment, into a folder of its own, by the command. */
async function whenRestored(args: string[], now: Date): Promise<CommandResult & { names: string[] }> {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  const to = join(folder.path, 'data');
  const { archive } = await whenBackedUp(kept.desk.folder, { now });
  await writeFile(join(folder.path, 'copy.tar'), archive);
  const result = await runOn({ folder: to }, ['restore', join(folder.path, 'copy.tar'), ...args]);
  return { ...result, names: await readdir(to) };
}

test('restore says what it put in place, what became of waiting replies, and what to do before the start', async () => {
  const { code, out, err } = await whenRestored([], new Date());

  expect(code).toBe(0);
  expect(out).toMatch(/^Restaurada en .+ la copia del .+: 4 tickets, 4 mensajes \(4 con sus octetos\), 1 adjuntos; /);
  expect(err).toMatch(/pudieron salir después de la copia: 4\. .*"buzon outbox list --state dropped".*"buzon outbox retry N"/);
  expect(err).toMatch(/Antes de "buzon start", ejecute "buzon reconcile --recover":/);
  expect(err).toContain('El próximo ticket será el 1100:');
  expect(err).toContain('La copia trae el permiso OAuth2 de entonces (oauth-refresh-token)');
});

test('restore of an old backup tells how far back to look for mail', async () => {
  const { err } = await whenRestored([], new Date('2020-07-06T15:00:00.000Z'));

  expect(err).toContain('"buzon reconcile --recover --since 2020-07-05"');
});

test('restore --resend keeps replies waiting and says so', async () => {
  const { err } = await whenRestored(['--resend'], new Date());

  expect(err).toContain('quizá por segunda vez: 4.');
});

test('restore --json prints one object with what was done', async () => {
  const { out } = await whenRestored(['--json'], new Date());

  expect(JSON.parse(out)).toMatchObject({ tickets: 4, messages: 4, lacking: 0, secret: true, waiting: { replies: 4, kept: false } });
});

test('restore leaves the mail folders of the settings in the data folder where they are', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  const to = join(folder.path, 'data');
  await mkdir(join(to, 'mailbox', 'new'), { recursive: true });
  await mkdir(join(to, 'outbox'));
  await writeFile(join(folder.path, 'copy.tar'), (await whenBackedUp(kept.desk.folder)).archive);
  const doors = { BUZON_MAILBOX: `maildir:${join(to, 'mailbox')}`, BUZON_TRANSPORT: `file:${join(to, 'outbox')}` };

  const { code } = await runOn({ folder: to }, ['restore', join(folder.path, 'copy.tar')], '', doors);

  expect(code).toBe(0);
  expect(await readdir(to)).toEqual(expect.arrayContaining(['buzon.db', 'mailbox', 'outbox']));
});

test('backup says that whoever reads it can read the mailbox', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();

  const { err } = await runOn(kept.desk, ['backup', join(folder.path, 'copy.tar')]);

  expect(err).toContain('La copia lleva el permiso OAuth2 con que se entra al buzón (oauth-refresh-token)');
});

test('backup refuses a damaged database and names the command with which to go back', async () => {
  await using kept = await givenDataToKeep();
  await using folder = await aFolder();
  changing(kept.desk.folder, (db) => {
    db.pragma('foreign_keys = OFF');
    db.exec('UPDATE entry SET ticket_number = 99 WHERE id = 1');
  });

  const backup = await runOn(kept.desk, ['backup', join(folder.path, 'copy.tar')]);

  expect(backup).toMatchObject({ code: 1, err: expect.stringContaining('"buzon restore"') });
  expect(await readdir(folder.path)).toEqual([]);
});
