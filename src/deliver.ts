import { AppError, reasonOf } from './errors.ts';
import { type Log, maskedAddress } from './log.ts';
import { isPermanent, statusIn } from './mail/addressFate.ts';
import type { DeliveryResult, MailTransport, OutboxItem, Store } from './ports.ts';

/** Minutes before attempt n + 1; after the last one the reply is given up (RFC 5321 4.5.4.1). */
const RETRY_MINUTES = [1, 5, 30, 120, 480];
/** Replies taken at once; also how many are on their way at the same time at most. */
const BATCH = 20;

export interface Delivery {
  store: Store;
  transport: MailTransport;
  log: Log;
  now(): Date;
}

/**
 * The path of queued replies: take what is due, send, record what the server said, until nothing is due.
 * @returns how many were sent
 * @throws AppError when the store fails; what the transport says is a result
 */
export async function deliverDue(delivery: Delivery, signal: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    const items = await delivery.store.due(delivery.now(), BATCH);
    if (items.length === 0) break;
    const results = await Promise.all(items.map(async (item) => ({ id: item.id, result: await deliverOne(item, delivery) })));
    await delivery.store.settleOutbox(results);
    sent += results.filter(({ result }) => result.state === 'sent').length;
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
    log.info('reply.sent', { ...about, attempt });
    return { state: 'sent', at: now(), response, providerId: providerIdIn(response, item.mail.messageId) };
  } catch (error) {
    const reason = reasonOf(error);
    const minutes = RETRY_MINUTES[attempt - 1];
    if (error instanceof AppError && error.temporary && minutes !== undefined) {
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
