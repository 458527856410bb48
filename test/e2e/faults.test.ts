import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation, type Installation, type InstallationOptions, SMTP_LOGIN } from '../support/installation.ts';
import { MailStream } from '../support/mailStream.ts';
import type { Ended } from '../support/program.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';
import { until } from '../support/until.ts';

jest.setTimeout(60_000);

const WRONG_PASSWORD = 'a wrong password';
const SECRETS = new RegExp(`${WRONG_PASSWORD}|${SMTP_LOGIN.password}|the key of the tests`);

interface Fault extends InstallationOptions {
  /** What is done to the installation. */
  given?: (installation: Installation) => Promise<void>;
  code: 1 | 2;
  says: RegExp;
  /** What a person is told to do. */
  remedy: RegExp;
}

const FAULTS: Record<string, Fault> = {
  'wrong settings': {
    env: { BUZON_ADDRESS: 'nadie', BUZON_SECRET: 'the key' },
    settings: { limits: { repliesPerAddressPerHour: 'tres' } },
    code: 2,
    says: /3 errores:\n {2}.*limits\.repliesPerAddressPerHour: .*\n {2}BUZON_ADDRESS: .*\n {2}BUZON_SECRET: /,
    remedy: /corrija lo indicado/,
  },
  'a wrong password': {
    env: { BUZON_MAILBOX_PASSWORD: WRONG_PASSWORD },
    code: 1,
    says: /no se pudo entrar al servidor del buzón|no aceptó el usuario o la contraseña/,
    remedy: /revise BUZON_MAILBOX y BUZON_MAILBOX_PASSWORD/,
  },
  'S28 a certificate that nobody vouches for': {
    settings: { tls: {} },
    code: 1,
    says: /certificado/i,
    remedy: /Corrija el certificado del servidor o indique la autoridad que lo firma/,
  },
  'a data folder that cannot be written': {
    given: async (installation) => {
      const file = join(installation.folder, 'file');
      await writeFile(file, '');
      installation.env['BUZON_DATA'] = join(file, 'data'); // under a file, where nobody can make a folder, root included
    },
    code: 1,
    says: /carpeta de datos/,
    remedy: /pueda escribir en la carpeta|BUZON_DATA/,
  },
  'a database of a newer version': {
    given: async (installation) => {
      await installation.run('migrate');
      const db = new Database(join(installation.dataFolder, 'buzon.db'));
      db.exec("INSERT INTO schema_migration SELECT max(number) + 1, '9999_from_the_future.sql', 'x', applied_at FROM schema_migration");
      db.close();
    },
    code: 1,
    says: /versión más nueva de Buzón/,
    remedy: /instale esa versión, o restaure una copia anterior/,
  },
  'R26 a done folder that is the mailbox itself': {
    settings: { mailbox: { doneFolder: 'Inbox' } },
    code: 2,
    says: /mailbox\.doneFolder: Inbox es el mismo buzón que se lee; elija otra carpeta, por ejemplo Procesados/,
    remedy: /corrija lo indicado/,
  },
};

