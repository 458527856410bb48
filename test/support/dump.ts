import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Every row of every table of a data folder, as text: two equal dumps are two equal databases. */
export function dumpOf(dataFolder: string): string {
  return dumped(dataFolder, '');
}

/** The same of a folder that was restored, without the row that a restoration adds: the number below which no new ticket comes. */
export function restoredDumpOf(dataFolder: string): string {
  return dumped(dataFolder, 'ticket-number-floor');
}

function dumped(dataFolder: string, withoutSetting: string): string {
  const db = new Database(join(dataFolder, 'buzon.db'), { readonly: true });
  try {
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
    return tables
      .map(
        (table) =>
          `${table} ${JSON.stringify(db.prepare(`SELECT * FROM "${table}"${table === 'setting' ? ` WHERE key <> '${withoutSetting}'` : ''}`).all())}`,
      )
      .join('\n');
  } finally {
    db.close();
  }
}
