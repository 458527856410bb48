import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import type { ParseLimits } from '../mail/limits.ts';
import type { ParseResult } from '../mail/message.ts';
import { fencedThread } from './fencedThread.ts';

/** What the thread is told when it starts. */
export interface ParserSettings {
  limits: ParseLimits;
  /** Where the bytes of attachments are kept; null keeps none. */
  attachmentsFolder: string | null;
  /** False leaves the HTML of messages in the thread: it would be copied for nobody. */
  keepHtml?: boolean;
}

export interface ParserOptions extends ParserSettings {
  /** For one message. */
  timeoutMs: number;
  /** JavaScript heap of the thread in MiB; the octets of messages are outside of it. */
  maxMemoryMb: number;
}

export type ParserInput = { path: string } | { bytes: Uint8Array };

/** The thread's answer; `code` is that of a system error (`ENOSPC`), null for a fault of the parser itself. */
export type ParserAnswer = { ok: true; result: ParseResult } | { ok: false; reason: string; code: string | null };

export interface Parser {
  /**
   * Reads one message in a thread of its own; may be called again before it has answered. Whatever the message does to the thread, there is
   * a result.
   * @throws AppError when the thread cannot be started, the message cannot be read from the disk or an attachment cannot be kept there
   */
  parse(input: ParserInput): Promise<ParseResult>;
  /** Ends the thread after the messages that were given to it. */
  close(): Promise<void>;
}

/** Of the thread's heap, in MiB: short-lived strings fill whatever they are given, and the rest of the process needs the memory more. */
const YOUNG_MEMORY_MB = 8;

export function createParser({ timeoutMs, maxMemoryMb, limits, attachmentsFolder, keepHtml = true }: ParserOptions): Parser {
  const settings: ParserSettings = { limits, attachmentsFolder, keepHtml };
  const start = () =>
    new Worker(entryUrl(), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MB, maxOldGenerationSizeMb: maxMemoryMb },
    });
  const thread = fencedThread<ParserInput, ParserAnswer>(start, timeoutMs);
  return {
    async parse(input) {
      const outcome = await thread.run(input).catch(notStarted);
      if (outcome.kind === 'lost')
        return { ok: false, cause: outcome.how === 'timeout' ? 'parse-timeout' : 'parse-crashed', because: outcome.because };
      const { answer } = outcome;
      if (answer.ok) return answer.result;
      if (answer.code === null) return { ok: false, cause: 'parse-crashed', because: answer.reason };
      throw worldError(answer.reason, answer.code);
    },
    close: () => thread.close(),
  };
}

/** Beside this file and of its kind: the sources run as `.ts`, the build as `.js`. */
function entryUrl(): URL {
  return new URL(`./parserThreadEntry${extname(import.meta.url)}`, import.meta.url);
}

function notStarted(cause: unknown): never {
  throw new AppError('PARSER_FAILED', 'could not start the thread that reads mail', {
    temporary: true,
    remedy: 'Revise que el equipo tenga memoria libre; se intentará de nuevo.',
    cause,
  });
}

function worldError(reason: string, code: string): AppError {
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new AppError(full ? 'STORE_FULL' : 'STORE_FAILED', `could not read a message or keep its attachments: ${reason}`, {
    temporary: true,
  });
}
