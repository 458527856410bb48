import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import Database from 'better-sqlite3';
import { AppError, codeOf, reasonOf } from '../errors.ts';
import type { BackupProgress, LackingFile, RestoreSummary, StoredFile } from '../ports.ts';
import { interrupted, onceError } from './backupErrors.ts';
import { CONTENTS, contentsIn, DATABASE, isYoungerFormat, KEYS, MANIFEST, MAX_TEXT, type Manifest, manifestIn } from './backupFormat.ts';
import { syncPath, Unpacker } from './backupUnpacker.ts';
import { requireSpace } from './freeSpace.ts';
import { requireKnownSchema, schemaOf } from './migrate.ts';
import { faultsIn } from './sqliteIntegrity.ts';
import { noFiles, storedFiles, sum, UnsafeName } from './storedFiles.ts';
import { DamagedArchive, type TarEntry, tarEntries } from './tarArchive.ts';
import { skipNumbersIn } from './ticketNumbers.ts';
import { lockWorker } from './workerLock.ts';

/** Locks of workers, ended or not: `worker.lock`, `worker.2.lock`, `worker.lock-journal`; not `worker.log`. */
const LOCK = /^worker(?:\.\d{1,9})?\.lock(?:-journal)?$/;
/** What some file systems put into their root. */
const LOST_AND_FOUND = 'lost+found';
/** In the order in which they are put in place; the database is the last, and with it the folder is restored. */
const PLACED = ['models', 'raw', 'attachments', ...KEYS, DATABASE];
/** Said of a reply that was waiting when the backup was made. */
const PERHAPS_SENT = 'restaurado de una copia: pudo haberse enviado';

export interface RestoreOptions {
  /** The data folder: missing, or empty but for mail folders. */
  folder: string;
  /** Folders of the mailbox and of sent mail, where mail is kept in folders: they may lie in the data folder, and are no part of it. */
  mailFolders: readonly string[];
  /** Keeps replies waiting that may have been sent since the backup was made. */
  resend: boolean;
  now: Date;
  signal: AbortSignal;
  onProgress: (progress: BackupProgress) => void;
  /** A file that the database names was not in the backup. */
  onLacking: (file: LackingFile) => void;
}

/**
 * Makes a data folder from a backup: unpacks into a folder inside it, checks every octet, and puts all of it in place only then. After a failure
 * nothing is left but a lock that nobody holds. @throws AppError `REFUSED` when the folder is in use or the backup is damaged, `STORE_BUSY` when a
 * worker has the folder, `STORE_NEWER` when the backup is of a younger program, `STORE_FULL` when it does not fit on the disk
 */
export async function restoreBackup(options: RestoreOptions, source: Readable): Promise<RestoreSummary> {
  const { folder, signal } = options;
  await using undo = new AsyncDisposableStack();
  undo.defer(() => void source.destroy());
  try {
    const before = await namesIn(folder);
    if (before.some((name) => LOCK.test(name))) await lockWorker(folder).close();
    requireEmpty(options, before);
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) undo.defer(() => rmdir(folder).catch(() => undefined)); // fails when it was restored
    const unpacked = await mkdtemp(join(folder, 'restore-'));
    undo.defer(() => rm(unpacked, { recursive: true, force: true }));
    const summary = await unpack(options, unpacked, source);
    await place(unpacked, options);
    return summary;
  } catch (error) {
    if (signal.aborted) throw interrupted('la restauración se interrumpió, y no quedó nada a medias', error);
    if (isDamage(error)) throw damaged(error);
    throw onceError(error, 'could not restore the data folder', folder);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
}

/** @throws AppError `REFUSED` */
function requireEmpty({ folder, mailFolders }: Pick<RestoreOptions, 'folder' | 'mailFolders'>, names: readonly string[]): void {
  const mail = mailFolders.map((path) => resolve(path));
  const isMail = (name: string): boolean => mail.includes(resolve(folder, name)) && !PLACED.includes(name);
  const there = names.filter((name) => !LOCK.test(name) && name !== LOST_AND_FOUND && !isMail(name));
  if (there.length === 0) return;
  const what = there.includes(DATABASE) ? 'ya tiene una base de datos' : `no está vacía (tiene ${there.slice(0, 3).join(', ')})`;
  throw new AppError('REFUSED', `la carpeta de datos ${folder} ${what}, y una restauración no reemplaza nada`, {
    temporary: false,
    remedy: there.every((name) => name.startsWith('restore-'))
      ? 'es lo que dejó una restauración interrumpida: bórrelo, si ninguna está en curso, y repita la orden'
      : 'indique otra carpeta en BUZON_DATA, o mueva aparte la que ya existe, y repita la orden',
  });
}

