import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation, type Installation, SMTP_LOGIN } from '../support/installation.ts';
import { type ExpectedMail, MailStream } from '../support/mailStream.ts';
import { type SmtpPeer, startSmtpServer, type TakenMail } from '../support/smtpServer.ts';

jest.setTimeout(120_000);

interface Summary {
  mails: number;
  replies: number;
  outcomes: Record<string, number>;
}

(hasDovecot ? describe : describe.skip)('a day of mail against real servers', () => {
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });

  async function namesIn(user: string, mailbox: string): Promise<string[]> {
    const table = await dovecot.doveadm('-f', 'json', 'fetch', '-u', user, 'hdr.x-test', 'mailbox', mailbox);
    return (JSON.parse(table) as { 'hdr.x-test': string }[]).map((row) => row['hdr.x-test']).sort();
  }

  async function once(installation: Installation): Promise<Summary> {
    const { code, stdout, stderr } = await installation.run('once', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Summary;
  }

  async function deliverAndRun(installation: Installation, mails: readonly ExpectedMail[]): Promise<Summary> {
    await dovecot.deliver(installation.user, ...mails.map(({ bytes }) => bytes));
    return once(installation);
  }

  test('L01 L07 L17 P01 P02 P04 P15 P29 S01 T25 O13 300 mixed mails become the right tickets, each has one place, machines get no answer', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const stream = new MailStream(20_261_123);
    const first = stream.firstMails(200);

    const morning = await deliverAndRun(installation, first);
    const answers = smtp.taken.splice(0);
    const later = stream.followUps(100, answers);
    const afternoon = await deliverAndRun(installation, later);
    const laterAnswers = smtp.taken.splice(0);

    expect(morning).toMatchObject({ mails: 200, outcomes: outcomesOf(first) });
    expect(afternoon).toMatchObject({ mails: 100, replies: 0, outcomes: outcomesOf(later) });
    expect(answeredBy(answers)).toEqual(answersTo(first));
    expect(laterAnswers).toEqual([]);
    const all = [...first, ...later];
    installation.reading((reports) => {
      const tickets = reports.tickets({ limit: 1000 });
      expect(tickets).toHaveLength(all.filter(({ outcome }) => outcome === 'open').length);
      const texts = tickets.flatMap(({ number }) => reports.ticket(number)!.contributions.map(({ newText }) => newText)).join('\n');
      expect(all.filter(({ words }) => words !== null && !texts.includes(words)).map(({ name }) => name)).toEqual([]);
    });
    const held = all.filter(({ outcome }) => outcome === 'quarantine');
    expect(await namesIn(installation.user, 'INBOX')).toEqual([]);
    expect(await namesIn(installation.user, 'Cuarentena')).toEqual(namesOf(held));
    expect(await namesIn(installation.user, 'Procesados')).toEqual(namesOf(all.filter((mail) => !held.includes(mail))));

    const before = installation.dump();
    const again = await once(installation);

    expect(again).toMatchObject({ mails: 0, replies: 0 });
    expect(installation.dump()).toBe(before);
    expect(smtp.taken).toEqual([]);
  });

  test('R05 after a change of UIDVALIDITY known mail makes no new ticket and no second answer', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp, {
      settings: { mailbox: { doneFolder: null, quarantineFolder: null, pollSchedule: '0 * * * *' } },
    });
    const mails = Array.from({ length: 5 }, () => stream5.fromAPerson());
    await deliverAndRun(installation, mails);
    const answers = smtp.taken.splice(0);
    const keywords = ['flags', 'remove', '-u', installation.user, '$BuzonSettled', 'mailbox', 'INBOX', 'all'];
    await dovecot.doveadm(...keywords); // a rebuilt server forgets keywords too
    await dovecot.doveadm('mailbox', 'update', '-u', installation.user, '--uid-validity', '4242', 'INBOX');

    const again = await once(installation);

    expect(again).toMatchObject({ mails: 5, replies: 0, outcomes: { open: 0, duplicate: 5 } });
    expect(answers).toHaveLength(5);
    expect(smtp.taken).toEqual([]);
    expect(installation.reading((reports) => reports.tickets({ limit: 100 }))).toHaveLength(5);
    expect(await namesIn(installation.user, 'INBOX')).toHaveLength(5);
  });

  test('R05 mail of another account is new mail, although its server counts messages from the same numbers', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const other = dovecot.aUser();
    for (const user of [installation.user, other]) {
      await dovecot.deliver(user, stream5.fromAPerson().bytes);
      await dovecot.doveadm('mailbox', 'update', '-u', user, '--uid-validity', '1', 'INBOX');
    }
    const first = await once(installation);
    installation.env['BUZON_MAILBOX'] = installation.env['BUZON_MAILBOX']!.replace(installation.user, other);

    const second = await once(installation);

    expect([first, second]).toMatchObject([
      { mails: 1, replies: 1, outcomes: { open: 1 } },
      { mails: 1, replies: 1, outcomes: { open: 1 } },
    ]);
    expect(smtp.taken.splice(0)).toHaveLength(2);
  });

  test('R03 mail that somebody has read in the meantime is still taken, and STARTTLS serves as well', async () => {
    await using starttls = await startedWithStarttls();
    await using installation = await givenAnInstallation(dovecot, starttls.smtp, { encryption: 'starttls' });
    await dovecot.deliver(installation.user, stream5.fromAPerson().bytes);
    await dovecot.doveadm('flags', 'add', '-u', installation.user, '\\Seen', 'mailbox', 'INBOX', 'all');

    const summary = await once(installation);

    expect(summary).toMatchObject({ mails: 1, replies: 1, outcomes: { open: 1 } });
    expect(starttls.smtp.taken).toMatchObject([{ secure: true, user: SMTP_LOGIN.user, from: '' }]);
  });

  test('L24 limits on answers count what an earlier run has sent', async () => {
    const limits = { repliesPerAddressPerHour: 2, repliesPerDomainPerHour: 100, newTicketsPerMinute: 1000 };
    await using installation = await givenAnInstallation(dovecot, smtp, { settings: { limits } });
    const from = (n: number) => mailFrom('ana@cliente.example', `Asunto ${n}`);
    await dovecot.deliver(installation.user, from(1), from(2));
    await once(installation);
    await dovecot.deliver(installation.user, from(3));

    const later = await once(installation);

    expect(later).toMatchObject({ mails: 1, replies: 0, outcomes: { open: 1 } });
    expect(smtp.taken.splice(0)).toHaveLength(2);
  });

  test('R11 R12 mail from before the first start is only recorded and stays, old mail gets a ticket and no answer', async () => {
    await using installation = await givenAnInstallation(dovecot, smtp);
    const arrivedDaysAgo = async (days: number, subject: string) => {
      const at = new Date(Date.now() - days * 86_400_000);
      await dovecot.deliverAt(installation.user, at, mailFrom(`p${days}@cliente.example`, subject));
    };
    await arrivedDaysAgo(30, 'Del mes pasado');
    await arrivedDaysAgo(3, 'De hace tres días');
    await arrivedDaysAgo(0, 'De hoy');

    const first = await once(installation);
    const again = await once(installation);

    expect(first).toMatchObject({ mails: 2, replies: 1, outcomes: { open: 2 } });
    expect(again).toMatchObject({ mails: 0, replies: 0 });
    expect(smtp.taken.splice(0).map(({ to }) => to)).toEqual([['p0@cliente.example']]);
    expect(await dovecot.messagesIn(installation.user, 'INBOX')).toMatchObject([{ text: expect.stringContaining('Del mes pasado') }]);
  });
});

