import type Database from 'better-sqlite3';
import type { StoredFile, StoredKind } from '../ports.ts';
import { modelPath } from './learnedModel.ts';
import { attachmentPath, rawPath } from './rawFolder.ts';

/** A database names a file in a way that is not of our making, and that could lead anywhere. */
export class UnsafeName extends Error {}

/** Files that a database names, each under the SHA-256 of its octets. */
const KINDS: readonly { kind: StoredKind; table: string; sql: string; path: (folder: string, sha256: string) => string }[] = [
  {
    kind: 'models',
    table: 'training',
    sql: 'SELECT DISTINCT model_id AS sha256, NULL AS message, NULL AS ticket FROM training WHERE accepted = 1 ORDER BY model_id',
    path: modelPath,
  },
  {
    kind: 'raw',
    table: 'inbound',
    sql: `SELECT raw_id AS sha256, min(id) AS message, ticket_number AS ticket FROM inbound
          WHERE raw_id IS NOT NULL GROUP BY raw_id ORDER BY raw_id`,
    path: rawPath,
  },
  {
    kind: 'attachments',
    table: 'attachment',
    sql: `SELECT sha256, min(entry.inbound_id) AS message, ticket_number AS ticket FROM attachment JOIN entry ON entry.id = entry_id
          GROUP BY sha256 ORDER BY sha256`,
    path: attachmentPath,
  },
];

/** Each file that the database names, once. The connection is busy until the last one was taken. @throws UnsafeName */
export function* storedFiles(db: Database.Database): Generator<StoredFile, void> {
  for (const { kind, table, sql, path } of KINDS) {
    if (!hasTable(db, table)) continue; // older schemas know less
    for (const row of db.prepare<[], Omit<StoredFile, 'kind' | 'path'>>(sql).iterate()) {
      if (!/^[0-9a-f]{64}$/.test(row.sha256)) throw new UnsafeName(`${table} names a file that is not called by its SHA-256`); // not ../../etc/passwd
      yield { ...row, kind, path: path('', row.sha256) };
    }
  }
}

/** How many files of each kind. */
export function noFiles(): Record<StoredKind, number> {
  return { models: 0, raw: 0, attachments: 0 };
}

export function sum({ models, raw, attachments }: Record<StoredKind, number>): number {
  return models + raw + attachments;
}

export function hasTable(db: Database.Database, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}
