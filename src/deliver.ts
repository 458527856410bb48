import { AppError, reasonOf } from './errors.ts';
import { type Log, maskedAddress } from './log.ts';
import { isPermanent, statusIn } from './mail/addressFate.ts';
import { providerIdIn } from './mail/providerId.ts';
import { reached } from './milestones.ts';
import type { Patience } from './patience.ts';
import type { DeliveryResult, Lease, MailTransport, OutboxItem, Store } from './ports.ts';

/** Minutes before attempt n + 1; the last pause is repeated until the reply expires (RFC 5321 4.5.4.1). */
const RETRY_MINUTES = [1, 5, 30, 120] as const;
/** Replies taken in hand at once. */
const BATCH = 20;
/** So long the other replies wait for the answer to one, in milliseconds; then they go on over the other connections. */
const SLOW_AFTER_MS = 10_000;
/** So often a reply is tried as soon as the next hop's pause is over; what fails then fails by itself. */
const MOST_IN_PLACE = 10;

export interface Delivered {
  id: number;
  result: DeliveryResult;
}

export interface Delivery {
  store: Store;
  transport: MailTransport;
  lease: Lease;
  log: Log;
  now(): Date;
  /** Both kept from one call to the next. */
  outgoing: Outgoing;
  nextHop: NextHop;
}

/** What is not at its end when nothing is due any more. */
export interface Outgoing {
  /** What the server said and the store could not record yet. */
  unrecorded: Delivered[];
  /** Ends when the latest of it is recorded, or could not be. */
  recording: Promise<void>;
  /** Replies for whose answer no other one waits any more, each with its connection. None rejects. */
  slow: Set<Promise<void>>;
  slowAfterMs: number;
  /** How many were sent and not told of yet. */
  sent: number;
}

export function nothingOutgoing(slowAfterMs = SLOW_AFTER_MS): Outgoing {
  return { unrecorded: [], recording: Promise.resolve(), slow: new Set(), slowAfterMs, sent: 0 };
}

/** How the transport as a whole is doing. */
export interface NextHop {
  patience: Patience;
  /** Why it takes nothing now; null when it worked last time. */
  failure: string | null;
}

/** What became of one reply, and whether that says something about the next hop as a whole: it works, it does not, or neither. */
interface Attempt {
  result: DeliveryResult;
  hop: 'works' | { fails: string; limits: boolean } | 'unknown';
}

/**
 * The path of queued replies: take in hand what is due, send, record what the server said, until nothing is due or the next hop as a whole takes
 * nothing now. Nothing is sent that could not be taken in hand, and each result is recorded as it comes: a death between the server's acceptance
 * and our record repeats that one. One whose answer takes long is left behind (`outgoing.slow`), unless `signal` aborts.
 * @returns how many were sent since the last call
 * @throws AppError when the store fails or another worker has taken over; what the transport says is a result
 */
export async function deliverDue(delivery: Delivery, signal: AbortSignal): Promise<number> {
  const { store, transport, outgoing, nextHop, lease, now } = delivery;
  await record(delivery);
  while (!signal.aborted && nextHop.patience.left() === 0 && outgoing.slow.size < transport.width) {
    const due = await store.due(now(), nextHop.failure === null ? BATCH : 1);
    if (due.length === 0) {
      if (nextHop.failure !== null && (await store.isOutboxEmpty())) nextHop.failure = null; // nobody is kept waiting by it any more
      break;
    }
    const taken = new Set(
      await store.claim(
        due.map(({ id }) => id),
        lease,
      ),
    );
    reached('replies.claimed');
    const inHand = due.filter(({ id }) => taken.has(id));
    const hops: Attempt['hop'][] = [];
    /** The next one only after what became of the last one is written down: so many as there are lanes may be repeated after a death, and no more. */
    const lane = async () => {
      for (let item = inHand.shift(); item !== undefined; item = inHand.shift()) {
        const settled = settleOne(item, delivery);
        if (!(await isOver(settled, outgoing.slowAfterMs))) return leaveBehind(settled, delivery);
        hops.push(await settled);
        if (signal.aborted || failureIn(hops) !== null) break;
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: transport.width - outgoing.slow.size }, lane));
    outgoing.unrecorded.push(...inHand.map(({ id }) => ({ id, result: { state: 'unsent' } as const })));
    for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason;
    await record(delivery);
    judge(hops, delivery);
  }
  if (signal.aborted) await Promise.all(outgoing.slow);
  const { sent } = outgoing;
  outgoing.sent = 0;
  return sent;
}

/** Sends one and records what the server said. @returns what that says about the next hop */
async function settleOne(item: OutboxItem, delivery: Delivery): Promise<Attempt['hop']> {
  const { outgoing } = delivery;
  const { result, hop } = await deliverOne(item, delivery);
  if (result.state === 'sent') outgoing.sent += 1;
  outgoing.unrecorded.push({ id: item.id, result });
  await record(delivery);
  return hop;
}

/** What came in while one record was written goes into the next one together. */
function record({ store, lease, outgoing }: Delivery): Promise<void> {
  outgoing.recording = outgoing.recording
    .catch(() => {}) // told to whoever asked for it
    .then(async () => {
      const results = [...outgoing.unrecorded];
      if (results.length === 0) return;
      // What was sent is true for everybody; when to try again is no longer ours to say.
      await store.settleOutbox(
        lease.held() ? results : results.filter(({ result }) => result.state !== 'queued' && result.state !== 'unsent'),
      );
      reached('replies.recorded');
      outgoing.unrecorded.splice(0, results.length);
    });
  return outgoing.recording;
}

