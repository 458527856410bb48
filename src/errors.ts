/** A broken world: database, network, disk, configuration. Bad content of a mail is never an exception. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** True when the same thing may work later without anybody doing anything. */
  readonly temporary: boolean;
  /** What a person can do about it, in Spanish; shown by the command line. */
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: { temporary: boolean; remedy?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.temporary = options.temporary;
    this.remedy = options.remedy;
  }
}

export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'USAGE'
  | 'NOT_FOUND'
  /** What was asked for does not fit what is there; nothing was changed. */
  | 'REFUSED'
  | 'STORE_NEWER'
  | 'STORE_BUSY'
  | 'STORE_FAILED'
  | 'STORE_FULL'
  /** Another worker has taken over, and nothing more may be done. */
  | 'LEASE_LOST'
  | 'PARSER_FAILED'
  | 'HTTP_FAILED'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_REFUSED'
  | 'SOURCE_FAILED'
  /** One message cannot be read now; the mailbox works, and the others can be read. */
  | 'MESSAGE_UNREADABLE'
  /** The settings say that nothing leaves. */
  | 'TRANSPORT_QUIET'
  | 'TRANSPORT_UNREACHABLE'
  /** The mail was handed over, and no answer came: it may have arrived. */
  | 'TRANSPORT_UNANSWERED'
  | 'TRANSPORT_REFUSED'
  | 'TRANSPORT_DEFERRED'
  | 'TRANSPORT_REJECTED';

/** `ENOENT`, `SQLITE_BUSY`; `''` when the error carries no code. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Kind and place of a fault of ours, without its text, which may hold a client's: `TypeError at tokensIn (subject.js:120)`. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { stack = '', message } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const [, name = '', place = ''] = FRAME.exec(frames) ?? [];
  return `${error.constructor.name} at ${`${name} (${place})`.trim()}`;
}

/** The first line of a stack: `    at tokensIn (file:///app/dist/mail/subject.js:120:9)`, `    at /app/x.js:1:2`; not `at night`. */
const FRAME = /^ {4}at (?:async )?(?:([^\s(]{1,80}) \()?[^()\s]*?([^/\\()\s]{1,80}:\d{1,7}):\d{1,7}\)?$/m;

/** One line for a log or a person: message and the chain of causes, never a stack. */
export function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let e: unknown = error; e !== undefined && parts.length < 4; e = e instanceof Error ? e.cause : undefined) {
    parts.push(e instanceof Error ? e.message : String(e));
  }
  return parts.join(': ').replace(/\s+/g, ' ').slice(0, 500);
}