async function unpack(options: RestoreOptions, to: string, source: Readable): Promise<RestoreSummary> {
  const { signal, resend, now, onLacking } = options;
  const entries = tarEntries(inflated(source));
  let bytes = 0;
  async function next(): Promise<TarEntry> {
    signal.throwIfAborted();
    const { value } = await entries.next();
    if (!value) throw new DamagedArchive('it ends too early');
    bytes += value.size;
    return value;
  }
  await using writer = new Unpacker(to);
  const text = await textOf(named(await next(), MANIFEST, MAX_TEXT));
  const manifest = manifestFrom(text);
  const write = async (name: string, maxSize: number, sha256: string) => {
    const entry = named(await next(), name, maxSize);
    await requireSpace(to, entry.size);
    const written = await writer.write(entry);
    if (written.sha256 !== sha256) throw new DamagedArchive(`${name} is another one`);
  };
  for (const { name, sha256 } of manifest.keys) await write(name, MAX_TEXT, sha256);
  await write(DATABASE, manifest.database.bytes, manifest.database.sha256);
  using opened = openCopy(join(to, DATABASE), manifest);
  const { files, last } = await unpackStored({ next, writer, db: opened.db, to, total: sum(manifest.named) }, options);
  if (!agrees(await textOf(last), files, text)) throw new DamagedArchive('its last entry tells of other files');
  if (!(await entries.next()).done) throw new DamagedArchive('something follows its last entry');
  const lacking = tellLacking(opened.db, writer, onLacking);
  await writer.finish();
  const nextNumber = skipNumbersIn(opened.db);
  const replies = resend ? countWaiting(opened.db) : dropWaiting(opened.db, now);
  const { schema, tickets, messages, keys } = manifest;
  return {
    createdAt: new Date(manifest.createdAt),
    ...{ schema, tickets, messages, files, lacking, bytes, nextNumber },
    ...{ secret: keys.some(({ name }) => name === 'secret'), refreshToken: keys.some(({ name }) => name === 'oauth-refresh-token') },
    waiting: { replies, kept: resend },
  };
}

type FileCounts = RestoreSummary['files'];

interface Unpacking {
  next: () => Promise<TarEntry>;
  writer: Unpacker;
  /** The database of the backup, which was checked. */
  db: Database.Database;
  to: string;
  /** How many files the manifest tells of. */
  total: number;
}

/**
 * The files behind the database, which are those that it names, in that order: nothing else is written, so that a hostile archive cannot fill the disk.
 * @returns how many, and the entry that follows them
 */
async function unpackStored(
  { next, writer, db, to, total }: Unpacking,
  { onProgress }: RestoreOptions,
): Promise<{ files: FileCounts; last: TarEntry }> {
  const files = noFiles();
  const expected = storedFiles(db);
  try {
    for (;;) {
      const entry = await next();
      if (entry.name === CONTENTS) return { files, last: entry };
      const file = fileCalled(entry.name, expected);
      if (sum(files) === total) throw new DamagedArchive('it holds more files than its manifest tells of');
      await requireSpace(to, entry.size);
      const { sha256 } = await writer.write(entry);
      if (sha256 !== file.sha256) throw new DamagedArchive(`the octets of ${entry.name} are others`);
      files[file.kind] += 1;
      onProgress({ stage: 'files', done: sum(files), total });
    }
  } finally {
    expected.return(); // the connection is busy until then
  }
}

/** Those before it did not come. @throws DamagedArchive when none is called so */
function fileCalled(name: string, expected: Generator<StoredFile, void>): StoredFile {
  for (let each = expected.next(); !each.done; each = expected.next()) if (each.value.path === name) return each.value;
  throw new DamagedArchive('it holds a file that its database does not name, or not there');
}

/** Whether the last entry speaks of this manifest and of so many files. */
function agrees(text: string, { models, raw, attachments }: FileCounts, manifest: string): boolean {
  const told = contentsIn(text);
  if (told === null || told.manifest !== createHash('sha256').update(manifest).digest('hex')) return false;
  return told.files.models === models && told.files.raw === raw && told.files.attachments === attachments;
}

/** @returns how many files the database names that did not come */
function tellLacking(db: Database.Database, writer: Unpacker, onLacking: RestoreOptions['onLacking']): number {
  let lacking = 0;
  for (const file of storedFiles(db)) {
    if (writer.wrote(file.path)) continue;
    lacking += 1;
    onLacking({ ...file, problem: 'missing' });
  }
  return lacking;
}

