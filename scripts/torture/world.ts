import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dovecot } from '../../test/support/dovecot.ts';
import { type RunningProgram, startProgram } from '../../test/support/program.ts';
import { mountSmallDisk, type SmallDisk } from './disk.ts';
import { type LineProxy, startLineProxy } from './lineProxy.ts';
import { inboxCount, maildirOf } from './mailFolders.ts';
import { type Letter, Senders, sha256Of } from './matter.ts';
import { dueReplies, isOnRecord } from './records.ts';
import { type SmtpSink, startSmtpSink } from './smtpSink.ts';

/** What a mail server offers for taking messages out of a mailbox. */
export type Leaving = 'MOVE' | 'UIDPLUS' | 'neither';

/** How the world of a chain of rounds is made. */
export interface Setting {
  seed: number;
  /** The connections to the mail servers are in clear text, so that a fault can choose its command. */
  clear: boolean;
  leaving: Leaving;
  /** The data folder is a small disk of its own. */
  smallDisk: boolean;
}

/** The servers that all worlds share. */
export interface Servers {
  dovecot: Dovecot;
  /** For the SMTP servers that speak TLS. */
  certificate: { key: string; cert: string; ca: string };
}

/** Everything outside of the program: a mailbox of its own behind a proxy, an SMTP server behind another, a data folder. */
export interface World extends AsyncDisposable {
  setting: Setting;
  dovecot: Dovecot;
  user: string;
  folder: string;
  dataFolder: string;
  maildir: string;
  senders: Senders;
  imap: LineProxy;
  /** In front of `sink`. */
  smtp: LineProxy;
  sink: SmtpSink;
  disk: SmallDisk | null;
  /** Runs of the program so far. */
  runs: number;
  /** What earlier faults left for good. */
  scars: Scars;
  deliver(letters: readonly Letter[]): Promise<void>;
  /** Starts the program with preloaded modules and what they are told. */
  start(command: Command, environment?: Record<string, string>): RunningProgram;
  /** Nothing lies in the INBOX that should not, and no reply is due. */
  isQuiet(): boolean;
  /** Names of the milestones that a run has passed, in order; by default the latest one. */
  passed(run?: number): string[];
}

export type Command = 'once' | 'start';

/** Consequences that a fault documents. */
export interface Scars {
  /** The clock has jumped: mail may look too old to be answered. */
  clockJumped: boolean;
  /** Kept files that were damaged after their commit, by SHA-256. */
  damaged: Set<string>;
  /** Replies whose row was damaged, by Message-ID. */
  spoiltReplies: Set<string>;
  /** Deaths and cuts that may have left a message in two folders: without MOVE it lies in both for a moment. */
  halfMoved: number;
}

