import { deliverDue, type NextHop, type Outgoing } from './deliver.ts';
import { AppError, reasonOf } from './errors.ts';
import { createPatience, type Patience } from './patience.ts';
import type { MailTransport } from './ports.ts';
import { type Intake, takeIn } from './takeIn.ts';

/** How often the outbox is looked at when no mail came in: replies that are to be repeated become due meanwhile. Milliseconds. */
const OUTBOX_LOOK_MS = 10_000;

export interface Worker extends Intake {
  transport: MailTransport;
  outgoing: Outgoing;
  nextHop: NextHop;
}

export interface CycleSummary {
  mails: number;
  replies: number;
}

/**
 * One cycle: everything that lies in the mailbox comes in, everything that is due goes out. Returns when both are done or `signal` aborts, with
 * nothing half done.
 * @throws AppError when a door fails; replies are sent although the mailbox is out of reach, and the other way round
 */
export async function runCycle(worker: Worker, signal: AbortSignal): Promise<CycleSummary> {
  const committed = createBell();
  let allIn = false;
  const intake = takeIn(worker, signal, committed.ring).finally(() => {
    allIn = true;
    committed.ring();
  });
  const sending = async () => {
    let replies = 0;
    for (let last = false; !last; ) {
      last = allIn;
      replies += await send(worker, signal);
      if (!last) await committed.rung();
    }
    for (const { slow } = worker.outgoing; slow.size > 0; replies += await send(worker, signal)) await Promise.all(slow);
    return replies;
  };
  const [{ mails, unsettled }, replies] = await bothOf(intake, sending());
  if (unsettled) throw unsettled;
  return { mails, replies };
}

/** Waits for both, whatever happens to one. @throws what the first that failed has thrown */
async function bothOf<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

function send(worker: Worker, signal: AbortSignal): Promise<number> {
  const { desk, transport, lease, log, outgoing, nextHop } = worker;
  return deliverDue({ store: desk.store, transport, lease, log, now: desk.now, outgoing, nextHop }, signal);
}

/** What `run` tells about its work, so that health and metrics can say it. */
export interface RunHooks {
  onCycleStart(): void;
  /** With the number of mails that came in, or the error that ended the cycle and the pause before the next one, in milliseconds. */
  onCycleEnd(result: CycleEnd): void;
  /** After each look at the outbox. */
  onDelivery(result: DeliveryEnd): void;
  /** Aborts when a cycle should begin though no mail was announced; asked anew before each wait. */
  nudge(): AbortSignal;
  /** Longest wait for mail. */
  maxWaitMs: number;
}

export type CycleEnd = { mails: number } | Failed;
/** `failures`: of the next hop, in a row. */
export type DeliveryEnd = { replies: number; nextHopFailure: string | null; failures: number; retryInMs: number } | Failed;

export interface Failed {
  error: Error;
  retryInMs: number;
}

/**
 * Mail in, as it comes, and replies out beside it, until `signal` aborts: a slow or failing door keeps only its own side waiting, with growing
 * pauses.
 * @throws AppError when a failure is permanent and that side has not worked since the start: a wrong password, a folder that cannot be written;
 *   and when another worker has taken over
 */
export async function run(worker: Worker, signal: AbortSignal, hooks: RunHooks): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const committed = createBell();
  const ended = () => stop.abort();
  await bothOf(mailIn(worker, either, hooks, committed.ring).finally(ended), repliesOut(worker, either, hooks, committed).finally(ended));
}

