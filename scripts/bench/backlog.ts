import { join } from 'node:path';
import type { Dovecot } from '../../test/support/dovecot.ts';
import { givenAnInstallation, SMTP_LOGIN } from '../../test/support/installation.ts';
import { MailStream } from '../../test/support/mailStream.ts';
import { ROOT } from '../../test/support/program.ts';
import type { SmtpPeer } from '../../test/support/smtpServer.ts';
import { measured, type Usage } from './measured.ts';

export interface BacklogResult {
  mails: number;
  /** Average size, octets. */
  octets: number;
  ours: Run;
  bare: Run;
}

/** Work alone: what an empty mailbox costs, and the start of the process, are taken off. */
export interface Run {
  ms: number;
  cpuMsPerMail: number;
  peakMb: number;
  longestStallMs: number;
}

/** As the image and the scripts of the package start it. */
const PROGRAM = ['--max-semi-space-size=1', '--max-old-space-size=512', join(ROOT, 'dist', 'main.js'), 'once', '--json'];
const BARE = [join(import.meta.dirname, 'bareScript.ts')];

/** Mixed mails of about 90 KB on average, as they pile up in a night; `largeMb` puts one of that size among them. */
export function backlogOf(count: number, largeMb: number): Buffer[] {
  const stream = new MailStream(count, { attachmentEvery: 2, attachmentBytes: { min: 20_000, max: 640_000 } });
  const mails = stream.firstMails(count).map(({ bytes }) => bytes);
  if (largeMb > 0) mails.splice(Math.floor(count / 2), 0, largeMail(largeMb));
  return mails;
}

/** The same backlog through the built program and through the bare script, one after the other. */
export async function measureBacklog(dovecot: Dovecot, smtp: SmtpPeer, mails: readonly Buffer[]): Promise<BacklogResult> {
  await using empty = await givenAnInstallation(dovecot, smtp);
  const emptyUsage = await measured(PROGRAM, empty.env, empty.folder);
  await using full = await givenAnInstallation(dovecot, smtp);
  await deliverInParts(dovecot, full.user, mails);
  const usage = await measured(PROGRAM, full.env, full.folder);
  const ours = JSON.parse(usage.stdout) as { mails: number; ms: number };
  if (ours.mails !== mails.length) throw new Error(`${ours.mails} of ${mails.length} mails were taken`);
  smtp.taken.length = 0;

  await using bareFolder = await givenAnInstallation(dovecot, smtp);
  const bareEnv = (database: string) => ({
    ...{
      BENCH_IMAP_PORT: String(dovecot.imapsPort),
      BENCH_SMTP_PORT: String(smtp.port),
      BENCH_DATABASE: join(bareFolder.folder, database),
    },
    ...{ BENCH_USER: bareFolder.user, BENCH_PASSWORD: dovecot.password },
    ...{ BENCH_SMTP_USER: SMTP_LOGIN.user, BENCH_SMTP_PASSWORD: SMTP_LOGIN.password },
  });
  const bareEmpty = await measured(BARE, bareEnv('empty.db'), bareFolder.folder);
  await deliverInParts(dovecot, bareFolder.user, mails);
  const bareUsage = await measured(BARE, bareEnv('full.db'), bareFolder.folder);
  const bare = JSON.parse(bareUsage.stdout) as { mails: number; ms: number };
  smtp.taken.length = 0;

  const run = (whole: Usage, nothing: Usage, ms: number): Run => ({
    ms,
    cpuMsPerMail: (whole.cpuMs - nothing.cpuMs) / mails.length,
    peakMb: whole.peakMb,
    longestStallMs: whole.longestStallMs,
  });
  return {
    mails: mails.length,
    octets: mails.reduce((sum, { length }) => sum + length, 0) / mails.length,
    ours: run(usage, emptyUsage, ours.ms),
    bare: run(bareUsage, bareEmpty, bare.ms),
  };
}

/** A server takes only so many at a time. */
async function deliverInParts(dovecot: Dovecot, user: string, mails: readonly Buffer[]): Promise<void> {
  for (let from = 0; from < mails.length; from += 200) await dovecot.deliver(user, ...mails.slice(from, from + 200));
}

function largeMail(megabytes: number): Buffer {
  const head = [
    'From: Ana <ana@grande.example>',
    'To: soporte@itac.co',
    'Subject: La copia de la base',
    'Message-ID: <grande@grande.example>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=frontera',
    '',
    '--frontera',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Adjunto la copia.',
    '--frontera',
    'Content-Type: application/octet-stream; name=copia.bak',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n');
  const line = Buffer.from(`${Buffer.alloc(57, 'copia').toString('base64')}\r\n`);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(megabytes * 1_000_000, line), Buffer.from('\r\n--frontera--\r\n')]);
}