const running = new Set<RunningProgram>();
const folders = new Set<string>();
process.once('exit', () => {
  for (const { pid } of running) process.kill(pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const LOGIN = { user: 'soporte@itac.co', password: 'the password for sending' };
const SMALL_DISK_MB = 48;
const PRELOADS = ['killAt.mjs', 'shiftClock.mjs'].map((name) => join(import.meta.dirname, name));
/** Own addresses of the private Dovecot, by what its sessions offer there. */
const hostFor = ({ host, uidplusHost, plainHost }: Dovecot): Record<Leaving, string> => ({
  MOVE: host,
  UIDPLUS: uidplusHost,
  neither: plainHost,
});

export async function makeWorld({ dovecot, certificate }: Servers, setting: Setting, random: () => number): Promise<World> {
  await using made = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'buzon-torture-'));
  folders.add(folder);
  made.defer(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    folders.delete(folder);
  });
  const dataFolder = join(folder, 'data');
  const disk = setting.smallDisk ? mountSmallDisk(dataFolder, SMALL_DISK_MB) : null;
  if (disk) made.defer(() => disk.unmount());
  const user = dovecot.aUser();
  const mailHost = hostFor(dovecot)[setting.leaving];

  const imap = await startLineProxy({ host: mailHost, port: setting.clear ? dovecot.imapPort : dovecot.imapsPort, from: mailHost });
  made.defer(() => imap.close());
  if (setting.clear) imap.hides = 'STARTTLS';
  const sink = await startSmtpSink({
    login: LOGIN,
    tls: setting.clear ? null : certificate,
    run: () => world.runs,
    onRecord: (messageId) => isOnRecord(dataFolder, messageId),
  });
  made.defer(() => sink.stop());
  const smtp = await startLineProxy({ host: '127.0.0.1', port: sink.port });
  made.defer(() => smtp.close());
  const environment = prepare(folder, { dovecot, user, setting, ca: certificate.ca, ports: { imap: imap.port, smtp: smtp.port } });
  const maildir = await maildirOf(dovecot, user);
  const senders = new Senders(setting.seed, random);
  const left = () =>
    [...senders.matters.values()].filter(({ outcome }) => outcome === null).reduce((sum, { copies }) => sum + copies.length, 0);
  const passedFile = (run: number) => join(folder, `passed-${run}`);

  const world: World = {
    ...{ setting, dovecot, user, folder, dataFolder, maildir, senders, imap, smtp, sink, disk },
    runs: 0,
    scars: { clockJumped: false, damaged: new Set(), spoiltReplies: new Set(), halfMoved: 0 },
    async deliver(letters) {
      for (const { matter, bytes, ageDays } of letters) {
        matter.copies.push(sha256Of(bytes));
        if (ageDays === 0) await dovecot.deliver(user, bytes);
        else await dovecot.deliverAt(user, new Date(Date.now() - ageDays * 86_400_000), bytes);
      }
    },
    start(command, extra = {}) {
      world.runs += 1;
      const args = command === 'once' ? ['once', '--json', '--verbose'] : ['start'];
      const program = startProgram(args, {
        cwd: folder,
        env: { ...environment, TORTURE_PASSED: passedFile(world.runs), ...extra },
        node: PRELOADS.flatMap((path) => ['--import', path]),
      });
      running.add(program);
      void program.ended.finally(() => running.delete(program));
      return program;
    },
    isQuiet: () => inboxCount(maildir) <= left() && dueReplies(dataFolder, new Date()) === 0,
    passed: (run = world.runs) => linesOf(passedFile(run)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  const owned = made.move();
  return world;
}

interface Where {
  dovecot: Dovecot;
  user: string;
  setting: Setting;
  ca: string;
  ports: { imap: number; smtp: number };
}

/** Writes the program's settings and returns its environment. */
function prepare(folder: string, { dovecot, user, setting, ca, ports }: Where): Record<string, string> {
  const config = join(folder, 'buzon.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ca.pem'), `${dovecot.ca}\n${ca}`);
  const sections = {
    mailbox: { pollSchedule: '0 * * * *' },
    tls: setting.clear ? { allowPlaintext: true } : { caFile: join(folder, 'ca.pem') },
    gate: { authservId: 'mx.itac.co', unauthenticated: 'acknowledge' },
    limits: { repliesPerAddressPerHour: 1000, repliesPerDomainPerHour: 10_000, newTicketsPerMinute: 100_000 },
  };
  writeFileSync(config, JSON.stringify(sections)); // JSON is YAML
  const [imap, smtp] = setting.clear ? ['imap', 'smtp'] : ['imaps', 'smtps'];
  return {
    BUZON_CONFIG: config,
    BUZON_DATA: join(folder, 'data'),
    BUZON_MAILBOX: `${imap}://${user}@127.0.0.1:${ports.imap}/INBOX`,
    BUZON_MAILBOX_PASSWORD: dovecot.password,
    BUZON_TRANSPORT: `${smtp}://${encodeURIComponent(LOGIN.user)}@127.0.0.1:${ports.smtp}`,
    BUZON_TRANSPORT_PASSWORD: LOGIN.password,
    BUZON_SECRET: 'the key of the torture, the same in each world',
    BUZON_HTTP: '127.0.0.1:0',
    NODE_COMPILE_CACHE: join(tmpdir(), 'buzon-torture-compiled'),
  };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return []; // it died before it wrote any
  }
}
