import { ImapFlow } from 'imapflow';
import { isRefusedLogin, sourceError } from './imapErrors.ts';
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
 * Connects, logs in and selects the mailbox. A token that the server refuses is had anew, once. `onEnd` is called once, when the connection ends after
 * that, for whatever reason; `signal` ends it.
 * @throws AppError `SOURCE_UNREACHABLE`, `SOURCE_REFUSED`, `SOURCE_FAILED`; `STORE_FAILED` when a new refresh token cannot be kept
 */
export async function connectImap(
  options: ImapOptions,
  timing: ImapTiming,
  readOnly: boolean,
  onEnd: (reason: string) => void,
  signal?: AbortSignal,
): Promise<ImapClient> {
  const { auth, host } = options;
  const open = (credentials: Credentials) => openMailbox({ options, timing, readOnly, onEnd, signal }, credentials);
  if ('password' in auth) return open({ pass: auth.password });
  const tokenFor = (refused?: string) =>
    auth.accessToken(refused).catch((error: unknown) => {
      throw sourceError(error, 'obtain an access token', host);
    });
  const accessToken = await tokenFor();
  try {
    return await open({ accessToken });
  } catch (error) {
    if (!isRefusedLogin(error)) throw error;
    const another = await tokenFor(accessToken);
    if (another === accessToken) throw error;
    return open({ accessToken: another });
  }
}

type Credentials = { pass: string } | { accessToken: string };

interface Opening {
  options: ImapOptions;
  timing: ImapTiming;
  readOnly: boolean;
  onEnd: (reason: string) => void;
  signal: AbortSignal | undefined;
}

async function openMailbox({ options, timing, readOnly, onEnd, signal }: Opening, credentials: Credentials): Promise<ImapClient> {
  const { host } = options;
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
  let doing = 'log in';
  try {
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
    throw sourceError(error, doing, host, 'pass' in credentials ? 'password' : 'token');
  }
}
