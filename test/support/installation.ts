import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReports } from '../../src/adapters/sqliteReports.ts';
import type { Reports } from '../../src/reports.ts';
import type { Dovecot } from './dovecot.ts';
import { dumpOf } from './dump.ts';
import { type Ended, type RunningProgram, runProgram, startProgram } from './program.ts';
import type { SmtpPeer } from './smtpServer.ts';

/** The built program set up for a mailbox of its own on a real IMAP server and for a real SMTP server, both with TLS. */
export interface Installation extends AsyncDisposable {
  folder: string;
  dataFolder: string;
  /** Owner of the mailbox. */
  user: string;
  env: Record<string, string>;
  run(...args: string[]): Promise<Ended>;
  start(...args: string[]): RunningProgram;
  reading<T>(work: (reports: Reports) => T): T;
  /** Every row of every table, as text: two equal dumps are two equal databases. */
  dump(): string;
}

export interface InstallationOptions {
  /** Sections of the configuration file; they replace the generous limits that are the default here. */
  settings?: Record<string, Record<string, unknown>>;
  env?: Record<string, string>;
  /** `starttls` begins in plain text on both servers. */
  encryption?: 'tls' | 'starttls';
}

export const SMTP_LOGIN = { user: 'soporte@itac.co', password: 'the password for sending' };

export async function givenAnInstallation(
  dovecot: Dovecot,
  smtp: SmtpPeer,
  { settings = {}, env = {}, encryption = 'tls' }: InstallationOptions = {},
): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-e2e-'));
  const dataFolder = join(folder, 'data');
  const user = dovecot.aUser();
  const config = join(folder, 'buzon.yaml');
  await writeFile(join(folder, 'ca.pem'), `${dovecot.ca}\n${smtp.ca}`);
  const sections = {
    mailbox: { pollSchedule: '0 * * * *' },
    tls: { caFile: join(folder, 'ca.pem') },
    gate: { authservId: 'mx.itac.co', unauthenticated: 'acknowledge' },
    limits: { repliesPerAddressPerHour: 1000, repliesPerDomainPerHour: 10_000, newTicketsPerMinute: 100_000 },
    ...settings,
  };
  await writeFile(config, JSON.stringify(sections)); // JSON is YAML
  const [imap, send] = encryption === 'tls' ? ['imaps', 'smtps'] : ['imap', 'smtp'];
  const imapPort = encryption === 'tls' ? dovecot.imapsPort : dovecot.imapPort;
  const whole = {
    BUZON_CONFIG: config,
    BUZON_DATA: dataFolder,
    BUZON_MAILBOX: `${imap}://${user}@${dovecot.host}:${imapPort}/INBOX`,
    BUZON_MAILBOX_PASSWORD: dovecot.password,
    BUZON_TRANSPORT: `${send}://${encodeURIComponent(SMTP_LOGIN.user)}@${smtp.host}:${smtp.port}`,
    BUZON_TRANSPORT_PASSWORD: SMTP_LOGIN.password,
    BUZON_HTTP: '127.0.0.1:0',
    ...env,
  };
  return {
    folder,
    dataFolder,
    user,
    env: whole,
    run: (...args) => runProgram(args, { env: whole, cwd: folder }),
    start: (...args) => startProgram(args, { env: whole, cwd: folder }),
    reading(work) {
      const reports = openReports(dataFolder);
      try {
        return work(reports);
      } finally {
        reports.close();
      }
    },
    dump: () => dumpOf(dataFolder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
