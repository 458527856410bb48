import { describe, expect, test } from '@jest/globals';
import { type Comparison, createComparison, gapsOf, type LedgerKey, reconciledOf, type Surveyed } from '../../src/desk/reconcile.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

let names = 0;
/** In the folder for processed mail since an hour, known by nobody. */
function aMessage(parts: Partial<Surveyed> = {}): Surveyed {
  names += 1;
  const place = parts.place ?? 'processed';
  return {
    ...{ place, ref: `imap:${place};v=1;uid=${names}`, settled: place !== 'mailbox' },
    ...{ size: 2000, receivedAt: minutesAgo(60), messageId: 'm1@cliente.example', ...parts },
  };
}

function aRow(parts: Partial<LedgerKey> = {}): LedgerKey {
  names += 1;
  return {
    ...{ id: names, ref: `imap:INBOX;v=1;uid=${names}`, rawId: 'ab', size: 2000, messageId: 'm1@cliente.example' },
    ...{ receivedAt: minutesAgo(60), duplicateOf: null, stays: false, ...parts },
  };
}

/** As the duty does it: the rows once, and once more for what is left. */
function compared(messages: Surveyed[], rows: LedgerKey[]): Comparison {
  const comparison = comparisonOf(messages);
  for (const row of rows) comparison.take(row, true);
  for (const row of rows) comparison.explain(row);
  return comparison;
}

function comparisonOf(messages: Surveyed[], newest = Number.POSITIVE_INFINITY): Comparison {
  const comparison = createComparison({ now: NOW, newest });
  for (const message of messages) comparison.add(message);
  return comparison;
}

const found = (comparison: Comparison) =>
  comparison.findings().map((each) => `${each.code} ${'message' in each ? each.message.place : ''}`);

describe('what the ledger knows is no gap', () => {
  const later = { receivedAt: minutesAgo(59) };
  const cases: Record<string, [Surveyed[], LedgerKey[]]> = {
    'a settled message of the same Message-ID, size and time': [[aMessage()], [aRow()]],
    'a message in the mailbox under its own name, marked as settled': [
      [aMessage({ place: 'mailbox', settled: true, ref: 'imap:INBOX;v=1;uid=7', messageId: null })],
      [aRow({ ref: 'imap:INBOX;v=1;uid=7', messageId: null, size: 1 })],
    ],
    'R05 a message in the mailbox under another UIDVALIDITY': [
      [aMessage({ place: 'mailbox', settled: true, ref: 'imap:INBOX;v=2;uid=1' })],
      [aRow({ ref: 'imap:INBOX;v=1;uid=7' })],
    ],
    'a message to which a server gave a new time as it moved it': [[aMessage(later)], [aRow()]],
    'a message of which the server only estimates the size': [[aMessage({ size: 2100 })], [aRow()]],
    'a message that could not be read, whose row has no Message-ID': [[aMessage()], [aRow({ messageId: null })]],
    'a message without Message-ID': [[aMessage({ messageId: null })], [aRow({ messageId: null })]],
    'a message that could not be read, of which the server estimates the size': [[aMessage({ size: 2100 })], [aRow({ messageId: null })]],
    'a message without Message-ID of which the server estimates the size': [[aMessage({ messageId: null, size: 2100 })], [aRow()]],
    'one message in two folders, after a crash without MOVE': [[aMessage(), aMessage({ place: 'mailbox', settled: true })], [aRow()]],
    'two copies, to To and Cc, of which the second is a duplicate': [
      [aMessage(), aMessage(later)],
      [aRow({ id: 1 }), aRow({ id: 2, duplicateOf: 1, ...later })],
    ],
    'two copies whose times the server changed': [
      [aMessage({ receivedAt: minutesAgo(58) }), aMessage({ receivedAt: minutesAgo(57) })],
      [aRow({ id: 1 }), aRow({ id: 2, duplicateOf: 1, receivedAt: minutesAgo(61) })],
    ],
    'mail from before the first start, which stays in the mailbox': [
      [aMessage({ place: 'mailbox', ref: 'imap:INBOX;v=1;uid=9' })],
      [aRow({ ref: 'imap:INBOX;v=1;uid=9', messageId: null, rawId: null, stays: true })],
    ],
    'the same after a change of UIDVALIDITY': [
      [aMessage({ place: 'mailbox', ref: 'imap:INBOX;v=2;uid=1' })],
      [aRow({ messageId: null, rawId: null, stays: true })],
    ],
    'a message that arrived a moment ago': [[aMessage({ place: 'mailbox', receivedAt: minutesAgo(14), settled: false })], []],
    'a message that was recorded a moment ago and is being moved': [
      [aMessage({ place: 'mailbox', ref: 'imap:INBOX;v=1;uid=5', settled: false, receivedAt: minutesAgo(14) })],
      [aRow({ ref: 'imap:INBOX;v=1;uid=5', receivedAt: minutesAgo(14) })],
    ],
    'a message of a mailbox that keeps no marks': [
      [aMessage({ place: 'mailbox', ref: 'imap:INBOX;v=1;uid=6', settled: null })],
      [aRow({ ref: 'imap:INBOX;v=1;uid=6' })],
    ],
  };
  for (const [name, [messages, rows]] of Object.entries(cases)) {
    test(name, () => {
      const comparison = compared(messages, rows);

      expect(found(comparison)).toEqual([]);
      expect(comparison.unexplained()).toBe(0);
      expect(comparison.gone()).toEqual([]);
    });
  }
});

