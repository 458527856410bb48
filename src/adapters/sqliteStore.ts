import type Database from 'better-sqlite3';
import type { Effect, Step } from '../desk/ticket.ts';
import { AppError } from '../errors.ts';
import type { Listed } from '../mail/message.ts';
import { reached } from '../milestones.ts';
import type { OutboxItem, SettledPlace, Store, StoreTransaction } from '../ports.ts';
import { migrate, requireUpToDate } from './migrate.ts';
import { openRawFolder, type RawFolder } from './rawFolder.ts';
import { spool } from './spool.ts';
import { applyIn, suppressIn } from './sqliteApply.ts';
import { explaining, openDatabase, openDatabaseReadOnly, waitBriefly, worldError } from './sqliteDatabase.ts';
import { learningIn } from './sqliteLearning.ts';
import { ledgerIn } from './sqliteLedger.ts';
import { lookUpIn } from './sqliteLookUp.ts';
import { staffIn } from './sqliteStaff.ts';

/** Rows written or asked for in one go, so that no step holds the program up for long. */
const SLICE = 1_000;

export interface SqliteStoreOptions {
  /** The data folder; created when missing. */
  folder: string;
  now: () => Date;
  /** For `explain --store`: looks up, changes nothing; every writing method fails. */
  readOnly?: boolean;
  /** A person waits for the command: another process's transaction is waited for longer than the worker may. */
  patient?: boolean;
}

export interface SqliteStore extends Store {
  /** Names of the migrations that opening it applied. */
  readonly migrated: readonly string[];
}

