import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReplyState } from '../../src/desk/outbox.ts';
import type { Alias, Effect, Known, MailKeys, Receipt, StaffChange } from '../../src/desk/ticket.ts';
import type { Store } from '../../src/ports.ts';
import { aLease } from '../support/aLease.ts';
import { ARRIVAL, appendingEffect, bounceEffect, keysFor, type MailFacts, openingEffect, quarantiningEffect } from '../support/effects.ts';

export interface StoreKind {
  name: string;
  open(folder: string, now: () => Date): Promise<Store>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What every store promises, however it keeps its rows. */
export function storeContract(kind: StoreKind): void {
  describe(kind.name, () => {
    let folder: string;
    let store: Store;
    let now: Date;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'store-'));
      now = ARRIVAL;
      store = await kind.open(folder, () => now);
    });
    afterEach(async () => {
      await store.close();
      await rm(folder, { recursive: true });
    });

    async function restarted(): Promise<void> {
      await store.close();
      store = await kind.open(folder, () => now);
    }
    async function kept(facts: Omit<MailFacts, 'rawId'>): Promise<MailFacts> {
      const { rawId } = await store.keep([Buffer.from(`Subject: ${facts.name}\r\n\r\n`)]);
      return { ...facts, rawId };
    }
    function applied(effect: Effect): Promise<Receipt> {
      return store.transaction((tx) => tx.apply(effect));
    }
    function known(keys: MailKeys): Promise<Known> {
      return store.transaction((tx) => tx.lookUp(keys));
    }
    async function ticket(number: number, facts: Omit<MailFacts, 'rawId'>): Promise<void> {
      await applied(openingEffect(await kept(facts), number));
    }
    function recordAliases(aliases: readonly Alias[]): Promise<void> {
      return store.transaction((tx) => tx.recordAliases(aliases));
    }
    function act(change: StaffChange): Promise<void> {
      return store.transaction((tx) => tx.act({ by: 'marta', at: now, change }));
    }
    function proofs({ candidates }: Known): string[] {
      return candidates.map((candidate) => `${candidate.proof}: ${candidate.ticket.number}`);
    }

    describe('kept bytes', () => {
      test('are the message, octet by octet, under its SHA-256', async () => {
        const bytes = Buffer.from([0, 255, 13, 10, 0xf1, 10]);

        const kept = await store.keep([bytes.subarray(0, 2), bytes.subarray(2)]);

        expect(kept.rawId).toBe('0698b52b130261d4d0eacb29d3888f54f496a51a08db6f65357988752cf03055');
        expect(kept.size).toBe(6);
        expect(await readFile(kept.path)).toEqual(bytes);
      });

      test('are kept once, however often they come', async () => {
        const first = await store.keep([Buffer.from('a: b\r\n\r\n')]);
        await restarted();

        const second = await store.keep([Buffer.from('a: b\r\n'), Buffer.from('\r\n')]);

        expect(second).toEqual(first);
      });

      test('R18 a message whose source breaks off is not kept', async () => {
        async function* broken(): AsyncGenerator<Buffer> {
          yield Buffer.from('Subject: half');
          throw new Error('connection lost');
        }

        await expect(store.keep(broken())).rejects.toThrow('connection lost');
      });
    });

    describe('a transaction', () => {
      test('shows what was applied in it to the look-ups after it', async () => {
        const facts = await kept({ name: 'a' });

        const before = await store.transaction(async (tx) => {
          const first = await tx.lookUp(keysFor({ name: 'a' }));
          await tx.apply(openingEffect(facts, first.nextTicketNumber));
          return { first, second: await tx.lookUp(keysFor({ name: 'a' })) };
        });

        expect(before.first.ingestedAs).toBeNull();
        expect(before.second.ingestedAs).toMatchObject({ outcome: 'open', ticketNumber: 1 });
        expect(before.second.nextTicketNumber).toBe(2);
      });

      test('that fails leaves nothing', async () => {
        const facts = await kept({ name: 'a' });

        const failed = store.transaction(async (tx) => {
          await tx.apply(openingEffect(facts, 1));
          throw new Error('decided otherwise');
        });

        await expect(failed).rejects.toThrow('decided otherwise');
        expect(await known(keysFor({ name: 'a' }))).toMatchObject({ ingestedAs: null, nextTicketNumber: 1 });
        expect(await store.due(now, 10)).toEqual([]);
      });

      test('is there after a restart once it resolved', async () => {
        await ticket(1, { name: 'a' });
        await restarted();

        const found = await known(keysFor({ name: 'a' }, { numbers: [{ number: 1, proof: 'plain token', by: '[ITAC #1]' }] }));

        expect(found.ingestedAs).toMatchObject({ outcome: 'open', ticketNumber: 1 });
        expect(found.candidates[0]?.ticket).toEqual({
          number: 1,
          state: 'open',
          kind: 'incidencia',
          subject: 'Asunto de a',
          requester: { name: 'Ana', address: 'ana@cliente.example' },
          participants: ['ana@cliente.example'],
          clientId: null,
          openedAt: ARRIVAL,
          closedAt: null,
        });
      });

      test('goes on after an effect that could not be applied, without any part of it', async () => {
        const [good, bad, next] = [await kept({ name: 'a' }), await kept({ name: 'b' }), await kept({ name: 'c' })];

        await store.transaction(async (tx) => {
          await tx.apply(openingEffect(good, 1));
          await expect(tx.apply(appendingEffect(bad, 99))).rejects.toThrow();
          await tx.apply(openingEffect(next, 2));
        });

        expect((await known(keysFor({ name: 'a' }))).ingestedAs).not.toBeNull();
        expect((await known(keysFor({ name: 'b' }))).ingestedAs).toBeNull();
        expect((await known(keysFor({ name: 'c' }))).ingestedAs).not.toBeNull();
      });

      test('makes everything else wait for its end', async () => {
        const facts = await kept({ name: 'a' });
        let finish = () => {};
        const gate = new Promise<void>((resolve) => {
          finish = resolve;
        });

        const first = store.transaction(async (tx) => {
          await tx.apply(openingEffect(facts, 1));
          await gate;
        });
        const meanwhile = Promise.all([store.settled(['maildir:a']), store.due(now, 10), known(keysFor({ name: 'a' }))]);
        finish();
        await first;

        const [settled, due, seen] = await meanwhile;
        expect(settled.get('maildir:a')).toBe('processed');
        expect(due).toHaveLength(1);
        expect(seen.ingestedAs).not.toBeNull();
      });

      test('cannot be used after its end', async () => {
        const facts = await kept({ name: 'a' });

        const escaped = await store.transaction((tx) => Promise.resolve(tx));

        await expect(escaped.apply(openingEffect(facts, 1))).rejects.toThrow('over');
      });

      test('does not commit a message whose bytes are not kept', async () => {
        const effect = openingEffect({ name: 'a', rawId: 'f'.repeat(64) }, 1);

        await expect(applied(effect)).rejects.toMatchObject({ code: 'STORE_FAILED', temporary: true });
        expect((await known(keysFor({ name: 'a' }))).ingestedAs).toBeNull();
      });
    });

    describe('the ledger', () => {
      test('R01 the same message under the same name changes nothing a second time', async () => {
        const effect = openingEffect(await kept({ name: 'a' }), 1);
        const first = await applied(effect);
        await restarted();

        const second = await applied(effect);

        expect(second).toEqual({ inboundId: first.inboundId, outcome: 'duplicate', ticketNumber: 1 });
        expect(await store.due(now, 10)).toHaveLength(1);
      });

      test('R05 T32 the same message under another name changes nothing, and that name is settled too', async () => {
        const facts = await kept({ name: 'a', ref: 'imap:INBOX;v=1;uid=9' });
        const first = await applied(openingEffect(facts, 1));

        const second = await applied(openingEffect({ ...facts, ref: 'imap:INBOX;v=2;uid=1' }, 2));

        expect(second).toEqual({ inboundId: first.inboundId, outcome: 'duplicate', ticketNumber: 1 });
        expect((await known(keysFor({ name: 'b' }))).nextTicketNumber).toBe(2);
        expect(await store.settled(['imap:INBOX;v=1;uid=9', 'imap:INBOX;v=2;uid=1', 'imap:INBOX;v=2;uid=2'])).toEqual(
          new Map([
            ['imap:INBOX;v=1;uid=9', 'processed'],
            ['imap:INBOX;v=2;uid=1', 'processed'],
          ]),
        );
      });

      test('T33 another message with the same Message-ID is another message', async () => {
        await ticket(1, { name: 'a', messageId: 'reused@cliente.example' });

        await ticket(2, { name: 'b', messageId: 'reused@cliente.example' });

        const third = await known(keysFor({ name: 'd', messageId: 'reused@cliente.example' }));
        const answer = await known(keysFor({ name: 'c', references: ['reused@cliente.example'] }));
        expect([third.messageIdTaken, answer.messageIdTaken]).toEqual([true, false]);
        expect(proofs(answer)).toEqual(['earlier Message-ID: 2', 'earlier Message-ID: 1']);
      });

      test('an unreadable message under another name is in quarantine once', async () => {
        const facts = await kept({ name: 'a', ref: 'imap:INBOX;v=1;uid=9' });
        await applied(quarantiningEffect(facts));

        const second = await applied(quarantiningEffect({ ...facts, ref: 'imap:INBOX;v=2;uid=1' }));

        expect(second.outcome).toBe('duplicate');
        expect(await store.settled(['imap:INBOX;v=1;uid=9', 'imap:INBOX;v=2;uid=1'])).toEqual(
          new Map([
            ['imap:INBOX;v=1;uid=9', 'quarantine'],
            ['imap:INBOX;v=2;uid=1', 'processed'],
          ]),
        );
      });

      test('R11 mail from before the first start is recorded and left where it lies', async () => {
        const listed = Array.from({ length: 2_500 }, (_, index) => ({ ref: `imap:INBOX;v=1;uid=${index}`, receivedAt: ARRIVAL, size: 10 }));

        await store.recordSkipped(listed, 'it came before the first start');
        await store.recordSkipped(listed.slice(0, 10), 'it came before the first start');

        const settled = await store.settled(listed.map(({ ref }) => ref));
        expect(settled.size).toBe(2_500);
        expect(new Set(settled.values())).toEqual(new Set(['left']));
      });

      test('remembers the moment of the first start', async () => {
        const first = await store.since(new Date('2026-01-01T00:00:00Z'));
        await restarted();

        const second = await store.since(new Date('2026-02-02T00:00:00Z'));

        expect(first).toEqual(new Date('2026-01-01T00:00:00Z'));
        expect(second).toEqual(first);
      });
    });

    describe('the thread', () => {
      test('candidates come in the order of their proofs', async () => {
        for (const [index, name] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) await ticket(index + 1, { name });
        await recordAliases([{ formerNumber: '871', ticketNumber: 4 }]);

        const found = await known(
          keysFor(
            { name: 'z', references: ['e@cliente.example'], contentHash: keysFor({ name: 'f' }).contentHash },
            {
              numbers: [
                { number: 3, proof: 'plain token', by: '[ITAC #3]' },
                { number: 2, proof: 'signed token', by: '[ITAC #2-ABC]' },
                { number: 1, proof: 'signed Message-ID', by: '<1@desk.example>' },
              ],
              formerNumbers: [{ number: '871', by: '[#871]' }],
            },
          ),
        );

        expect(proofs(found)).toEqual([
          'signed Message-ID: 1',
          'signed token: 2',
          'plain token: 3',
          'former number: 4',
          'earlier Message-ID: 5',
          'same message again: 6',
        ]);
      });

      test('T09 T10 a number without a ticket is no candidate', async () => {
        const numbers = [404, Number.MAX_VALUE, 0].map((number) => ({ number, proof: 'plain token' as const, by: `[ITAC #${number}]` }));

        expect(await known(keysFor({ name: 'a' }, { numbers }))).toMatchObject({ candidates: [] });
      });

      test('T12 a former number leads to its ticket', async () => {
        await ticket(1, { name: 'a' });
        await recordAliases([{ formerNumber: '2020070610000012', ticketNumber: 1 }]);

        const found = await known(
          keysFor({ name: 'b' }, { formerNumbers: [{ number: '2020070610000012', by: '[Ticket#2020070610000012]' }] }),
        );

        expect(found.candidates).toMatchObject([{ proof: 'former number', by: '[Ticket#2020070610000012]', ticket: { number: 1 } }]);
      });

      test('T12 of each ticket it is told when its last automatic answer to the sender was queued', async () => {
        await ticket(1, { name: 'a' });
        await applied(openingEffect(await kept({ name: 'b' }), 2, { answered: false }));
        const numbers = [1, 2].map((number) => ({ number, proof: 'plain token' as const, by: `[ITAC #${number}]` }));
        const answered = async (from: string) =>
          (await known(keysFor({ name: 'c', from }, { numbers }))).candidates.map(({ answeredAt }) => answeredAt);

        expect(await answered('ana+casa@cliente.example')).toEqual([ARRIVAL, null]);
        expect(await answered('luis@cliente.example')).toEqual([null, null]);
      });

      test('T13 a chain of former numbers and a merge leads to the survivor', async () => {
        await ticket(1, { name: 'a' });
        await ticket(2, { name: 'b' });
        await recordAliases([
          { formerNumber: '871', nextFormerNumber: '1204' },
          { formerNumber: '1204', ticketNumber: 1 },
        ]);
        await act({ kind: 'merge', ticketNumber: 1, into: 2 });

        const found = await known(keysFor({ name: 'c' }, { formerNumbers: [{ number: '871', by: '[#871]' }] }));

        expect(proofs(found)).toEqual(['former number: 2']);
        expect(found.aliasCycle).toBeNull();
      });

      test('T14 former numbers that go round are told, and end', async () => {
        await recordAliases([
          { formerNumber: '5', nextFormerNumber: '6' },
          { formerNumber: '6', nextFormerNumber: '5' },
        ]);

        const found = await known(keysFor({ name: 'a' }, { formerNumbers: [{ number: '5', by: '[#5]' }] }));

        expect(found.aliasCycle).toBe('5 → 6 → 5');
        expect(found.candidates).toEqual([]);
      });

      test('T31 a merged ticket leads to the survivor, by number and by Message-ID', async () => {
        await ticket(1, { name: 'a' });
        await ticket(2, { name: 'b' });
        await act({ kind: 'merge', ticketNumber: 1, into: 2 });

        const found = await known(
          keysFor(
            { name: 'c', references: ['a@cliente.example'] },
            { numbers: [{ number: 1, proof: 'signed token', by: '[ITAC #1-ABC]' }] },
          ),
        );

        expect(proofs(found)).toEqual(['signed token: 2', 'earlier Message-ID: 2']);
      });

      test('T23 an answer to the first mail of the client finds the ticket', async () => {
        await ticket(1, { name: 'a' });

        expect(proofs(await known(keysFor({ name: 'b', references: ['a@cliente.example'] })))).toEqual(['earlier Message-ID: 1']);
      });

      test('an answer to a later mail on the ticket, or to ours, finds it too', async () => {
        await ticket(1, { name: 'a' });
        await applied(appendingEffect(await kept({ name: 'b' }), 1));

        expect(proofs(await known(keysFor({ name: 'c', references: ['b@cliente.example'] })))).toEqual(['earlier Message-ID: 1']);
        expect(proofs(await known(keysFor({ name: 'd', references: ['reply-a@desk.example'] })))).toEqual(['earlier Message-ID: 1']);
      });

      test('T36 an original that arrives after its answer finds the ticket of the answer', async () => {
        await ticket(1, { name: 'answer', references: ['original@cliente.example'] });

        const found = await known(keysFor({ name: 'original' }));

        expect(proofs(found)).toEqual(['earlier Message-ID: 1']);
      });

      test.each([
        ['9 minutes later', 9 * MINUTE, ['same message again: 1']],
        ['11 minutes later', 11 * MINUTE, []],
      ])('L23 T34 the same content from the same sender %s', async (_, after, expected) => {
        await ticket(1, { name: 'a', contentHash: 'same' });

        const again = keysFor({ name: 'b', contentHash: 'same', receivedAt: new Date(ARRIVAL.getTime() + after) });

        expect(proofs(await known(again))).toEqual(expected);
      });

      test('T38 the same content from another sender finds nothing', async () => {
        await ticket(1, { name: 'a', contentHash: 'same' });

        expect(proofs(await known(keysFor({ name: 'b', contentHash: 'same', from: 'eva@otro.example' })))).toEqual([]);
      });

      test('T24 people brought in by a mail on the ticket are participants, in lower case', async () => {
        await ticket(1, { name: 'a' });
        await applied(appendingEffect(await kept({ name: 'b' }), 1, { participants: ['Luis@Cliente.example', 'ana@cliente.example'] }));

        const found = await known(keysFor({ name: 'c', references: ['a@cliente.example'] }));

        expect(found.candidates[0]?.ticket.participants).toEqual(['ana@cliente.example', 'luis@cliente.example']);
      });

      test('T29 a closed ticket is reopened when the change says so, and only then', async () => {
        await ticket(1, { name: 'a' });
        await act({ kind: 'close', ticketNumber: 1 });
        const ask = async () => (await known(keysFor({ name: 'z', references: ['a@cliente.example'] }))).candidates[0]?.ticket;

        await applied(appendingEffect(await kept({ name: 'b' }), 1));
        const still = await ask();
        await applied(appendingEffect(await kept({ name: 'c' }), 1, { reopen: true }));

        expect(still).toMatchObject({ state: 'closed', closedAt: ARRIVAL });
        expect(await ask()).toMatchObject({ state: 'open', closedAt: null });
      });
    });

    describe('what staff do', () => {
      test('a message in quarantine gets a new end, and everything else happens as if it had just come', async () => {
        await ticket(1, { name: 'a' });
        const facts = await kept({ name: 'b', ref: 'imap:INBOX;v=1;uid=9' });
        const { inboundId } = await applied(quarantiningEffect(facts));
        await applied(quarantiningEffect({ ...facts, ref: 'imap:INBOX;v=2;uid=1' }));

        const receipt = await store.transaction((tx) => tx.applyAgain(inboundId, appendingEffect(facts, 1)));
        const row = await store.transaction((tx) => tx.ledgerRow(inboundId));
        const again = await applied(appendingEffect({ ...facts, ref: 'imap:INBOX;v=3;uid=1' }, 1));

        expect(receipt).toEqual({ inboundId, outcome: 'append', ticketNumber: 1 });
        expect(row).toMatchObject({ id: inboundId, ref: facts.ref, outcome: 'append', cause: null, ticketNumber: 1 });
        expect(again).toEqual({ inboundId, outcome: 'duplicate', ticketNumber: 1 });
        expect(proofs(await known(keysFor({ name: 'z', references: ['b@cliente.example'] })))).toEqual(['earlier Message-ID: 1']);
        expect([...(await store.settled(['imap:INBOX;v=1;uid=9', 'imap:INBOX;v=2;uid=1'])).values()]).toEqual(['processed', 'processed']);
      });

      test('a message that turns out to be in the ledger twice becomes the duplicate of the other', async () => {
        const facts = await kept({ name: 'a', ref: 'imap:INBOX;v=1;uid=9' });
        const held = await applied(quarantiningEffect(facts));
        await ticket(1, { name: 'a', ref: 'imap:INBOX;v=1;uid=10' });
        const { inbound } = openingEffect(facts, 1);
        const ignored: Effect = {
          inbound: { ...inbound, outcome: 'ignore', cause: 'duplicate' },
          change: { kind: 'none' },
          outbox: [],
          undelivered: [],
        };

        const receipt = await store.transaction((tx) => tx.applyAgain(held.inboundId, ignored));

        expect(receipt).toMatchObject({ outcome: 'ignore', ticketNumber: 1 });
        expect((await known(keysFor({ name: 'a' }))).ingestedAs).toMatchObject({ outcome: 'open' });
      });

      test('a row of the ledger says how much of the message is kept', async () => {
        const facts = await kept({ name: 'a' });
        const { inboundId } = await applied(openingEffect(facts, 1));
        await store.recordSkipped([{ ref: 'imap:INBOX;v=1;uid=1', receivedAt: ARRIVAL, size: 10 }], 'it came before the first start');

        const row = await store.transaction((tx) => tx.ledgerRow(inboundId));
        const skipped = await store.transaction((tx) => tx.ledgerRow(inboundId + 1));

        expect(row).toMatchObject({ size: 100, receivedAt: ARRIVAL, kept: { rawId: facts.rawId, size: 'Subject: a\r\n\r\n'.length } });
        expect(skipped).toMatchObject({ cause: 'before-start', kept: null });
        expect(await store.transaction((tx) => tx.ledgerRow(99))).toBeUndefined();
      });

      test('T31 the people of a merged ticket take part in the survivor', async () => {
        await ticket(1, { name: 'a' });
        await ticket(2, { name: 'b', from: 'luis@cliente.example' });

        await act({ kind: 'merge', ticketNumber: 1, into: 2 });

        const survivor = (await known(keysFor({ name: 'z', references: ['a@cliente.example'] }))).candidates[0]?.ticket;
        expect(survivor).toMatchObject({ number: 2, participants: ['ana@cliente.example', 'luis@cliente.example'] });
        expect(await store.transaction((tx) => tx.ticketState(1))).toEqual({ number: 1, state: 'closed', mergedInto: 2 });
        expect(await store.transaction((tx) => tx.ticketState(9))).toBeUndefined();
      });

      test('a ticket that staff reopen is open again', async () => {
        await ticket(1, { name: 'a' });
        await act({ kind: 'close', ticketNumber: 1 });
        const closed = await store.transaction((tx) => tx.ticketState(1));

        await act({ kind: 'reopen', ticketNumber: 1 });

        expect(closed).toEqual({ number: 1, state: 'closed', mergedInto: null });
        expect(await store.transaction((tx) => tx.ticketState(1))).toEqual({ number: 1, state: 'open', mergedInto: null });
      });

      test('former numbers are kept over a restart, and one that is led anew replaces what was there', async () => {
        await ticket(1, { name: 'a' });
        await recordAliases([
          { formerNumber: '871', nextFormerNumber: '872' },
          { formerNumber: '872', ticketNumber: 1 },
        ]);
        await recordAliases([{ formerNumber: '871', ticketNumber: 1 }]);
        await restarted();

        const found = await store.transaction((tx) => tx.aliases());

        expect(new Map(found.map((alias) => [alias.formerNumber, alias]))).toEqual(
          new Map([
            ['871', { formerNumber: '871', ticketNumber: 1 }],
            ['872', { formerNumber: '872', ticketNumber: 1 }],
          ]),
        );
      });
    });

    describe('what staff do to a reply', () => {
      const DEAD = { state: 'failed', at: ARRIVAL, response: '550 5.1.1 unknown', undeliverable: true } as const;
      const EXPIRES = new Date(ARRIVAL.getTime() + 48 * HOUR);

      function replyState(id: number): Promise<ReplyState | undefined> {
        return store.transaction((tx) => tx.replyState(id));
      }
      function retry(outboxId: number): Promise<void> {
        return act({ kind: 'retry', ticketNumber: 1, outboxId, expiresAt: EXPIRES });
      }
      function cancel(outboxId: number): Promise<void> {
        return act({ kind: 'cancel', ticketNumber: 1, outboxId, response: 'marta la canceló' });
      }

      test('its state is told, and that there is none of that number', async () => {
        await ticket(1, { name: 'a' });
        const [item] = await store.due(now, 1);

        expect(await replyState(item!.id)).toEqual({
          id: item!.id,
          ticketNumber: 1,
          state: 'queued',
          expiresAt: item!.expiresAt,
          response: null,
        });
        expect(await replyState(item!.id + 1)).toBeUndefined();
      });

      test('O08 a failed reply that is tried again is due at once with its bytes, lives longer, and its address gets automatic mail again', async () => {
        await ticket(1, { name: 'a' });
        const [item] = await store.due(now, 1);
        await store.settleOutbox([{ id: item!.id, result: DEAD }]);
        now = new Date(ARRIVAL.getTime() + HOUR);

        await retry(item!.id);
        await restarted();

        expect(await store.due(now, 10)).toEqual([{ ...item, attempts: 1, dueAt: now, expiresAt: EXPIRES }]);
        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(false);
        expect(await replyState(item!.id)).toMatchObject({ state: 'queued', response: '550 5.1.1 unknown' });
      });

      test('an address that another reply took automatic mail away from stays without', async () => {
        await ticket(1, { name: 'a' });
        await ticket(2, { name: 'b' });
        const [first, second] = await store.due(now, 10);
        await store.settleOutbox([{ id: first!.id, result: { ...DEAD, undeliverable: false } }]);
        await store.settleOutbox([{ id: second!.id, result: DEAD }]);

        await retry(first!.id);

        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(true);
      });

      test('a deferred reply that is tried again is due at once', async () => {
        await ticket(1, { name: 'a' });
        const [item] = await store.due(now, 1);
        const nextAttemptAt = new Date(now.getTime() + HOUR);
        await store.settleOutbox([{ id: item!.id, result: { state: 'queued', nextAttemptAt, response: '451 later' } }]);

        await retry(item!.id);

        expect(await store.due(now, 10)).toMatchObject([{ id: item!.id }]);
      });

      test('a cancelled reply is not due, lets the next one of its ticket go, and does not count for the limits', async () => {
        await ticket(1, { name: 'a' });
        await applied({ ...appendingEffect(await kept({ name: 'b' }), 1), outbox: openingEffect({ name: 'b', rawId: '' }, 1).outbox });
        const [first] = await store.due(now, 10);

        await cancel(first!.id);

        expect(await replyState(first!.id)).toMatchObject({ state: 'dropped', response: 'marta la canceló' });
        expect((await store.due(now, 10)).map(({ mail }) => mail.messageId)).toEqual(['reply-b@desk.example']);
        expect((await known(keysFor({ name: 'z' }))).replies.toAddressLastHour).toBe(1);
      });

      test('O09 a reply that a person cancels before it is taken in hand is not taken, and one that is in hand is not cancelled', async () => {
        await ticket(1, { name: 'a' });
        await ticket(2, { name: 'b' });
        const [first, second] = await store.due(now, 10);
        await cancel(first!.id);

        const taken = await store.claim([first!.id, second!.id], aLease());
        await cancel(second!.id);
        await retry(second!.id);

        expect(taken).toEqual([second!.id]);
        expect(await store.claim([second!.id], aLease())).toEqual([]);
        expect(await replyState(first!.id)).toMatchObject({ state: 'dropped' });
        expect(await replyState(second!.id)).toMatchObject({ state: 'sending' });
      });
    });

    describe('the quarantine', () => {
      test('tells what has been in it since before a moment, the longest held first, by when it was recorded', async () => {
        const ids: number[] = [];
        for (const name of ['a', 'b', 'c']) {
          const facts = await kept({ name, receivedAt: new Date(ARRIVAL.getTime() - 400 * 24 * HOUR) });
          ids.push((await applied(quarantiningEffect(facts))).inboundId);
          now = new Date(now.getTime() + HOUR);
        }
        await ticket(1, { name: 'd' });
        const heldSince = (moment: Date, limit: number) => store.transaction((tx) => tx.heldSince(moment, limit));

        expect(await heldSince(new Date(ARRIVAL.getTime() + 90 * MINUTE), 10)).toEqual(ids.slice(0, 2));
        expect(await heldSince(new Date(ARRIVAL.getTime() + 9 * HOUR), 1)).toEqual(ids.slice(0, 1));
        expect(await heldSince(ARRIVAL, 10)).toEqual([]);
      });
    });

    describe('the digest', () => {
      test('how far it has got is remembered over a restart, and the last record counts', async () => {
        const first = { at: ARRIVAL, since: new Date(0), after: null, upTo: null, settled: ['mesa@desk.example'], told: false };
        const upTo = { inboundId: 7, ticketNumber: 3 };
        const last = { ...first, upTo, settled: ['mesa@desk.example', 'jefe@desk.example'], told: true };
        expect(await store.digest.state()).toBeNull();

        await store.digest.record(first);
        await store.digest.record(last);
        await restarted();

        expect(await store.digest.state()).toEqual(last);
      });
    });

    describe('the register of clients', () => {
      const contract = { modality: '8/5', validUntil: '2027-01-31', sla: 'oro' } as const;
      const register = [
        {
          name: 'Cooprobles',
          contract,
          domains: ['cooprobles.example'],
          contacts: [{ address: 'lucia@cooprobles.example', name: 'Lucía', language: 'pt' as const }],
        },
        { name: 'Transportes', contract: null, domains: [], contacts: [] },
      ];
      const whoIs = async (from: string) => (await known({ ...keysFor({ name: 'z' }), sender: from })).registration;

      test('is kept over a restart, and knows people by address and by domain', async () => {
        await store.transaction((tx) => tx.recordRegister(register));
        await restarted();

        expect(await store.transaction((tx) => tx.register())).toEqual(register);
        const clients = [{ id: expect.any(Number), name: 'Cooprobles', contract }];
        expect(await whoIs('lucia@cooprobles.example')).toEqual({ by: 'contact', clients, language: 'pt' });
        expect(await whoIs('otra@cooprobles.example')).toEqual({ by: 'domain', clients, language: null });
        expect(await whoIs('nadie@otro.example')).toBeNull();
      });

      test('C17 what takes its place leaves nothing of it but the clients to whom tickets belong', async () => {
        await ticket(1, { name: 'a', from: 'lucia@cooprobles.example' });
        const adopted = await store.transaction((tx) => tx.recordRegister(register));
        const emptied = register.map(({ name }) => ({ name, contract: null, domains: [], contacts: [] }));

        await store.transaction((tx) => tx.recordRegister(emptied));

        expect(adopted).toBe(1);
        expect(await whoIs('lucia@cooprobles.example')).toBeNull();
        const found = await known(keysFor({ name: 'z' }, { numbers: [{ number: 1, proof: 'plain token', by: '[ITAC #1]' }] }));
        expect(found.candidates[0]?.ticket.clientId).not.toBeNull();
      });
    });

    describe('limits', () => {
      test('L24 counts of automatic answers survive a restart and end after an hour', async () => {
        await ticket(1, { name: 'a' });
        await ticket(2, { name: 'b' });
        await ticket(3, { name: 'c', from: 'luis@cliente.example' });
        await restarted();

        const atOnce = await known(keysFor({ name: 'z' }));
        now = new Date(ARRIVAL.getTime() + HOUR + 1);
        const later = await known(keysFor({ name: 'z', receivedAt: now }));

        expect(atOnce.replies).toEqual({ toAddressLastHour: 2, toDomainLastHour: 3, newTicketsLastMinute: 3 });
        expect(later.replies).toEqual({ toAddressLastHour: 0, toDomainLastHour: 0, newTicketsLastMinute: 0 });
      });

      test('a dropped answer does not count', async () => {
        await ticket(1, { name: 'a' });
        const [item] = await store.due(now, 1);
        await store.settleOutbox([{ id: item!.id, result: { state: 'dropped', at: now, response: 'too old' } }]);

        expect((await known(keysFor({ name: 'z' }))).replies.toAddressLastHour).toBe(0);
      });

      test('mail that waited during an outage is no storm', async () => {
        for (let index = 0; index < 3; index++) {
          await ticket(index + 1, { name: `m${index}`, receivedAt: new Date(ARRIVAL.getTime() + index * 10 * MINUTE) });
        }

        const found = await known(keysFor({ name: 'z', receivedAt: new Date(ARRIVAL.getTime() + 20 * MINUTE) }));

        expect(found.replies.newTicketsLastMinute).toBe(1);
      });

      test('L26 an address that does not exist gets no automatic mail for a time', async () => {
        await ticket(1, { name: 'a' });
        const found = await known(keysFor({ name: 'bounce' }, { reportedMessageId: 'reply-a@desk.example' }));

        await applied(
          bounceEffect(await kept({ name: 'bounce', from: 'mailer-daemon@cliente.example' }), {
            outboxId: found.reportedReply!.outboxId,
            address: 'ana@cliente.example',
            permanent: true,
          }),
        );

        expect(found.reportedReply).toMatchObject({ ticketNumber: 1, recipient: 'ana@cliente.example' });
        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(true);
        now = new Date(ARRIVAL.getTime() + 31 * 24 * HOUR);
        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(false);
      });

      test('L27 a passing failure marks nobody', async () => {
        await ticket(1, { name: 'a' });
        const [item] = await store.due(now, 1);

        await applied(
          bounceEffect(await kept({ name: 'bounce' }), { outboxId: item!.id, address: 'ana@cliente.example', permanent: false }),
        );

        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(false);
      });

      test('L32 a report that names another address than ours went to does not mark that address', async () => {
        await ticket(1, { name: 'a' });
        const [item] = await store.due(now, 1);

        await applied(
          bounceEffect(await kept({ name: 'bounce' }), { outboxId: item!.id, address: 'gerente@otro.example', permanent: true }),
        );

        expect((await known(keysFor({ name: 'z', from: 'gerente@otro.example' }))).undeliverable).toBe(false);
      });
    });

    describe('the outbox', () => {
      test('hands out complete mails, the oldest first, one per ticket', async () => {
        await ticket(1, { name: 'a' });
        const second = openingEffect(await kept({ name: 'b' }), 2);
        const moreOnFirst = { ...appendingEffect(await kept({ name: 'c' }), 1), outbox: [{ ...second.outbox[0]!, ticketNumber: 1 }] };
        now = new Date(ARRIVAL.getTime() + 1);
        await applied(moreOnFirst);
        now = new Date(ARRIVAL.getTime() + 2);
        await ticket(3, { name: 'd' });

        const due = await store.due(now, 10);

        expect(due.map((item) => [item.ticketNumber, item.mail.messageId])).toEqual([
          [1, 'reply-a@desk.example'],
          [3, 'reply-d@desk.example'],
        ]);
        expect(due[0]).toMatchObject({ recipient: 'ana@cliente.example', attempts: 0, expiresAt: new Date('2026-03-03T15:00:00.000Z') });
        expect(due[0]?.mail).toEqual(openingEffect({ name: 'a', rawId: '' }, 1).outbox[0]!.mail);
        expect(await store.due(now, 1)).toHaveLength(1);
      });

      test('O07 a deferred mail holds back the later ones of its ticket, and comes again when its time has come', async () => {
        await ticket(1, { name: 'a' });
        const later = { ...appendingEffect(await kept({ name: 'b' }), 1), outbox: openingEffect({ name: 'b', rawId: '' }, 1).outbox };
        await applied(later);
        const [first] = await store.due(now, 10);
        const retryAt = new Date(now.getTime() + 5 * MINUTE);

        await store.settleOutbox([{ id: first!.id, result: { state: 'queued', nextAttemptAt: retryAt, response: '451 later' } }]);
        await restarted();

        expect(await store.due(new Date(retryAt.getTime() - 1), 10)).toEqual([]);
        expect(await store.due(retryAt, 10)).toMatchObject([{ id: first!.id, attempts: 1, mail: { messageId: 'reply-a@desk.example' } }]);
      });

      test('R31 a clock that was set back two days keeps no reply waiting', async () => {
        await ticket(1, { name: 'a' });
        const twoDaysBack = new Date(now.getTime() - 2 * 24 * 60 * MINUTE);
        const anHourBack = new Date(now.getTime() - 60 * MINUTE);

        const due = [(await store.due(twoDaysBack, 10)).length, (await store.due(anHourBack, 10)).length];

        expect(due).toEqual([1, 0]); // a reply may be told to wait for hours, not for days
      });

      test('a sent mail is not handed out again, and lets the next one go', async () => {
        await ticket(1, { name: 'a' });
        await applied({ ...appendingEffect(await kept({ name: 'b' }), 1), outbox: openingEffect({ name: 'b', rawId: '' }, 1).outbox });
        const [first] = await store.due(now, 10);

        await store.settleOutbox([{ id: first!.id, result: { state: 'sent', at: now, response: '250 2.0.0 Ok', providerId: null } }]);
        await store.settleOutbox([{ id: first!.id, result: { state: 'failed', at: now, response: 'again', undeliverable: true } }]);

        expect((await store.due(now, 10)).map((item) => item.mail.messageId)).toEqual(['reply-b@desk.example']);
        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(false);
      });

      test('O08 a lasting refusal marks the address', async () => {
        await ticket(1, { name: 'a' });
        const [first] = await store.due(now, 10);

        await store.settleOutbox([{ id: first!.id, result: { state: 'failed', at: now, response: '550 5.1.1', undeliverable: true } }]);

        expect((await known(keysFor({ name: 'z' }))).undeliverable).toBe(true);
      });
    });

    describe('the work of a worker', () => {
      test('one that died in the middle of its work is known at the next start, one that ended is not', async () => {
        const first = await store.beginWork();
        await restarted();
        const afterDeath = await store.beginWork();
        await store.endWork();
        await restarted();

        expect([first, afterDeath, await store.beginWork()]).toEqual([false, true, false]);
      });

      test('R08 attempts at a message are counted across deaths, until all that was tried is through', async () => {
        const before = [await store.beginAttempt('imap:INBOX;v=1;uid=1'), await store.beginAttempt('imap:INBOX;v=1;uid=2')];
        await restarted();
        const again = await store.beginAttempt('imap:INBOX;v=1;uid=1');
        await store.undoAttempt('imap:INBOX;v=1;uid=1');
        const afterUndo = await store.beginAttempt('imap:INBOX;v=1;uid=1');
        await store.endAttempts();

        expect([...before, again, afterUndo, await store.beginAttempt('imap:INBOX;v=1;uid=1')]).toEqual([0, 0, 1, 1, 0]);
      });
    });
  });
}
