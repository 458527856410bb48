import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { LedgerKey, Surveyed } from '../../src/desk/reconcile.ts';
import type { Effect } from '../../src/desk/ticket.ts';
import { createReconcile, type ReconcileParts, reconcile } from '../../src/duties/reconcile.ts';
import { aMail, givenADesk, type TestDesk, TODAY } from '../support/desk.ts';
import { signalOf } from '../support/messages.ts';
import { aSilentLog } from '../support/silentLog.ts';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(TODAY.getTime() - days * DAY_MS);

let desk: TestDesk;
/** What lies on the server. */
let server: Surveyed[];
let asked: Date[];
let parts: ReconcileParts;
beforeEach(async () => {
  desk = await givenADesk();
  await desk.desk.store.since(daysAgo(20));
  server = [];
  asked = [];
  const source = {
    async *survey(since: Date, signal: AbortSignal) {
      asked.push(since);
      signal.throwIfAborted();
      yield* server.filter(({ receivedAt }) => receivedAt >= since);
    },
  };
  parts = { source, ledger: desk.desk.store.reconcile, now: () => TODAY };
});
afterEach(() => desk[Symbol.asyncDispose]());

/** A mail that arrived and was taken in; on the server it lies among the processed ones. */
async function givenAMail(messageId: string, receivedAt: Date): Promise<void> {
  const mail = aMail({ messageId, subject: messageId });
  await desk.whenMailArrives(mail, { receivedAt });
  server.push(onServer({ messageId, receivedAt, size: Buffer.byteLength(mail) }));
}

function onServer(message: Partial<Surveyed>): Surveyed {
  const ref = `maildir:Secreto de Ana ${server.length};m=1`;
  return { place: 'processed', ref, settled: true, size: 1, receivedAt: daysAgo(1), messageId: null, ...message };
}

const compared = (days: number, deep = false) => reconcile(parts, { since: daysAgo(days), deep }, signalOf());
const codes = async (days = 10) => (await compared(days)).findings.map(({ code }) => code);
const rowOf = (id: number) => desk.reading((reports) => reports.inbound(id)!);

test('what was taken in is found on both sides', async () => {
  for (const day of [1, 2, 3]) await givenAMail(`m${day}@x`, daysAgo(day));

  const result = await compared(10);

  expect(result).toMatchObject({ since: daysAgo(10), messages: 3, rows: 3, findings: [], gone: [] });
});

test('R11 what came before the first start is not looked at, however far back is asked for', async () => {
  server.push(onServer({ receivedAt: daysAgo(21) }));

  const result = await compared(100);

  expect(asked).toEqual([daysAgo(20)]);
  expect(result).toMatchObject({ since: daysAgo(20), findings: [] });
});

test('a message that the server dates later is explained by a row of earlier days, and rows of earlier days are not missed', async () => {
  await givenAMail('old@x', daysAgo(15));
  await givenAMail('older@x', daysAgo(16));
  server[0]!.receivedAt = daysAgo(1);
  server.pop();

  const result = await compared(10);

  expect(result).toMatchObject({ messages: 1, rows: 0, findings: [], gone: [] });
});

test('a mail without Message-ID, and one that could not be read, are known by size and time', async () => {
  for (const mail of [aMail({ messageId: null }), 'Subject: sin autor\r\n\r\nx\r\n']) {
    await desk.whenMailArrives(mail, { receivedAt: daysAgo(1) });
    server.push(onServer({ size: Buffer.byteLength(mail) }));
  }

  expect(await codes()).toEqual([]);
});

test('kept bytes are looked at: gone, cut, and octet for octet', async () => {
  for (const name of ['gone@x', 'cut@x', 'changed@x']) await givenAMail(name, daysAgo(1));
  const [gone, cut, changed] = [1, 2, 3].map((id) => rowOf(id).path!);
  await rm(gone!);
  await writeFile(cut!, 'From');
  await writeFile(changed!, String(await readFile(changed!)).replace('muestra', 'nuestra'));

  const shallow = await compared(10);
  const deep = await compared(10, true);

  const found = ({ findings }: typeof deep) => findings.map((each) => ('row' in each ? `${each.code} ${each.row.id}` : each.code));
  expect(found(shallow)).toEqual(['bytes-missing 1', 'bytes-damaged 2']);
  expect(found(deep)).toEqual(['bytes-missing 1', 'bytes-damaged 2', 'bytes-damaged 3']);
});

