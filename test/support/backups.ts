import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { type BackupOptions, writeBackup } from '../../src/adapters/backup.ts';
import { modelPath } from '../../src/adapters/learnedModel.ts';
import { attachmentPath } from '../../src/adapters/rawFolder.ts';
import { type RestoreOptions, restoreBackup } from '../../src/adapters/restore.ts';
import type { BackupSummary, LackingFile, RestoreSummary } from '../../src/ports.ts';
import { givenADesk, type TestDesk, TODAY } from './desk.ts';

/** A folder of one's own that goes away with the test. */
export async function aFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'buzon-backup-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A file that a mail carries. */
const ATTACHED = Buffer.from('%PDF-1.7 the octets of an attachment');
const MODEL = Buffer.from('what was learned');
const MAIL_WITH_FILE = [
  'From: Leo <leo@cliente.example>',
  'To: soporte@itac.co',
  'Subject: Con un archivo',
  'Message-ID: <with.file@cliente.example>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=x',
  '',
  '--x',
  '',
  'La factura no se guarda.',
  '--x',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  ATTACHED.toString('base64'),
  '--x--',
  '',
].join('\r\n');

/** A data folder with four tickets and their answers, which wait; an attachment, a learned model and a key. Five stored files, at these paths. */
export async function givenDataToKeep(): Promise<{ desk: TestDesk; files: string[] } & AsyncDisposable> {
  const desk = await givenADesk({ unauthenticated: 'acknowledge' });
  for (const name of ['ana', 'eva', 'luz']) await desk.givenTicket({ from: `${name}@cliente.example` });
  await desk.whenMailArrives(MAIL_WITH_FILE);
  await write(join(desk.folder, 'secret'), 'the key of the test folder\n');
  await write(join(desk.folder, 'oauth-refresh-token'), '{"refreshToken":"one"}');
  await write(attachmentPath(desk.folder, sha256(ATTACHED)), ATTACHED);
  await write(modelPath(desk.folder, sha256(MODEL)), MODEL);
  changing(desk.folder, (db) => {
    db.exec(
      `INSERT INTO staff_act (id, ticket_number, what, done_by, done_at) VALUES (1, 1, 'correct', 'marta', '2026-11-23T15:00:00.000Z')`,
    );
    db.prepare(
      `INSERT INTO training (model_id, base_id, through_act, corrections, correct, base_correct, judged, accepted, trained_at)
       VALUES (?, 'base', 1, 1, 1, 1, 1, 1, '2026-11-23T15:00:00.000Z')`,
    ).run(sha256(MODEL));
  });
  return { desk, files: await filesOf(desk.folder), [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose]() };
}

/** Changes a database behind the back of its program. */
export function changing(folder: string, change: (db: Database.Database) => void): void {
  const db = new Database(join(folder, 'buzon.db'));
  try {
    change(db);
  } finally {
    db.close();
  }
}

/** Messages, attachments and models of a data folder, sorted. */
export async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)))
    .filter((path) => path.includes('/'))
    .sort();
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
}

export async function whenBackedUp(
  folder: string,
  options: Partial<BackupOptions> = {},
): Promise<{ archive: Buffer; summary: BackupSummary; lacking: LackingFile[] }> {
  await using scratch = await aFolder();
  const lacking: LackingFile[] = [];
  const target = new PassThrough();
  const whole = buffer(target);
  whole.catch(() => {}); // the backup itself says what went wrong
  const summary = await writeBackup(
    {
      folder,
      scratch: scratch.path,
      gzip: false,
      program: '1.2.3',
      now: TODAY,
      signal: new AbortController().signal,
      onProgress: () => {},
      onLacking: (file) => lacking.push(file),
      ...options,
    },
    target,
  );
  return { archive: await whole, summary, lacking };
}

export async function whenRestored(
  archive: Buffer | Iterable<Buffer>,
  folder: string,
  options: Partial<RestoreOptions> = {},
): Promise<{ summary: RestoreSummary; lacking: LackingFile[] }> {
  const lacking: LackingFile[] = [];
  const summary = await restoreBackup(
    {
      folder,
      mailFolders: [],
      resend: false,
      now: TODAY,
      signal: new AbortController().signal,
      onProgress: () => {},
      onLacking: (file) => lacking.push(file),
      ...options,
    },
    Readable.from(Buffer.isBuffer(archive) ? [archive] : archive),
  );
  return { summary, lacking };
}
