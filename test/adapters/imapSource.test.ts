import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createBreakers } from '../../src/adapters/imapBreakers.ts';
import type { ImapClient } from '../../src/adapters/imapClient.ts';
import { blameFor } from '../../src/adapters/imapErrors.ts';
import { batchesOf, readMessages, type Wanted } from '../../src/adapters/imapFetch.ts';
import { type ImapOptions, pauseBeforeAttempt } from '../../src/adapters/imapOptions.ts';
import { createImapSource } from '../../src/adapters/imapSource.ts';
import { uidSets } from '../../src/adapters/imapUids.ts';
import { AppError } from '../../src/errors.ts';
import type { Listed, RawMessage } from '../../src/mail/message.ts';
import type { MailSource } from '../../src/ports.ts';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { aMessage, readAll, signalOf } from '../support/messages.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcpProxy.ts';

describe('parts without a server', () => {
  test.each([
    [[], []],
    [[4], ['4']],
    [[5, 3, 4, 9, 9], ['3:5,9']],
    [
      [1, 3, 5, 7],
      ['1,3', '5,7'],
    ],
  ])('R06 the UIDs %j are asked for as %j, never spanning one that is not in the list', (uids, sets) => {
    expect(uidSets(uids, 2)).toEqual(sets);
  });

  test('R16 messages are read together up to a limit, and a large one alone', () => {
    const wanted = [10, 20, 900, 30, 40, 50, 60].map((size, uid): Wanted => ({ uid, size, ref: `${uid}`, receivedAt: new Date(0) }));

    const batches = batchesOf(wanted, ({ size }) => size > 500, { octets: 120, messages: 3 });

    expect(batches.map((batch) => batch.map(({ size }) => size))).toEqual([[10, 20], [900], [30, 40, 50], [60]]);
  });

  test.each([
    [1, false, 1_000, 750],
    [2, false, 2_000, 1_500],
    [7, false, 60_000, 45_000],
    [5000, false, 60_000, 45_000],
    [1, true, 15_000, 11_250],
    [9, true, 900_000, 675_000],
  ])(
    'R22 after %i failures (login refused: %s) the next attempt is made after %i ms at most and %i at least',
    (failures, refused, longest, shortest) => {
      expect(pauseBeforeAttempt(failures, refused, 0)).toBe(longest);
      expect(pauseBeforeAttempt(failures, refused, 1)).toBe(shortest);
    },
  );

  test.each([
    ['INBOX', 'inbox'],
    ['Soporte/Entrada', 'Soporte/Entrada/'],
  ])('R26 the mailbox %s is refused as its own done-folder %s', (mailbox, doneFolder) => {
    const create = () => createImapSource({ ...anywhere, mailbox, doneFolder }, aSilentLog());

    expect(create).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test.each([
    ['a lost connection', 'connection', { code: 'NoConnection' }],
    ['a message that the server cannot read', 'message', { responseStatus: 'NO', response: saying('SERVERBUG') }],
    ['a command that the server does not take', 'message', { responseStatus: 'BAD' }],
    ['a throttled account of Microsoft 365', 'server', { responseStatus: 'BAD', code: 'ETHROTTLE', throttleReset: 92_415 }],
    ['a limit of bandwidth', 'server', { responseStatus: 'NO', response: saying('overquota') }],
    ['a server in maintenance', 'server', { responseStatus: 'NO', response: saying('UNAVAILABLE') }],
  ])('%s is blamed on the %s', (_what, blame, fault) => {
    expect(blameFor(Object.assign(new Error('Command failed'), fault))).toBe(blame);
  });

  test.each([
    ['read whole', 1_000_000],
    ['above the limit', 3],
  ])('R10 a message (%s) at which the connection broke is as good as any other once it was read', async (_what, maxBytes) => {
    const breakers = createBreakers(() => {});
    const bytes = Buffer.from('a: b\r\n\r\n');
    let broken = true;
    const row = () => {
      if (broken) throw new Error('BYE');
      return { uid: 7, source: bytes };
    };
    const imap = {
      fetch: async function* () {
        yield row();
      },
      fetchOne: async () => row(),
    };
    const reading = { maxBytes, breakers, use: <T>(work: (client: ImapClient) => Promise<T>) => work({ imap } as unknown as ImapClient) };
    const seen = { skipped: () => {}, gone: () => {} };
    const wanted: Wanted = { uid: 7, size: bytes.length, ref: 'x', receivedAt: new Date(0) };
    const read = async () => {
      let messages = 0;
      for await (const _ of readMessages([wanted], { ...reading, ...seen }, signalOf())) messages += 1;
      return messages;
    };

    await read().catch(() => {});
    const afterTheBreak = breakers.isSuspect(7);
    broken = false;
    const messages = await read();

    expect(messages).toBe(1);
    expect([afterTheBreak, breakers.isSuspect(7)]).toEqual([true, false]);
  });

  test('an unreachable server is a temporary error, told at once', async () => {
    const source = createImapSource({ ...anywhere, port: 1 }, aSilentLog());

    await expect(source.list(signalOf())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });
  });

  test('an access token that cannot be obtained is a temporary error', async () => {
    const accessToken = () => Promise.reject(new Error('token server is down'));
    const source = createImapSource({ ...anywhere, auth: { accessToken } }, aSilentLog());

    await expect(source.list(signalOf())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });
  });
});

