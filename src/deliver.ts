import { AppError, reasonOf } from './errors.ts';
import { type Log, maskedAddress } from './log.ts';
import { isPermanent, statusIn } from './mail/addressFate.ts';
import { reached } from './milestones.ts';
import type { DeliveryResult, MailTransport, OutboxItem, Store } from './ports.ts';

/** Minutes before attempt n + 1; the last pause is repeated until the reply expires (RFC 5321 4.5.4.1). */
const RETRY_MINUTES = [1, 5, 30, 120];
/** Replies taken in hand at once; also how many are on their way at the same time at most. */
const BATCH = 20;

export interface Delivered {
  id: number;
  result: DeliveryResult;
}

export interface Delivery {
  store: Store;
  transport: MailTransport;
  log: Log;
  now(): Date;
  /** What the server said and the store could not record yet; kept from one call to the next. */
  unrecorded: Delivered[];
}

/**
 * The path of queued replies: take in hand what is due, send, record what the server said, until nothing is due. Nothing is sent that could not be
 * taken in hand, and each result is recorded as it comes: a death between the server's acceptance and our record repeats that one.
 * @returns how many were sent
 * @throws AppError when the store fails; what the transport says is a result
 */
export async function deliverDue(delivery: Delivery, signal: AbortSignal): Promise<number> {
  const { store, unrecorded, now } = delivery;
  /** What came in while one record was written goes into the next one together. */
  let recording = Promise.resolve();
  const record = (): Promise<void> => {
    recording = recording.then(async () => {
      const results = [...unrecorded];
      if (results.length === 0) return;
      await store.settleOutbox(results);
      reached('replies.recorded');
      unrecorded.splice(0, results.length);
    });
    return recording;
  };
  let sent = 0;
  await record();
  while (!signal.aborted) {
    const items = await store.due(now(), BATCH);
    if (items.length === 0) break;
    await store.claim(items.map(({ id }) => id));
    reached('replies.claimed');
    const done = items.map(async (item) => {
      const result = await deliverOne(item, delivery);
      if (result.state === 'sent') sent += 1;
      unrecorded.push({ id: item.id, result });
      await record();
    });
    for (const outcome of await Promise.allSettled(done)) if (outcome.status === 'rejected') throw outcome.reason;
  }
  return sent;
}

/**
 * The Message-ID that a provider put in place of ours, when its answer names it: `250 2.0.0 OK <a@prod.outlook.com> [Hostname=b]`; not the `<c@d>` of
 * our own.
 */
export function providerIdIn(response: string, ours: string): string | null {
  const id = /<([^<>\s@]{1,200}@[^<>\s@]{1,200})>/.exec(response)?.[1] ?? null;
  return id === ours ? null : id;
}

async function deliverOne(item: OutboxItem, { transport, log, now }: Delivery): Promise<DeliveryResult> {
  const attempt = item.attempts + 1;
  const about = { id: item.id, ticket: item.ticketNumber, recipient: maskedAddress(item.recipient) };
  if (now() > item.expiresAt) {
    log.warn('reply.dropped', { ...about, reason: `older than ${item.expiresAt.toISOString()}` });
    return { state: 'dropped', at: now(), response: 'expiró antes de poder enviarse' };
  }
  try {
    const { response } = await transport.send(item.mail);
    reached('reply.accepted');
    log.info('reply.sent', { ...about, attempt });
    return { state: 'sent', at: now(), response, providerId: providerIdIn(response, item.mail.messageId) };
  } catch (error) {
    const reason = reasonOf(error);
    if (error instanceof AppError && error.temporary) {
      const minutes = RETRY_MINUTES[Math.min(attempt, RETRY_MINUTES.length) - 1]!;
      const nextAttemptAt = new Date(now().getTime() + minutes * 60_000);
      log.warn('reply.deferred', { ...about, attempt, nextAttemptAt: nextAttemptAt.toISOString(), reason });
      return { state: 'queued', nextAttemptAt, response: reason };
    }
    log.error('reply.failed', { ...about, attempt, reason });
    // A refusal of this mail (spam, size) says nothing against the address.
    const undeliverable =
      error instanceof AppError && error.code === 'TRANSPORT_REJECTED' && isPermanent(statusIn(reason), reason) === true;
    return { state: 'failed', at: now(), response: reason, undeliverable };
  }
}
