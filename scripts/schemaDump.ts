// Writes test/golden/schema.sql: the schema after all migrations, which a reviewer reads as a diff.
import { writeFileSync } from 'node:fs';
import { schemaAfterMigrations } from '../test/support/schema.ts';

writeFileSync(new URL('../test/golden/schema.sql', import.meta.url), schemaAfterMigrations());