(hasDovecot ? describe : describe.skip)('what an operator reads when something is wrong', () => {
  const stream = new MailStream(9);
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });

  async function expectNothingLost({ user }: Installation): Promise<void> {
    expect(await dovecot.messagesIn(user, 'INBOX')).toHaveLength(1);
    expect(smtp.taken).toEqual([]);
  }

  test.each(Object.entries(FAULTS))(
    '%s: once, start and doctor say it with the remedy, and the mail stays where it is',
    async (_name, fault) => {
      await using installation = await givenAnInstallation(dovecot, smtp, fault);
      await fault.given?.(installation);
      await dovecot.deliver(installation.user, stream.fromAPerson().bytes);

      const [once, doctor] = await Promise.all([installation.run('once'), installation.run('doctor')]);
      const start = await installation.run('start');

      for (const ended of [once, start, doctor]) {
        const everything = ended.stdout + ended.stderr;
        expect(everything).toMatch(fault.says);
        expect(everything).toMatch(new RegExp(`Remedio: .*(?:${fault.remedy.source})`));
        expectPlain(ended);
      }
      expect([once.code, start.code, doctor.code]).toEqual([fault.code, fault.code, fault.code]);
      expect([once.stdout, start.stdout]).toEqual(['', '']);
      await expectNothingLost(installation);
    },
  );

  test('an IMAP server out of reach: once fails with the remedy, start says it and goes on trying', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp, { env: { BUZON_MAILBOX: 'imaps://soporte@127.0.0.1:1/INBOX' } });

    const once = await installation.run('once');
    await using worker = installation.start('start');
    const event = await worker.untilEvent('cycle.failed');
    const { code, stderr } = await worker.kill('SIGTERM');

    expect(once.code).toBe(1);
    expect(once.stderr).toMatch(/no se pudo llegar al servidor del buzón .*\n {2}Remedio: No hay conexión con 127\.0\.0\.1/);
    expectPlain(once);
    expect(event).toMatchObject({ code: 'SOURCE_UNREACHABLE', remedy: expect.stringMatching(/revise el nombre, el puerto y la red/) });
    expect({ code, worker: stderr }).toMatchObject({ code: 0, worker: expect.not.stringMatching(/\n\s+at /) });
  });

  test('an SMTP server out of reach or a wrong password for it: doctor says which', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    installation.env['BUZON_TRANSPORT_PASSWORD'] = WRONG_PASSWORD;
    const refused = await installation.run('doctor');
    installation.env['BUZON_TRANSPORT'] = 'smtps://127.0.0.1:1';

    const unreachable = await installation.run('doctor', '--json');

    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/✗ salida por .*\n {4}Remedio: .*BUZON_TRANSPORT/);
    expectPlain(refused);
    const lines = unreachable.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ok: boolean; what: string; remedy?: string });
    expect(lines.filter(({ ok }) => !ok)).toMatchObject([{ what: expect.stringMatching(/^salida/), remedy: expect.any(String) }]);
  });

  test('with everything in order doctor says so, makes nothing and leaves the mail where it is', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    const folders = await dovecot.doveadm('mailbox', 'list', '-u', installation.user);

    const { code, stdout, stderr } = await installation.run('doctor');

    expect({ code, stderr: stderr.trim() }).toEqual({ code: 0, stderr: 'Todo en orden.' });
    expect(stdout).not.toContain('✗');
    expect(await dovecot.doveadm('mailbox', 'list', '-u', installation.user)).toBe(folders);
    expect(() => installation.dump()).toThrow(/directory does not exist/);
    await expectNothingLost(installation);
  });

  test('an address of /healthz that is taken ends start with the remedy', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await using first = installation.start('start');
    const { port } = await first.untilEvent('http.listening');
    installation.env['BUZON_HTTP'] = `127.0.0.1:${String(port)}`;
    installation.env['BUZON_DATA'] = join(installation.folder, 'other');
    await mkdir(installation.env['BUZON_DATA']);

    const second = await installation.run('start');

    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/Remedio: .*BUZON_HTTP/);
    expectPlain(second);
    await first.kill('SIGTERM');
  });

  test('R09 R14 a database that a worker that stands still keeps locked is waited for, also at the start', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await installation.run('migrate');
    const frozen = new Database(join(installation.dataFolder, 'buzon.db'));
    frozen.exec('BEGIN IMMEDIATE');
    await using worker = installation.start('start');
    const failed = await worker.untilEvent('cycle.failed');
    const { host, port } = await worker.untilEvent('http.listening');
    const ready = await fetch(`http://${host}:${port}/readyz`);

    frozen.close();
    await worker.untilEvent('worker.started');

    expect(failed).toMatchObject({ code: 'STORE_BUSY', remedy: expect.stringMatching(/Otro proceso/) });
    expect({ status: ready.status, body: await ready.text() }).toEqual({ status: 503, body: expect.stringMatching(/^mailbox: /) });
    expect((await worker.kill('SIGTERM')).code).toBe(0);
  });

  test('R14 a second worker on the same data folder is refused, and works once the first is gone', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await using first = installation.start('start');
    await first.untilEvent('worker.started');

    const second = await installation.run('once');
    await first.kill('SIGKILL');
    const third = await installation.run('once');

    expect(second).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/Remedio: .*deténgalo primero/) });
    expectPlain(second);
    expect(third).toMatchObject({ code: 0, stderr: '' });
  });

  test('healthz stays well and readyz does not while the mailbox is out of reach', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp, { env: { BUZON_MAILBOX: 'imaps://soporte@127.0.0.1:1/INBOX' } });
    await using worker = installation.start('start');
    const { port } = await worker.untilEvent('http.listening');
    const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${String(port)}${path}`)).status;
    await worker.untilEvent('cycle.failed');

    await until('it is not ready', async () => (await statusOf('/readyz')) === 503);

    expect(await statusOf('/healthz')).toBe(200);
    await worker.kill('SIGTERM');
  });
});

/** No stack, no secret. */
function expectPlain({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/\n\s{2,}at .{0,200}:\d/);
  expect(stdout + stderr).not.toMatch(SECRETS);
}
