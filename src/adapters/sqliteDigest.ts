import type Database from 'better-sqlite3';
import type { Cause } from '../desk/causes.ts';
import type { FailedReply, HeldMail } from '../desk/digest.ts';
import { STORM_WORDS } from '../desk/gate.ts';
import { TicketKind } from '../desk/ticket.ts';
import type { DigestState, RecordMark } from '../ports.ts';
import type { CountedFacts, DigestQuestion } from '../reports.ts';
import { lastReconciledIn } from './sqliteReconcile.ts';

/** Held messages and failed replies that a digest names one by one. */
const NAMED = 20;

/** How far the digest has got is one fact about the store. */
export function digestStateIn(db: Database.Database): { state(): DigestState | null; record(state: DigestState): void } {
  const read = db.prepare<[], string>(`SELECT value FROM setting WHERE key = 'digest'`).pluck();
  const write = db.prepare(
    `INSERT INTO setting (key, value) VALUES ('digest', @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  );
  return {
    state() {
      const value = read.get();
      if (value === undefined) return null;
      const { at, since, after = null, upTo = null, settled, told } = JSON.parse(value) as StoredState;
      return { at: new Date(at), since: new Date(since), after, upTo, settled, told };
    },
    record(state) {
      write.run({ value: JSON.stringify(state) });
    },
  };
}

/** As JSON; one that was written by the first versions has no marks. */
type StoredState = { at: string; since: string; after?: RecordMark | null; upTo?: RecordMark | null } & Pick<
  DigestState,
  'settled' | 'told'
>;

/** Finds out what a digest says; each question is a search in an index of what waits, or among what was recorded since the last digest. */
export function digestFactsIn(db: Database.Database): (question: DigestQuestion) => CountedFacts {
  const reconciled = lastReconciledIn(db);
  const held = db.prepare<[], { count: number; oldest: string | null }>(
    `SELECT count(*) AS count, min(recorded_at) AS oldest FROM inbound WHERE outcome = 'quarantine'`,
  );
  const newestHeld = db.prepare<[number], Omit<HeldMail, 'recordedAt'> & { recordedAt: string }>(
    `SELECT id, cause, sender, subject, recorded_at AS recordedAt FROM inbound WHERE outcome = 'quarantine' ORDER BY id DESC LIMIT ?`,
  );
  const heldBefore = db.prepare<[string], number>(`SELECT count(*) FROM inbound WHERE outcome = 'quarantine' AND recorded_at < ?`).pluck();
  const failed = db.prepare<[string], number>(`SELECT count(*) FROM outbox WHERE state = 'failed' AND settled_at >= ?`).pluck();
  const newestFailed = db.prepare<[string, number], FailedReply>(
    `SELECT id, ticket_number AS ticketNumber, recipient, response FROM outbox WHERE state = 'failed' AND settled_at >= ? ORDER BY id DESC LIMIT ?`,
  );
  const queuedBefore = `SELECT queued_at FROM outbox WHERE state = 'queued' AND queued_at < @before
    UNION ALL SELECT queued_at FROM outbox WHERE state = 'sending' AND queued_at < @before`;
  const waiting = db.prepare<{ before: string }, { count: number; oldest: string | null }>(
    `SELECT count(*) AS count, min(queued_at) AS oldest FROM (${queuedBefore})`,
  );
  const newest = db.prepare<[], RecordMark>(
    `SELECT coalesce((SELECT max(id) FROM inbound), 0) AS inboundId, coalesce((SELECT max(number) FROM ticket), 0) AS ticketNumber`,
  );
  const beforeArrival = db.prepare<{ from: string }, { inboundId: number | null; ticketNumber: number | null }>(
    `SELECT (SELECT min(id) - 1 FROM inbound WHERE received_at >= @from) AS inboundId,
       (SELECT min(number) - 1 FROM ticket WHERE opened_at >= @from) AS ticketNumber`,
  );
  const opened = db.prepare<[number], { kind: TicketKind; count: number }>(
    'SELECT kind, count(*) AS count FROM ticket WHERE number > ? GROUP BY kind',
  );
  const review = db.prepare<[], number>('SELECT count(*) FROM ticket WHERE review = 1').pluck();
  const ignored = db.prepare<[number], { cause: Cause; count: number }>(
    `SELECT cause, count(*) AS count FROM inbound WHERE id > ? AND outcome = 'ignore' GROUP BY cause ORDER BY count(*) DESC, cause`,
  );
  const unanswered = db
    .prepare<[number, string], number>(
      `SELECT count(*) FROM inbound WHERE id > ? AND outcome = 'open' AND reply = 'none' AND instr(trace, ?) > 0`,
    )
    .pluck();

  const markBefore = (from: string, upTo: RecordMark): RecordMark => {
    const { inboundId, ticketNumber } = beforeArrival.get({ from })!;
    return { inboundId: inboundId ?? upTo.inboundId, ticketNumber: ticketNumber ?? upTo.ticketNumber };
  };

  return ({ since, after, waitingSince, expiring }) => {
    const upTo = newest.get()!; // first: what is recorded meanwhile may be told twice, and is never left out
    const from = since.toISOString();
    const { inboundId, ticketNumber } = after ?? markBefore(from, upTo);
    const allHeld = held.get()!;
    const oldestAt = dateOrNull(allHeld.oldest);
    const expires = expiring === null ? 0 : heldBefore.get(expiring.recordedBefore.toISOString())!;
    const late = waiting.get({ before: waitingSince.toISOString() })!;
    const kinds = new Map(opened.all(ticketNumber).map(({ kind, count }) => [kind, count]));
    return {
      since,
      upTo,
      held: {
        count: allHeld.count,
        oldestAt,
        newest: newestHeld.all(NAMED).map((mail) => ({ ...mail, recordedAt: new Date(mail.recordedAt) })),
      },
      expiring: {
        count: expires,
        firstAt: expires === 0 ? null : new Date(oldestAt!.getTime() + expiring!.retentionMs),
      },
      failed: { count: failed.get(from)!, newest: newestFailed.all(from, NAMED) },
      waiting: { count: late.count, oldestAt: dateOrNull(late.oldest) },
      tickets: {
        [TicketKind.incident]: kinds.get(TicketKind.incident) ?? 0,
        [TicketKind.requirement]: kinds.get(TicketKind.requirement) ?? 0,
      },
      review: review.get()!,
      ignored: ignored.all(inboundId),
      unanswered: unanswered.get(inboundId, STORM_WORDS)!,
      reconciled: reconciled(),
    };
  };
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
