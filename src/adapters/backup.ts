import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fstatSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import Database from 'better-sqlite3';
import { AppError, codeOf } from '../errors.ts';
import type { BackupProgress, BackupSummary, LackingFile, StoredFile, StoredKind } from '../ports.ts';
import { interrupted, onceError } from './backupErrors.ts';
import { CONTENTS, type Contents, DATABASE, FORMAT, KEYS, MANIFEST, type Manifest } from './backupFormat.ts';
import { requireSpace } from './freeSpace.ts';
import { schemaOf } from './migrate.ts';
import { clearAbandoned } from './rawFolder.ts';
import { existingSecret } from './secretFile.ts';
import { damageRemedy, openDatabaseReadOnly } from './sqliteDatabase.ts';
import { faultsIn } from './sqliteIntegrity.ts';
import { noFiles, storedFiles, sum } from './storedFiles.ts';
import { TAR_END, tarHeader, tarPadding } from './tarArchive.ts';

/** Pages of the database copied in one step, 4 MB: between two of them the process can be stopped. */
const PAGES_A_STEP = 1_000;
/** The copy of a database, and what SQLite puts beside it: `.backup-<UUID>.db-journal`; not `.backup-notes.db`. */
const SCRATCH = /^\.backup-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.db(?:-journal|-wal|-shm)?$/;
/** Octets of a file read at once. */
const PIECE = 256 * 1024;

export interface BackupOptions {
  /** The data folder; only read, but for SQLite's own `-shm` file. */
  folder: string;
  /** Where the copy of the database lies until it is in the archive. */
  scratch: string;
  /** Compresses the archive. */
  gzip: boolean;
  /** Version of the program. */
  program: string;
  now: Date;
  signal: AbortSignal;
  onProgress: (progress: BackupProgress) => void;
  /** A file that the database names cannot be taken along; the backup goes on without it. */
  onLacking: (file: LackingFile) => void;
}

/**
 * Writes a consistent copy of a data folder, while a worker writes there or not: the database at one moment, and the key, the messages, the
 * attachments and the models that it had then. They were on the disk before the rows that name them, and none of them ever changes.
 * @throws AppError; what was written until then is no backup
 */
export async function writeBackup(options: BackupOptions, target: Writable): Promise<BackupSummary> {
  const { folder, scratch, signal } = options;
  try {
    await clearAbandoned(resolve(scratch), options.now, (name) => SCRATCH.test(name));
    await requireSpace(resolve(scratch), databaseSize(folder));
    using copy = await copyDatabase(options);
    const keys = keysIn(folder);
    const manifest = await describe(copy, keys, options);
    const done: Done = { files: noFiles(), lacking: 0, bytes: 0 };
    const archive = Readable.from(archiveOf(copy, { manifest, keys, done }, options));
    await (options.gzip ? pipeline(archive, createGzip(), target, { signal }) : pipeline(archive, target, { signal }));
    const { schema, tickets, messages } = manifest;
    return {
      ...{ createdAt: options.now, schema, tickets, messages },
      ...{ secret: keys.has('secret'), refreshToken: keys.has('oauth-refresh-token') },
      ...done,
    };
  } catch (error) {
    if (signal.aborted) throw interrupted('la copia se interrumpió, y lo que se alcanzó a escribir no es una copia', error);
    throw onceError(error, 'could not write the backup', scratch);
  }
}