const stream5 = new MailStream(5, { attachmentEvery: 1000 });

async function startedWithStarttls(): Promise<AsyncDisposable & { smtp: SmtpPeer }> {
  const smtp = await startSmtpServer({ encryption: 'starttls', login: SMTP_LOGIN });
  return { smtp, [Symbol.asyncDispose]: () => smtp.stop() };
}

function mailFrom(from: string, subject: string): Buffer {
  const id = `${subject.replaceAll(' ', '')}@cliente.example`;
  const head = [
    `From: ${from}`,
    'To: soporte@itac.co',
    `Subject: ${subject}`,
    `Message-ID: <${id}>`,
    'Content-Type: text/plain; charset=utf-8',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\nNo podemos guardar nada: ${subject}.\r\n`);
}

function namesOf(mails: readonly ExpectedMail[]): string[] {
  return mails.map(({ name }) => name).sort();
}

function outcomesOf(mails: readonly ExpectedMail[]): Record<string, number> {
  const seen = new Set<string>();
  const counts: Record<string, number> = { open: 0, append: 0, bounce: 0, note: 0, ignore: 0, quarantine: 0, duplicate: 0 };
  for (const { name, outcome } of mails) {
    counts[seen.has(name) ? 'duplicate' : outcome]! += 1;
    seen.add(name);
  }
  return counts;
}

/** Who was answered, and which mail of theirs. */
function answeredBy(answers: readonly TakenMail[]): string[] {
  return answers.map(({ to, bytes }) => `${to.join()} ${/^In-Reply-To: <([^>]{1,300})>/im.exec(bytes.toString('latin1'))?.[1]}`).sort();
}

function answersTo(mails: readonly ExpectedMail[]): string[] {
  return mails
    .filter(({ answered }) => answered)
    .map(({ sender, messageId }) => `${sender} ${messageId}`)
    .sort();
}
