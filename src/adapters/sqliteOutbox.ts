import type Database from 'better-sqlite3';
import type { DeliveryResult, OutboxItem } from '../ports.ts';
import { suppressIn } from './sqliteApply.ts';

/** No reply is told to wait for longer; one that seems to was queued before somebody set the clock back, and is due. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** The outbox of an open database; what each does is said with `Store`. `claim` and `settle` write many rows: to be called inside a transaction. */
export interface Outbox {
  due(moment: Date, limit: number): OutboxItem[];
  claim(ids: readonly number[]): number[];
  isEmpty(): boolean;
  requeue(): number;
  settle(results: readonly { id: number; result: DeliveryResult }[]): void;
}

export function outboxIn(db: Database.Database): Outbox {
  const suppress = suppressIn(db);
  const waitingRows = (when: '<=' | '>') =>
    db.prepare<{ moment: string; limit: number }, DueRow>(
      `SELECT id, ticket_number, recipient, attempts, message_id, envelope_from, envelope_to, bytes, next_attempt_at, expires_at FROM outbox AS reply
       WHERE state = 'queued' AND next_attempt_at ${when} @moment AND NOT EXISTS (
         SELECT 1 FROM outbox AS older
         WHERE older.ticket_number = reply.ticket_number AND older.state IN ('queued', 'sending') AND older.id < reply.id)
       ORDER BY next_attempt_at, id LIMIT @limit`,
    );
  const dueRows = waitingRows('<=');
  const misdatedRows = waitingRows('>');
  const anyWaiting = db.prepare<[], number>(`SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'queued')`).pluck();
  const claimReply = db.prepare(`UPDATE outbox SET state = 'sending' WHERE id = ? AND state = 'queued'`);
  const putBackReply = db.prepare(`UPDATE outbox SET state = 'queued' WHERE id = ? AND state = 'sending'`);
  const requeueReplies = db.prepare(`UPDATE outbox SET state = 'queued' WHERE state = 'sending'`);
  const deferReply = db.prepare(
    `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = @at, response = @response, state = 'queued' WHERE id = @id AND settled_at IS NULL`,
  );
  const endReply = db.prepare<
    { id: number; state: string; at: string; response: string; attempts: number },
    { recipient: string; ticket_number: number }
  >(
    `UPDATE outbox SET attempts = attempts + @attempts, settled_at = @at, response = @response, state = @state
     WHERE id = @id AND settled_at IS NULL RETURNING recipient, ticket_number`,
  );
  const insertProviderId = db.prepare(`INSERT OR IGNORE INTO thread_message (message_id, ticket_number, origin) VALUES (?, ?, 'provider')`);

  return {
    due(moment, limit) {
      const due = dueRows.all({ moment: moment.toISOString(), limit });
      if (due.length > 0) return due.map(outboxItemFrom);
      const never = new Date(moment.getTime() + LONGEST_WAIT_MS).toISOString();
      return misdatedRows.all({ moment: never, limit }).map(outboxItemFrom);
    },

    claim: (ids) => ids.filter((id) => claimReply.run(id).changes > 0),

    isEmpty: () => anyWaiting.get() === 0,

    requeue: () => requeueReplies.run().changes,

    settle(results) {
      for (const { id, result } of results) {
        if (result.state === 'unsent') {
          putBackReply.run(id);
          continue;
        }
        const { state, response } = result;
        if (state === 'queued') {
          deferReply.run({ id, at: result.nextAttemptAt.toISOString(), response });
          continue;
        }
        const ended = endReply.get({ id, state, at: result.at.toISOString(), response, attempts: state === 'dropped' ? 0 : 1 });
        if (ended === undefined) continue;
        if (state === 'failed' && result.undeliverable) suppress(ended.recipient, id, result.at);
        if (state === 'sent' && result.providerId !== null) insertProviderId.run(result.providerId, ended.ticket_number);
      }
    },
  };
}

interface DueRow {
  id: number;
  ticket_number: number;
  recipient: string;
  attempts: number;
  message_id: string;
  envelope_from: string;
  envelope_to: string;
  bytes: Buffer;
  next_attempt_at: string;
  expires_at: string;
}

function outboxItemFrom(row: DueRow): OutboxItem {
  const {
    id,
    ticket_number: ticketNumber,
    recipient,
    attempts,
    message_id: messageId,
    envelope_from: envelopeFrom,
    envelope_to: envelopeTo,
    bytes,
  } = row;
  return {
    id,
    ticketNumber,
    recipient,
    attempts,
    mail: { messageId, envelopeFrom, envelopeTo, bytes },
    dueAt: new Date(row.next_attempt_at),
    expiresAt: new Date(row.expires_at),
  };
}