/** Octets of the database as it lies there, with what is not yet in its main file; 0 when there is none. */
function databaseSize(folder: string): number {
  const sizes = [DATABASE, `${DATABASE}-wal`].map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface Done {
  files: Record<StoredKind, number>;
  lacking: number;
  bytes: number;
}

/** The whole archive, piece by piece. */
async function* archiveOf(
  copy: DatabaseCopy,
  { manifest, keys, done }: { manifest: Manifest; keys: Keys; done: Done },
  options: BackupOptions,
): AsyncGenerator<Buffer, void> {
  const { folder, now, signal, onProgress, onLacking } = options;
  async function* entry(name: string, size: number, pieces: AsyncIterable<Buffer> | readonly Buffer[]): AsyncGenerator<Buffer, void> {
    yield tarHeader(name, size, now);
    yield* pieces;
    yield tarPadding(size);
    done.bytes += size;
  }
  const text = (name: string, content: string) => entry(name, Buffer.byteLength(content), [Buffer.from(content)]);

  const description = `${JSON.stringify(manifest, null, 2)}\n`;
  yield* text(MANIFEST, description);
  for (const [name, content] of keys) yield* text(name, content);
  yield* entry(DATABASE, manifest.database.bytes, octetsOf(copy));
  const total = sum(manifest.named);
  let looked = 0;
  for (const file of storedFiles(copy.db)) {
    signal.throwIfAborted();
    onProgress({ stage: 'files', done: looked++, total });
    await using stored = await openStored(folder, file);
    if ('problem' in stored) {
      done.lacking += 1;
      onLacking({ ...file, problem: stored.problem });
      continue;
    }
    yield* entry(file.path, stored.size, stored.pieces);
    done.files[file.kind] += 1;
  }
  onProgress({ stage: 'files', done: total, total });
  yield* text(CONTENTS, `${JSON.stringify({ manifest: sha256Of(description), files: done.files } satisfies Contents)}\n`);
  yield TAR_END;
}

type Keys = ReadonlyMap<(typeof KEYS)[number], string>;

/** @throws AppError when the key of tokens and Message-IDs is there and cannot be used */
function keysIn(folder: string): Keys {
  existingSecret(folder);
  return new Map(KEYS.filter((name) => existsSync(join(folder, name))).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

interface DatabaseCopy extends Disposable {
  db: Database.Database;
  /** Its file, open for reading. */
  file: number;
}

/**
 * Copies the database as it is at one moment: the transaction that reads it holds that moment while the copy is made, and no writer waits for a
 * reader (WAL). Without it, every commit of the worker would make the copy begin anew. The copy has no name any more, so that it ends with the process.
 */
async function copyDatabase({ folder, scratch, signal, onProgress }: BackupOptions): Promise<DatabaseCopy> {
  const path = join(resolve(scratch), `.backup-${randomUUID()}.db`);
  using undo = new DisposableStack();
  closeSync(openSync(path, 'wx', 0o600)); // SQLite would create it readable for others
  undo.defer(() => rmSync(path, { force: true }));
  {
    using source = opened(openDatabaseReadOnly(folder));
    source.db.exec('BEGIN');
    source.db.prepare('SELECT 1 FROM sqlite_schema').get();
    await source.db.backup(path, {
      progress({ totalPages, remainingPages }) {
        signal.throwIfAborted();
        onProgress({ stage: 'database', done: totalPages - remainingPages, total: totalPages });
        return PAGES_A_STEP;
      },
    });
  }
  const { db } = undo.use(opened(new Database(path)));
  db.pragma('journal_mode = DELETE'); // one file, which says all
  const file = undo.adopt(openSync(path, 'r'), closeSync);
  rmSync(path);
  const kept = undo.move();
  return { db, file, [Symbol.dispose]: () => kept.dispose() };
}

function octetsOf({ file }: DatabaseCopy): Readable {
  return createReadStream('', { fd: file, start: 0, autoClose: false });
}

function opened(db: Database.Database): Disposable & { db: Database.Database } {
  return { db, [Symbol.dispose]: () => db.close() };
}

/** @throws AppError when the copy is not worth keeping */
async function describe(copy: DatabaseCopy, keys: Keys, { folder, program, now }: BackupOptions): Promise<Manifest> {
  const { db, file } = copy;
  const [fault] = faultsIn(db);
  if (fault !== undefined) {
    throw new AppError('STORE_FAILED', `the database is damaged: ${fault}`, {
      temporary: false,
      remedy: damageRemedy(folder),
    });
  }
  const schema = schemaOf(db);
  if (schema === null) {
    throw new AppError('NOT_FOUND', `la base de datos de ${folder} está vacía: no hay qué copiar`, {
      temporary: false,
      remedy: 'revise BUZON_DATA; "buzon start" prepara la base de datos',
    });
  }
  const named = noFiles();
  for (const { kind } of storedFiles(db)) named[kind] += 1;
  const hash = createHash('sha256');
  await pipeline(octetsOf(copy), hash);
  const count = (table: 'ticket' | 'inbound') => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
  return {
    format: FORMAT,
    program,
    schema,
    createdAt: now.toISOString(),
    tickets: count('ticket'),
    messages: count('inbound'),
    named,
    keys: [...keys].map(([name, content]) => ({ name, sha256: sha256Of(content) })),
    database: { bytes: fstatSync(file).size, sha256: hash.digest('hex') },
  };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

type Stored = AsyncDisposable & ({ size: number; pieces: AsyncIterable<Buffer> | readonly Buffer[] } | { problem: LackingFile['problem'] });

/** Opens a file whose octets are those of its name; a large one is read a second time then. */
async function openStored(folder: string, { path, sha256 }: StoredFile): Promise<Stored> {
  await using undo = new AsyncDisposableStack();
  const lacking = (problem: LackingFile['problem']): Stored => ({ problem, [Symbol.asyncDispose]: () => Promise.resolve() });
  try {
    const handle = undo.use(await open(join(folder, path), 'r'));
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    let last: Buffer = Buffer.alloc(0);
    for await (const piece of piecesOf(handle, size)) {
      hash.update(piece);
      last = piece;
    }
    if (hash.digest('hex') !== sha256) return lacking('damaged');
    const kept = undo.move();
    const pieces = last.length === size ? [last] : piecesOf(handle, size);
    return { size, pieces, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  } catch (error) {
    return lacking(codeOf(error) === 'ENOENT' ? 'missing' : 'unreadable');
  }
}

/** A file from its beginning to `size`. @throws Error when it has become shorter */
async function* piecesOf(handle: FileHandle, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < size; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(PIECE, size - at)), { position: at });
    if (bytesRead === 0) throw new Error('a kept file has become shorter while it was read');
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
