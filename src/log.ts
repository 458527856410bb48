import { pino } from 'pino';
import type { GapCode } from './desk/reconcile.ts';

/** Every event that may be logged, with its fields. No subject, text, file name, full address or password is ever one of them. */
export interface LogEvents {
  'mail.ingested': {
    /** Null for a mailbox of files: its people give the files their names. */
    ref: string | null;
    /** The first letters of the name under which its bytes are kept. */
    kept: string;
    action: string;
    cause: string | null;
    ticket: number | null;
    kind: string | null;
    confidence: number | null;
    automatic: string | null;
    reply: string;
    sender: string;
    bytes: number;
  };
  /** Somebody took a mail of ours for spam, and an abuse desk reports it. */
  'complaint.received': { kept: string; action: string; ticket: number | null };
  'mail.skipped': { count: number; because: string };
  'decision.failed': { kept: string; fault: string | null };
  'reply.sent': { id: number; ticket: number; recipient: string; attempt: number };
  'reply.deferred': { id: number; ticket: number; recipient: string; attempt: number; nextAttemptAt: string; reason: string };
  'reply.failed': { id: number; ticket: number; recipient: string; attempt: number; reason: string };
  'reply.dropped': { id: number; ticket: number; recipient: string; reason: string };
  'transport.paused': { reason: string; retryInSeconds: number };
  'transport.recovered': { afterAttempts: number };
  'outbox.failed': { code: string; reason: string; remedy: string | null; retryInSeconds: number };
  'outbox.recovered': { afterFailures: number };
  'cycle.finished': { mails: number; ms: number };
  'cycle.skipped': { skipped: number };
  'cycle.failed': { code: string; reason: string; remedy: string | null; retryInSeconds: number };
  'cycle.recovered': { afterFailures: number };
  'source.lost': { reason: string; retryInSeconds: number };
  'source.recovered': { afterAttempts: number };
  'source.note': { reason: string };
  'learning.accepted': { model: string; corrections: number; right: number; baseRight: number; judged: number; ms: number };
  'learning.refused': { model: string; corrections: number; right: number; baseRight: number; judged: number };
  'learning.failed': { reason: string };
  'model.fallback': { reason: string };
  'quarantine.expired': { count: number; days: number };
  'digest.sent': { recipient: string; at: string };
  'digest.deferred': { recipient: string; at: string; reason: string };
  'digest.failed': { recipient: string; at: string; reason: string };
  'reconcile.finished': { since: string; messages: number; rows: number; gaps: number; unsettled: number; gone: number; ms: number };
  /** `refs`: some of them, IMAP's only, because a file's name may be anybody's. */
  'reconcile.gap': { code: GapCode; count: number; refs: string[]; remedy: string };
  'duty.failed': { duty: string; reason: string };
  'schema.migrated': { migrations: string[] };
  'transport.quiet': { because: string };
  'tls.unverified': { door: 'mailbox' | 'transport' };
  'http.failed': { reason: string; retryInSeconds: number };
  'http.listening': { host: string; port: number };
  'worker.waiting': { because: string };
  'worker.careful': { messages: number };
  'worker.started': { mailbox: string; transport: string };
  'worker.stopped': { reason: string };
}

type Write = <E extends keyof LogEvents>(event: E, fields: LogEvents[E]) => void;

export interface Log {
  debug: Write;
  info: Write;
  /** Heals itself. */
  warn: Write;
  /** Needs a person. */
  error: Write;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** One JSON object a line, to standard error. */
export function createLog(level: LogLevel, write: { write(line: string): void } = process.stderr): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, write);
  const at =
    (severity: 'debug' | 'info' | 'warn' | 'error'): Write =>
    (event, fields) =>
      logger[severity]({ event, ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** `ana.perez@cliente.co` as `a***@cliente.co`: enough to find it, too little to leak it. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '***' : `${address.slice(0, 1)}***${address.slice(at)}`;
}
