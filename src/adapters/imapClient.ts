import { ImapFlow } from 'imapflow';
import { sourceError } from './imapErrors.ts';
import { type ImapOptions, type ImapTiming, levelsOf } from './imapOptions.ts';

/** A literal is never longer than a message that is read whole, except where a server sends more than it was asked for. */
const LITERAL_ROOM = 16 * 1024 * 1024;

/** One connection with the mailbox selected. */
export interface ImapClient {
  imap: ImapFlow;
  /** UIDVALIDITY of the selected mailbox. */
  validity: string;
  /** What the server said when it refused the latest command; imapflow tells its logger only. */
  lastRefusal(): string;
}

/**
 * Connects, logs in and selects the mailbox. `onEnd` is called once, when the connection ends after that, for whatever reason; `signal` ends it.
 * @throws AppError `SOURCE_UNREACHABLE`, `SOURCE_REFUSED`, `SOURCE_FAILED`.
 */
export async function connectImap(
  options: ImapOptions,
  timing: ImapTiming,
  readOnly: boolean,
  onEnd: (reason: string) => void,
  signal?: AbortSignal,
): Promise<ImapClient> {
  const { auth, host } = options;
  let refusal = '';
  let fault = '';
  const silent = () => {};
  const logger = {
    isLevelEnabled: (level: string) => level === 'warn',
    debug: silent,
    info: silent,
    error: silent,
    warn: ({ err }: { err?: { responseText?: string } }) => {
      if (err?.responseText !== undefined) refusal = err.responseText;
    },
  };
  let doing = 'obtain an access token';
  try {
    const credentials = 'password' in auth ? { pass: auth.password } : { accessToken: await auth.accessToken() };
    doing = 'log in';
    const imap = new ImapFlow({
      ...{ host, port: options.port, secure: options.secure },
      ...(options.secure || options.allowInsecure ? {} : { doSTARTTLS: true }),
      auth: { user: options.user, ...credentials },
      clientInfo: { name: 'buzon' },
      tls: {
        minVersion: 'TLSv1.2',
        rejectUnauthorized: options.tlsRejectUnauthorized ?? true,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
      logger,
      connectionTimeout: timing.connect,
      greetingTimeout: timing.greeting,
      socketTimeout: timing.silence,
      maxIdleTime: timing.idle,
      maxLiteralSize: Math.max(options.maxBytes, LITERAL_ROOM) + 1024,
      maxResponseSize: Math.max(options.maxBytes, LITERAL_ROOM) + 1024 * 1024,
      disableAutoIdle: true,
      disableAutoEnable: true,
      disableCompression: true,
    });
    imap.on('error', (error: Error) => {
      fault = error.message;
    });
    const close = () => imap.close();
    signal?.addEventListener('abort', close);
    imap.on('close', () => signal?.removeEventListener('abort', close));
    try {
      signal?.throwIfAborted();
      await imap.connect();
      doing = `open the mailbox ${options.mailbox}`;
      const mailbox = await imap.mailboxOpen(levelsOf(options.mailbox), { readOnly });
      imap.on('close', () => onEnd(fault || imap.byeReason || 'the connection was closed'));
      return { imap, validity: String(mailbox.uidValidity), lastRefusal: () => refusal };
    } catch (error) {
      imap.close();
      throw error;
    }
  } catch (error) {
    throw sourceError(error, doing, host);
  }
}
