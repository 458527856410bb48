import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { databasePath } from '../../src/adapters/sqliteDatabase.ts';
import { digestFactsIn, digestStateIn } from '../../src/adapters/sqliteDigest.ts';
import { openSqliteStore } from '../../src/adapters/sqliteStore.ts';
import { aLease } from '../support/aLease.ts';
import { aMail, givenADesk } from '../support/desk.ts';
import { ARRIVAL } from '../support/effects.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

test('the facts of a digest are what waits now, and what happened since the last one', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 9, repliesPerDomainPerHour: 99, newTicketsPerMinute: 3 } });
  const start = desk.now;
  await desk.givenTicket({ from: 'luis@otro.example', text: 'Antes: la aplicación no abre, error 500.' });
  const [old] = await desk.desk.store.due(desk.now, 1);
  await desk.desk.store.settleOutbox([
    { id: old!.id, result: { state: 'failed', at: desk.now, response: '550 antes', undeliverable: false } },
  ]);
  await desk.whenMailArrives('Subject: el más antiguo\r\n\r\nhola\r\n');
  const since = new Date(start.getTime() + DAY_MS);
  desk.now = new Date(since.getTime() + MINUTE_MS);
  const incident = aMail({ text: 'La aplicación no abre desde las 8, error 500.' });
  await desk.whenMailArrives(incident);
  await desk.whenMailArrives(incident);
  await desk.givenTicket({ from: 'rosa@cliente.example', text: 'Solicitamos agregar un botón para exportar el reporte a Excel.' });
  for (const from of ['a@uno.example', 'b@dos.example', 'c@tres.example']) await desk.givenTicket({ from, text: 'El sistema está caído.' });
  await desk.givenTicket({ from: 'alarma@monitor.example', headers: ['Auto-Submitted: auto-generated'], text: 'El disco está lleno.' }); // no answer, for another reason
  const [failing, , waiting] = await desk.desk.store.due(desk.now, 10);
  await desk.desk.store.settleOutbox([
    { id: failing!.id, result: { state: 'failed', at: desk.now, response: '550 5.1.1', undeliverable: true } },
  ]);
  await desk.desk.store.claim([waiting!.id], aLease());
  const { receipt } = await desk.whenMailArrives(aMail({ subject: `RE: ${desk.tokenOf(1)}`, from: 'eva@ajena.example' }));

  const reconciled = { at: desk.now, gaps: { unrecorded: 2, waiting: 0, 'bytes-missing': 0, 'bytes-damaged': 0 }, unsettled: 1 };
  await desk.desk.store.reconcile.record(reconciled);

  const facts = desk.reading((reports) =>
    reports.digest({
      since,
      after: null,
      waitingSince: new Date(desk.now.getTime() + 1),
      expiring: { recordedBefore: since, retentionMs: 90 * DAY_MS },
    }),
  );

  expect(facts).toMatchObject({
    since,
    held: { count: 2, oldestAt: start, newest: [{ id: receipt.inboundId, cause: 'stranger-on-ticket', sender: 'eva@ajena.example' }, {}] },
    expiring: { count: 1, firstAt: new Date(start.getTime() + 90 * DAY_MS) },
    failed: { count: 1, newest: [{ id: failing!.id, ticketNumber: 2, recipient: 'ana@cliente.example', response: '550 5.1.1' }] },
    waiting: { count: 2, oldestAt: desk.now },
    tickets: { incidencia: 5, requerimiento: 1 },
    ignored: [{ cause: 'duplicate', count: 1 }],
    unanswered: 2,
    reconciled,
  });
});

test('how far the digest has got can be read as the first versions wrote it', () => {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE setting (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)');
  const old = { at: ARRIVAL, since: ARRIVAL, settled: ['mesa@itac.co'], told: true };
  db.prepare('INSERT INTO setting VALUES (?, ?)').run('digest', JSON.stringify(old));

  expect(digestStateIn(db).state()).toEqual({ ...old, after: null, upTo: null });
  db.close();
});

test('nothing in a digest is searched for in all that was ever stored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'digest-'));
  await (await openSqliteStore({ folder, now: () => ARRIVAL })).close();
  const statements = new Set<string>();
  const db = new Database(databasePath(folder), { verbose: (sql) => statements.add(String(sql)) });

  digestFactsIn(db)({ since: ARRIVAL, after: null, waitingSince: ARRIVAL, expiring: { recordedBefore: ARRIVAL, retentionMs: DAY_MS } });

  const scans = [...statements].flatMap((sql) =>
    db
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .filter(({ detail }) => /^SCAN (?:inbound|outbox|ticket)(?! USING)/.test(detail)) // SCAN inbound; not SCAN inbound USING INDEX inbound_quarantine
      .map(({ detail }) => `${detail}: ${sql}`),
  );
  expect(statements.size).toBeGreaterThan(8);
  expect(scans).toEqual([]);
  db.close();
  await rm(folder, { recursive: true });
});
