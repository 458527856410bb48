import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { makeCertificates } from './certificates.ts';

/** A mail as the server took it. */
export interface TakenMail {
  /** Envelope sender; `''` is the null path. */
  from: string;
  to: string[];
  bytes: Buffer;
  user: string | null;
  /** Whether it came over TLS. */
  secure: boolean;
}

/** What the server says in place of yes. */
export type Refusal = { code: number; text: string };

/** An SMTP server on the loopback address that takes every mail, until it is told otherwise. */
export interface SmtpPeer {
  host: string;
  port: number;
  /** The certificate of the authority that signed the server's. */
  ca: string;
  taken: TakenMail[];
  /** Connections so far. */
  connections(): number;
  refuseSender: Refusal | null;
  refuseRecipient: ((address: string) => Refusal | null) | null;
  refuseData: Refusal | null;
  /** Takes the whole mail and then drops the connection without a word. */
  hangUpAfterData: boolean;
  /** Takes the whole mail and then says nothing at all. */
  silentAfterData: boolean;
  /** Resolves when so many mails have been taken. */
  untilTaken(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface SmtpPeerOptions {
  /** `tls` from the first byte, `starttls` offered, or neither. */
  encryption?: 'tls' | 'starttls' | 'none';
  /** Login that is asked for: a password or an OAuth2 token. */
  login?: { user: string; password: string } | { user: string; accessToken: string };
  smtpUtf8?: boolean;
}

export async function startSmtpServer({ encryption = 'none', login, smtpUtf8 = true }: SmtpPeerOptions = {}): Promise<SmtpPeer> {
  const certificates = encryption === 'none' ? { ca: '' } : await certificatesOf();
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const answer = (refusal: Refusal | null | undefined) =>
    refusal ? Object.assign(new Error(refusal.text), { responseCode: refusal.code }) : null;

  const { ca, ...keys } = certificates;
  const server = new SMTPServer({
    ...keys,
    secure: encryption === 'tls',
    disabledCommands: encryption === 'starttls' ? [] : ['STARTTLS'],
    hideSMTPUTF8: !smtpUtf8,
    allowInsecureAuth: true,
    authOptional: login === undefined,
    authMethods: ['PLAIN', 'XOAUTH2'],
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    onAuth(given, _session, done) {
      const expected = login === undefined ? null : 'password' in login ? login.password : login.accessToken;
      const right = given.username === login?.user && (given.password === expected || given.accessToken === expected);
      done(right ? null : Object.assign(new Error('Invalid login'), { responseCode: 535 }), right ? { user: given.username ?? '' } : {});
    },
    onMailFrom: (_address, _session, done) => done(answer(peer.refuseSender)),
    onRcptTo: ({ address }, _session, done) => done(answer(peer.refuseRecipient?.(address))),
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        if (peer.silentAfterData) return;
        if (peer.refuseData) return done(answer(peer.refuseData));
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom ? mailFrom.address : '';
        const user = typeof session.user === 'string' ? session.user : null;
        peer.taken.push({ from, to: rcptTo.map(({ address }) => address), bytes: Buffer.concat(pieces), user, secure: session.secure });
        for (const check of waiting) check();
        if (peer.hangUpAfterData) for (const socket of sockets) socket.destroy();
        else done(null, 'taken');
      });
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const peer: SmtpPeer = {
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    ca,
    taken: [],
    connections: () => connections,
    refuseSender: null,
    refuseRecipient: null,
    refuseData: null,
    hangUpAfterData: false,
    silentAfterData: false,
    untilTaken: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (peer.taken.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return peer;
}

async function certificatesOf(): Promise<{ ca: string; key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'));
  try {
    const ca = await makeCertificates(folder);
    return { ca, key: await readFile(join(folder, 'srv.key'), 'utf8'), cert: await readFile(join(folder, 'srv.pem'), 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
