import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Surveyed } from '../../src/desk/reconcile.ts';
import type { MailSource } from '../../src/ports.ts';
import { aMessage, bytesOf, readAll, signalOf } from '../support/messages.ts';

/** A real mailbox with a person who uses it beside us. Positions count from the oldest message, 0. */
export interface TestMailbox {
  /** Each call is another process that opens the same mailbox. */
  open(options?: { maxBytes?: number }): MailSource;
  deliver(...messages: Buffer[]): Promise<void>;
  /** A message that the server received at that moment, to the second. */
  deliverAt(moment: Date, message: Buffer): Promise<void>;
  personReads(position: number): Promise<void>;
  personDeletes(position: number): Promise<void>;
  /** Whole messages, oldest first. */
  contentOf(folder: 'mailbox' | 'processed' | 'quarantine'): Promise<string[]>;
  /** Names of everything that exists on the server's side. */
  folders(): Promise<string[]>;
  remove(): Promise<void>;
}

/** What every `MailSource` does. */
export function mailSourceContract(name: string, givenAMailbox: () => Promise<TestMailbox>): void {
  describe(name, () => {
    let mailbox: TestMailbox;
    let sources: MailSource[];
    const open = (options?: { maxBytes?: number }) => {
      const source = mailbox.open(options);
      sources.push(source);
      return source;
    };
    beforeEach(async () => {
      mailbox = await givenAMailbox();
      sources = [];
    });
    afterEach(async () => {
      for (const source of sources) await source.close();
      await mailbox.remove();
    });

    test('R33 messages are listed and read oldest first, whole, with their sizes', async () => {
      const messages = [1, 2, 3, 4, 5].map((n) => aMessage(`asunto ${n}`, 'ñandú '.repeat(n * 1000)));
      await mailbox.deliver(...messages);
      const source = open();

      const listed = await source.list(signalOf());
      const read = await readAll(source, listed);

      expect(listed.map(({ size }) => size)).toEqual(messages.map(({ length }) => length));
      expect(new Set(listed.map(({ ref }) => ref)).size).toBe(5);
      expect(listed.every(({ receivedAt }) => receivedAt.getTime() > 0)).toBe(true);
      expect(read.map(({ bytes }) => bytes.equals(messages[read.findIndex((one) => one.bytes === bytes)]!))).toEqual([
        true,
        true,
        true,
        true,
        true,
      ]);
      expect(read.map(({ ref }) => ref)).toEqual(listed.map(({ ref }) => ref));
    });

    test('messages are read in the order given', async () => {
      await mailbox.deliver(aMessage('uno'), aMessage('dos'), aMessage('tres'));
      const source = open();
      const [one, two, three] = await source.list(signalOf());

      const read = await readAll(source, [three!, one!, two!]);

      expect(read.map(({ ref }) => ref)).toEqual([three!.ref, one!.ref, two!.ref]);
    });

    test('R01 what was read and not settled comes again, under the same name, also to another process', async () => {
      await mailbox.deliver(aMessage('uno'), aMessage('dos'));
      const source = open();
      const before = await source.list(signalOf());
      await readAll(source, before);

      const again = await source.list(signalOf());
      const elsewhere = await open().list(signalOf());

      expect(again).toEqual(before);
      expect(elsewhere).toEqual(before);
    });

    test('R03 a message that a person has read is still taken, under the same name', async () => {
      await mailbox.deliver(aMessage('uno'), aMessage('dos'));
      const before = await open().list(signalOf());
      await mailbox.personReads(0);
      const source = open();

      const listed = await source.list(signalOf());

      expect(listed.map(({ ref }) => ref).sort()).toEqual(before.map(({ ref }) => ref).sort());
      expect(await readAll(source, listed)).toHaveLength(2);
    });

    test('settled messages lie whole in their folder and are not offered again', async () => {
      const messages = ['uno', 'dos', 'tres'].map((subject) => aMessage(subject));
      await mailbox.deliver(...messages);
      const source = open();
      const [one, two, three] = await source.list(signalOf());

      await source.settle([one!.ref, three!.ref], 'processed');
      await source.settle([two!.ref], 'quarantine');

      expect(await source.list(signalOf())).toEqual([]);
      expect(await mailbox.contentOf('mailbox')).toEqual([]);
      expect(await mailbox.contentOf('processed')).toEqual([String(messages[0]), String(messages[2])]);
      expect(await mailbox.contentOf('quarantine')).toEqual([String(messages[1])]);
    });

    test('settling twice, or what is not there, changes nothing', async () => {
      await mailbox.deliver(aMessage('uno'), aMessage('dos'));
      const source = open();
      const [one, two] = await source.list(signalOf());
      await source.settle([one!.ref], 'processed');

      await source.settle([one!.ref, `${one!.ref}9`, 'imap:INBOX;v=1;uid=1', 'maildir:none;m=1'], 'processed');
      await source.settle([], 'quarantine');

      expect((await source.list(signalOf())).map(({ ref }) => ref)).toEqual([two!.ref]);
      expect(await mailbox.contentOf('processed')).toHaveLength(1);
    });

    test('R11 a message that is left stays where it is and is offered no more, while later ones are', async () => {
      await mailbox.deliver(aMessage('viejo 1'), aMessage('viejo 2'));
      const source = open();
      await source.settle(
        (await source.list(signalOf())).map(({ ref }) => ref),
        'left',
      );

      const nothing = await source.list(signalOf());
      await mailbox.deliver(aMessage('nuevo'));
      const later = await source.list(signalOf());

      expect(nothing).toEqual([]);
      expect(String((await readAll(source, later))[0]?.bytes)).toContain('Subject: nuevo');
      expect(later).toHaveLength(1);
      expect(await mailbox.contentOf('mailbox')).toHaveLength(3);
    });

    test('R34 R06 a message that a person deletes between list and fetch is left out, the others come', async () => {
      await mailbox.deliver(aMessage('uno'), aMessage('dos'), aMessage('tres'));
      const source = open();
      const listed = await source.list(signalOf());
      await mailbox.personDeletes(1);

      const read = await readAll(source, listed);

      expect(read.map(({ bytes }) => /Subject: (\w+)/.exec(String(bytes))?.[1])).toEqual(['uno', 'tres']);
    });

    test('R16 of a message above the limit only the header section is read', async () => {
      await mailbox.deliver(aMessage('pequeño'), aMessage('enorme', 'x'.repeat(300_000)), aMessage('otro'));
      const source = open({ maxBytes: 100_000 });

      const listed = await source.list(signalOf());
      const read = await readAll(source, listed);

      expect(read.map(({ headerOnly }) => headerOnly)).toEqual([false, true, false]);
      expect(String(read[1]?.bytes)).toMatch(/^Subject: enorme\r\n.*\r\n\r\n$/s);
      expect(read[1]?.bytes.length).toBeLessThan(500);
      expect(listed[1]?.size).toBeGreaterThan(300_000);
    });

    test('a large message comes in pieces and is the same octet for octet', async () => {
      const large = bytesOf(7 * 1024 * 1024 + 13);
      const message = Buffer.concat([aMessage('grande'), Buffer.from(`${large.toString('base64')}\r\n`)]);
      await mailbox.deliver(aMessage('antes'), message, aMessage('después'));
      const source = open();

      const read = await readAll(source, await source.list(signalOf()));

      expect(read.map(({ pieces }) => pieces > 1)).toEqual([false, true, false]);
      expect(read[1]?.largestPiece).toBeLessThanOrEqual(1024 * 1024);
      expect(read[1]?.bytes.equals(message)).toBe(true);
    });

    test('R20 messages can be settled while the next ones are still being read', async () => {
      await mailbox.deliver(...Array.from({ length: 250 }, (_, n) => aMessage(`asunto ${n}`)));
      const source = open();
      const seen: string[] = [];

      for await (const message of source.fetch(await source.list(signalOf()), signalOf())) {
        seen.push(message.ref);
        if (seen.length % 50 === 0) await source.settle(seen.slice(-50), 'processed');
      }

      expect(new Set(seen).size).toBe(250);
      expect(await source.list(signalOf())).toEqual([]);
      expect(await mailbox.contentOf('processed')).toHaveLength(250);
    });

    test('an aborted signal ends reading between two messages', async () => {
      await mailbox.deliver(...Array.from({ length: 150 }, (_, n) => aMessage(`asunto ${n}`)));
      const source = open();
      const stop = new AbortController();
      const listed = await source.list(signalOf());
      let read = 0;

      for await (const message of source.fetch(listed, stop.signal)) {
        read += 1;
        expect(message.ref).toBe(listed[read - 1]?.ref);
        stop.abort();
      }

      expect(read).toBeLessThan(150);
      expect(await source.list(stop.signal)).toEqual([]);
    });

    test('waiting ends when mail arrives', async () => {
      const source = open();
      expect(await source.list(signalOf())).toEqual([]);

      const waited = source.waitForMail(signalOf(), 20_000).then(() => 'mail');
      await mailbox.deliver(aMessage('hola'));

      expect(await waited).toBe('mail');
      expect(await source.list(signalOf())).toHaveLength(1);
    });

    test('mail that arrives between the list and the wait is not slept over', async () => {
      const source = open();
      await source.list(signalOf());
      const firstWait = source.waitForMail(signalOf(), 20_000);
      await mailbox.deliver(aMessage('hola'));
      await firstWait;

      const secondWait = source.waitForMail(signalOf(), 20_000).then(() => 'at once');

      expect(await secondWait).toBe('at once');
    });

    test('waiting ends on abort, after its time, and when the source is closed', async () => {
      const source = open();
      await source.list(signalOf());
      const stop = new AbortController();

      const aborted = source.waitForMail(stop.signal, 20_000);
      stop.abort();
      await aborted;
      await source.waitForMail(signalOf(), 1);
      const closed = source.waitForMail(signalOf(), 20_000);
      await source.close();

      await expect(closed).resolves.toBeUndefined();
    });

    test('a survey shows what lies in the mailbox and in the folders for settled mail, and changes nothing', async () => {
      await mailbox.deliver(...['uno', 'dos', 'tres'].map((subject) => withId(subject)));
      const source = open();
      const [one, two, three] = await source.list(signalOf());
      await source.settle([one!.ref], 'processed');
      await source.settle([two!.ref], 'quarantine');

      const surveyed = await surveyOf(open());

      expect(surveyed).toMatchObject([
        { place: 'processed', settled: true, messageId: 'uno@cliente.example', size: one!.size, receivedAt: one!.receivedAt },
        { place: 'quarantine', settled: true, messageId: 'dos@cliente.example', size: two!.size, receivedAt: two!.receivedAt },
        { place: 'mailbox', settled: false, messageId: 'tres@cliente.example', ...three },
      ]);
      expect(await source.list(signalOf())).toEqual([three]);
    });

    test('a survey of a mailbox without folders for settled mail shows the mailbox, and makes none', async () => {
      await mailbox.deliver(aMessage('sin identificador'));
      const before = await mailbox.folders();

      const surveyed = await surveyOf(open());

      expect(surveyed).toMatchObject([{ place: 'mailbox', messageId: null }]);
      expect(await mailbox.folders()).toEqual(before);
    });

    test('R13 a survey begins at the very second, whatever the hour of the day', async () => {
      const since = new Date('2026-11-20T23:59:59.000Z');
      for (const seconds of [-90_000, -1, 0, 1, 90_000])
        await mailbox.deliverAt(new Date(since.getTime() + seconds * 1000), withId(`s${seconds}`));

      const surveyed = await surveyOf(open(), since);

      expect(surveyed.map(({ messageId }) => messageId)).toEqual(['s0@cliente.example', 's1@cliente.example', 's90000@cliente.example']);
    });

    test('a message that was brought back is offered as if it had just come, with its time of arrival', async () => {
      await mailbox.deliver(...['uno', 'dos', 'tres'].map((subject) => withId(subject)));
      const source = open();
      const [one, two] = await source.list(signalOf());
      await source.settle([one!.ref], 'processed');
      await source.settle([two!.ref], 'quarantine');
      const settled = (await surveyOf(source)).filter(({ place }) => place !== 'mailbox');

      const brought = await source.bringBack(settled, signalOf());

      const listed = await source.list(signalOf());
      expect(brought).toBe(2);
      expect(listed.map(({ receivedAt }) => receivedAt.getTime()).sort()).toContain(one!.receivedAt.getTime());
      expect(String((await readAll(source, listed)).map(({ bytes }) => bytes))).toMatch(/uno.*dos.*tres|tres.*uno.*dos/s);
      expect([...(await mailbox.contentOf('processed')), ...(await mailbox.contentOf('quarantine'))]).toEqual([]);
    });

    test('bringing back what is not there any more brings nothing', async () => {
      await mailbox.deliver(withId('uno'));
      const source = open();
      const [one] = await source.list(signalOf());
      await source.settle([one!.ref], 'processed');
      const settled = await surveyOf(source);
      await source.bringBack(settled, signalOf());

      const again = await source.bringBack(settled, signalOf());

      expect(again).toBe(0);
      expect(await source.list(signalOf())).toHaveLength(1);
    });

    test('a probe finds the mailbox and changes nothing', async () => {
      await mailbox.deliver(aMessage('hola'));
      const before = await mailbox.folders();

      const lines = await open().probe();

      expect(lines.every(({ ok }) => ok)).toBe(true);
      expect(lines.length).toBeGreaterThan(0);
      expect(await mailbox.folders()).toEqual(before);
    });
  });
}

function withId(name: string): Buffer {
  return Buffer.from(`Message-ID: <${name}@cliente.example>\r\n${aMessage(name)}`);
}

async function surveyOf(source: MailSource, since = new Date(0)): Promise<Surveyed[]> {
  const surveyed: Surveyed[] = [];
  for await (const message of source.survey(since, signalOf())) surveyed.push(message);
  return surveyed;
}