/** Nobody waits for its answer any more. What of it cannot be recorded is recorded by the next call, which fails if it cannot. */
function leaveBehind(settled: Promise<Attempt['hop']>, delivery: Delivery): void {
  const { slow } = delivery.outgoing;
  const over: Promise<void> = settled
    .then((hop) => judge([hop], delivery))
    .catch(() => {})
    .finally(() => slow.delete(over));
  slow.add(over);
}

async function isOver(work: Promise<unknown>, afterMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, afterMs, false);
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}

/**
 * One reply that went through shows that the next hop works; when none did and one says that it does not, it is left alone for a while. One that says
 * that it takes no more is left alone although it took some.
 */
function failureIn(hops: readonly Attempt['hop'][]): string | null {
  const failures = hops.filter((hop) => typeof hop === 'object');
  const telling = hops.includes('works') ? failures.filter(({ limits }) => limits) : failures;
  return telling[0]?.fails ?? null;
}

function judge(hops: readonly Attempt['hop'][], { nextHop, log }: Delivery): void {
  const { patience } = nextHop;
  const failure = failureIn(hops);
  if (failure === null && hops.includes('works')) {
    if (nextHop.failure !== null) log.info('transport.recovered', { afterAttempts: patience.failures });
    nextHop.failure = null;
    patience.succeed();
  } else if (failure !== null) {
    const level = nextHop.failure === null ? 'error' : 'warn';
    nextHop.failure = failure;
    log[level]('transport.paused', { reason: failure, retryInSeconds: Math.ceil(patience.fail() / 1000) });
  }
}

/** Codes of a server that takes nothing from us now, whoever it is for: `421 4.3.2 busy`, `451 4.7.500 rate limit`; not `450 4.2.1 mailbox full`. */
const TAKES_NOTHING = /^421\b|(?<![\d.])4\.(?:7\.\d|3\.2|4\.5)/;
/** About one recipient, and everyday: `450 4.7.1 <a***@x>: Greylisted, try again in 300 s`. */
const GREYLISTED = /gr[ae]y-?list/i;

/** Failures of the way to the server, or of our right to use it. */
const WAYS = ['TRANSPORT_UNREACHABLE', 'TRANSPORT_UNANSWERED', 'TRANSPORT_REFUSED'];

function hopAfter({ code }: AppError, reason: string): Attempt['hop'] {
  if (TAKES_NOTHING.test(reason) && !GREYLISTED.test(reason)) return { fails: reason, limits: true };
  return WAYS.includes(code) ? { fails: reason, limits: false } : 'works';
}

/**
 * When to try a reply again. One that a server takes later, as all others, keeps its place among them; one that cannot get there is tried as soon as
 * the pause is over, after those that wait already, because it may be this very mail that breaks the connection. Neither for ever. What was put off by
 * itself waits for longer and longer, and so does what may have arrived already.
 */
function nextAttemptOf(item: OutboxItem, { code }: AppError, hop: Attempt['hop'], now: Date): Date {
  const attempt = item.attempts + 1;
  const after = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
  if (typeof hop !== 'object' || code === 'TRANSPORT_UNANSWERED') return after(RETRY_MINUTES[Math.min(attempt, RETRY_MINUTES.length) - 1]!);
  if (attempt >= MOST_IN_PLACE) return after(RETRY_MINUTES[1]);
  return hop.limits ? item.dueAt : now;
}

async function deliverOne(item: OutboxItem, { transport, lease, log, now }: Delivery): Promise<Attempt> {
  const attempt = item.attempts + 1;
  const about = { id: item.id, ticket: item.ticketNumber, recipient: maskedAddress(item.recipient) };
  if (now() > item.expiresAt) {
    log.warn('reply.dropped', { ...about, reason: `older than ${item.expiresAt.toISOString()}` });
    return { result: { state: 'dropped', at: now(), response: 'expiró antes de poder enviarse' }, hop: 'unknown' };
  }
  lease.assertHeld();
  try {
    const { response } = await transport.send(item.mail);
    reached('reply.accepted');
    log.info('reply.sent', { ...about, attempt });
    return { result: { state: 'sent', at: now(), response, providerId: providerIdIn(response, item.mail.messageId) }, hop: 'works' };
  } catch (error) {
    const reason = reasonOf(error);
    if (error instanceof AppError && error.code === 'TRANSPORT_QUIET') {
      log.warn('reply.dropped', { ...about, reason });
      return { result: { state: 'dropped', at: now(), response: `no se envió: ${reason}` }, hop: 'unknown' };
    }
    if (error instanceof AppError && error.temporary) {
      const hop = hopAfter(error, reason);
      const nextAttemptAt = nextAttemptOf(item, error, hop, now());
      log.warn('reply.deferred', { ...about, attempt, nextAttemptAt: nextAttemptAt.toISOString(), reason });
      return { result: { state: 'queued', nextAttemptAt, response: reason }, hop };
    }
    log.error('reply.failed', { ...about, attempt, reason });
    // A refusal of this mail (spam, size) says nothing against the address.
    const undeliverable =
      error instanceof AppError && error.code === 'TRANSPORT_REJECTED' && isPermanent(statusIn(reason), reason) === true;
    return { result: { state: 'failed', at: now(), response: reason, undeliverable }, hop: 'works' };
  }
}