function mailIn(worker: Worker, signal: AbortSignal, hooks: RunHooks, onCommitted: () => void): Promise<void> {
  const { log, source } = worker;
  return persistently(signal, {
    async work() {
      const startedAt = performance.now();
      hooks.onCycleStart();
      const { mails, unsettled } = await takeIn(worker, signal, onCommitted);
      if (mails > 0) log.info('cycle.finished', { mails, ms: Math.round(performance.now() - startedAt) });
      if (unsettled === null) hooks.onCycleEnd({ mails });
      return unsettled; // what could not be moved must not keep new mail out
    },
    rest: (maxMs) => source.waitForMail(AbortSignal.any([signal, hooks.nudge()]), Math.min(hooks.maxWaitMs, maxMs)),
    failed({ error, retryInMs }, first) {
      hooks.onCycleEnd({ error, retryInMs });
      log[first ? 'error' : 'warn']('cycle.failed', failureFields(error, retryInMs));
    },
    recovered: (afterFailures) => log.info('cycle.recovered', { afterFailures }),
  });
}

async function repliesOut(worker: Worker, signal: AbortSignal, hooks: RunHooks, committed: Bell): Promise<void> {
  const { log, nextHop, outgoing } = worker;
  await persistently(signal, {
    async work() {
      const replies = await send(worker, signal);
      hooks.onDelivery({
        replies,
        nextHopFailure: nextHop.failure,
        failures: nextHop.patience.failures,
        retryInMs: nextHop.patience.left(),
      });
      return null;
    },
    async rest() {
      const left = nextHop.patience.left();
      await (left > 0 ? pause(left, signal) : committed.rung(signal, OUTBOX_LOOK_MS));
    },
    failed({ error, retryInMs }, first) {
      hooks.onDelivery({ error, retryInMs });
      log[first ? 'error' : 'warn']('outbox.failed', failureFields(error, retryInMs));
    },
    recovered: (afterFailures) => log.info('outbox.recovered', { afterFailures }),
  });
  await Promise.all(outgoing.slow);
}

interface Side {
  /** @returns a failure of the world beside which work goes on @throws AppError when the world fails */
  work(): Promise<AppError | null>;
  /** Until it makes sense to work again, at the latest after `maxMs`. Never rejects. */
  rest(maxMs: number): Promise<void>;
  /** @param first the first one in a row */
  failed(failure: Failed & { error: AppError }, first: boolean): void;
  recovered(afterFailures: number): void;
}

/** Works, rests, works again, until `signal` aborts. A failing world is waited for. @throws what is no failure of the world, or no passing one */
async function persistently(signal: AbortSignal, side: Side, patience: Patience = createPatience()): Promise<void> {
  let everWorked = false;
  const failed = (error: AppError): number => {
    const first = patience.failures === 0;
    const retryInMs = patience.fail();
    side.failed({ error, retryInMs }, first);
    return retryInMs;
  };
  while (!signal.aborted) {
    try {
      const failure = await side.work();
      everWorked = true;
      if (failure) {
        await side.rest(failed(failure));
        continue;
      }
    } catch (error) {
      if (signal.aborted) break;
      const hopeless = !(error instanceof AppError) || error.code === 'LEASE_LOST' || (!error.temporary && !everWorked);
      if (hopeless) throw error;
      await pause(failed(error), signal);
      continue;
    }
    if (patience.failures > 0) side.recovered(patience.failures);
    patience.succeed();
    await side.rest(Number.POSITIVE_INFINITY);
  }
}

function failureFields(error: Error, retryInMs: number) {
  const { code, remedy = null } = error as AppError;
  return { code, reason: reasonOf(error), remedy, retryInSeconds: Math.round(retryInMs / 1000) };
}

/** Rung by one loop, heard by another; a ring while nobody listens is heard later. */
interface Bell {
  ring(): void;
  /** Resolves when it rings, at once if it has rung since last heard, when `signal` aborts, and after `maxMs`. */
  rung(signal?: AbortSignal, maxMs?: number): Promise<void>;
}

function createBell(): Bell {
  let heard = new AbortController();
  return {
    ring: () => heard.abort(),
    async rung(signal, maxMs) {
      const ring = heard.signal;
      await pause(maxMs, signal === undefined ? ring : AbortSignal.any([signal, ring]));
      if (ring.aborted) heard = new AbortController();
    },
  };
}

/** Without `ms`: until `signal` aborts. */
function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
