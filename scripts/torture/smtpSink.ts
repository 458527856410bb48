import { createHash } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { messageIdOf } from '../../test/support/mailStream.ts';
import type { Refusal } from '../../test/support/smtpServer.ts';

/** A mail as the server took it. */
export interface Acceptance {
  to: string;
  messageId: string;
  sha256: string;
  bytes: Buffer;
  /** In which run of the program, counted from 1 in each world. */
  run: number;
  /** False: the server hung up before it could say yes, so that the program cannot know. */
  told: boolean;
  /** What stood in the database at this moment: the reply with its ticket, or not; null when it could not be looked up. */
  onRecord: boolean | null;
}

/** How the server behaves. Each refusal is spent after so many mails. */
export interface SmtpMood {
  refuse: { at: 'sender' | 'recipient' | 'data'; refusal: Refusal; times: number } | null;
  /** So many mails are taken whole, and the connection ends without an answer. */
  hangUps: number;
  /** Milliseconds before each answer. */
  delayMs: number;
}

/** An SMTP server that records what it took, in clear text or with TLS from the first byte. */
export interface SmtpSink {
  port: number;
  taken: Acceptance[];
  /** Recipients that were refused for good. */
  refused: Set<string>;
  mood: SmtpMood;
  /** Refusals and hang-ups so far. */
  spoilt(): number;
  stop(): Promise<void>;
}

export interface SmtpSinkOptions {
  login: { user: string; password: string };
  tls: { key: string; cert: string } | null;
  run(): number;
  onRecord(messageId: string): boolean | null;
}

export async function startSmtpSink({ login, tls, run, onRecord }: SmtpSinkOptions): Promise<SmtpSink> {
  const sockets = new Set<Socket>();
  /** By session. What a dying program still sent may be read when the next one has begun. */
  const socketOf = new Map<string, Socket>();
  const runOf = new Map<string, number>();
  let spoilt = 0;

  /** The refusal that this command gets, if any. */
  async function refusalAt(at: 'sender' | 'recipient' | 'data'): Promise<Refusal | null> {
    await pause(sink.mood.delayMs);
    const { refuse } = sink.mood;
    if (refuse === null || refuse.at !== at || refuse.times === 0) return null;
    refuse.times -= 1;
    spoilt += 1;
    return refuse.refusal;
  }
  const errorOf = (refusal: Refusal | null) =>
    refusal === null ? null : Object.assign(new Error(refusal.text), { responseCode: refusal.code });
  const answer = (at: 'sender' | 'recipient', address: string, done: (error?: Error | null) => void) => {
    void refusalAt(at).then((refusal) => {
      if (refusal !== null && refusal.code >= 500) sink.refused.add(address);
      done(errorOf(refusal));
    });
  };

  const server = new SMTPServer({
    ...(tls ?? {}),
    secure: tls !== null,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authMethods: ['PLAIN'],
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    onConnect(session, done) {
      runOf.set(session.id, run());
      for (const socket of sockets) if (socket.remotePort === session.remotePort) socketOf.set(session.id, socket);
      done();
    },
    onAuth(given, _session, done) {
      const right = given.username === login.user && given.password === login.password;
      done(right ? null : Object.assign(new Error('Invalid login'), { responseCode: 535 }), right ? { user: login.user } : {});
    },
    onMailFrom: ({ address }, _session, done) => answer('sender', address, done),
    onRcptTo: ({ address }, _session, done) => answer('recipient', address, done),
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join();
        void refusalAt('data').then((refusal) => {
          if (refusal !== null) {
            if (refusal.code >= 500) sink.refused.add(to);
            return done(errorOf(refusal));
          }
          const told = sink.mood.hangUps === 0;
          sink.taken.push(acceptance(session.id, to, Buffer.concat(pieces), told));
          if (told) return done(null, 'taken');
          sink.mood.hangUps -= 1;
          spoilt += 1;
          socketOf.get(session.id)?.destroy();
        });
      });
    },
  });
  function acceptance(session: string, to: string, bytes: Buffer, told: boolean): Acceptance {
    const messageId = messageIdOf(bytes) ?? '';
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { to, messageId, sha256, bytes, run: runOf.get(session) ?? run(), told, onRecord: onRecord(messageId) };
  }
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const sink: SmtpSink = {
    port: (server.server.address() as AddressInfo).port,
    taken: [],
    refused: new Set(),
    mood: { refuse: null, hangUps: 0, delayMs: 0 },
    spoilt: () => spoilt,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return sink;
}
