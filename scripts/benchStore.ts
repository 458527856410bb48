// Cost of the store alone: look up and record one mail, with few and with many mails stored, and with the kept bytes made durable.
// Usage: node scripts/benchStore.ts [STORED]   (default 100000)
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../src/adapters/migrate.ts';
import type { RawFolder } from '../src/adapters/rawFolder.ts';
import { openDatabase } from '../src/adapters/sqliteDatabase.ts';
import { openSqliteStore, sqliteStoreOn } from '../src/adapters/sqliteStore.ts';
import type { Store } from '../src/ports.ts';
import { ARRIVAL, appendingEffect, keysFor, type MailFacts, openingEffect } from '../test/support/effects.ts';

const FEW = 1_000;
const MANY = Number(process.argv[2] ?? 100_000);
const MEASURED = 2_000;
const BATCH = 50;
const DESK_STARTS = ARRIVAL.getTime();

const noBytes: RawFolder = {
  keep: () => Promise.reject(new Error('keeps nothing')),
  makeDurable: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Every third mail answers an earlier one; a minute between two mails, two hundred clients with fifty people each. */
async function record(store: Store, from: number, count: number, rawIdOf: (index: number) => Promise<string>): Promise<void> {
  for (let at = from; at < from + count; at += BATCH) {
    const rawIds = await Promise.all(Array.from({ length: BATCH }, (_, index) => rawIdOf(at + index)));
    await store.transaction(async (tx) => {
      for (const [index, rawId] of rawIds.entries()) {
        const number = at + index;
        const facts: MailFacts = {
          name: `mail-${number}`,
          rawId,
          from: `p${number % 50}@c${number % 200}.example`,
          receivedAt: new Date(DESK_STARTS + number * 60_000),
          references: number % 3 === 0 ? [`mail-${Math.max(0, number - 700)}@cliente.example`] : [],
        };
        const known = await tx.lookUp(keysFor(facts));
        const ticket = known.candidates[0]?.ticket;
        await tx.apply(ticket ? appendingEffect(facts, ticket.number) : openingEffect(facts, known.nextTicketNumber));
      }
    });
  }
}

/** Milliseconds a mail: passed, and of this process's CPU. */
async function measured(work: () => Promise<void>): Promise<{ ms: number; cpu: number }> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: (performance.now() - start) / MEASURED, cpu: (user + system) / 1000 / MEASURED };
}

function line(what: string, { ms, cpu }: { ms: number; cpu: number }): void {
  process.stdout.write(`${what.padEnd(48)} ${ms.toFixed(3)} ms, ${cpu.toFixed(3)} ms CPU a mail\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-store-'));
try {
  let stored = 0;
  const now = () => new Date(DESK_STARTS + stored * 60_000);
  const db = openDatabase(folder);
  migrate(db, now());
  const store = sqliteStoreOn({ db, raw: noBytes, folder, now, migrated: [], readOnly: false });
  const grow = async (count: number) => {
    await record(store, stored, count, (index) => Promise.resolve(index.toString(16).padStart(64, '0')));
    stored += count;
  };
  db.pragma('synchronous = OFF');
  await grow(FEW);
  db.pragma('synchronous = FULL');
  const few = await measured(() => grow(MEASURED));
  line(`look up and record, ${FEW} stored`, few);
  db.pragma('synchronous = OFF');
  await grow(MANY - stored);
  db.pragma('synchronous = FULL');
  const many = await measured(() => grow(MEASURED));
  line(`look up and record, ${MANY} stored`, many);
  process.stdout.write(`ratio ${(many.ms / few.ms).toFixed(2)}, of CPU ${(many.cpu / few.cpu).toFixed(2)}\n`);
  await store.close();

  const durable = await openSqliteStore({ folder: join(folder, 'durable'), now });
  const body = randomBytes(45_000).toString('hex');
  const keep = async (index: number) => (await durable.keep([Buffer.from(`${index}\r\n\r\n${body}`)])).rawId;
  line('with 90 KB of kept bytes, batches of 50', await measured(() => record(durable, 0, MEASURED, keep)));
  const single = Array.from({ length: 50 }, (_, index) => MEASURED + index);
  const times: number[] = [];
  for (const index of single) {
    const start = performance.now();
    const rawId = await keep(index);
    await durable.transaction(async (tx) => {
      const known = await tx.lookUp(keysFor({ name: `single-${index}` }));
      return tx.apply(openingEffect({ name: `single-${index}`, rawId }, known.nextTicketNumber));
    });
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  process.stdout.write(`one mail alone: median ${times[25]!.toFixed(1)} ms, slowest ${times[49]!.toFixed(1)} ms\n`);
  await durable.close();
} finally {
  rmSync(folder, { recursive: true });
}
