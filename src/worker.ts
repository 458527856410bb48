import { type Delivered, deliverDue } from './deliver.ts';
import { AppError, reasonOf } from './errors.ts';
import { type Arrival, type Desk, type Ingested, ingest, keep, read } from './ingest.ts';
import { type Log, maskedAddress } from './log.ts';
import type { Listed, MessageRef, RawMessage } from './mail/message.ts';
import { reached } from './milestones.ts';
import type { MailSource, MailTransport, SettledPlace } from './ports.ts';
import { inBatches, readAhead } from './readAhead.ts';

/** Mails that are parsed while others are recorded: as many as the parser reads meanwhile, so that it never has to wait. */
const AHEAD = 32;
/** Mails in one transaction at most, and how long the first of them waits for the others of a backlog. */
const BATCH = 50;
const LINGER_MS = 150;
/** Pauses after failures, in seconds; the last one repeats. */
const PAUSES = [1, 2, 5, 10, 30, 60];

export interface Worker {
  desk: Desk;
  source: MailSource;
  transport: MailTransport;
  log: Log;
  /** What the mail server said about replies and the store could not record yet. */
  unrecorded: Delivered[];
  /** Mail that was received earlier than this before the very first start gets no ticket. */
  since: Date;
  /** Told of each mail whose effect is committed. */
  onIngested?: (ingested: Ingested) => void;
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
  const out = outgoing(worker, signal);
  out.start();
  let mails = 0;
  try {
    mails = await takeIn(worker, signal, out.start);
  } finally {
    await out.finished();
  }
  return { mails, replies: out.sent() };
}

/** Mail in: list, compare with the ledger, fetch, keep, read ahead, ingest in batches, settle. */
async function takeIn(worker: Worker, signal: AbortSignal, onCommitted: () => void): Promise<number> {
  const { desk, source } = worker;
  const settling = settler(source);
  const listed = await source.list(signal);
  reached('mailbox.listed');
  const fresh = await notYetSettled(worker, listed, settling);
  let mails = 0;
  const arrivals = readAhead(keepAll(source.fetch(fresh, signal), desk), AHEAD, (kept) => read(kept, desk));
  for await (const batch of inBatches<Arrival>(arrivals, BATCH, LINGER_MS)) {
    const ingested = await ingest(batch, desk);
    onCommitted();
    for (const each of ingested) report(each, worker);
    await settling.settle(placesOf(ingested));
    mails += ingested.length;
    if (signal.aborted) break;
  }
  settling.throwIfFailed();
  return mails;
}

/** What the ledger knows is only put where it belongs; what lay in the mailbox before the first start is only recorded. */
async function notYetSettled({ desk, log, since }: Worker, listed: Listed[], settling: Settling): Promise<Listed[]> {
  if (listed.length === 0) return [];
  const known = await desk.store.settled(listed.map((each) => each.ref));
  await settling.settle(known);
  const fresh = listed.filter((each) => !known.has(each.ref));
  const tooOld = fresh.filter((each) => each.receivedAt < since);
  if (tooOld.length > 0) {
    const because = `llegó antes del ${since.toISOString()}, donde comienza el primer arranque`;
    await desk.store.recordSkipped(tooOld, because);
    reached('skipped.recorded');
    await settling.settle(new Map(tooOld.map((each) => [each.ref, 'left'])));
    log.info('mail.skipped', { count: tooOld.length, because });
  }
  return fresh.filter((each) => !(each.receivedAt < since));
}

/** One after the other: a large body is a stream that must be read before the next one begins. */
async function* keepAll(messages: AsyncIterable<RawMessage>, desk: Desk) {
  for await (const raw of messages) {
    const kept = await keep(raw, desk).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'MESSAGE_UNREADABLE') return null; // stays in the mailbox and is offered again
      throw error;
    });
    if (kept) yield kept;
  }
}

function placesOf(ingested: readonly Ingested[]): Map<MessageRef, SettledPlace> {
  return new Map(ingested.map(({ trace, receipt }) => [trace.arrival.ref, receipt.outcome === 'quarantine' ? 'quarantine' : 'processed']));
}

interface Settling {
  settle(places: ReadonlyMap<MessageRef, SettledPlace>): Promise<void>;
  throwIfFailed(): void;
}