/** How the library keeps `NO [CODE] text`. */
function saying(code: string) {
  return { attributes: [{ type: 'ATOM', value: '', section: [{ type: 'ATOM', value: code }] }] };
}

const anywhere: ImapOptions = {
  ...{ host: '127.0.0.1', port: 993, secure: true, user: 'nadie', auth: { password: 'secret' } },
  ...{ mailbox: 'INBOX', doneFolder: 'Procesados', quarantineFolder: 'Cuarentena', maxBytes: 1_000_000 },
};

async function lengthOf(chunks: RawMessage['chunks']): Promise<number> {
  let length = 0;
  for await (const { length: more } of chunks) length += more;
  return length;
}

/** The subjects of listed messages, as far as they can be read before the connection breaks. */
function subjectsIn(source: MailSource): (listed: readonly Listed[]) => Promise<string[]> {
  return async (listed) => {
    const subjects: string[] = [];
    try {
      for await (const { chunks } of source.fetch(listed, signalOf())) {
        const pieces: Buffer[] = [];
        for await (const piece of chunks) pieces.push(piece);
        subjects.push(/Subject: (\w+)/.exec(Buffer.concat(pieces).toString('latin1'))![1]!);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
    return subjects;
  };
}

function notesIn({ events }: ReturnType<typeof aSilentLog>): string[] {
  return events.flatMap(({ event, fields }) => (event === 'source.note' && 'reason' in fields ? [String(fields.reason)] : []));
}

const withoutTls = (text: string) => text.replace(' STARTTLS', '');

(hasDovecot ? describe : describe.skip)('against Dovecot', () => {
  let dovecot: Dovecot;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  function open(options: Partial<ImapOptions> & { user: string }, log = aSilentLog()): MailSource {
    const { timing, ...rest } = options;
    const reach = { port: dovecot.imapsPort, ca: dovecot.ca };
    const source = createImapSource({ ...anywhere, ...reach, ...rest, timing: { pauseAfter: () => 0, ...timing } }, log);
    closing.push(() => source.close());
    return source;
  }

  /** Through a proxy that hides STARTTLS, so that it can read along and change what is said. */
  async function openThroughProxy(
    options: Partial<ImapOptions> & { user: string },
    log = aSilentLog(),
  ): Promise<{ source: MailSource; proxy: TcpProxy }> {
    const proxy = await startTcpProxy({ host: dovecot.host, port: dovecot.imapPort });
    closing.push(() => proxy.close());
    proxy.rewrite = withoutTls;
    return { proxy, source: open({ port: proxy.port, secure: false, allowInsecure: true, ...options }, log) };
  }

  test('R03 reading marks nothing as read', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos', 'x'.repeat(2_500_000)));
    const source = open({ user, maxBytes: 5_000_000 });

    await readAll(source, await source.list(signalOf()));

    expect((await dovecot.messagesIn(user, 'INBOX')).flatMap(({ flags }) => flags)).not.toContain('\\Seen');
  });

  test('R06 messages that are expunged in the middle of a fetch shift nobody: each name still belongs to its own message', async () => {
    const user = dovecot.aUser();
    const expunge = (uids: string) => dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'uid', uids);
    await dovecot.deliver(user, ...Array.from({ length: 250 }, (_, n) => aMessage(`asunto${n + 1}`))); // UIDs from 1 on
    await expunge('2,3,5,80:90,140');
    const source = open({ user });
    const listed = await source.list(signalOf());
    const read: { uid: number; subject: string | undefined }[] = [];

    for await (const { ref, chunks } of source.fetch(listed, signalOf())) {
      if (read.length === 0) await expunge('1,4,7,60:70,230:240'); // read, in this batch, and in the last one
      for await (const bytes of chunks)
        read.push({ uid: Number(ref.split('uid=')[1]), subject: /Subject: (\w+)/.exec(String(bytes))?.[1] });
    }

    const stayed = (await dovecot.messagesIn(user, 'INBOX')).map(({ uid }) => uid);
    expect(read.filter(({ uid, subject }) => subject !== `asunto${uid}`)).toEqual([]);
    expect(new Set(read.map(({ uid }) => uid)).size).toBe(read.length);
    expect(read.map(({ uid }) => uid).filter((uid) => stayed.includes(uid))).toEqual(stayed);
    expect(stayed).toHaveLength(210);
  });

  test('R07 a search that begins after the newest message offers nothing again', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
    const { source, proxy } = await openThroughProxy({ user });
    const listed = await source.list(signalOf());
    await source.settle(
      listed.map(({ ref }) => ref),
      'left',
    );
    await source.list(signalOf());

    const again = await source.list(signalOf());

    expect(again).toEqual([]);
    expect(proxy.lines().some((line) => /UID SEARCH .*UID 3:\*/.test(line))).toBe(true);
  });

  test('R27 a nested folder with letters outside of ASCII is created and subscribed under its right name', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'));
    const source = open({ user, doneFolder: 'Procesados/Ñandú & cía' });

    await source.settle(
      (await source.list(signalOf())).map(({ ref }) => ref),
      'processed',
    );

    expect(await dovecot.messagesIn(user, 'Procesados/Ñandú & cía')).toHaveLength(1);
    expect(await dovecot.doveadm('mailbox', 'list', '-s', '-u', user)).toContain('Procesados/Ñandú & cía');
  });

  test('R27 the levels of a folder are parted as the server parts them', async () => {
    const dotted = await startDovecot({ delimiter: '.' });
    closing.push(() => dotted.stop());
    const user = dotted.aUser();
    await dotted.deliver(user, aMessage('uno'));
    const source = open({ user, port: dotted.imapsPort, ca: dotted.ca, doneFolder: 'Procesados/Ñandú' });

    await source.settle(
      (await source.list(signalOf())).map(({ ref }) => ref),
      'processed',
    );

    expect(await dotted.messagesIn(user, 'Procesados.Ñandú')).toHaveLength(1);
    expect((await dotted.doveadm('mailbox', 'list', '-u', user)).trim().split('\n').sort()).toEqual([
      'INBOX',
      'Procesados',
      'Procesados.Ñandú',
    ]);
  });

  test('R28 without MOVE only our own messages are expunged', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('nuestro'), aMessage('ajeno'), aMessage('otro'));
    const source = open({ user, host: dovecot.uidplusHost });
    const [ours] = await source.list(signalOf());
    await dovecot.doveadm('flags', 'add', '-u', user, '\\Deleted', 'mailbox', 'INBOX', 'uid', '2');

    await source.settle([ours!.ref], 'processed');

    expect((await dovecot.messagesIn(user, 'INBOX')).map(({ uid }) => uid)).toEqual([2, 3]);
    expect(await dovecot.messagesIn(user, 'Procesados')).toHaveLength(1);
  });

  test('R28 without MOVE and UIDPLUS nothing is expunged, and our messages are not offered again, to nobody', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('nuestro'), aMessage('otro'));
    const source = open({ user, host: dovecot.plainHost });
    const [ours, other] = await source.list(signalOf());

    await source.settle([ours!.ref], 'processed');

    const left = await dovecot.messagesIn(user, 'INBOX');
    expect(left.map(({ uid, flags }) => [uid, flags.includes('\\Deleted')])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(await dovecot.messagesIn(user, 'Procesados')).toHaveLength(1);
    expect(await source.list(signalOf())).toEqual([other]);
    expect(await open({ user, host: dovecot.plainHost }).list(signalOf())).toEqual([other]);
  });

  test('R25 R28 without MOVE a message that may not be taken away is copied once, however often that is tried', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
    const proxy = await startTcpProxy({ host: dovecot.uidplusHost, port: dovecot.imapPort, from: dovecot.uidplusHost });
    closing.push(() => proxy.close());
    proxy.rewrite = withoutTls;
    const source = open({ user, port: proxy.port, secure: false, allowInsecure: true });
    const refs = (await source.list(signalOf())).map(({ ref }) => ref);
    proxy.answer = (line) => (/ UID STORE /.test(line) ? `${line.split(' ')[0]} NO [NOPERM] Permission denied\r\n` : undefined);
    const settling = [];
    for (const some of [refs.slice(0, 1), refs, refs])
      settling.push(await source.settle(some, 'processed').catch((error: unknown) => error));
    const copies = await dovecot.messagesIn(user, 'Procesados');
    proxy.answer = null;

    await source.settle(refs, 'processed');

    expect(settling).toMatchObject(
      Array.from({ length: 3 }, () => ({ code: 'SOURCE_FAILED', message: expect.stringContaining('Permission') })),
    );
    expect(copies.map(({ text }) => /Subject: (\w+)/.exec(text)?.[1])).toEqual(['uno', 'dos']);
    expect(await dovecot.messagesIn(user, 'Procesados')).toHaveLength(2);
    expect(await dovecot.messagesIn(user, 'INBOX')).toEqual([]);
  });

  test('without a done-folder messages stay, marked, and are not offered to another process', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'), aMessage('tres'));
    const options = { user, doneFolder: null, quarantineFolder: null };
    const source = open(options);
    const [one, two, three] = await source.list(signalOf());

    await source.settle([one!.ref], 'processed');
    await source.settle([two!.ref], 'quarantine');

    const flags = (await dovecot.messagesIn(user, 'INBOX')).map((message) => message.flags.filter((flag) => flag !== '\\Recent').sort());
    expect(flags).toEqual([['$BuzonSettled', '\\Seen'], ['$BuzonSettled'], []]);
    expect(await source.list(signalOf())).toEqual([three]);
    expect(await open(options).list(signalOf())).toEqual([three]);
  });

  test('R25 a full folder is a temporary error that names the reason, and the message stays', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'));
    const { source, proxy } = await openThroughProxy({ user });
    const refs = (await source.list(signalOf())).map(({ ref }) => ref);
    proxy.answer = (line) => (/ UID MOVE /.test(line) ? `${line.split(' ')[0]} NO [OVERQUOTA] Quota exceeded\r\n` : undefined);

    const settled = source.settle(refs, 'processed');

    await expect(settled).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      temporary: true,
      message: expect.stringContaining('Quota exceeded'),
    });
    expect((await source.list(signalOf())).map(({ ref }) => ref)).toEqual(refs);
    proxy.answer = null;
    await source.settle(refs, 'processed');
    expect(await source.list(signalOf())).toEqual([]);
  });

  test('R05 refs of a former UIDVALIDITY are ignored, and the messages have new ones', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'));
    const before = await open({ user }).list(signalOf());
    await dovecot.doveadm('mailbox', 'update', '-u', user, '--uid-validity', '4242', 'INBOX');
    const source = open({ user });

    const after = await source.list(signalOf());
    await source.settle(
      before.map(({ ref }) => ref),
      'processed',
    );

    expect(after.map(({ ref }) => ref)).toEqual([expect.stringMatching(/^imap:INBOX;a=[0-9a-f]{8};v=4242;uid=1$/)]);
    expect(before[0]?.ref).not.toBe(after[0]?.ref);
    expect(await source.list(signalOf())).toEqual(after);
  });

  test('R17 a dropped connection ends the wait, and the next list makes a new one', async () => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    const source = open({ user }, log);
    await source.list(signalOf());

    const waited = source.waitForMail(signalOf(), 20_000);
    await dovecot.doveadm('kick', user);
    await waited;
    await dovecot.deliver(user, aMessage('después'));

    expect(await source.list(signalOf())).toHaveLength(1);
    expect(log.events.map(({ event }) => event)).toEqual(['source.lost', 'source.recovered']);
  });

  test.each([1, 60, 160, 600])(
    'R17 a connection that breaks after %i octets, before it is made, is a failed attempt, and the next one is made',
    async (octets) => {
      const user = dovecot.aUser();
      const log = aSilentLog();
      await dovecot.deliver(user, aMessage('uno'));
      const { source, proxy } = await openThroughProxy({ user }, log);
      proxy.cutAfter(octets);

      await expect(source.list(signalOf())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });

      expect(await source.list(signalOf())).toHaveLength(1);
      expect(log.events).toContainEqual({ level: 'info', event: 'source.recovered', fields: { afterAttempts: 1 } });
    },
  );

  test('R21 a connection that dies silently in IDLE is noticed and replaced', async () => {
    const user = dovecot.aUser();
    const { source, proxy } = await openThroughProxy({ user, timing: { silence: 500 } });
    await source.list(signalOf());

    const waited = source.waitForMail(signalOf(), 20_000);
    proxy.freeze();
    await waited;

    expect(await source.list(signalOf())).toEqual([]);
    expect(proxy.connections()).toBe(2);
  });

  test('R19 a command that never ends is given up', async () => {
    const user = dovecot.aUser();
    const { source, proxy } = await openThroughProxy({ user, timing: { command: 150 } });
    await source.list(signalOf());
    proxy.freeze();

    const listed = source.list(signalOf());

    await expect(listed).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });
    expect(await source.list(signalOf())).toEqual([]);
  });

  test.each([20_000, 900_000])('R18 a connection cut after %i octets of a body yields no half message', async (octets) => {
    const user = dovecot.aUser();
    const messages = [aMessage('uno', 'a'.repeat(40_000)), aMessage('dos', 'b'.repeat(2_400_000))];
    await dovecot.deliver(user, ...messages);
    const { source, proxy } = await openThroughProxy({ user, maxBytes: 5_000_000 });
    const listed = await source.list(signalOf());
    proxy.cutAfter(octets);
    const whole: Buffer[] = [];

    const reading = (async () => {
      for await (const { chunks } of source.fetch(listed, signalOf())) {
        const pieces: Buffer[] = [];
        for await (const piece of chunks) pieces.push(piece);
        whole.push(Buffer.concat(pieces));
      }
    })();

    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });
    expect(whole.every((bytes) => messages.some((message) => message.equals(bytes)))).toBe(true);
    expect((await readAll(source, await source.list(signalOf()))).map(({ bytes }) => bytes.length)).toEqual(
      messages.map(({ length }) => length),
    );
  });

  test('R18 a body that comes out shorter than the server has it is left out and offered again', async () => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    await dovecot.deliver(user, aMessage('uno', 'cola'), aMessage('dos'));
    const { source, proxy } = await openThroughProxy({ user }, log);
    const listed = await source.list(signalOf());
    proxy.rewrite = (text) =>
      text.replace(/BODY\[\] \{(\d+)\}\r\n(.*)cola\r\n/s, (_all, size, start) => `BODY[] {${Number(size) - 6}}\r\n${start}`);

    const read = await readAll(source, listed);

    expect(read.map(({ ref }) => ref)).toEqual([listed[1]?.ref]);
    expect(await source.list(signalOf())).toEqual(listed);
    expect(log.events.filter(({ event }) => event === 'source.note')).toHaveLength(1);
  });

  test('a message whose size the server estimates wrongly is read all the same', async () => {
    const user = dovecot.aUser();
    const message = aMessage('uno');
    await dovecot.deliver(user, message, aMessage('dos', 'x'.repeat(2_200_000)));
    const { source, proxy } = await openThroughProxy({ user, maxBytes: 5_000_000 });
    proxy.rewrite = (text) => withoutTls(text).replace(/RFC822\.SIZE (\d+)/g, (_all, size) => `RFC822.SIZE ${Number(size) + 7}`);

    const read = await readAll(source, await source.list(signalOf()));

    expect(read.map(({ size, bytes }) => size - bytes.length)).toEqual([7, 7]);
    expect(read[0]?.bytes.equals(message)).toBe(true);
  });

  test.each([
    ['small ones', 50],
    ['large ones', 2_200_000],
  ])('a message that the server cannot read does not keep back the others: %s', async (_what, length) => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    await dovecot.deliver(user, ...['uno', 'dos', 'tres'].map((subject) => aMessage(subject, 'x'.repeat(length))));
    const { source, proxy } = await openThroughProxy({ user, maxBytes: 5_000_000 }, log);
    const listed = await source.list(signalOf());
    const bad = / UID FETCH (1:3|2) .*BODY.PEEK/;
    proxy.answer = (line) => (bad.test(line) ? `${line.split(' ')[0]} NO [SERVERBUG] Internal error\r\n` : undefined);

    const read = await readAll(source, listed);

    expect(read.map(({ ref }) => ref)).toEqual([listed[0]!.ref, listed[2]!.ref]);
    expect(log.events.filter(({ event }) => event === 'source.note')).toHaveLength(1);
  });

  test.each([
    ['small', 50],
    ['large', 2_200_000],
  ])('R34 a %s message that a person deletes between list and fetch is passed over with a line in the log', async (_size, length) => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    await dovecot.deliver(user, ...['uno', 'dos', 'tres'].map((subject) => aMessage(subject, 'x'.repeat(length))));
    const source = open({ user, maxBytes: 5_000_000 }, log);
    const listed = await source.list(signalOf());
    await dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'uid', '2');

    const subjects = await subjectsIn(source)(listed);

    expect(subjects).toEqual(['uno', 'tres']);
    expect(log.events).toEqual([
      { level: 'info', event: 'source.note', fields: { reason: 'message with UID 2 is not in INBOX any more' } },
    ]);
  });

  test('R10 a message of which the server dies when it is asked for its size keeps the others out for a few attempts only', async () => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'), aMessage('tres'));
    await dovecot.setReadable(user, 1, false);
    const source = open({ user }, log);

    const lists: unknown[] = [];
    for (let n = 0; n < 4; n += 1) lists.push(await source.list(signalOf()).then(subjectsIn(source), ({ code }: AppError) => code));

    expect(lists).toEqual(['SOURCE_UNREACHABLE', 'SOURCE_UNREACHABLE', 'SOURCE_UNREACHABLE', ['uno', 'tres']]);
    expect(notesIn(log)).toEqual([
      expect.stringMatching(/^message with UID 2 stays in INBOX and is left alone for 1 min, after 2 breaks: /),
    ]);
  });

  test.each([
    ['small', 50],
    ['large', 2_200_000],
  ])(
    'R10 a %s message of which the server dies when it is read is left alone for longer and longer, and the others come in',
    async (_size, length) => {
      const user = dovecot.aUser();
      const log = aSilentLog();
      await dovecot.deliver(user, ...['uno', 'dos', 'tres'].map((subject) => aMessage(subject, 'x'.repeat(length))));
      const source = open({ user, maxBytes: 5_000_000 }, log);
      const real = performance.now.bind(performance);
      let minutes = 0;
      const clock = jest.spyOn(performance, 'now').mockImplementation(() => real() + minutes * 60_000);
      const look = () => source.list(signalOf()).then(subjectsIn(source));
      await source.list(signalOf());
      await dovecot.setReadable(user, 1, false);

      const seen = [];
      for (minutes of [0, 0, 0, 0, 2, 2, 6, 8]) seen.push(await look());
      await dovecot.setReadable(user, 1, true);
      minutes = 60;
      seen.push(await look());
      clock.mockRestore();

      expect(seen.slice(0, 2)).toEqual([length < 1_000 ? [] : ['uno'], ['uno']]);
      expect(seen.slice(2, -1)).toEqual(Array.from({ length: 6 }, () => ['uno', 'tres']));
      expect(notesIn(log).map((note) => /left alone for (\d+ min, after \d+) breaks/.exec(note)?.[1])).toEqual([
        '1 min, after 2',
        '5 min, after 3',
        '30 min, after 4',
      ]);
      expect(seen.at(-1)).toEqual(['uno', 'tres', 'dos']);
    },
  );

  test.each([
    ['refused', (tag: string) => `${tag} NO [SERVERBUG] Internal error\r\n`],
    ['gone', (tag: string) => `${tag} OK Fetch completed.\r\n`],
    ['cut short', (tag: string) => `* 2 FETCH (UID 2 BODY[]<1048576> {3}\r\nxxx)\r\n${tag} OK Fetch completed.\r\n`],
  ])('R18 a large message whose second piece is %s does not keep back the others', async (_what, answer) => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    await dovecot.deliver(user, ...['uno', 'dos', 'tres'].map((subject) => aMessage(subject, 'x'.repeat(2_200_000))));
    const { source, proxy } = await openThroughProxy({ user, maxBytes: 5_000_000 }, log);
    const listed = await source.list(signalOf());
    proxy.answer = (line) => (/ UID FETCH 2 .*<1048576\./.test(line) ? answer(line.split(' ')[0]!) : undefined);

    const outcomes: unknown[] = [];
    for await (const { chunks } of source.fetch(listed, signalOf())) {
      outcomes.push(await lengthOf(chunks).catch((error: AppError) => [error.code, error.temporary]));
    }

    expect(outcomes).toEqual([listed[0]!.size, ['MESSAGE_UNREADABLE', true], listed[2]!.size]);
    expect(log.events.filter(({ event }) => event === 'source.note')).toHaveLength(1);
    expect(await source.list(signalOf())).toEqual(listed);
  });

  test.each([
    ['size', / UID FETCH .*RFC822\.SIZE/],
    ['body', / UID FETCH .*BODY\.PEEK/],
  ])(
    'R22 a server that limits us when it is asked for the %s of messages is left alone and not asked for each of them',
    async (_what, command) => {
      const user = dovecot.aUser();
      const log = aSilentLog();
      await dovecot.deliver(user, ...['uno', 'dos', 'tres'].map((subject) => aMessage(subject)));
      const { source, proxy } = await openThroughProxy({ user }, log);
      const look = async () => readAll(source, await source.list(signalOf()));
      proxy.answer = (line) => (command.test(line) ? `${line.split(' ')[0]} NO [LIMIT] Too many commands\r\n` : undefined);

      const limited = await look().catch((error: unknown) => error);
      const asked = proxy.lines().filter((line) => command.test(line));
      proxy.answer = null;

      expect(limited).toMatchObject({ code: 'SOURCE_FAILED', temporary: true });
      expect(asked).toHaveLength(1);
      expect(notesIn(log)).toEqual([]);
      expect(await look()).toHaveLength(3);
    },
  );

  test('a small message whose end the server refuses to tell does not keep back the others', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
    const { source, proxy } = await openThroughProxy({ user });
    proxy.rewrite = (text) => withoutTls(text).replace(/(UID 1 .*RFC822\.SIZE )\d+/, '$19999');
    const listed = await source.list(signalOf());
    proxy.answer = (line) => (/ UID FETCH 1 .*\.1>/.test(line) ? `${line.split(' ')[0]} NO [SERVERBUG] Internal error\r\n` : undefined);

    const read = await readAll(source, listed);

    expect(read.map(({ ref }) => ref)).toEqual([listed[1]!.ref]);
  });

  test.each([
    ['missing', ''],
    ['no date', 'INTERNALDATE "99-Xyz-2026 99:99:99 +0000"'],
  ])('a message whose time of arrival is %s is taken as arrived now, with a note', async (_what, said) => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    await dovecot.deliver(user, aMessage('uno'));
    const { source, proxy } = await openThroughProxy({ user }, log);
    proxy.rewrite = (text) => withoutTls(text).replace(/ ?INTERNALDATE "[^"]*"/, said === '' ? '' : ` ${said}`);
    const before = Date.now();

    const listed = await source.list(signalOf());

    expect(listed).toHaveLength(1);
    expect(listed[0]!.receivedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(log.events.filter(({ event }) => event === 'source.note')).toHaveLength(1);
  });

  test('rows about flags that the server sends unasked are no messages', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, aMessage('uno'), aMessage('dos'));
    const { source, proxy } = await openThroughProxy({ user });
    const listed = await source.list(signalOf());
    proxy.rewrite = (text) => text.replace(/^\* 1 FETCH \(UID 1 BODY/m, '* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n$&');

    const read = await readAll(source, listed);

    expect(read.map(({ bytes }) => bytes.length)).toEqual(listed.map(({ size }) => size));
  });

  test('R20 many messages are settled by one command', async () => {
    const user = dovecot.aUser();
    await dovecot.deliver(user, ...Array.from({ length: 300 }, (_, n) => aMessage(`asunto ${n}`)));
    const { source, proxy } = await openThroughProxy({ user });
    const refs = (await source.list(signalOf())).map(({ ref }) => ref);
    await source.settle(refs.slice(0, 1), 'processed');
    const before = proxy.lines().length;

    await source.settle(refs, 'processed');

    expect(proxy.lines().slice(before)).toHaveLength(1);
    expect(await dovecot.messagesIn(user, 'Procesados')).toHaveLength(300);
  });

  test('R22 a refused login is permanent until somebody mends it, and is not tried again within its pause', async () => {
    const { source, proxy } = await openThroughProxy({
      user: dovecot.aUser(),
      auth: { password: 'wrong' },
      timing: { pauseAfter: () => 60_000 },
    });

    const first = await source.list(signalOf()).catch((error: unknown) => error as AppError);
    const second = await source.list(signalOf()).catch((error: unknown) => error as AppError);

    expect(first).toMatchObject({ code: 'SOURCE_REFUSED', temporary: false, remedy: expect.stringContaining('BUZON_MAILBOX_PASSWORD') });
    expect(second).toBe(first);
    expect(proxy.connections()).toBe(1);
    expect(JSON.stringify([first, (first as AppError).message, String((first as AppError).cause)])).not.toContain('wrong');
  });

  test('R22 after five refused logins each pause is longer than the one before, and the first good login is told once', async () => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    const pauses: number[] = [];
    const pauseAfter = (failures: number, refused: boolean) => {
      pauses.push(pauseBeforeAttempt(failures, refused, 0));
      return 0;
    };
    const { source, proxy } = await openThroughProxy({ user, timing: { pauseAfter } }, log);
    const logins = () => proxy.lines().filter((line) => / (?:AUTHENTICATE|LOGIN)/.test(line)).length;
    proxy.answer = (line) => (/ AUTHENTICATE/.test(line) ? `${line.split(' ')[0]} NO [AUTHENTICATIONFAILED] no\r\n` : undefined);
    const refusals: unknown[] = [];
    for (let n = 0; n < 5; n += 1) refusals.push(await source.list(signalOf()).catch(({ code }: AppError) => code));
    const refusedLogins = logins();
    proxy.answer = null;

    await source.list(signalOf());
    await source.list(signalOf());

    expect(refusals).toEqual(Array.from({ length: 5 }, () => 'SOURCE_REFUSED'));
    expect(refusedLogins).toBe(5);
    expect(pauses).toEqual([15_000, 30_000, 60_000, 120_000, 240_000]);
    expect(log.events.filter(({ event }) => event === 'source.recovered')).toMatchObject([{ fields: { afterAttempts: 5 } }]);
  });

  test('R22 an access token that the server refuses is had anew once, and the login is tried again', async () => {
    const user = dovecot.aUser();
    const refused: (string | undefined)[] = [];
    const accessToken = async (token?: string) => {
      refused.push(token);
      return token === undefined ? 'expired' : dovecot.tokenOf(user);
    };
    const source = open({ user, auth: { accessToken } });

    await expect(source.list(signalOf())).resolves.toEqual([]);
    expect(refused).toEqual([undefined, 'expired']);
  });

  test('R22 where no other access token can be had, the refused login is not repeated', async () => {
    const { source, proxy } = await openThroughProxy({ user: dovecot.aUser(), auth: { accessToken: async () => 'wrong' } });

    const error = await source.list(signalOf()).catch((thrown: unknown) => thrown as AppError);

    expect(error).toMatchObject({ code: 'SOURCE_REFUSED', temporary: false, remedy: expect.stringContaining('OAuth2') });
    expect(proxy.connections()).toBe(1);
  });

  test('S28 a certificate that nobody vouches for is refused, unless a setting allows it, which is logged', async () => {
    const user = dovecot.aUser();
    const log = aSilentLog();
    const { ca: _ca, ...withoutCa } = { ...anywhere, port: dovecot.imapsPort, user, ca: '' };
    const strict = createImapSource(withoutCa, aSilentLog());
    const lax = createImapSource({ ...withoutCa, tlsRejectUnauthorized: false }, log);
    closing.push(
      () => strict.close(),
      () => lax.close(),
    );

    await expect(strict.list(signalOf())).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
      temporary: false,
      remedy: expect.stringContaining('certificado'),
    });
    await expect(lax.list(signalOf())).resolves.toEqual([]);
    expect(log.events.map(({ event }) => event)).toEqual(['tls.unverified']);
  });

  test('a connection without TLS is upgraded, and refused when the server does not offer that', async () => {
    const user = dovecot.aUser();
    const upgraded = open({ user, port: dovecot.imapPort, secure: false });
    const { source: stripped, proxy } = await openThroughProxy({ user, allowInsecure: false });

    const lines = await upgraded.probe();
    const refused = stripped.list(signalOf());

    expect(lines.map(({ what }) => what).join('\n')).toContain('cifrada (TLS)');
    await expect(refused).rejects.toMatchObject({ code: 'SOURCE_REFUSED', temporary: false });
    expect(proxy.lines().join('\n')).not.toMatch(/LOGIN|AUTHENTICATE/);
  });

  test('a mailbox that does not exist is told as such', async () => {
    const source = open({ user: dovecot.aUser(), mailbox: 'Soporte' });

    await expect(source.list(signalOf())).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      temporary: false,
      remedy: expect.stringContaining('no existe'),
    });
    expect((await source.probe())[0]).toMatchObject({ ok: false, remedy: expect.stringContaining('no existe') });
  });

  test('R32 closing ends an attempt to connect', async () => {
    const silent = await startTcpProxy({ host: dovecot.host, port: dovecot.imapPort });
    closing.push(() => silent.close());
    silent.rewrite = () => '';
    const source = open({ user: dovecot.aUser(), port: silent.port, secure: false });
    const listed = source.list(signalOf()).catch((error: unknown) => error);

    await source.close();

    expect(await listed).toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });

  test('R32 closing is quick even when the server says nothing, and ends what is under way', async () => {
    const { source, proxy } = await openThroughProxy({ user: dovecot.aUser(), timing: { logout: 50 } });
    await source.list(signalOf());
    proxy.freeze();
    const listed = source.list(signalOf()).catch((error: unknown) => error);

    const startedAt = performance.now();
    await source.close();

    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await listed).toBeInstanceOf(AppError);
    await expect(source.list(signalOf())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });
});
