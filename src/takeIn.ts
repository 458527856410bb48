import { AppError } from './errors.ts';
import { type Arrival, type Desk, type Ingested, ingest, type Kept, keep, read } from './ingest.ts';
import { type Log, maskedAddress } from './log.ts';
import { isComplaint } from './mail/automatic.ts';
import type { Listed, MessageRef, RawMessage } from './mail/message.ts';
import { reached } from './milestones.ts';
import type { Lease, MailSource, SettledPlace } from './ports.ts';
import { inBatches, readAhead } from './readAhead.ts';

/**
 * What is read while others are recorded, and what one transaction takes at most: as many as the parser reads meanwhile, so that it never has to
 * wait, and no more octets of messages than fit into memory.
 */
const AHEAD = { items: 32, weight: 4_000_000 };
const BATCH = { items: 50, weight: 4_000_000 };
/** How long the first of a batch waits for the others of a backlog, in milliseconds. */
const LINGER_MS = 150;
/** After a crash so many messages are taken one by one: more than were in hand when the process died. */
const CAREFUL = 200;
/** A message at which the process died so often is not tried again. */
const MOST_ATTEMPTS = 3;

export interface Intake {
  desk: Desk;
  source: MailSource;
  lease: Lease;
  log: Log;
  /** Mail that was received earlier than this before the very first start gets no ticket. */
  since: Date;
  /** The process before this one died in the middle of its work; until what it may have had in hand is taken. */
  careful: boolean;
  /** Told of each mail whose effect is committed. */
  onIngested?: (ingested: Ingested) => void;
}

export interface TakenIn {
  mails: number;
  /** Why messages that are in the ledger could not be moved out of the way; null when all were. */
  unsettled: AppError | null;
}

/**
 * Mail in: list, compare with the ledger, fetch, keep, read ahead, ingest in batches, settle. Returns when nothing is left or `signal` aborts.
 * @param onCommitted told after each commit: there may be replies to send
 * @throws AppError when a door fails
 */
export async function takeIn(intake: Intake, signal: AbortSignal, onCommitted: () => void): Promise<TakenIn> {
  const { desk, source, log } = intake;
  const settling = settler(source);
  let mails = 0;
  const take = async (batches: AsyncIterable<Arrival[]>): Promise<void> => {
    for await (const batch of batches) {
      intake.lease.assertHeld();
      const ingested = await ingest(batch, desk);
      onCommitted();
      for (const each of ingested) report(each, intake);
      await settling.settle(placesOf(ingested));
      mails += ingested.length;
      if (signal.aborted) break;
    }
  };

  const listed = await source.list(signal);
  reached('mailbox.listed');
  const fresh = await notYetSettled(intake, listed, settling);
  if (intake.careful) {
    const suspects = fresh.splice(0, CAREFUL);
    if (suspects.length > 0) log.info('worker.careful', { messages: suspects.length });
    for (const one of suspects) {
      if (signal.aborted) break;
      const begun = await desk.store.beginAttempt(one.ref);
      const before = mails;
      try {
        await take(singly(keepAll(source.fetch([one], signal), desk), (kept) => readUnless(begun >= MOST_ATTEMPTS, kept, desk)));
      } catch (error) {
        if (error instanceof AppError) await desk.store.undoAttempt(one.ref); // the world failed, and the message has nothing to do with it
        throw error;
      }
      if (mails === before) await desk.store.undoAttempt(one.ref); // asked to stop, or it could not be read now
    }
    if (!signal.aborted) {
      await desk.store.endAttempts();
      intake.careful = false;
    }
  }
  const arrivals = readAhead(keepAll(source.fetch(fresh, signal), desk), AHEAD, weightOf, (kept) => read(kept, desk));
  await take(inBatches(arrivals, BATCH, weightOf, LINGER_MS));
  return { mails, unsettled: settling.failure() };
}

/** Octets that a message brings into memory; what is attached goes to the disk, and above this a body is cut by the parser. */
function weightOf({ size }: Kept): number {
  return size;
}

async function* singly(messages: AsyncIterable<Kept>, step: (kept: Kept) => Promise<Arrival>): AsyncGenerator<Arrival[]> {
  for await (const kept of messages) yield [await step(kept)];
}

async function readUnless(deadly: boolean, kept: Kept, desk: Desk): Promise<Arrival> {
  if (!deadly) return read(kept, desk);
  return { ...kept, parsed: { ok: false, cause: 'program-died', because: `el programa se cayó ${MOST_ATTEMPTS} veces con este mensaje` } };
}

/** What the ledger knows is only put where it belongs; what lay in the mailbox before the first start is only recorded. */
async function notYetSettled({ desk, log, since }: Intake, listed: Listed[], settling: Settling): Promise<Listed[]> {
  if (listed.length === 0) return [];
  const known = await desk.store.settled(listed.map((each) => each.ref));
  await settling.settle(known);
  const fresh = listed.filter((each) => !known.has(each.ref));
  const tooOld = fresh.filter((each) => each.receivedAt < since);
  if (tooOld.length > 0) {
    const because = `llegó antes del ${since.toISOString()}, fecha desde la que se recibe correo`;
    await desk.store.recordSkipped(tooOld, because);
    reached('skipped.recorded');
    await settling.settle(new Map(tooOld.map((each) => [each.ref, 'left'])));
    log.info('mail.skipped', { count: tooOld.length, because });
  }
  return fresh.filter((each) => !(each.receivedAt < since));
}

/** One after the other: a large body is a stream that must be read before the next one begins. */
async function* keepAll(messages: AsyncIterable<RawMessage>, desk: Desk): AsyncGenerator<Kept> {
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
  failure(): AppError | null;
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
    failure: () => failure,
  };
}

function report({ trace, receipt }: Ingested, { log, onIngested }: Intake): void {
  const { decision, arrival, found, effect, fault } = trace;
  const kept = arrival.rawId.slice(0, 12);
  const classification = decision.action === 'open' ? decision.classification : null;
  if (decision.action === 'quarantine' && decision.cause === 'decision-failed') log.error('decision.failed', { kept, fault });
  if (found && receipt.outcome !== 'duplicate' && isComplaint(found.mail))
    log.error('complaint.received', { kept, action: receipt.outcome, ticket: receipt.ticketNumber });
  log.info('mail.ingested', {
    ref: arrival.ref.startsWith('imap:') ? arrival.ref : null,
    kept,
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
