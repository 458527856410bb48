import type Database from 'better-sqlite3';
import { codeOf, reasonOf } from '../errors.ts';

/** Faults named at most; one is enough to know. */
const NAMED_AT_MOST = 10;

/** What SQLite finds wrong with the file (`integrity_check`), or with what its rows refer to (`foreign_key_check`); reads the whole database. */
export function faultsIn(db: Database.Database): string[] {
  try {
    const damage = db.prepare<[], string>(`PRAGMA integrity_check(${NAMED_AT_MOST})`).pluck().all();
    if (damage.length !== 1 || damage[0] !== 'ok') return damage;
    return db
      .prepare<[number], { table: string; rowid: number | null; parent: string }>(
        'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT ?',
      )
      .all(NAMED_AT_MOST)
      .map(({ table, rowid, parent }) => `row ${rowid ?? '?'} of ${table} refers to a missing ${parent}`);
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error))) throw error; // SQLITE_CORRUPT_INDEX; not SQLITE_BUSY
    return [reasonOf(error)];
  }
}