test('a message above the limit, of which the header section alone is kept, is whole', async () => {
  const header = Buffer.from('From: ana@cliente.example\r\nMessage-ID: <grande@x>\r\n\r\n');
  const { rawId } = await desk.desk.store.keep([header]);
  await desk.desk.store.transaction((tx) => tx.apply(tooLarge(rawId)));
  server.push(onServer({ messageId: 'grande@x', size: 90_000_000 }));

  const result = await compared(10, true);

  expect(result.findings).toEqual([]);
});

test('the ledger is read in slices in the order of arrival, also where thousands arrived in one second', async () => {
  const db = new Database(`${desk.folder}/buzon.db`);
  const insert = db.prepare(
    `INSERT INTO inbound (ref, size, sender, subject, outcome, cause, reply, trace, received_at, recorded_at)
     VALUES (?, 1, '', '', 'ignore', 'before-start', 'none', '[]', ?, '')`,
  );
  db.transaction(() => {
    for (let n = 0; n < 2_500; n++) insert.run(`r${n}`, (n % 5 === 0 ? daysAgo(3) : daysAgo(2)).toISOString());
  })();
  db.close();
  const rows: LedgerKey[] = [];

  for await (const slice of desk.desk.store.reconcile.rows(daysAgo(3))) rows.push(...slice);

  expect(rows).toHaveLength(2_500);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2_500);
  expect(rows.map(({ receivedAt }) => receivedAt.getTime())).toEqual(
    rows.map(({ receivedAt }) => receivedAt.getTime()).sort((a, b) => a - b),
  );
  expect(rows.every(({ stays, rawId }) => stays && rawId === null)).toBe(true);
});

test('the duty logs each kind of gap without a word of a client, and its result is remembered', async () => {
  await givenAMail('m@x', daysAgo(1));
  server.push(onServer({ messageId: 'ana.secreta@x' }), onServer({ ref: 'imap:Procesados;v=1;uid=7' }));
  server.push(onServer({ place: 'mailbox', settled: false }));
  const log = aSilentLog();
  const before = desk.reading((reports) => reports.reconciled());

  await createReconcile({ ...parts, log, days: 10, schedule: '30 2 * * *' }).run(signalOf());

  expect(before).toBeNull();
  expect(desk.reading((reports) => reports.reconciled())).toEqual({
    at: TODAY,
    gaps: { unrecorded: 2, waiting: 1, 'bytes-missing': 0, 'bytes-damaged': 0 },
    unsettled: 0,
  });
  expect(log.events).toMatchObject([
    { level: 'error', event: 'reconcile.gap', fields: { code: 'unrecorded', count: 2, refs: ['imap:Procesados;v=1;uid=7'] } },
    { level: 'error', event: 'reconcile.gap', fields: { code: 'waiting', count: 1, refs: [] } },
    { level: 'info', event: 'reconcile.finished', fields: { messages: 4, rows: 1, gaps: 3, gone: 0 } },
  ]);
  expect(JSON.stringify(log.events)).not.toMatch(/secret/i);
});

test('a comparison that is broken off says nothing and is not remembered', async () => {
  server.push(onServer({}));
  const log = aSilentLog();
  const stop = new AbortController();
  stop.abort();

  await expect(createReconcile({ ...parts, log, days: 10, schedule: '30 2 * * *' }).run(stop.signal)).rejects.toThrow();

  expect(log.events).toEqual([]);
  expect(desk.reading((reports) => reports.reconciled())).toBeNull();
});

function tooLarge(rawId: string): Effect {
  return {
    inbound: {
      ...{ ref: 'imap:INBOX;v=1;uid=1', rawId, size: 90_000_000, receivedAt: daysAgo(1), fingerprint: null, contentHash: null },
      ...{ messageId: null, references: [], sender: '', subject: '', outcome: 'quarantine', cause: 'too-large', reply: 'none' },
      ...{ trace: [], ticketNumber: null },
    },
    change: { kind: 'none' },
    outbox: [],
    undelivered: [],
  };
}
