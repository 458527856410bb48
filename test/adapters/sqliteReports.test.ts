import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openReports } from '../../src/adapters/sqliteReports.ts';
import { openSqliteStore, type SqliteStore } from '../../src/adapters/sqliteStore.ts';
import type { Effect } from '../../src/desk/ticket.ts';
import type { Reports } from '../../src/reports.ts';
import { ARRIVAL, appendingEffect, bounceEffect, type MailFacts, openingEffect, quarantiningEffect } from '../support/effects.ts';

const MINUTE = 60_000;
let folder: string;
let store: SqliteStore;
let reports: Reports;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reports-'));
  store = await openSqliteStore({ folder, now: () => ARRIVAL });
  reports = openReports(folder);
});
afterEach(async () => {
  reports.close();
  await store.close();
  await rm(folder, { recursive: true });
});

async function given(facts: Omit<MailFacts, 'rawId'>, effectOf: (kept: MailFacts) => Effect): Promise<void> {
  const { rawId } = await store.keep([Buffer.from(`Subject: ${facts.name}\r\n\r\n`)]);
  await store.transaction((tx) => tx.apply(effectOf({ ...facts, rawId })));
}

test('a ticket is shown with everything that belongs to it', async () => {
  const logo = {
    filename: 'logo.png',
    contentType: 'image/png',
    sniffedType: null,
    size: 5,
    inline: true,
    contentId: 'logo@cliente.example',
    sha256: 'ab'.repeat(32),
  };
  await given({ name: 'a' }, (kept) => openingEffect(kept, 1));
  await given({ name: 'b', receivedAt: new Date(ARRIVAL.getTime() + MINUTE) }, (kept) => {
    const effect = appendingEffect(kept, 1, { participants: ['luis@cliente.example'] });
    if (effect.change.kind === 'append') effect.change.entry.attachments.push(logo);
    return effect;
  });
  await store.transaction((tx) => tx.recordAliases([{ formerNumber: '871', ticketNumber: 1 }]));
  const [reply] = await store.due(ARRIVAL, 1);
  await store.settleOutbox([{ id: reply!.id, result: { state: 'sent', at: ARRIVAL, response: '250 Ok', providerId: null } }]);
  await given({ name: 'bounce' }, (kept) => bounceEffect(kept, { outboxId: reply!.id, address: 'ana@cliente.example', permanent: true }));

  const ticket = reports.ticket(1)!;

  expect(ticket).toMatchObject({ number: 1, kind: 'incidencia', state: 'open', entries: 2, formerNumbers: ['871'], linkedTo: null });
  expect(ticket.updatedAt).toEqual(new Date(ARRIVAL.getTime() + MINUTE));
  expect(ticket.classification.missing).toEqual(['versiones']);
  expect(ticket.participants).toEqual(['ana@cliente.example', 'luis@cliente.example']);
  expect(ticket.contributions.map((entry) => entry.newText)).toEqual(['Texto de a', 'Texto de b']);
  expect(ticket.contributions[1]?.attachments).toEqual([{ ...logo, path: join(folder, 'attachments', 'ab', 'ab'.repeat(32)) }]);
  expect(ticket.messages.map((message) => message.trace[0]?.rule)).toEqual(['opensTicket', 'opensTicket']);
  expect(await readFile(ticket.messages[0]!.path!, 'utf8')).toBe('Subject: a\r\n\r\n');
  expect(ticket.replies).toMatchObject([
    { state: 'sent', attempts: 1, response: '250 Ok', undelivered: { permanent: true, status: '5.1.1' } },
  ]);
});

test('a ticket that does not exist is not shown', () => {
  expect(reports.ticket(7)).toBeUndefined();
});

test('tickets are listed by what is asked, the newest first', async () => {
  await given({ name: 'a' }, (kept) => openingEffect(kept, 1));
  await given({ name: 'b', from: 'eva@otro.example', receivedAt: new Date(ARRIVAL.getTime() + MINUTE) }, (kept) => openingEffect(kept, 2));
  await given({ name: 'c' }, (kept) => {
    const effect = openingEffect(kept, 3);
    if (effect.change.kind !== 'open') return effect;
    const { ticket } = effect.change;
    return {
      ...effect,
      change: {
        ...effect.change,
        ticket: { ...ticket, kind: 'requerimiento', classification: { ...ticket.classification, review: true } },
      },
    };
  });
  const numbers = (filter: Omit<Parameters<Reports['tickets']>[0], 'limit'>, limit = 10) =>
    reports.tickets({ ...filter, limit }).map((line) => line.number);

  expect(numbers({})).toEqual([3, 2, 1]);
  expect(numbers({}, 2)).toEqual([3, 2]);
  expect(numbers({ kind: 'incidencia' })).toEqual([2, 1]);
  expect(numbers({ review: true })).toEqual([3]);
  expect(numbers({ client: 'Otro.example' })).toEqual([2]);
  expect(numbers({ client: 'Ana@cliente.example', kind: 'incidencia' })).toEqual([1]);
  expect(numbers({ since: new Date(ARRIVAL.getTime() + 1) })).toEqual([2]);
  expect(numbers({ state: 'closed' })).toEqual([]);
});

test('quarantine and the counts of the store are shown', async () => {
  await given({ name: 'a' }, (kept) => openingEffect(kept, 1));
  await given({ name: 'strange' }, quarantiningEffect);

  expect(reports.quarantined(10)).toMatchObject([{ cause: 'unreadable', ref: 'maildir:strange', ticketNumber: null }]);
  expect(reports.outbox({ states: ['queued'], limit: 10 })).toHaveLength(1);
  expect(reports.outbox({ states: ['failed'], limit: 10 })).toEqual([]);
  expect(reports.summary()).toEqual({
    tickets: { open: 1, closed: 0, review: 0 },
    quarantined: 1,
    outbox: { queued: 1, sending: 0, failed: 0 },
    oldestQueuedAt: ARRIVAL,
  });
});

test('what is on no ticket and what came twice is shown, the newest first', async () => {
  await given({ name: 'a' }, (kept) => openingEffect(kept, 1));
  await given({ name: 'strange' }, quarantiningEffect);
  await given({ name: 'a', ref: 'maildir:a-again' }, (kept) => openingEffect(kept, 1));

  expect(reports.aside(10)).toMatchObject([
    { ref: 'maildir:a-again', cause: 'duplicate', ticketNumber: 1 },
    { ref: 'maildir:strange', cause: 'unreadable', ticketNumber: null },
  ]);
  expect(reports.aside(1)).toHaveLength(1);
});

test('a data folder is read when no worker has it open', async () => {
  await given({ name: 'a' }, (kept) => openingEffect(kept, 1));
  reports.close();
  await store.close();

  reports = openReports(folder);

  expect(reports.tickets({ limit: 10 })).toHaveLength(1);
});
