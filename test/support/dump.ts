import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Every row of every table of a data folder, as text: two equal dumps are two equal databases. */
export function dumpOf(dataFolder: string): string {
  const db = new Database(join(dataFolder, 'buzon.db'), { readonly: true });
  try {
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
    return tables.map((table) => `${table} ${JSON.stringify(db.prepare(`SELECT * FROM "${table}"`).all())}`).join('\n');
  } finally {
    db.close();
  }
}
