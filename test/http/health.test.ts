import { expect, test } from '@jest/globals';
import {
  alarmsOf,
  countIngested,
  failed,
  isAlive,
  metricsText,
  newHealth,
  notReadyBecause,
  type StoreGauges,
  succeeded,
} from '../../src/http/health.ts';

const NOW = new Date('2026-11-23T15:00:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const GAUGES: StoreGauges = {
  ...{ queued: 3, failed: 1, quarantined: 2, oldestQueuedAt: later(-90), storm: false },
  reconciled: { at: later(-3600), gaps: { unrecorded: 0, waiting: 0 } },
};

test('a worker is ready once mailbox and outbox have worked, and says which of the two does not', () => {
  const health = newHealth(NOW);
  const said = [notReadyBecause(health)];

  succeeded(health.mailbox, later(1));
  said.push(notReadyBecause(health));
  failed(health.outbox, 'connection refused', 5000);
  said.push(notReadyBecause(health));
  succeeded(health.outbox, later(2));
  failed(health.mailbox, 'disk full', 1000);
  said.push(notReadyBecause(health));

  expect(said).toEqual(['the first cycle is not done yet', null, 'outbox: connection refused', 'mailbox: disk full']);
});

test('a worker that stands by is alive and not ready', () => {
  const health = { ...newHealth(NOW), standingBy: true };

  expect(isAlive(health, later(179), 60_000)).toBe(true);
  expect(isAlive(health, later(181), 60_000)).toBe(false);
  expect(notReadyBecause(health)).toMatch(/standing by/);
});

test('R22 failures in a row and the pause after them stand in the metrics, each for its door, until it works again', () => {
  const health = newHealth(NOW);
  failed(health.mailbox, 'login refused', 1000);
  failed(health.mailbox, 'login refused', 2500);
  const during = metricsText(health, null, NOW);
  succeeded(health.mailbox, later(10));

  const after = metricsText(health, null, later(12));

  expect(during).toMatch(/^door_failures\{door="mailbox"\} 2$/m);
  expect(during).toMatch(/^door_pause_seconds\{door="mailbox"\} 2\.5$/m);
  expect(during).toMatch(/^door_failures\{door="outbox"\} 0$/m);
  expect(after).toMatch(/^door_failures\{door="mailbox"\} 0$/m);
  expect(after).toMatch(/^source_last_success_seconds 2$/m);
});

test('L19 mails of our own that come back are counted apart from duplicates', () => {
  const health = newHealth(NOW);
  countIngested(health, 'open', null);
  countIngested(health, 'duplicate', 'own');
  countIngested(health, 'ignore', 'duplicate');
  countIngested(health, 'ignore', 'own');

  const metrics = metricsText(health, null, NOW);

  expect(metrics).toMatch(/^mail_loops_total 1$/m);
  expect(metrics).toMatch(/^mail_ingested_total\{action="ignore"\} 2$/m);
});

test('R21 the age of the last success grows while the mailbox says nothing', () => {
  const health = newHealth(NOW);
  succeeded(health.mailbox, NOW);

  expect(metricsText(health, null, later(600))).toMatch(/^source_last_success_seconds 600$/m);
});

test('O17 a storm and gaps between mailbox and ledger are alarms, in words and in metrics', () => {
  const quiet = alarmsOf(GAUGES);
  const gauges = { ...GAUGES, storm: true, reconciled: { at: NOW, gaps: { unrecorded: 2, waiting: 0 } } };

  const metrics = metricsText(newHealth(NOW), gauges, NOW);

  expect(quiet).toEqual([]);
  expect(alarmsOf(gauges)).toEqual([expect.stringMatching(/^storm: /), 'gap between mailbox and ledger: 2 unrecorded']);
  expect(metrics).toMatch(/^storm 1$/m);
  expect(metrics).toMatch(/^reconcile_gaps\{code="unrecorded"\} 2$/m);
  expect(metrics).toMatch(/^outbox_oldest_queued_seconds 90$/m);
});
