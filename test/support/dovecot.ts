import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeCertificates } from './certificates.ts';

const PROGRAM = '/usr/sbin/dovecot';
const run = promisify(execFile);

/** True when a private Dovecot can be started here. Where it is missing, its tests are skipped with one line, except in CI, where that is an error. */
export const hasDovecot = existsSync(PROGRAM);
if (!hasDovecot) {
  const remedy = `${PROGRAM} is missing: apt-get install dovecot-imapd openssl`;
  if (process.env['CI']) throw new Error(remedy);
  console.warn(`SKIPPED, tests against a real IMAP server: ${remedy}`);
}

/** A Dovecot of one's own on the loopback address. Every user name exists, with an empty mailbox and the password `secret`. */
export interface Dovecot {
  host: string;
  /** A second address of the same server, whose sessions offer neither MOVE nor UIDPLUS. */
  plainHost: string;
  /** A third one, with UIDPLUS and without MOVE. */
  uidplusHost: string;
  /** TLS from the first byte. */
  imapsPort: number;
  /** STARTTLS, or plain text from the loopback address. */
  imapPort: number;
  /** The certificate of the authority that signed the server's. */
  ca: string;
  password: string;
  /** An OAuth2 access token that logs this user in. */
  tokenOf(user: string): string;
  /** A user name that nobody else uses. */
  aUser(): string;
  /** Delivers messages in this order, as a mail server would: into the user's INBOX, without touching IMAP. */
  deliver(user: string, ...messages: Buffer[]): Promise<void>;
  /** Delivers a message that arrived at that moment (the file's time is Dovecot's INTERNALDATE). */
  deliverAt(user: string, moment: Date, message: Buffer): Promise<void>;
  /** Takes away the server's right to read a message of the INBOX, counted from the oldest one, 0, or gives it back. */
  setReadable(user: string, position: number, readable: boolean): Promise<void>;
  /** The messages of a mailbox, oldest first; none when there is no such mailbox. */
  messagesIn(user: string, mailbox: string): Promise<{ uid: number; flags: string[]; text: string }[]>;
  /** Runs `doveadm` with these arguments. */
  doveadm(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface DovecotOptions {
  /** The server's own time zone as POSIX writes it: `WEST+12` is twelve hours behind UTC. */
  zone?: string;
  /** What parts the levels of mailbox names. */
  delimiter?: '/' | '.';
}

/** Starts a private Dovecot and waits until it takes connections (about 0.1 s). Stop it: it does not end by itself. */
export async function startDovecot({ zone = 'UTC0', delimiter = '/' }: DovecotOptions = {}): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'dc-')); // short: socket paths are limited to 108 octets
  const [imapPort, imapsPort] = await freePorts(2);
  if (imapPort === undefined || imapsPort === undefined) throw new Error('no free port');
  const owner = await prepareFolders(folder);
  const ca = await makeCertificates(join(folder, 'tls'));
  const configFile = join(folder, 'dovecot.conf');
  const tokens = await startTokenServer();
  await writeFile(join(folder, 'oauth2.conf'), tokens.configuration);
  await writeFile(configFile, configuration({ folder, imapPort, imapsPort, owner, delimiter }));
  const server = spawn(PROGRAM, ['-F', '-c', configFile], { stdio: 'ignore', env: { ...process.env, TZ: zone } });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);

  const doveadm = async (...args: string[]) => (await run('doveadm', ['-c', configFile, ...args], { maxBuffer: 512 * 1024 * 1024 })).stdout;
  const stop = async () => {
    process.off('exit', kill);
    server.kill('SIGTERM');
    await ended;
    await tokens.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  let delivered = 0;
  async function deliver(user: string, messages: readonly Buffer[], arrivedAt?: Date): Promise<void> {
    const maildir = join(folder, 'mail', user, 'Maildir');
    for (const part of ['cur', 'new', 'tmp']) await makeOwned(join(maildir, part), join(folder, 'mail'), owner);
    for (const message of messages) {
      delivered += 1;
      const name = `1700000000.M${String(delivered).padStart(6, '0')}P1.test`;
      await writeFile(join(maildir, 'tmp', name), message);
      if (owner.uid !== null) await chown(join(maildir, 'tmp', name), owner.uid, owner.gid);
      if (arrivedAt !== undefined) await utimes(join(maildir, 'tmp', name), arrivedAt, arrivedAt);
      await rename(join(maildir, 'tmp', name), join(maildir, 'new', name));
    }
  }
  const dovecot: Dovecot = {
    host: '127.0.0.1',
    plainHost: '127.0.0.3',
    uidplusHost: '127.0.0.4',
    imapsPort,
    imapPort,
    ca,
    password: 'secret',
    tokenOf: (user) => `${TOKEN_PREFIX}${user}`,
    aUser: () => `u${randomBytes(5).toString('hex')}`,
    deliver: (user, ...messages) => deliver(user, messages),
    deliverAt: (user, moment, message) => deliver(user, [message], moment),
    async setReadable(user, position, readable) {
      const maildir = join(folder, 'mail', user, 'Maildir');
      const names = await Promise.all(
        ['new', 'cur'].map(async (part) => (await readdir(join(maildir, part))).map((name) => join(part, name))),
      );
      const file = names.flat().sort((a, b) => (basename(a) < basename(b) ? -1 : 1))[position]!;
      await chmod(join(maildir, file), readable ? 0o600 : 0);
    },
    async messagesIn(user, mailbox) {
      const table = await doveadm('-f', 'json', 'fetch', '-u', user, 'uid flags text', 'mailbox', mailbox).catch((error: Error) => {
        if (/doesn't exist/.test(error.message)) return '';
        throw error;
      });
      const rows = JSON.parse(table.trim() === '' ? '[]' : table) as { uid: string; flags: string; text: string }[];
      return rows.map(({ uid, flags, text }) => ({ uid: Number(uid), flags: flags.split(' ').filter((flag) => flag !== ''), text }));
    },
    doveadm,
    stop,
  };
  try {
    await untilListening(join(folder, 'run', 'master.pid'), imapsPort, server);
  } catch (cause) {
    const log = await readFile(join(folder, 'dovecot.log'), 'utf8').catch(() => '(no log)');
    await stop();
    throw new Error(`Dovecot did not start: ${log}`, { cause });
  }
  return dovecot;
}

interface Owner {
  /** Owner of the mail when started as root; null when everything is one's own. */
  uid: number | null;
  gid: number;
  user: string;
  group: string;
}

async function prepareFolders(folder: string): Promise<Owner> {
  await mkdir(join(folder, 'tls'));
  await mkdir(join(folder, 'mail'));
  const { uid, gid, username } = userInfo();
  if (uid !== 0) {
    const { stdout } = await run('id', ['-gn']);
    return { uid: null, gid, user: username, group: stdout.trim() };
  }
  const [mailUid, mailGid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'mail'])).stdout)));
  if (mailUid === undefined || mailGid === undefined) throw new Error('no user "mail"');
  await chmod(folder, 0o755);
  await chown(join(folder, 'mail'), mailUid, mailGid);
  return { uid: mailUid, gid: mailGid, user: 'mail', group: 'mail' };
}

