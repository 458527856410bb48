import type Database from 'better-sqlite3';
import type { Effect, Step } from '../desk/ticket.ts';
import { AppError } from '../errors.ts';
import type { Listed } from '../mail/message.ts';
import { reached } from '../milestones.ts';
import type { SettledPlace, Store, StoreTransaction } from '../ports.ts';
import { migrate, requireUpToDate } from './migrate.ts';
import { openRawFolder, type RawFolder } from './rawFolder.ts';
import { spool } from './spool.ts';
import { applyIn } from './sqliteApply.ts';
import { explaining, openDatabase, openDatabaseReadOnly, waitBriefly, worldError } from './sqliteDatabase.ts';
import { digestStateIn } from './sqliteDigest.ts';
import { learningIn } from './sqliteLearning.ts';
import { ledgerIn } from './sqliteLedger.ts';
import { lookUpIn } from './sqliteLookUp.ts';
import { outboxIn } from './sqliteOutbox.ts';
import { checkKept, reconcileIn, slices } from './sqliteReconcile.ts';
import { registerIn } from './sqliteRegister.ts';
import { staffIn } from './sqliteStaff.ts';
import { workIn } from './sqliteWork.ts';

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
  const register = registerIn(db);
  const learned = learningIn(db);
  const work = workIn(db);
  const digest = digestStateIn(db);
  const outbox = outboxIn(db);
  const reconcile = reconcileIn(db);

  const placesOf = db.prepare<[string], { ref: string; place: SettledPlace }>(
    `SELECT inbound.ref, CASE WHEN outcome = 'quarantine' THEN 'quarantine' WHEN cause = 'before-start' THEN 'left' ELSE 'processed' END AS place
     FROM json_each(?) AS asked CROSS JOIN inbound ON inbound.ref = asked.value`,
  );
  const insertSkipped = db.prepare(
    `INSERT OR IGNORE INTO inbound (ref, size, sender, subject, outcome, cause, reply, trace, received_at, recorded_at)
     VALUES (@ref, @size, '', '', 'ignore', 'before-start', 'none', @trace, @receivedAt, @recordedAt)`,
  );
  const heldSince = db
    .prepare<{ before: string; limit: number }, number>(
      `SELECT id FROM inbound WHERE outcome = 'quarantine' AND recorded_at < @before ORDER BY id LIMIT @limit`,
    )
    .pluck();
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
  const inOneGo = db.transaction((work: () => unknown) => work());
  const atOnce = <T>(work: () => T): T => inOneGo.immediate(work) as T;

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
        replyState: (id) => inside('could not read a reply', () => staff.replyState(id)),
        heldSince: (before, limit) => inside('could not read the quarantine', () => heldSince.all({ before: before.toISOString(), limit })),
        act: (act) => inside('could not record what staff did', () => staff.act(act)),
        aliases: () => inside('could not read former numbers', () => staff.aliases()),
        recordAliases: (aliases) => inside('could not record former numbers', () => staff.recordAliases(aliases)),
        register: () => inside('could not read the register of clients', () => register.all()),
        recordRegister: (clients) => inside('could not record the register of clients', () => register.record(clients)),
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
    digest: {
      state: () => step('could not read how far the digest has got', () => digest.state()),
      record: (state) => step('could not record the digest', () => digest.record(state)),
    },
    reconcile: {
      firstStart: () => step('could not read the first start', () => reconcile.firstStart()),
      newest: () => step('could not read the ledger', () => reconcile.newest()),
      rows: (since) => slices((after) => step('could not read the ledger', () => reconcile.slice(after)), since),
      checkKept: (row, deep) => checkKept(folder, row, deep),
      record: (result) => step('could not record the comparison', () => reconcile.record(result)),
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
          atOnce(() => slice.forEach(insert));
        });
      }
    },

    transaction: (work) => inTurn(() => transaction(work)),

    due: (moment, limit) => step('could not read the outbox', () => outbox.due(moment, limit)),
    claim: (ids, lease) =>
      step('could not take replies in hand', () =>
        atOnce(() => {
          lease.assertHeld();
          return outbox.claim(ids);
        }),
      ),
    isOutboxEmpty: () => step('could not read the outbox', () => outbox.isEmpty()),
    requeue: () => step('could not requeue replies', () => outbox.requeue()),
    settleOutbox: (results) => step('could not record deliveries', () => atOnce(() => outbox.settle(results))),

    beginWork: () => step('could not begin to work', () => work.begin()),
    endWork: () => step('could not end the work', () => work.end()),
    beginAttempt: (ref) => step('could not count an attempt', () => atOnce(() => work.beginAttempt(ref))),
    undoAttempt: (ref) => step('could not take back an attempt', () => work.undoAttempt(ref)),
    endAttempts: () => step('could not forget attempts', () => work.endAttempts()),

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

function slicesOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / SLICE) }, (_, index) => all.slice(index * SLICE, (index + 1) * SLICE));
}