/** A message that cannot be moved stays known to the ledger and is moved another time; it must not keep new mail out. */
function settler(source: MailSource): Settling {
  let failure: AppError | null = null;
  return {
    async settle(places) {
      for (const place of ['processed', 'quarantine', 'left'] satisfies SettledPlace[]) {
        const refs = [...places].filter(([, where]) => where === place).map(([ref]) => ref);
        if (refs.length === 0) continue;
        try {
          await source.settle(refs, place);
          reached('messages.settled');
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          failure ??= error;
        }
      }
    },
    throwIfFailed() {
      if (failure) throw failure;
    },
  };
}

function report({ trace, receipt }: Ingested, { log, onIngested }: Worker): void {
  const { decision, arrival, found, effect } = trace;
  const classification = decision.action === 'open' ? decision.classification : null;
  const failed = decision.action === 'quarantine' && decision.cause === 'decision-failed';
  if (failed) log.error('decision.failed', { ref: arrival.ref, reason: trace.steps.at(-1)?.because ?? '' });
  log.info('mail.ingested', {
    ref: arrival.ref,
    action: receipt.outcome,
    cause: effect.inbound.cause,
    ticket: receipt.ticketNumber,
    kind: classification?.kind ?? null,
    confidence: classification ? Math.round(classification.confidence * 100) / 100 : null,
    automatic: found?.automatic.kind ?? null,
    reply: effect.inbound.reply,
    sender: maskedAddress(effect.inbound.sender),
    bytes: arrival.size,
  });
  onIngested?.({ trace, receipt });
}

/** Replies out, beside the mail that comes in: each commit starts a run, and a run that is asked for while one is under way follows it. */
function outgoing({ desk, transport, log, unrecorded }: Worker, signal: AbortSignal) {
  let sent = 0;
  let again = false;
  let busy = false;
  let done = Promise.resolve();
  const run = async () => {
    busy = true;
    while (again) {
      again = false;
      sent += await deliverDue({ store: desk.store, transport, log, now: desk.now, unrecorded }, signal);
    }
    busy = false;
  };
  return {
    start(): void {
      again = true;
      if (busy) return; // also after a failure: one is enough for a cycle
      done = run();
      done.catch(() => {}); // reported by finished()
    },
    finished: () => done,
    sent: () => sent,
  };
}

/**
 * Cycle, wait, again, until `signal` aborts. A failing world is waited for with growing pauses.
 * @throws AppError when it is permanent and nothing has worked since the start: a wrong password, a folder that cannot be written
 */
export async function run(worker: Worker, signal: AbortSignal, hooks: RunHooks): Promise<void> {
  let failures = 0;
  let everWorked = false;
  while (!signal.aborted) {
    const startedAt = performance.now();
    hooks.onCycleStart();
    try {
      const summary = await runCycle(worker, signal);
      if (failures > 0) worker.log.info('cycle.recovered', { afterFailures: failures });
      failures = 0;
      everWorked = true;
      hooks.onCycleEnd(summary);
      if (summary.mails + summary.replies > 0)
        worker.log.info('cycle.finished', { ...summary, ms: Math.round(performance.now() - startedAt) });
      await worker.source.waitForMail(AbortSignal.any([signal, hooks.nudge()]), hooks.maxWaitMs);
    } catch (error) {
      if (signal.aborted) break;
      hooks.onCycleEnd(error instanceof Error ? error : new Error(String(error)));
      if (!(error instanceof AppError) || (!error.temporary && !everWorked)) throw error;
      const retryInSeconds = PAUSES[Math.min(failures, PAUSES.length - 1)]!;
      failures += 1;
      worker.log[failures === 1 ? 'error' : 'warn']('cycle.failed', {
        code: error.code,
        reason: reasonOf(error),
        remedy: error.remedy ?? null,
        retryInSeconds,
      });
      await pause(retryInSeconds * 1000, signal);
    }
  }
}

export interface RunHooks {
  onCycleStart(): void;
  /** With what the cycle did, or the error that ended it. */
  onCycleEnd(result: CycleSummary | Error): void;
  /** Aborts when a cycle should begin though no mail was announced; asked anew before each wait. */
  nudge(): AbortSignal;
  /** Longest wait for mail; replies that are to be repeated become due meanwhile. */
  maxWaitMs: number;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
