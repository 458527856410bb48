import { join } from 'node:path';
import Database from 'better-sqlite3';

export interface InboundRow {
  id: number;
  ref: string;
  raw_id: string | null;
  duplicate_of: number | null;
  outcome: string;
  cause: string | null;
  reply: string;
  ticket_number: number | null;
}

export interface EntryRow {
  id: number;
  ticket_number: number;
  inbound_id: number | null;
}

export interface OutboxRow {
  id: number;
  ticket_number: number;
  inbound_id: number | null;
  recipient: string;
  message_id: string;
  state: string;
  attempts: number;
  response: string | null;
  bytes: Buffer;
}

/** What the database of a data folder holds, read past the program with statements of one's own. */
export interface Records {
  inbound: InboundRow[];
  tickets: { number: number; requester_address: string }[];
  entries: EntryRow[];
  outbox: OutboxRow[];
  attachments: { sha256: string; size: number }[];
  integrity: string[];
  brokenForeignKeys: number;
}

export function readRecords(dataFolder: string): Records {
  return reading(dataFolder, (db) => ({
    inbound: rows<InboundRow>(db, 'SELECT id, ref, raw_id, duplicate_of, outcome, cause, reply, ticket_number FROM inbound ORDER BY id'),
    tickets: rows(db, 'SELECT number, requester_address FROM ticket ORDER BY number'),
    entries: rows<EntryRow>(db, 'SELECT id, ticket_number, inbound_id FROM entry ORDER BY id'),
    outbox: rows<OutboxRow>(
      db,
      'SELECT id, ticket_number, inbound_id, recipient, message_id, state, attempts, response, bytes FROM outbox ORDER BY id',
    ),
    attachments: rows(db, 'SELECT DISTINCT sha256, size FROM attachment'),
    integrity: db.prepare<[], string>('PRAGMA integrity_check').pluck().all(),
    brokenForeignKeys: db.prepare('PRAGMA foreign_key_check').all().length,
  }));
}

/** Message-IDs of replies that have come to an end. */
export function settledReplies(dataFolder: string): Set<string> {
  return orElse(new Set(), () =>
    reading(
      dataFolder,
      (db) => new Set(db.prepare<[], string>('SELECT message_id FROM outbox WHERE settled_at IS NOT NULL').pluck().all()),
    ),
  );
}

/** Replies that are to be sent now; null when the database cannot be read now. */
export function dueReplies(dataFolder: string, now: Date): number | null {
  const sql = `SELECT count(*) FROM outbox WHERE state = 'sending' OR (state = 'queued' AND next_attempt_at <= ?)`;
  return orElse(null, () => reading(dataFolder, (db) => db.prepare<[string], number>(sql).pluck().get(now.toISOString()) ?? null));
}

/** Has the program come as far as its tables? A full disk may end the first start before that. */
export function hasTables(dataFolder: string): boolean {
  const sql = `SELECT count(*) FROM sqlite_master WHERE name = 'outbox'`;
  return orElse(false, () => reading(dataFolder, (db) => db.prepare<[], number>(sql).pluck().get() === 1));
}

/** Replies that have come to no end. */
export function openReplies(dataFolder: string): number {
  return reading(dataFolder, (db) => db.prepare<[], number>('SELECT count(*) FROM outbox WHERE settled_at IS NULL').pluck().get() ?? 0);
}

/** Whether a reply stands in the database with its ticket and its mail, committed; null when it cannot be read now. */
export function isOnRecord(dataFolder: string, messageId: string): boolean | null {
  const sql = `SELECT count(*) FROM outbox JOIN ticket ON ticket.number = outbox.ticket_number JOIN inbound ON inbound.id = outbox.inbound_id
    WHERE outbox.message_id = ? AND inbound.ticket_number = outbox.ticket_number`;
  return orElse(null, () => reading(dataFolder, (db) => (db.prepare<[string], number>(sql).pluck().get(messageId) ?? 0) > 0));
}

/** What time would do by itself: replies that the server deferred are due now. Those that were never tried must go without it. */
export function makeDeferredDue(dataFolder: string, now: Date): void {
  writing(dataFolder, (db) => {
    db.prepare(`UPDATE outbox SET next_attempt_at = ? WHERE state = 'queued' AND attempts > 0`).run(now.toISOString());
  });
}

export function writing<T>(dataFolder: string, work: (db: Database.Database) => T): T {
  return open(dataFolder, { timeout: 5_000, fileMustExist: true }, work);
}

function reading<T>(dataFolder: string, work: (db: Database.Database) => T): T {
  return open(dataFolder, { readonly: true, timeout: 1_000 }, work);
}

function open<T>(dataFolder: string, options: Database.Options, work: (db: Database.Database) => T): T {
  const db = new Database(join(dataFolder, 'buzon.db'), options);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function rows<T>(db: Database.Database, sql: string): T[] {
  return db.prepare<[], T>(sql).all();
}

/** The database may not be there yet, or be held by a fault. */
function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