/** Opens the store of a data folder, bringing its schema up to date. @throws AppError, see `Store` and `migrate`. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { folder, now, readOnly = false, patient = false } = options;
  const db = readOnly ? openDatabaseReadOnly(folder) : openDatabase(folder);
  try {
    if (readOnly) requireUpToDate(db);
    const migrated = readOnly ? [] : explaining('could not migrate the database', folder, () => migrate(db, now()));
    const raw = readOnly ? spool() : await openRawFolder(folder, now());
    if (!patient) waitBriefly(db);
    return sqliteStoreOn({ db, raw, folder, now, migrated, readOnly });
  } catch (error) {
    db.close();
    throw worldError(error, 'could not open the store', folder);
  }
}

interface Parts {
  db: Database.Database;
  raw: RawFolder;
  folder: string;
  now: () => Date;
  migrated: readonly string[];
  readOnly: boolean;
}

/** The store on an open and migrated database. */
export function sqliteStoreOn({ db, raw, folder, now, migrated, readOnly }: Parts): SqliteStore {
  const lookUp = lookUpIn(db, now);
  const applying = applyIn(db, now);
  const apply = db.transaction(applying.apply); // inside a transaction: a savepoint
  const applyAgain = db.transaction(applying.applyAgain);
  const ledgerRow = ledgerIn(db, folder);
  const staff = staffIn(db, now);
  const learned = learningIn(db);
  const suppress = suppressIn(db);

  const placesOf = db.prepare<[string], { ref: string; place: SettledPlace }>(
    `SELECT inbound.ref, CASE WHEN outcome = 'quarantine' THEN 'quarantine' WHEN cause = 'before-start' THEN 'left' ELSE 'processed' END AS place
     FROM json_each(?) AS asked CROSS JOIN inbound ON inbound.ref = asked.value`,
  );
  const insertSkipped = db.prepare(
    `INSERT OR IGNORE INTO inbound (ref, size, sender, subject, outcome, cause, reply, trace, received_at, recorded_at)
     VALUES (@ref, @size, '', '', 'ignore', 'before-start', 'none', @trace, @receivedAt, @recordedAt)`,
  );
  const dueRows = db.prepare<{ now: string; limit: number }, DueRow>(
    `SELECT id, ticket_number, recipient, attempts, message_id, envelope_from, envelope_to, bytes, expires_at FROM outbox AS reply
     WHERE state = 'queued' AND next_attempt_at <= @now AND NOT EXISTS (
       SELECT 1 FROM outbox AS older
       WHERE older.ticket_number = reply.ticket_number AND older.state IN ('queued', 'sending') AND older.id < reply.id)
     ORDER BY next_attempt_at, id LIMIT @limit`,
  );
  const claimReply = db.prepare(`UPDATE outbox SET state = 'sending' WHERE id = ? AND state = 'queued'`);
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
  const insertSetting = db.prepare('INSERT OR IGNORE INTO setting (key, value) VALUES (?, ?)');
  const settingValue = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck();
  const begin = db.prepare(readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');

  let lastTurn: Promise<unknown> = Promise.resolve();
  /** One at a time: the connection has one transaction, and nobody else may read or write in the middle of it. */
  function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => undefined);
    return turn;
  }
  const step = <T>(doing: string, work: () => T): Promise<T> => inTurn(() => explaining(doing, folder, work));
  const atOnce = db.transaction((work: () => void) => work());

  async function transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
    explaining('could not begin to record', folder, () => begin.run());
    reached('transaction.begun');
    const named = new Set<string>();
    const attachments = new Set<string>();
    const nameAttachments = ({ change }: Effect) => {
      if (change.kind !== 'none') for (const { sha256 } of change.entry.attachments) attachments.add(sha256);
    };
    /** After a failure of disk or database nothing more may be believed of this transaction, whatever `work` makes of it. */
    let broken: unknown;
    let over = false;
    async function inside<S>(doing: string, act: () => S): Promise<S> {
      if (over) throw new Error('this transaction is over');
      if (broken !== undefined) throw broken;
      try {
        return explaining(doing, folder, act);
      } catch (error) {
        if (error instanceof AppError) broken = error;
        throw error;
      }
    }
    try {
      const result = await work({
        lookUp: (keys) => inside('could not look up a mail', () => lookUp(keys)),
        apply: (effect) =>
          inside('could not record a mail', () => {
            const receipt = apply(effect);
            named.add(effect.inbound.rawId);
            nameAttachments(effect);
            return receipt;
          }),
        ledgerRow: (id) => inside('could not read the ledger', () => ledgerRow(id)),
        applyAgain: (id, effect) =>
          inside('could not record a mail again', () => {
            const receipt = applyAgain(id, effect);
            nameAttachments(effect);
            return receipt;
          }),
        ticketState: (number) => inside('could not read a ticket', () => staff.ticketState(number)),
        act: (act) => inside('could not record what staff did', () => staff.act(act)),
        aliases: () => inside('could not read former numbers', () => staff.aliases()),
        recordAliases: (aliases) => inside('could not record former numbers', () => staff.recordAliases(aliases)),
      });
      if (broken !== undefined) throw broken;
      await raw.makeDurable(named, attachments);
      reached('transaction.durable');
      explaining('could not finish to record', folder, () => commit.run());
      reached('transaction.committed');
      return result;
    } finally {
      over = true;
      if (db.inTransaction) rollback.run();
    }
  }

  return {
    migrated,
    learning: {
      state: () => step('could not read what was learned', () => learned.state()),
      corrections: () => step('could not read corrections', () => learned.corrections()),
      record: (training) => step('could not record what was learned', () => learned.record(training)),
    },
    keep: (chunks) => raw.keep(chunks),

    settled(refs) {
      return step('could not read the ledger', () => {
        const places = slicesOf(refs).flatMap((slice) => placesOf.all(JSON.stringify(slice)));
        return new Map(places.map(({ ref, place }) => [ref, place]));
      });
    },

    async recordSkipped(listed, because) {
      const trace = JSON.stringify([{ rule: 'before-start', result: 'ignore', because }] satisfies Step[]);
      for (const slice of slicesOf(listed)) {
        await step('could not record skipped mail', () => {
          const recordedAt = now().toISOString();
          const insert = ({ ref, size, receivedAt }: Listed) =>
            insertSkipped.run({ ref, size, trace, receivedAt: receivedAt.toISOString(), recordedAt });
          atOnce.immediate(() => slice.forEach(insert));
        });
      }
    },

    transaction: (work) => inTurn(() => transaction(work)),

    due(moment, limit) {
      return step('could not read the outbox', () => dueRows.all({ now: moment.toISOString(), limit }).map(outboxItemFrom));
    },

    claim(ids) {
      return step('could not take replies in hand', () =>
        atOnce.immediate(() => {
          for (const id of ids) claimReply.run(id);
        }),
      );
    },

    requeue() {
      return step('could not requeue replies', () => requeueReplies.run().changes);
    },

    settleOutbox(results) {
      return step('could not record deliveries', () =>
        atOnce.immediate(() => {
          for (const { id, result } of results) {
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
        }),
      );
    },

    since(proposed) {
      return step('could not read the first start', () => {
        if (!readOnly) insertSetting.run('since', proposed.toISOString());
        return new Date(settingValue.get('since') ?? proposed);
      });
    },

    async close() {
      await step('could not close the database', () => db.close());
      await raw.close();
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
    expiresAt: new Date(row.expires_at),
  };
}

function slicesOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / SLICE) }, (_, index) => all.slice(index * SLICE, (index + 1) * SLICE));
}
