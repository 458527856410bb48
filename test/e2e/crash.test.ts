import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomNumbers } from '../../src/desk/randomNumbers.ts';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation, type Installation, SMTP_LOGIN } from '../support/installation.ts';
import { MailStream, messageIdOf } from '../support/mailStream.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';
import { until } from '../support/until.ts';

jest.setTimeout(60_000);

const MAILS = 60;
/** Answers that may be on their way when the process dies, and so be sent once more (O09): as many as there are connections by default. */
const ON_THEIR_WAY = 5;

(hasDovecot ? describe : describe.skip)('kill -9', () => {
  const random = randomNumbers(2026);
  const anywhere = (most: number) => 1 + Math.floor(random() * most);
  let dovecot: Dovecot;
  let smtp: SmtpPeer;
  beforeAll(async () => {
    [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
  });
  afterAll(async () => {
    await Promise.all([dovecot.stop(), smtp.stop()]);
  });

  const keptIn = ({ dataFolder }: Installation) =>
    foldersIn(join(dataFolder, 'raw')).reduce((sum, folder) => sum + foldersIn(join(dataFolder, 'raw', folder)).length, 0);

  const kept = (count: number, installation: Installation) => keptIn(installation) >= count;
  const sent = (count: number) => smtp.taken.length >= count;

  test.each([
    [anywhere(MAILS / 2), 'mails are kept', kept],
    [MAILS, 'mails are kept', kept],
    [1, 'answers are sent', sent],
    [anywhere(MAILS / 2), 'answers are sent', sent],
    [MAILS / 2 + anywhere(MAILS / 2), 'answers are sent', sent],
  ])(
    'R01 O09 when %d %s, it loses nothing, opens no ticket twice, and repeats at most what was on its way',
    async (count, _what, moment) => {
      await using installation = await givenAnInstallation(dovecot, smtp);
      smtp.taken.length = 0;
      const stream = new MailStream(count, { attachmentEvery: 8, attachmentBytes: { min: 1_000, max: 50_000 } });
      const mails = Array.from({ length: MAILS }, () => stream.fromAPerson());
      await dovecot.deliver(installation.user, ...mails.map(({ bytes }) => bytes));

      await using killed = installation.start('once');
      await until('the moment comes', () => moment(count, installation));
      const { signal } = await killed.kill('SIGKILL');
      const { code, stderr } = await installation.run('once');

      expect({ signal, code, stderr }).toEqual({ signal: 'SIGKILL', code: 0, stderr: '' });
      expect(await dovecot.messagesIn(installation.user, 'INBOX')).toEqual([]);
      expect(await dovecot.messagesIn(installation.user, 'Procesados')).toHaveLength(MAILS);
      const requesters = installation.reading((reports) => reports.tickets({ limit: 1000 })).map(({ requester }) => requester.address);
      expect(requesters.sort()).toEqual(mails.map(({ sender }) => sender).sort());
      const copies = Map.groupBy(smtp.taken, ({ to, bytes }) => `${to.join()} ${messageIdOf(bytes)}`);
      expect(copies.size).toBe(MAILS);
      expect(new Set(smtp.taken.flatMap(({ to }) => to)).size).toBe(MAILS);
      expect(smtp.taken.length - MAILS).toBeLessThanOrEqual(ON_THEIR_WAY);
      for (const [, [first, ...others]] of copies) {
        expect(others.length).toBeLessThanOrEqual(1);
        expect(others.every(({ bytes }) => bytes.equals(first!.bytes))).toBe(true);
      }
    },
  );
});

/** Names in a folder; none while it is not there. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name !== 'tmp');
  } catch {
    return [];
  }
}
