import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation, SMTP_LOGIN } from '../support/installation.ts';
import { MailStream } from '../support/mailStream.ts';
import type { RunningProgram } from '../support/program.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';
import { until } from '../support/until.ts';

jest.setTimeout(60_000);

(hasDovecot ? describe : describe.skip)('the worker, polling once an hour', () => {
  const stream = new MailStream(7, { attachmentEvery: 1_000 });
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterEach(() => {
    smtp.taken.length = 0;
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });

  async function get(worker: RunningProgram, path: string): Promise<{ status: number; body: string }> {
    const { host, port } = await worker.untilEvent('http.listening');
    const response = await fetch(`http://${host}:${port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  async function untilReady(worker: RunningProgram): Promise<void> {
    await until('the worker is ready', async () => (await get(worker, '/readyz')).status === 200);
  }

  test('a mail in an idle mailbox becomes a ticket and an answer without waiting for the poll, and SIGTERM ends the worker in order', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await using worker = installation.start('start');
    await untilReady(worker);

    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    await smtp.untilTaken(1);

    const tickets = installation.reading((reports) => reports.tickets({ limit: 10 }));
    expect(tickets).toMatchObject([{ number: 1, state: 'open' }]);
    const metrics = async () => (await get(worker, '/metrics')).body;
    await until('the counters tell of it', async () => /^replies_sent_total 1$/m.test(await metrics()));
    expect(await metrics()).toMatch(/^mail_ingested_total\{action="open"\} 1$/m);
    expect(await get(worker, '/healthz')).toMatchObject({ status: 200 });
    expect(await get(worker, '/else')).toMatchObject({ status: 404 });
    await until('the mail is out of the way', async () => (await dovecot.messagesIn(installation.user, 'INBOX')).length === 0);

    const { code, stderr, ms } = await timed(() => worker.kill('SIGTERM'));
    expect({ code, quick: ms < 10_000 }).toEqual({ code: 0, quick: true });
    expect(stderr).toContain('"event":"worker.stopped"');
    expect(stderr).not.toMatch(/p0@|guardar|the password/); // an address, words of a client, a secret
  });

  test('L19 our own answer that is delivered to us is dropped and counted as a loop', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await using worker = installation.start('start');
    await untilReady(worker);
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    await smtp.untilTaken(1);

    await dovecot.deliver(installation.user, smtp.taken[0]!.bytes);

    await until('the loop is counted', async () => /^mail_loops_total 1$/m.test((await get(worker, '/metrics')).body));
    expect(installation.reading((reports) => reports.tickets({ limit: 10 }))).toHaveLength(1);
    expect(smtp.taken).toHaveLength(1);
  });

  test('R32 SIGTERM in the middle of a backlog leaves nothing half done, and the next run does the rest', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const mails = Array.from({ length: 120 }, () => stream.fromAPerson());
    await dovecot.deliver(installation.user, ...mails.map(({ bytes }) => bytes));
    await using worker = installation.start('start');
    await smtp.untilTaken(1);

    const { code, ms } = await timed(() => worker.kill('SIGTERM'));
    const ticketsThen = installation.reading((reports) => reports.tickets({ limit: 1000 })).length;
    const left = (await dovecot.messagesIn(installation.user, 'INBOX')).length;
    const { code: laterCode } = await installation.run('once');

    expect({ code, quick: ms < 10_000 }).toEqual({ code: 0, quick: true });
    expect(ticketsThen + left).toBe(120);
    expect(laterCode).toBe(0);
    expect(installation.reading((reports) => reports.tickets({ limit: 1000 }))).toHaveLength(120);
    expect(smtp.taken).toHaveLength(120);
  });

  test('R17 after the server drops the connection the worker comes back and takes what came meanwhile', async () => {
    const proxy = await startTcpProxy({ host: dovecot.host, port: dovecot.imapsPort });
    await using installation = await givenAnInstallation(dovecot, smtp);
    installation.env['BUZON_MAILBOX'] = `imaps://${installation.user}@127.0.0.1:${proxy.port}/INBOX`;
    await using worker = installation.start('start');
    await untilReady(worker);

    proxy.drop();
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    await smtp.untilTaken(1);

    expect(worker.stderr()).toContain('"event":"source.lost"');
    expect((await worker.kill('SIGTERM')).code).toBe(0);
    await proxy.close();
  });

  test('R15 while a cycle hangs the polls are skipped and counted, and the worker goes on afterwards', async () => {
    const proxy = await startTcpProxy({ host: dovecot.host, port: dovecot.imapsPort });
    await using installation = await givenAnInstallation(dovecot, smtp, { settings: { mailbox: { pollSchedule: '* * * * * *' } } });
    installation.env['BUZON_MAILBOX'] = `imaps://${installation.user}@127.0.0.1:${proxy.port}/INBOX`;
    await using worker = installation.start('start');
    await untilReady(worker);
    const before = (await get(worker, '/metrics')).body;

    proxy.freeze();
    await worker.untilLog((log) => log.split('"event":"cycle.skipped"').length > 2);
    const during = (await get(worker, '/metrics')).body;
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    proxy.drop();
    await smtp.untilTaken(1);

    expect(before).toMatch(/^polls_skipped_total 0$/m);
    expect(Number(/^polls_skipped_total (\d+)$/m.exec(during)?.[1])).toBeGreaterThanOrEqual(2);
    expect(installation.reading((reports) => reports.tickets({ limit: 10 }))).toHaveLength(1);
    expect((await worker.kill('SIGTERM')).code).toBe(0);
    await proxy.close();
  });

  test('R10 a message of which the mail server dies keeps the others out for seconds only, also those that come later', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const mails = Array.from({ length: 4 }, () => stream.fromAPerson());
    await dovecot.deliver(installation.user, ...mails.slice(0, 3).map(({ bytes }) => bytes));
    await dovecot.setReadable(installation.user, 1, false);
    await using worker = installation.start('start');

    await smtp.untilTaken(2);
    await untilReady(worker);
    await dovecot.deliver(installation.user, mails[3]!.bytes);
    await smtp.untilTaken(3);

    expect(smtp.taken.flatMap(({ to }) => to).sort()).toEqual([mails[0], mails[2], mails[3]].map((mail) => mail!.sender).sort());
    expect(worker.stderr()).toMatch(/"source.note".*UID 2 stays in INBOX and is left alone for 1 min/);
    expect((await worker.kill('SIGTERM')).code).toBe(0);
  });

  test('R14 a second worker on the same data folder stands by, and goes on where the first one was killed', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const mails = Array.from({ length: 40 }, () => stream.fromAPerson());
    await dovecot.deliver(installation.user, ...mails.map(({ bytes }) => bytes));
    await using first = installation.start('start');
    await smtp.untilTaken(3);
    await using second = installation.start('start');
    await second.untilEvent('worker.waiting');
    const standingBy = { alive: await get(second, '/healthz'), ready: await get(second, '/readyz') };

    await first.kill('SIGKILL');
    await second.untilEvent('worker.started');
    await until('every mail is through', async () => (await dovecot.messagesIn(installation.user, 'INBOX')).length === 0);
    await untilReady(second);
    await until('every answer is sent', () => new Set(smtp.taken.flatMap(({ to }) => to)).size === 40);

    expect(standingBy).toMatchObject({ alive: { status: 200 }, ready: { status: 503, body: expect.stringMatching(/standing by/) } });
    expect(installation.reading((reports) => reports.tickets({ limit: 1000 }))).toHaveLength(40);
    expect((await get(second, '/metrics')).body).toMatch(/^standing_by 0$/m);
    expect((await second.kill('SIGTERM')).code).toBe(0);
  });

  test('O07 with the SMTP server out of reach the ticket exists and the answer waits', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp, { env: { BUZON_TRANSPORT: 'smtps://127.0.0.1:1' } });
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);

    const { code, stdout, stderr } = await installation.run('once', '--json');

    expect(code).toBe(0);
    expect(stderr).toMatch(/^Las respuestas esperan en la cola; el servidor de envío no las recibe: /m);
    expect(JSON.parse(stdout)).toMatchObject({ mails: 1, replies: 0, outcomes: { open: 1 } });
    expect(installation.reading((reports) => reports.outbox({ limit: 10 }))).toMatchObject([{ state: 'queued', attempts: 1 }]);
  });
});

async function timed<T extends object>(work: () => Promise<T>): Promise<T & { ms: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { ...result, ms: performance.now() - startedAt };
}
