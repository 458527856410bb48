import Database from 'better-sqlite3';
import { migrate } from '../../src/adapters/migrate.ts';

/** The schema as SQLite holds it after all migrations, tables first, each followed by its indexes. */
export function schemaAfterMigrations(): string {
  const db = new Database(':memory:');
  try {
    migrate(db, new Date(0));
    const statements = db
      .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type = 'index', name")
      .pluck()
      .all();
    return `${statements.join(';\n\n')};\n`;
  } finally {
    db.close();
  }
}
