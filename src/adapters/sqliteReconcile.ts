import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { GAP_CODES, type LedgerKey, type Reconciled } from '../desk/reconcile.ts';
import { codeOf } from '../errors.ts';
import type { ReconcileStore } from '../ports.ts';
import { rawPath } from './rawFolder.ts';
import { worldError } from './sqliteDatabase.ts';

/** Rows that are read in one go: about 2 ms in a ledger of a million. */
const SLICE = 500;
/** Where the last result is kept among the facts about the store. */
const KEY = 'reconciled';

/** Where a slice ended. */
export interface Position {
  receivedAt: string;
  id: number;
}

export interface ReconcileStatements {
  firstStart(): Date | null;
  newest(): number;
  slice(after: Position): LedgerKey[];
  record(result: Reconciled): void;
}

interface KeyRow {
  id: number;
  ref: string;
  raw_id: string | null;
  size: number;
  message_id: string | null;
  received_at: string;
  duplicate_of: number | null;
  stays: number;
}

export function reconcileIn(db: Database.Database): ReconcileStatements {
  const setting = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck();
  const newest = db.prepare<[], number>('SELECT ifnull(max(id), 0) FROM inbound').pluck();
  // Only columns before the trace, and one that the index holds: what does not fit on a row's first page is not read.
  const columns = `id, ref, raw_id, size, message_id, received_at, duplicate_of, cause IS 'before-start' AS stays`;
  const slice = db.prepare<Position & { limit: number }, KeyRow>(
    `SELECT ${columns} FROM inbound WHERE received_at >= @receivedAt AND (received_at > @receivedAt OR id > @id)
     ORDER BY received_at, id LIMIT @limit`,
  );
  const record = db.prepare('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  return {
    firstStart() {
      const since = setting.get('since');
      return since === undefined ? null : new Date(since);
    },
    newest: () => newest.get()!,
    slice: (after) => slice.all({ ...after, limit: SLICE }).map(keyFrom),
    record: (result) => void record.run(KEY, JSON.stringify(result)),
  };
}

/** The last comparison of a database; null when there was none. */
export function lastReconciledIn(db: Database.Database): () => Reconciled | null {
  const value = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck();
  return () => {
    const text = value.get(KEY);
    if (text === undefined) return null;
    const { at, gaps, unsettled } = JSON.parse(text) as { at: string; gaps: Partial<Reconciled['gaps']>; unsettled: number };
    const counts = Object.fromEntries(GAP_CODES.map((code) => [code, gaps[code] ?? 0])) as Reconciled['gaps'];
    return { at: new Date(at), gaps: counts, unsettled };
  };
}

/** One slice after the other, with a turn for everybody else between two. */
export async function* slices(read: (after: Position) => Promise<LedgerKey[]>, since: Date): ReturnType<ReconcileStore['rows']> {
  for (let after: Position = { receivedAt: since.toISOString(), id: 0 }; ; ) {
    const slice = await read(after);
    const last = slice.at(-1);
    if (last === undefined) return;
    yield slice;
    if (slice.length < SLICE) return;
    after = { receivedAt: last.receivedAt.toISOString(), id: last.id };
    await nextTurn();
  }
}

/**
 * Of a message whose header section alone was fetched fewer octets are kept than the ledger names: where the length differs, the name tells, which is
 * their SHA-256.
 */
export async function checkKept(
  folder: string,
  { rawId, size }: { rawId: string; size: number },
  deep: boolean,
): ReturnType<ReconcileStore['checkKept']> {
  const path = rawPath(folder, rawId);
  try {
    const kept = await stat(path);
    if (kept.size === size && !deep) return 'whole';
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex') === rawId ? 'whole' : 'damaged';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw worldError(error, 'could not read kept mail', folder);
  }
}

function keyFrom(row: KeyRow): LedgerKey {
  return {
    id: row.id,
    ref: row.ref,
    rawId: row.raw_id,
    size: row.size,
    messageId: row.message_id,
    receivedAt: new Date(row.received_at),
    duplicateOf: row.duplicate_of,
    stays: row.stays === 1,
  };
}
