import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation, type Installation, type InstallationOptions, SMTP_LOGIN } from '../support/installation.ts';
import { MailStream } from '../support/mailStream.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const IN_THE_MAILBOX = { settings: { mailbox: { doneFolder: null, quarantineFolder: null, pollSchedule: '0 * * * *' } } };

interface Summary {
  messages: number;
  rows: number;
  gaps: number;
  recovered: number | null;
  codes: Record<string, number>;
  gone: number;
}

(hasDovecot ? describe : describe.skip)('the mailbox against the ledger, on real servers', () => {
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  let installation: Installation;
  const mails = new MailStream(7, { attachmentEvery: 1000 });
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });
  beforeEach(async () => {
    await install();
  });
  afterEach(async () => {
    await installation[Symbol.asyncDispose]();
  });

  async function install(options: InstallationOptions = {}): Promise<void> {
    await installation?.[Symbol.asyncDispose]();
    installation = await givenAnInstallation(dovecot, smtp, options);
    smtp.taken.splice(0);
  }

  async function once(): Promise<Record<string, number>> {
    const { code, stdout, stderr } = await installation.run('once', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return (JSON.parse(stdout) as { outcomes: Record<string, number> }).outcomes;
  }

  async function reconcile(...args: string[]): Promise<Summary & { code: number | null; found: string[] }> {
    const { code, stdout, stderr } = await installation.run('reconcile', '--json', ...args);
    expect(stderr).toBe('');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; code: string; place?: string });
    const found = lines
      .filter(({ kind }) => kind === 'finding')
      .map(({ code: what, place }) => (place === undefined ? what : `${what} ${place}`));
    return { ...(lines.at(-1) as unknown as Summary), code, found };
  }

  const arrive = (...messages: Buffer[]) => dovecot.deliver(installation.user, ...messages);
  const personMoves = (from: string, to: string) => dovecot.doveadm('move', '-u', installation.user, to, 'mailbox', from, 'all');
  const inFolder = async (mailbox: string) => (await dovecot.messagesIn(installation.user, mailbox)).length;
  const tickets = () => installation.reading((reports) => reports.tickets({ limit: 100 }).length);

  test('T32 after a day of mail nothing is found: tickets, quarantine, one mail to To and Cc, and mail from before the first start', async () => {
    const twice = mails.fromAPerson().bytes;
    const relayed = Buffer.concat([Buffer.from('Received: from otro.example by mx.itac.co; Mon, 23 Nov 2026 10:00:01 -0500\r\n'), twice]);
    await arrive(mails.fromAPerson().bytes, twice, relayed, Buffer.from('Subject: sin autor\r\n\r\nx\r\n'));
    await dovecot.deliverAt(installation.user, new Date(Date.now() - 20 * DAY_MS), mails.fromAPerson().bytes);
    const outcomes = await once();

    const result = await reconcile();

    expect(outcomes).toMatchObject({ open: 2, duplicate: 1, quarantine: 1 });
    expect(result).toMatchObject({ code: 0, found: [], gaps: 0, messages: 4, rows: 4, gone: 0 });
    expect(tickets()).toBe(2);
  });

  test('a mail that a person dragged among the processed ones is found, and comes back to become a ticket', async () => {
    await arrive(mails.fromAPerson().bytes);
    await once();
    await arrive(mails.fromAPerson().bytes);
    await dovecot.deliverAt(installation.user, new Date(Date.now() - 3 * DAY_MS), mails.fromAPerson().bytes);
    await personMoves('INBOX', 'Procesados');
    smtp.taken.splice(0);

    const found = await reconcile();
    const recovered = await reconcile('--recover');
    const outcomes = await once();

    expect(found).toMatchObject({ code: 1, found: ['unrecorded processed', 'unrecorded processed'], gaps: 2, recovered: null });
    expect(recovered).toMatchObject({ code: 0, gaps: 0, recovered: 2 });
    expect(outcomes).toMatchObject({ open: 2, duplicate: 0 });
    expect(smtp.taken).toHaveLength(1); // the one of three days ago gets no answer
    expect(await reconcile()).toMatchObject({ code: 0, found: [], messages: 3 });
    expect(await inFolder('INBOX')).toBe(0);
  });

  test('after an older database was put back, what came later is found and recovered, and nothing else', async () => {
    await arrive(mails.fromAPerson().bytes, mails.fromAPerson().bytes);
    await once();
    const file = join(installation.dataFolder, 'buzon.db');
    await copyFile(file, `${file}.copy`);
    await arrive(mails.fromAPerson().bytes);
    await once();
    for (const end of ['-wal', '-shm']) await rm(`${file}${end}`, { force: true });
    await copyFile(`${file}.copy`, file);

    const recovered = await reconcile('--recover');
    const outcomes = await once();

    expect(recovered).toMatchObject({ code: 0, found: ['unrecorded processed'], recovered: 1 });
    expect(outcomes).toMatchObject({ open: 1, duplicate: 0 });
    expect(tickets()).toBe(3);
    expect(await reconcile()).toMatchObject({ code: 0, messages: 3, rows: 3 });
  });

  test('kept bytes that are gone or cut are found at once, changed ones by a deep look', async () => {
    await arrive(...[1, 2, 3].map(() => mails.fromAPerson().bytes));
    await once();
    const folder = join(installation.dataFolder, 'raw');
    const [gone, cut, changed] = (await readdir(folder, { recursive: true }))
      .filter((name) => name.endsWith('.eml'))
      .map((name) => join(folder, name));
    await rm(gone!);
    await writeFile(cut!, 'From: x');
    await writeFile(changed!, Buffer.alloc((await stat(changed!)).size, 'x'));

    const shallow = await reconcile();
    const deep = await reconcile('--deep');

    expect(shallow).toMatchObject({ code: 1, codes: { 'bytes-missing': 1, 'bytes-damaged': 1 } });
    expect(deep).toMatchObject({ code: 1, codes: { 'bytes-missing': 1, 'bytes-damaged': 2 } });
  });

  test('R05 a change of UIDVALIDITY is no gap', async () => {
    await install(IN_THE_MAILBOX);
    await arrive(...[1, 2, 3].map(() => mails.fromAPerson().bytes));
    await dovecot.deliverAt(installation.user, new Date(Date.now() - 20 * DAY_MS), mails.fromAPerson().bytes);
    await once();
    await dovecot.doveadm('mailbox', 'update', '-u', installation.user, '--uid-validity', '4242', 'INBOX');

    const before = await reconcile();
    await once();
    const after = await reconcile();

    expect(before).toMatchObject({ code: 0, found: [], messages: 3 });
    expect(after).toMatchObject({ code: 0, found: [], messages: 3 });
    expect(tickets()).toBe(3);
  });

  test('a mail in the mailbox with the mark of settled ones, which the ledger does not know, comes back although the worker runs', async () => {
    await install(IN_THE_MAILBOX);
    await arrive(mails.fromAPerson().bytes);
    await once();
    await arrive(mails.fromAPerson().bytes);
    await dovecot.doveadm('flags', 'add', '-u', installation.user, '$BuzonSettled', 'mailbox', 'INBOX', 'all');
    await using worker = installation.start('start');
    await worker.untilEvent('worker.started');

    const recovered = await reconcile('--recover');
    await worker.untilEvent('mail.ingested');
    await worker.kill('SIGTERM');

    expect(recovered).toMatchObject({ code: 0, found: ['unrecorded mailbox'], recovered: 1 });
    expect(tickets()).toBe(2);
    expect(await reconcile()).toMatchObject({ code: 0, found: [], messages: 2 });
  });

  test('a mail that nobody takes in is found after a quarter of an hour', async () => {
    await arrive(mails.fromAPerson().bytes);
    await once();
    await arrive(mails.fromAPerson().bytes);
    await dovecot.deliverAt(installation.user, new Date(Date.now() - 16 * 60_000), mails.fromAPerson().bytes);

    const result = await reconcile('--recover');

    expect(result).toMatchObject({ code: 1, found: ['waiting mailbox'], recovered: 0 });
    expect(await inFolder('INBOX')).toBe(2);
  });

  test('R04 a mail that goes to the junk folder and back is taken once, and is no gap', async () => {
    await arrive(mails.fromAPerson().bytes);
    await once();
    await dovecot.doveadm('mailbox', 'create', '-u', installation.user, 'Junk');
    await personMoves('Procesados', 'Junk');
    const away = await reconcile('--all');
    await personMoves('Junk', 'INBOX');
    smtp.taken.splice(0);

    const outcomes = await once();

    expect(away).toMatchObject({ code: 0, messages: 0, gone: [1] });
    expect(outcomes).toMatchObject({ open: 0, duplicate: 1 });
    expect(smtp.taken).toEqual([]);
    expect(tickets()).toBe(1);
    expect(await reconcile()).toMatchObject({ code: 0, found: [], messages: 1, rows: 2, gone: 0 });
  });

  test('R29 a mail that also lies in All Mail has one effect, also when that mailbox is read', async () => {
    await dovecot.doveadm('mailbox', 'create', '-u', installation.user, '[Gmail]/Todos');
    await arrive(mails.fromAPerson().bytes);
    await dovecot.doveadm('copy', '-u', installation.user, '[Gmail]/Todos', 'mailbox', 'INBOX', 'all');

    const outcomes = await once();
    const untouched = await inFolder('[Gmail]/Todos');
    const compared = await reconcile();
    installation.env['BUZON_MAILBOX'] = installation.env['BUZON_MAILBOX']!.replace('/INBOX', '/%5BGmail%5D/Todos');
    const again = await once();

    expect([outcomes, again]).toMatchObject([
      { open: 1, duplicate: 0 },
      { open: 0, duplicate: 1 },
    ]);
    expect(untouched).toBe(1);
    expect(compared).toMatchObject({ code: 0, found: [], messages: 1 });
    expect(tickets()).toBe(1);
    expect(smtp.taken).toHaveLength(1);
  });

  test('the nightly comparison says what it found in the log, without a word of a client, and doctor repeats it', async () => {
    await install({ settings: { reconcile: { schedule: '* * * * * *' } } });
    await arrive(mails.fromAPerson().bytes);
    await once();
    const { messageId, bytes } = mails.fromAPerson();
    await arrive(bytes);
    await personMoves('INBOX', 'Procesados');
    await using worker = installation.start('start');

    const gap = await worker.untilEvent('reconcile.gap');
    const finished = await worker.untilEvent('reconcile.finished');
    await worker.kill('SIGTERM');
    const { code, stdout } = await installation.run('doctor');

    expect(gap).toMatchObject({
      level: 50,
      code: 'unrecorded',
      count: 1,
      refs: [expect.stringMatching(/^imap:Procesados;a=[0-9a-f]{8};v=\d+;uid=2$/)],
    });
    expect(finished).toMatchObject({ messages: 2, rows: 1, gaps: 1, gone: 0 });
    expect(worker.stderr()).not.toContain(messageId);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ buzón y libro: una diferencia el .* \(unrecorded: 1\)/);
    await reconcile('--recover');
    expect((await installation.run('doctor')).stdout).toMatch(/✓ buzón y libro: sin diferencias el /);
  });

  test('people read what is wrong and what to do, and a server out of reach is a failure', async () => {
    await arrive(mails.fromAPerson().bytes);
    await once();
    await arrive(mails.fromAPerson().bytes);
    await dovecot.doveadm('mailbox', 'create', '-u', installation.user, 'Cuarentena');
    await personMoves('INBOX', 'Cuarentena');

    const { code, stdout } = await installation.run('reconcile', '--since', '2');
    const wrong = await installation.run('reconcile', '--since', 'ayer');
    installation.env['BUZON_MAILBOX'] = `imaps://${installation.user}@127.0.0.1:1/INBOX`;
    const unreachable = await installation.run('reconcile');

    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ 1 correo que el libro no conoce \(unrecorded\).*\n {4}Remedio: .*\n {4}carpeta de cuarentena, /);
    expect(stdout).toMatch(/\n1 diferencia; 2 correos en el servidor y 1 fila del libro desde /);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--since es una fecha') });
    expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining('no se pudo llegar al servidor del buzón') });
  });
});
