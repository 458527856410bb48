import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ImapOptions } from '../../src/adapters/imapOptions.ts';
import { createImapSource } from '../../src/adapters/imapSource.ts';
import type { Surveyed } from '../../src/desk/reconcile.ts';
import type { MailSource } from '../../src/ports.ts';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { aMessage, readAll, signalOf } from '../support/messages.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

const HOUR_MS = 3_600_000;

async function surveyOf(source: MailSource, since = new Date(0)): Promise<Surveyed[]> {
  const surveyed: Surveyed[] = [];
  for await (const message of source.survey(since, signalOf())) surveyed.push(message);
  return surveyed;
}

(hasDovecot ? describe : describe.skip)('a survey of a real IMAP server', () => {
  let dovecot: Dovecot;
  let user: string;
  let sources: MailSource[];
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot.stop());
  beforeEach(() => {
    user = dovecot.aUser();
    sources = [];
  });
  afterEach(async () => {
    for (const source of sources) await source.close();
  });

  function open(options: Partial<ImapOptions> = {}): MailSource {
    const source = createImapSource(
      {
        ...{ host: dovecot.host, port: dovecot.imapsPort, secure: true, ca: dovecot.ca, user, auth: { password: dovecot.password } },
        ...{ mailbox: 'INBOX', doneFolder: 'Procesados', quarantineFolder: 'Cuarentena', maxBytes: 1_000_000, ...options },
      },
      aSilentLog(),
    );
    sources.push(source);
    return source;
  }

  async function settleAll(source: MailSource): Promise<void> {
    await source.settle(
      (await source.list(signalOf())).map(({ ref }) => ref),
      'processed',
    );
  }

  for (const zone of ['WEST+12', 'EAST-14']) {
    test(`R13 nothing falls between two days on a server whose clock shows ${zone}`, async () => {
      const abroad = await startDovecot({ zone });
      const midnight = Date.UTC(2026, 10, 21);
      const hours = Array.from({ length: 73 }, (_, n) => n - 36);
      for (const hour of hours) await abroad.deliverAt(user, new Date(midnight + hour * HOUR_MS), aMessage(`hora ${hour}`));
      const source = open({ host: abroad.plainHost, port: abroad.imapsPort, ca: abroad.ca }); // without WITHIN: SINCE and a date

      const seen = await Promise.all(
        [-13, -1, 0, 1, 11].map(async (hour) => (await surveyOf(source, new Date(midnight + hour * HOUR_MS))).length),
      );
      const offered = await source.list(signalOf());

      await abroad.stop();
      expect(seen).toEqual([50, 38, 37, 36, 26]);
      expect(offered.map(({ receivedAt }) => (receivedAt.getTime() - midnight) / HOUR_MS)).toEqual(hours);
    });
  }

  test('nothing is marked as read, and the mailbox is only examined', async () => {
    await dovecot.deliver(user, aMessage('uno'));
    const proxy = await startTcpProxy({ host: dovecot.host, port: dovecot.imapPort });

    proxy.rewrite = (text) => text.replaceAll(' STARTTLS', '');

    await surveyOf(open({ port: proxy.port, secure: false, allowInsecure: true }));

    const said = proxy.lines().join('\n');
    await proxy.close();
    expect(said).toMatch(/ EXAMINE INBOX\n/);
    expect(said).not.toMatch(/ (?:SELECT|STORE|BODY\[)/);
    expect((await dovecot.messagesIn(user, 'INBOX'))[0]?.flags).not.toContain('\\Seen');
  });

  test('R27 folders are found whatever their names and levels are', async () => {
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
    const source = open({ doneFolder: 'Atención/Ñandú & Cía', quarantineFolder: 'Más %*' });
    const [one, two] = await source.list(signalOf());
    await source.settle([one!.ref], 'processed');
    await source.settle([two!.ref], 'quarantine');

    const surveyed = await surveyOf(source);

    expect(surveyed.map(({ place }) => place)).toEqual(['processed', 'quarantine']);
    expect(surveyed.map(({ ref }) => ref.replace(/;a=[0-9a-f]{8};v=\d+;/, ';…;'))).toEqual([
      'imap:Atención/Ñandú & Cía;…;uid=1',
      'imap:Más %*;…;uid=1',
    ]);
    expect(await source.bringBack(surveyed, signalOf())).toBe(2);
    expect(await source.list(signalOf())).toHaveLength(2);
  });

  test('the mark of settled messages is seen, and its absence where the mailbox shows such marks at all', async () => {
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
    const source = open({ doneFolder: null, quarantineFolder: null });
    const untold = await surveyOf(source);
    const [one] = await source.list(signalOf());
    await source.settle([one!.ref], 'processed');

    const told = await surveyOf(source);

    expect(untold.map(({ settled }) => settled)).toEqual([null, null]);
    expect(told.map(({ settled }) => settled)).toEqual([true, false]);
  });

  const servers = { 'with MOVE': 'host', 'with UIDPLUS alone': 'uidplusHost', 'with neither MOVE nor UIDPLUS': 'plainHost' } as const;
  for (const [name, host] of Object.entries(servers)) {
    test(`marked messages come back for a worker that has them behind it, on a server ${name}`, async () => {
      await dovecot.deliver(user, aMessage('uno'), aMessage('dos'), aMessage('tres'));
      const source = open({ host: dovecot[host], doneFolder: null, quarantineFolder: null });
      await settleAll(source);
      expect(await source.list(signalOf())).toEqual([]);
      const [one, two] = await surveyOf(source);

      const brought = await source.bringBack([one!, two!], signalOf());

      const listed = await source.list(signalOf());
      expect(brought).toBe(2);
      expect(listed.map(({ receivedAt }) => receivedAt)).toEqual([one!.receivedAt, two!.receivedAt]);
      expect((await readAll(source, listed)).map(({ bytes }) => /Subject: (\w+)/.exec(String(bytes))?.[1])).toEqual(['uno', 'dos']);
      expect((await surveyOf(source)).map(({ settled }) => settled)).toEqual([true, false, false]);
    });

    test(`what is brought back lies in one place, on a server ${name}`, async () => {
      await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
      const source = open({ host: dovecot[host] });
      await settleAll(source);

      await source.bringBack(await surveyOf(source), signalOf());

      expect((await surveyOf(source)).map(({ place }) => place)).toEqual(['mailbox', 'mailbox']);
    });
  }

  test('a folder whose UIDs have changed since the survey loses nothing', async () => {
    await dovecot.deliver(user, aMessage('uno'));
    const source = open();
    await settleAll(source);
    const surveyed = await surveyOf(source);
    await dovecot.doveadm('mailbox', 'update', '-u', user, '--uid-validity', '4242', 'Procesados');

    const brought = await source.bringBack(surveyed, signalOf());

    expect(brought).toBe(0);
    expect(await dovecot.messagesIn(user, 'Procesados')).toHaveLength(1);
  });

  test('of thousands of messages none is passed over or comes twice while a person deletes some, and a waiting worker is not disturbed', async () => {
    await dovecot.deliver(user, ...Array.from({ length: 4_100 }, (_, n) => aMessage(`asunto ${n}`)));
    const source = open();
    await source.list(signalOf());
    const stop = new AbortController();
    let waited = false;
    const waiting = source.waitForMail(stop.signal, 60_000).then(() => {
      waited = true;
    });
    const uids: number[] = [];

    for await (const { ref } of source.survey(new Date(0), signalOf())) {
      uids.push(Number(ref.split('uid=')[1]));
      if (uids.length === 1) await dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'uid', '1:300,3900:3999');
    }

    const stayed = Array.from({ length: 4_100 }, (_, n) => n + 1).filter((uid) => uid > 300 && (uid < 3900 || uid > 3999));
    expect(uids.filter((uid) => stayed.includes(uid)).sort((a, b) => a - b)).toEqual(stayed);
    expect(waited).toBe(false);
    stop.abort();
    await waiting;
  });

  test('a server that is out of reach is an error with a remedy, and an abort ends a survey', async () => {
    const source = open({ port: 1 });
    const stop = new AbortController();
    stop.abort();

    await expect(surveyOf(source)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });
    await expect(open().survey(new Date(0), stop.signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
    });
  });
});
