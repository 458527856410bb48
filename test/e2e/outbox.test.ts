import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation, type Installation, SMTP_LOGIN } from '../support/installation.ts';
import { MailStream } from '../support/mailStream.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';
import { until } from '../support/until.ts';

jest.setTimeout(60_000);

(hasDovecot ? describe : describe.skip)('staff and the outbox of the built program', () => {
  const stream = new MailStream(11, { attachmentEvery: 1_000 });
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterEach(() => {
    smtp.taken.length = 0;
    smtp.refuseRecipient = null;
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });

  const replyOf = (installation: Installation) => installation.reading((reports) => reports.reply(1));

  test('O08 a reply that the server refused is listed, shown and retried, and the next run sends it', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    smtp.refuseRecipient = () => ({ code: 550, text: '5.1.1 no such user' });
    await installation.run('once');
    smtp.refuseRecipient = null;

    const listed = await installation.run('outbox', 'list', '--json');
    const shown = await installation.run('outbox', 'show', '1', '--raw');
    const retried = await installation.run('outbox', 'retry', '1', '--by', 'marta');
    await installation.run('once');

    expect(JSON.parse(listed.stdout)).toMatchObject({ id: 1, state: 'failed', response: expect.stringContaining('5.1.1') });
    expect(retried).toMatchObject({ code: 0, stdout: 'Respuesta 1 lista para enviarse.\n' });
    expect(smtp.taken.map(({ bytes }) => bytes.toString().trim())).toEqual([shown.stdout.trim()]);
    expect(replyOf(installation)).toMatchObject({ state: 'sent', acts: [{ what: 'retry', by: 'marta' }] });
  });

  test('a reply that waits is cancelled while the worker runs, and is not sent', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    smtp.refuseRecipient = () => ({ code: 450, text: '4.2.1 mailbox busy' });
    await using worker = installation.start('start');
    await worker.untilEvent('worker.started');
    await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
    await until('the reply was deferred', () => (replyOf(installation)?.attempts ?? 0) > 0);

    const { code, stderr } = await installation.run('outbox', 'cancel', '1', '--reason', 'ya se le llamó', '--by', 'marta');
    smtp.refuseRecipient = null;
    const ended = await worker.kill('SIGTERM');
    await installation.run('once');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(ended.code).toBe(0);
    expect(smtp.taken).toEqual([]);
    expect(replyOf(installation)).toMatchObject({ state: 'dropped', response: expect.stringContaining('marta la canceló') });
  });
});