/** @throws DamagedArchive, or AppError when it is of a program that is newer than this one */
function manifestFrom(text: string): Manifest {
  if (isYoungerFormat(text)) {
    throw new AppError('REFUSED', 'la copia es de una versión más nueva de Buzón', {
      temporary: false,
      remedy: 'instale esa versión y repita la orden',
    });
  }
  const manifest = manifestIn(text);
  if (manifest === null) throw new DamagedArchive('its first entry is no manifest');
  requireKnownSchema(manifest.schema);
  return manifest;
}

/** @throws DamagedArchive when the entry is another one, or larger than it may be */
function named(entry: TarEntry, name: string, maxSize: number): TarEntry {
  if (entry.name !== name) throw new DamagedArchive(`${name} is not where it belongs`);
  if (entry.size > maxSize) throw new DamagedArchive(`${name} is too large`);
  return entry;
}

async function textOf(entry: TarEntry): Promise<string> {
  if (entry.size > MAX_TEXT) throw new DamagedArchive(`${entry.name} is too large`);
  const pieces: Buffer[] = [];
  for await (const piece of entry.chunks) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** @throws DamagedArchive when the database is not sound, AppError when it does not fit this program */
function openCopy(path: string, manifest: Manifest): Disposable & { db: Database.Database } {
  using undo = new DisposableStack();
  const db = undo.adopt(new Database(path), (each) => each.close());
  const [fault] = faultsIn(db);
  if (fault !== undefined) throw new DamagedArchive(`its database: ${fault}`);
  if (schemaOf(db) !== manifest.schema) throw new DamagedArchive('its database has another schema');
  const kept = undo.move();
  return { db, [Symbol.dispose]: () => kept.dispose() };
}

const WAITING = `state IN ('queued', 'sending')`;

function countWaiting(db: Database.Database): number {
  return db.prepare<[], number>(`SELECT count(*) FROM outbox WHERE ${WAITING}`).pluck().get() ?? 0;
}

/** Replies that were waiting may have been sent since: they are ended, for a person to look at. @returns how many */
function dropWaiting(db: Database.Database, now: Date): number {
  return db
    .prepare(`UPDATE outbox SET state = 'dropped', settled_at = @at, response = @response WHERE ${WAITING}`)
    .run({ at: now.toISOString(), response: PERHAPS_SENT }).changes;
}

/** Moves everything to where it belongs while no worker can begin there. */
async function place(from: string, { folder, mailFolders }: RestoreOptions): Promise<void> {
  const lock = lockWorker(folder);
  const placed: string[] = [];
  try {
    const names = await namesIn(folder);
    requireEmpty(
      { folder, mailFolders },
      names.filter((name) => name !== basename(from)),
    );
    for (const name of PLACED) {
      if (!existsSync(join(from, name))) continue;
      if (name === DATABASE) await syncPath(folder);
      await rename(join(from, name), join(folder, name));
      placed.push(name);
    }
    await syncPath(folder);
  } catch (error) {
    for (const name of placed) await rm(join(folder, name), { recursive: true, force: true });
    throw error;
  } finally {
    await lock.close();
  }
}

/** The octets of an archive, compressed or not: the first two of them tell (RFC 1952 2.3.1). */
async function* inflated(source: Readable): AsyncGenerator<Buffer, void> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  async function* whole(): AsyncGenerator<Buffer, void> {
    yield head;
    for (let each = await chunks.next(); !each.done; each = await chunks.next()) yield each.value;
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* whole();
  const gunzip = createGunzip();
  pipeline(whole, gunzip).catch(() => {}); // what fails is thrown where the octets are read
  yield* gunzip;
}

/** What a damaged or made-up backup makes zlib, SQLite and ourselves say. */
function isDamage(error: unknown): boolean {
  return (
    error instanceof DamagedArchive ||
    error instanceof UnsafeName ||
    /^(?:Z_|SQLITE_(?:CORRUPT|NOTADB|ERROR|CONSTRAINT))/.test(codeOf(error)) // Z_BUF_ERROR, SQLITE_CORRUPT_INDEX; not SQLITE_FULL
  );
}

function damaged(error: unknown): AppError {
  return new AppError('REFUSED', `la copia está dañada o incompleta, o no la hizo "buzon backup" (${reasonOf(error)})`, {
    temporary: false,
    remedy: 'use otra copia; en la carpeta de datos no cambió nada',
    cause: error,
  });
}