describe('what does not agree is found', () => {
  const cases: Record<string, [Surveyed[], LedgerKey[], string[]]> = {
    'a settled message that the ledger does not know': [[aMessage()], [], ['unrecorded processed']],
    'one in quarantine': [[aMessage({ place: 'quarantine' })], [], ['unrecorded quarantine']],
    'one in the mailbox with the mark': [[aMessage({ place: 'mailbox', settled: true })], [], ['unrecorded mailbox']],
    'one of the same size and time with another Message-ID': [[aMessage({ messageId: 'm2@x' })], [aRow()], ['unrecorded processed']],
    'one of the same Message-ID with another size and time': [
      [aMessage({ size: 3000, receivedAt: minutesAgo(10) })],
      [aRow()],
      ['unrecorded processed'],
    ],
    'a second copy of which the ledger has one': [
      [aMessage(), aMessage({ receivedAt: minutesAgo(1) })],
      [aRow()],
      ['unrecorded processed'],
    ],
    'a third copy of which the ledger has two': [
      [aMessage({ receivedAt: minutesAgo(1) }), aMessage({ receivedAt: minutesAgo(2) }), aMessage({ receivedAt: minutesAgo(3) })],
      [aRow({ id: 1 }), aRow({ id: 2, duplicateOf: 1 })],
      ['unrecorded processed'],
    ],
    'a second message without Message-ID': [
      [aMessage({ messageId: null }), aMessage({ messageId: null })],
      [aRow({ messageId: null })],
      ['unrecorded processed'],
    ],
    'a second message of the same moment, where the server estimates sizes and the ledger has one': [
      [aMessage({ size: 2100, messageId: 'm3@x' }), aMessage({ size: 2200, messageId: 'm4@x' })],
      [aRow({ messageId: null })],
      ['unrecorded processed'],
    ],
    'a message without Message-ID of another moment': [
      [aMessage({ messageId: null, size: 2100, receivedAt: minutesAgo(59) })],
      [aRow({ messageId: null })],
      ['unrecorded processed'],
    ],
    'a message that waits for longer than a quarter of an hour': [
      [aMessage({ place: 'mailbox', settled: false, receivedAt: minutesAgo(15) })],
      [],
      ['waiting mailbox'],
    ],
    'a message that waits in a mailbox without marks': [[aMessage({ place: 'mailbox', settled: null })], [], ['waiting mailbox']],
    'a message that was not moved': [
      [aMessage({ place: 'mailbox', settled: false, ref: 'imap:INBOX;v=1;uid=5' })],
      [aRow({ ref: 'imap:INBOX;v=1;uid=5' })],
      ['unsettled mailbox'],
    ],
  };
  for (const [name, [messages, rows, codes]] of Object.entries(cases)) {
    test(name, () => {
      expect(found(compared(messages, rows))).toEqual(codes);
    });
  }
});

test('of several rows each accounts for the copy that is nearest to it in time', () => {
  const copies = [
    aMessage({ receivedAt: minutesAgo(30) }),
    aMessage({ receivedAt: minutesAgo(20) }),
    aMessage({ receivedAt: minutesAgo(10) }),
  ];

  const comparison = compared(copies, [aRow({ receivedAt: minutesAgo(11) }), aRow({ receivedAt: minutesAgo(29) })]);

  expect(comparison.findings()).toEqual([{ code: 'unrecorded', message: copies[1] }]);
});

test('rows whose message lies nowhere are gone, once for each message, except those of other days and those recorded meanwhile', () => {
  const rows = [
    aRow({ id: 1, messageId: 'gone' }),
    aRow({ id: 2, messageId: 'gone', duplicateOf: 1, receivedAt: minutesAgo(50) }),
    aRow({ id: 3, messageId: 'here', receivedAt: minutesAgo(40) }),
    aRow({ id: 4, messageId: 'here', duplicateOf: 3, receivedAt: minutesAgo(39) }),
    aRow({ id: 6, messageId: 'new' }),
  ];
  const comparison = comparisonOf([aMessage({ messageId: 'here', receivedAt: minutesAgo(40) })], 5);

  for (const row of rows) comparison.take(row, true);
  comparison.take(aRow({ id: 5, messageId: 'old' }), false);

  expect(comparison.gone()).toEqual([1]);
  expect(comparison.findings()).toEqual([]);
});

test('a row of earlier days explains a message that looks new to the server', () => {
  const comparison = comparisonOf([aMessage()], 9);
  expect(comparison.unexplained()).toBe(1);

  comparison.explain(aRow({ id: 1, receivedAt: new Date('2025-01-01T00:00:00.000Z') }));

  expect(comparison.unexplained()).toBe(0);
  expect(comparison.findings()).toEqual([]);
});

test('ten thousand messages that share Message-ID and size are compared in a moment', () => {
  const moments = Array.from({ length: 10_000 }, (_, n) => new Date(NOW.getTime() - n * 1000 - 3_600_000));
  const startedAt = performance.now();

  const comparison = compared(
    moments.map((receivedAt) => aMessage({ receivedAt })),
    moments.map((receivedAt) => aRow({ receivedAt })),
  );

  expect(comparison.findings()).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

test('warnings are no gaps', () => {
  const message = aMessage({ place: 'mailbox' });

  const result = reconciledOf(
    [
      { code: 'unsettled', message },
      { code: 'waiting', message },
      { code: 'bytes-missing', row: aRow() },
    ],
    NOW,
  );

  expect(result).toEqual({ at: NOW, gaps: { unrecorded: 0, waiting: 1, 'bytes-missing': 1, 'bytes-damaged': 0 }, unsettled: 1 });
  expect(gapsOf(result)).toBe(2);
});
