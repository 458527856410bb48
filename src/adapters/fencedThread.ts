import type { Worker } from 'node:worker_threads';

/** What became of one piece of work: the thread's answer, or why there is none. */
export type Outcome<Answer> = { kind: 'answered'; answer: Answer } | { kind: 'lost'; how: 'timeout' | 'crash'; because: string };

export interface FencedThread<Input, Answer> {
  /** One answer to one input, in the order given. @throws Error when no thread can be started. */
  run(input: Input): Promise<Outcome<Answer>>;
  /** Ends the thread after the work that was given to it. */
  close(): Promise<void>;
}

/** What a thread of this kind posts: once that it is there, then one answer to each input. */
export type ThreadMessage<Answer> = { kind: 'ready' } | { kind: 'answer'; answer: Answer };

interface Job<Input, Answer> {
  input: Input;
  attempts: number;
  resolve(outcome: Outcome<Answer>): void;
  reject(error: Error): void;
}

const MAX_ATTEMPTS = 3;
/** Milliseconds until a new thread must be there, also on a busy machine. */
const START_WITHIN_MS = 30_000;

/**
 * Gives work to a thread one piece at a time, so that the piece to blame is known when the thread dies or has to be ended: that one is tried
 * again in a new thread, three times in all, the others wait unharmed. The thread starts with the first work and keeps no process alive while it has none.
 * @param timeoutMs for one piece of work
 * @param startWithinMs for a new thread to be ready
 */
export function fencedThread<Input, Answer>(
  start: () => Worker,
  timeoutMs: number,
  startWithinMs = START_WITHIN_MS,
): FencedThread<Input, Answer> {
  const waiting: Job<Input, Answer>[] = [];
  let thread: Worker | null = null;
  let current: Job<Input, Answer> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let drained: (() => void) | undefined;

  function next(): void {
    if (current) return;
    current = waiting.shift() ?? null;
    if (!current) {
      thread?.unref();
      drained?.();
    } else if (thread) {
      thread.ref();
      give(thread, current);
    } else {
      open();
    }
  }

  function open(): void {
    let opened: Worker;
    try {
      opened = start();
    } catch (error) {
      take()?.reject(error instanceof Error ? error : new Error(String(error)));
      next();
      return;
    }
    thread = opened;
    timer = setTimeout(() => fail(opened, new Error(`the thread was not ready within ${startWithinMs} ms`)), startWithinMs);
    let ready = false;
    opened.on('message', (message: ThreadMessage<Answer>) => {
      if (thread !== opened) return;
      if (message.kind === 'answer') return settle(message.answer);
      ready = true;
      clearTimeout(timer);
      if (current) give(opened, current);
    });
    const ended = (error: Error) => {
      if (ready) lose(opened, 'crash', error.message);
      else fail(opened, error);
    };
    opened.on('error', ended);
    opened.on('exit', (code) => ended(new Error(`the thread ended with code ${code}`)));
  }

  function give(to: Worker, job: Job<Input, Answer>): void {
    job.attempts++;
    timer = setTimeout(() => lose(to, 'timeout', `no answer within ${timeoutMs} ms`), timeoutMs);
    to.postMessage(job.input);
  }

  function take(): Job<Input, Answer> | null {
    clearTimeout(timer);
    const job = current;
    current = null;
    return job;
  }

  function settle(answer: Answer): void {
    take()?.resolve({ kind: 'answered', answer });
    next();
  }

  function lose(from: Worker, how: 'timeout' | 'crash', because: string): void {
    if (thread !== from) return;
    thread = null;
    void from.terminate();
    const job = take();
    if (job && job.attempts < MAX_ATTEMPTS) waiting.unshift(job);
    else job?.resolve({ kind: 'lost', how, because });
    next();
  }

  function fail(from: Worker, error: Error): void {
    if (thread !== from) return;
    thread = null;
    void from.terminate();
    take()?.reject(error);
    next();
  }

  return {
    run: (input) =>
      new Promise((resolve, reject) => {
        waiting.push({ input, attempts: 0, resolve, reject });
        next();
      }),
    async close() {
      await new Promise<void>((resolve) => {
        drained = resolve;
        next();
      });
      const last = thread;
      thread = null;
      await last?.terminate();
    },
  };
}
