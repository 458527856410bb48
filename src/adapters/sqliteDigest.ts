import type Database from 'better-sqlite3';
import type { Cause } from '../desk/causes.ts';
import type { DigestFacts, FailedReply, HeldMail } from '../desk/digest.ts';
import { STORM_WORDS } from '../desk/gate.ts';
import { TicketKind } from '../desk/ticket.ts';
import type { DigestState } from '../ports.ts';
import type { DigestQuestion } from '../reports.ts';
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
      const { at, since, ...rest } = JSON.parse(value) as Omit<DigestState, 'at' | 'since'> & { at: string; since: string };
      return { ...rest, at: new Date(at), since: new Date(since) };
    },
    record(state) {
      write.run({ value: JSON.stringify(state) });
    },
  };
}

/** Finds out what a digest says; each question is a search in an index of what waits, or of the time since the last digest. */
export function digestFactsIn(db: Database.Database): (question: DigestQuestion) => DigestFacts {
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
  const opened = db.prepare<[string], { kind: TicketKind; count: number }>(
    'SELECT kind, count(*) AS count FROM ticket WHERE opened_at >= ? GROUP BY kind',
  );
  const review = db.prepare<[], number>('SELECT count(*) FROM ticket WHERE review = 1').pluck();
  const ignored = db.prepare<[string], { cause: Cause; count: number }>(
    `SELECT cause, count(*) AS count FROM inbound WHERE received_at >= ? AND outcome = 'ignore' GROUP BY cause ORDER BY count(*) DESC, cause`,
  );
  const unanswered = db
    .prepare<[string, string], number>(
      `SELECT count(*) FROM inbound WHERE received_at >= ? AND outcome = 'open' AND reply = 'none' AND instr(trace, ?) > 0`,
    )
    .pluck();

  return ({ since, waitingSince, expiring }) => {
    const from = since.toISOString();
    const allHeld = held.get()!;
    const oldestAt = dateOrNull(allHeld.oldest);
    const expires = expiring === null ? 0 : heldBefore.get(expiring.recordedBefore.toISOString())!;
    const late = waiting.get({ before: waitingSince.toISOString() })!;
    const kinds = new Map(opened.all(from).map(({ kind, count }) => [kind, count]));
    return {
      since,
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
      ignored: ignored.all(from),
      unanswered: unanswered.get(from, STORM_WORDS)!,
      reconciled: reconciled(),
    };
  };
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
