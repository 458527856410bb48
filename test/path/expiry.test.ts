import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { createExpiry } from '../../src/duties/expiry.ts';
import type { Lease } from '../../src/ports.ts';
import { discard } from '../../src/release.ts';
import { aLease } from '../support/aLease.ts';
import { aMail, givenADesk, type TestDesk } from '../support/desk.ts';
import { aSilentLog } from '../support/silentLog.ts';

const DAY_MS = 86_400_000;

function expiryOf({ desk }: TestDesk, some: { lease?: Lease } = {}) {
  const log = aSilentLog();
  const duty = createExpiry({ store: desk.store, lease: some.lease ?? aLease(), log, now: desk.now, retentionDays: 90 });
  return { log, run: (signal = new AbortController().signal) => duty.run(signal) };
}

/** So many messages that are held; returns their numbers in the ledger. */
async function held(desk: TestDesk, count = 1): Promise<number[]> {
  const mails = Array.from({ length: count }, () => 'Subject: sin autor\r\n\r\nhola\r\n');
  const ingested = await desk.whenMailsArrive(mails.map((mail, i) => mail.replace('hola', `hola ${i} ${desk.now.getTime()}`)));
  const wrong = ingested.find(({ receipt }) => receipt.outcome !== 'quarantine');
  if (wrong) throw new Error(`the mail was meant to be held: ${wrong.receipt.outcome}`);
  return ingested.map(({ receipt }) => receipt.inboundId);
}

function rowOf(desk: TestDesk, id: number) {
  return desk.reading((reports) => reports.inbound(id))!;
}

function later(desk: TestDesk, days: number): void {
  desk.now = new Date(desk.now.getTime() + days * DAY_MS);
}

test('what nobody looked at in quarantine for ninety days is ignored as expired; its bytes, its row and its trace stay', async () => {
  await using desk = await givenADesk();
  const [id] = await held(desk);
  const before = rowOf(desk, id!);
  later(desk, 90.01);
  const expiry = expiryOf(desk);

  await expiry.run();

  const after = rowOf(desk, id!);
  expect(after).toEqual({ ...before, outcome: 'ignore', cause: 'expired', trace: [...before.trace, after.trace.at(-1)] });
  expect(after.trace.at(-1)).toEqual({ rule: 'expired', result: 'ignore', because: 'nadie lo atendió en 90 días (2027-02-21 10:14)' });
  expect(await readFile(after.path!, 'utf8')).toContain('sin autor');
  expect(expiry.log.events).toEqual([{ level: 'info', event: 'quarantine.expired', fields: { count: 1, days: 90 } }]);
});

test('what is held for a shorter time stays, however old the mail itself is', async () => {
  await using desk = await givenADesk();
  const [id] = await held(desk);
  const mail = aMail({ headers: ['Authentication-Results: mx.itac.co; dmarc=fail'] }).replace(/^From: .*\r\n/m, '');
  const { receipt } = await desk.whenMailArrives(mail, { receivedAt: new Date(desk.now.getTime() - 365 * DAY_MS) });
  later(desk, 89.9);
  const expiry = expiryOf(desk);

  await expiry.run();

  expect([rowOf(desk, id!).outcome, rowOf(desk, receipt.inboundId).outcome]).toEqual(['quarantine', 'quarantine']);
  expect(expiry.log.events).toEqual([]);
});

test('what a person decided about meanwhile is left as it is', async () => {
  await using desk = await givenADesk();
  const [id] = await held(desk);
  await discard(id!, { by: 'marta', reason: 'publicidad' }, desk.desk);
  later(desk, 100);

  await expiryOf(desk).run();

  expect(rowOf(desk, id!).cause).toBe('discarded');
});

test('an expired message that arrives again is known and changes nothing', async () => {
  await using desk = await givenADesk();
  const mail = 'Subject: sin autor\r\n\r\nhola\r\n';
  const { receipt: first } = await desk.whenMailArrives(mail);
  later(desk, 91);
  await expiryOf(desk).run();

  const { receipt } = await desk.whenMailArrives(mail);

  expect(receipt).toMatchObject({ outcome: 'duplicate', inboundId: first.inboundId });
});

test('many are ended in small transactions: a mail that waits comes in between two of them', async () => {
  await using desk = await givenADesk();
  const ids = await held(desk, 50);
  later(desk, 91);
  const order: string[] = [];
  const { store } = desk.desk;
  const duty = createExpiry({
    store: {
      transaction(work) {
        const some = store.transaction(work).finally(() => order.push('some expired'));
        if (order.length === 0) void store.transaction(async () => order.push('a mail came in'));
        return some;
      },
    },
    lease: aLease(),
    log: aSilentLog(),
    now: desk.desk.now,
    retentionDays: 90,
  });

  await duty.run(new AbortController().signal);

  expect(order).toEqual(['some expired', 'a mail came in', 'some expired', 'some expired']);
  expect(ids.map((id) => rowOf(desk, id).cause)).toEqual(ids.map(() => 'expired'));
});

test('R14 R32 nothing more is ended once the worker is asked to end or another one has taken over', async () => {
  await using desk = await givenADesk();
  const [id] = await held(desk);
  later(desk, 91);
  const lost = aLease();
  lost.lost = true;

  await expiryOf(desk).run(AbortSignal.abort());
  await expect(expiryOf(desk, { lease: lost }).run()).rejects.toMatchObject({ code: 'LEASE_LOST' });

  expect(rowOf(desk, id!).outcome).toBe('quarantine');
});
