import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { AppError, reasonOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { OutboundMail } from '../mail/message.ts';
import { isPlainAddress } from '../mail/plainAddress.ts';
import type { MailTransport, ProbeLine } from '../ports.ts';
import { isRefusedLogin, type SmtpFault, transportError } from './smtpErrors.ts';

export interface SmtpOptions {
  host: string;
  port: number;
  /** TLS from the first byte (smtps). Otherwise the connection must be upgraded by STARTTLS before anything is said. */
  secure: boolean;
  /** Allows a connection that stays in plain text when the server offers no STARTTLS. */
  allowInsecure?: boolean;
  /** False accepts every certificate. */
  tlsRejectUnauthorized?: boolean;
  /** Certificates of authorities to believe in place of the system's (PEM). */
  ca?: string;
  /** A password, or an OAuth2 access token that is valid now, had anew in place of one that the server `refused`; null sends without a login. */
  auth: { user: string; password: string } | { user: string; accessToken: (refused?: string) => Promise<string> } | null;
  /** Connections at the same time. */
  maxConnections?: number;
  /** Mails on one connection before it is replaced. */
  maxMessages?: number;
  timing?: Partial<SmtpTiming>;
}

/** Milliseconds. */
export interface SmtpTiming {
  connect: number;
  greeting: number;
  /** Silence during a command after which the connection is given up. */
  silence: number;
  /** How long an unused connection is kept; short, because a server ends it without a word. */
  unused: number;
}

/** Who waits for less than ten minutes for the answer to a mail gets a slow server to deliver it once for each attempt (RFC 5321 4.5.3.2.6). */
export const SMTP_TIMING: SmtpTiming = { connect: 15_000, greeting: 15_000, silence: 600_000, unused: 15_000 };

/** Hands mails to an SMTP server over a few kept connections. Repeats nothing by itself but a login: the outbox does. */
export function createSmtpTransport(options: SmtpOptions, log: Log): MailTransport {
  const { host, auth } = options;
  if (options.tlsRejectUnauthorized === false || options.allowInsecure) log.warn('tls.unverified', { door: 'transport' });
  const { maxConnections = 5 } = options;
  const timing = { ...SMTP_TIMING, ...options.timing };
  const transporter = createTransport({
    ...{ pool: true, host, port: options.port, secure: options.secure, requireTLS: !options.secure && !options.allowInsecure },
    ...(auth === null ? {} : { auth: 'password' in auth ? { user: auth.user, pass: auth.password } : { type: 'OAuth2', user: auth.user } }),
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: options.tlsRejectUnauthorized ?? true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
    maxConnections,
    maxMessages: options.maxMessages ?? 100,
    maxRequeues: 0,
    connectionTimeout: timing.connect,
    dnsTimeout: timing.connect,
    greetingTimeout: timing.greeting,
    socketTimeout: timing.silence,
    idleTimeout: timing.unused,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  /** Mails that the server let us hand over. */
  const handedOver = new WeakSet<Buffer>();
  transporter.use('stream', ({ message, data }, done) => {
    const bytes = data.raw as Buffer;
    message.createReadStream = () =>
      new Readable({
        read() {
          handedOver.add(bytes);
          this.push(bytes);
          this.push(null);
        },
      });
    done();
  });
  if (auth !== null && 'accessToken' in auth) {
    // Which token was refused is known below, where the mail is sent.
    transporter.set('oauth2_provision_cb', (_user: string, _renew: boolean, done: (error: Error | null, token?: string) => void) => {
      auth.accessToken().then((token) => done(null, token), done);
    });
  }

  /** Nothing was sent when a login is refused: it is tried again with another token, if one can be had that is not the same. */
  async function loggedIn<T>(work: () => Promise<T>): Promise<T> {
    if (auth === null || 'password' in auth) return work();
    const token = await auth.accessToken();
    try {
      return await work();
    } catch (error) {
      if (!isRefusedLogin(error as SmtpFault) || (await auth.accessToken(token)) === token) throw error;
      return work();
    }
  }

  return {
    width: maxConnections,

    async send(mail: OutboundMail) {
      if (!isPlainAddress(mail.envelopeTo)) {
        throw new AppError('TRANSPORT_REJECTED', 'the recipient is not one plain address', { temporary: false });
      }
      try {
        const { response } = await loggedIn(() =>
          transporter.sendMail({ envelope: { from: mail.envelopeFrom, to: [mail.envelopeTo] }, raw: mail.bytes }),
        );
        return { response };
      } catch (error) {
        throw transportError(error as SmtpFault | AppError, host, handedOver.has(mail.bytes));
      }
    },

    async probe(): Promise<ProbeLine[]> {
      const where = `salida por ${host}:${options.port}`;
      try {
        await loggedIn(() => transporter.verify());
        return [{ ok: true, what: `${where}: ${auth === null ? 'conexión abierta, sin usuario' : 'usuario aceptado'}` }];
      } catch (error) {
        const fault = transportError(error as SmtpFault | AppError, host, false);
        return [{ ok: false, what: `${where}: ${reasonOf(fault)}`, ...(fault.remedy === undefined ? {} : { remedy: fault.remedy }) }];
      }
    },

    async close() {
      transporter.close();
    },
  };
}