async function makeOwned(folder: string, above: string, owner: Owner): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(folder, { recursive: true });
  if (owner.uid === null) return;
  for (let made = folder; made !== above; made = join(made, '..')) chownSync(made, owner.uid, owner.gid);
}

const TOKEN_PREFIX = 'token-of-';

/** Tells Dovecot whose an access token is (RFC 7662): `token-of-ana` is ana's. */
async function startTokenServer(): Promise<{ configuration: string; stop(): Promise<void> }> {
  const server = createHttpServer((request, response) => {
    let form = '';
    request.on('data', (piece) => {
      form += piece;
    });
    request.on('end', () => {
      const token = new URLSearchParams(form).get('token') ?? '';
      const active = token.startsWith(TOKEN_PREFIX);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ active, username: token.slice(TOKEN_PREFIX.length) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = ['introspection_mode = post', 'username_attribute = username', 'active_attribute = active', 'active_value = true'];
  return {
    configuration: [`introspection_url = http://127.0.0.1:${port}/introspect`, ...settings, ''].join('\n'),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function untilListening(pidFile: string, port: number, server: { exitCode: number | null }): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`exit code ${server.exitCode}`);
    const open =
      existsSync(pidFile) &&
      (await new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      }));
    if (open) return;
    await pause(10);
  }
  throw new Error('no answer in 3 s');
}

interface Setup {
  folder: string;
  imapPort: number;
  imapsPort: number;
  owner: Owner;
  delimiter: string;
}

function configuration({ folder, imapPort, imapsPort, owner, delimiter }: Setup): string {
  const asRoot = owner.uid !== null;
  const unprivileged = `
default_internal_user = ${owner.user}
default_login_user = ${owner.user}
default_internal_group = ${owner.group}
service anvil {
  chroot =
}
service imap-login {
  chroot =
}
service stats {
  chroot =
}`;
  return `
protocols = imap
listen = 127.0.0.1,127.0.0.3,127.0.0.4
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
first_valid_uid = 1
${asRoot ? 'default_internal_user = dovecot\ndefault_login_user = dovenull' : unprivileged}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
ssl = required
ssl_cert = <${folder}/tls/srv.pem
ssl_key = <${folder}/tls/srv.key
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
passdb {
  driver = static
  mechanisms = plain login
  args = password=secret
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf
}
userdb {
  driver = static
  args = uid=${owner.user} gid=${owner.group} home=${folder}/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = ${delimiter}
}
local 127.0.0.3 {
  protocol imap {
    imap_capability = IMAP4rev1 LITERAL+ IDLE NAMESPACE
  }
}
local 127.0.0.4 {
  protocol imap {
    imap_capability = IMAP4rev1 LITERAL+ IDLE NAMESPACE UIDPLUS
  }
}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = ${imapsPort}
    ssl = yes
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;
}
