import { AppError, reasonOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { connectImap, type ImapClient } from './imapClient.ts';
import { sourceError } from './imapErrors.ts';
import { IMAP_TIMING, type ImapOptions, type ImapTiming } from './imapOptions.ts';

/** The one connection to the mailbox: made when it is needed, made anew after a loss, never used after its end. */
export interface ImapConnection {
  readonly timing: ImapTiming;
  /**
   * Does something with the mailbox, connecting first if need be. A command that does not end in `timing.command` ends the connection.
   * After a failed attempt the next one is made when its pause is over; until then this rejects at once with the same error.
   * @throws AppError `SOURCE_UNREACHABLE`, `SOURCE_REFUSED`, `SOURCE_FAILED`.
   */
  use<T>(doing: string, work: (client: ImapClient) => Promise<T>): Promise<T>;
  /** The connection, if there is a living one. */
  current(): ImapClient | null;
  /** Milliseconds until an attempt to connect makes sense; 0 when connected. */
  pauseLeft(): number;
  /** Logs out, or ends the connection after `timing.logout`. */
  close(): Promise<void>;
}

/** `onClient` sees each new connection before it is used, `onLost` each unwanted end. */
export function createImapConnection(
  options: ImapOptions,
  log: Log,
  { onClient, onLost }: { onClient: (client: ImapClient) => void; onLost: () => void },
): ImapConnection {
  const timing = { ...IMAP_TIMING, ...options.timing };
  let client: ImapClient | null = null;
  let connecting: Promise<ImapClient> | null = null;
  let failures = 0;
  let notBefore = 0;
  let latestError: AppError | null = null;
  let closed = false;
  const end = new AbortController();

  const pauseLeft = () => (client?.imap.usable ? 0 : Math.max(0, notBefore - performance.now()));

  function failed(error: AppError): AppError {
    failures += 1;
    latestError = error;
    const pause = timing.pauseAfter(failures, error.code === 'SOURCE_REFUSED');
    notBefore = performance.now() + pause;
    return error;
  }

  async function connect(): Promise<ImapClient> {
    let since = performance.now();
    let made: ImapClient | null = null;
    const ended = (reason: string) => {
      if (client === null || client !== made) return;
      client = null;
      const lost = new AppError('SOURCE_UNREACHABLE', `the connection to ${options.host} ended`, { temporary: true, cause: reason });
      if (performance.now() - since < timing.stable) failed(lost);
      log.warn('source.lost', { reason: reasonOf(lost), retryInSeconds: Math.ceil(pauseLeft() / 1000) });
      onLost();
    };
    try {
      made = await connectImap(options, timing, false, ended, end.signal);
    } catch (error) {
      throw failed(error as AppError);
    }
    client = made;
    if (failures > 0) log.info('source.recovered', { afterAttempts: failures });
    since = performance.now();
    onClient(made);
    return made;
  }

  async function living(): Promise<ImapClient> {
    if (closed) throw closedError(options.host);
    if (client?.imap.usable) return client;
    if (latestError !== null && performance.now() < notBefore) throw latestError;
    connecting ??= connect().finally(() => {
      connecting = null;
    });
    return connecting;
  }

  return {
    timing,
    async use(doing, work) {
      const used = await living();
      let overdue = false;
      const watchdog = setTimeout(() => {
        overdue = true;
        used.imap.close();
      }, timing.command);
      try {
        const result = await work(used);
        failures = 0;
        return result;
      } catch (error) {
        const cause = overdue ? new Error(`no end after ${timing.command / 1000} s`) : error;
        throw sourceError(cause, doing, options.host);
      } finally {
        clearTimeout(watchdog);
      }
    },
    current: () => (client?.imap.usable ? client : null),
    pauseLeft,
    async close() {
      closed = true;
      const last = client;
      client = null;
      const limit = setTimeout(() => end.abort(), timing.logout);
      await last?.imap.logout().catch(() => {});
      clearTimeout(limit);
      end.abort();
    },
  };
}

function closedError(host: string): AppError {
  return new AppError('SOURCE_UNREACHABLE', `the mailbox at ${host} was closed by us`, { temporary: true });
}
