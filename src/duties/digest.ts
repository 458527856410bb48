import { createTask, parse } from 'node-cron';
import { composeDigest, type DigestFacts, isQuiet } from '../desk/digest.ts';
import type { Identity } from '../desk/policy.ts';
import { AppError, reasonOf } from '../errors.ts';
import { type Log, maskedAddress } from '../log.ts';
import { ZONE } from '../poll.ts';
import type { DigestState, Lease, MailTransport, Store } from '../ports.ts';
import type { CountedFacts, Reports } from '../reports.ts';
import type { Duty } from './duty.ts';

/** How often it is looked whether a digest is due; also how soon one that could not be sent is tried again. */
const LOOK_MINUTES = 5;
/** A digest that cannot be sent within this time is left out; the next one tells what it would have told. */
const MAX_LATE_MS = 6 * 3_600_000;
/** Replies that wait for longer than this are worth a look: a server that is away for an hour is no passing trouble. */
const LONG_WAIT_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** What expires within this time is announced, and the very first digest looks back as far. */
const WEEK_MS = 7 * DAY_MS;
const MINUTE_MS = 60_000;

export interface DigestParts {
  store: Pick<Store, 'digest'>;
  /** Opened for one digest and closed after it. */
  openReports(): Pick<Reports, 'digest' | 'close'>;
  transport: Pick<MailTransport, 'send'>;
  lease: Lease;
  identity: Identity;
  log: Log;
  now(): Date;
  /** Who gets it, each one a mail of their own. */
  to: readonly string[];
  /** A cron schedule, in the time of Bogotá. */
  schedule: string;
  /** Also when nothing waits for a person. */
  always: boolean;
  /** Days that a message may stay in quarantine; 0: for ever. */
  retentionDays: number;
}

/**
 * Tells the staff at fixed times what waits for them. Which address has got which digest stands in the store, and is written there when the next hop
 * has taken it: after a crash in between one mail is repeated, with the same Message-ID.
 */
export function createDigest(parts: DigestParts): Duty {
  const { store, transport, lease, identity, log, now, to, always } = parts;
  /** What was done and the store could not record yet. */
  let unrecorded: DigestState | null = null;
  const times = timesOf(parts.schedule);

  async function run(signal: AbortSignal): Promise<void> {
    const at = times.latest(now(), MAX_LATE_MS);
    if (at === null) return;
    if (unrecorded !== null) await record(unrecorded);
    let state = stateFor(at, await store.digest.state(), now());
    if (to.every((address) => state.settled.includes(address))) return;
    const facts = factsSince(state, parts);
    if (isQuiet(facts) && !always && !state.told) {
      lease.assertHeld();
      return record({ ...state, settled: [...to] });
    }
    for (const address of to) {
      if (signal.aborted) return;
      if (state.settled.includes(address)) continue;
      const result = await sendTo(address, at, facts);
      if (result === 'later') continue;
      const settled = [...state.settled, address];
      // The first one that gets it says where the next digest begins: who got it later is told some things twice, and nobody misses any.
      state = result === 'taken' ? { ...state, settled, told: true, upTo: state.upTo ?? facts.upTo } : { ...state, settled };
      await record(state);
    }
  }

  async function record(state: DigestState): Promise<void> {
    unrecorded = state;
    await store.digest.record(state);
    unrecorded = null;
  }

  async function sendTo(address: string, at: Date, facts: DigestFacts): Promise<'taken' | 'refused' | 'later'> {
    const about = { recipient: maskedAddress(address), at: at.toISOString() };
    lease.assertHeld();
    try {
      await transport.send(await composeDigest(facts, { identity, to: address, at, now: now() }));
      log.info('digest.sent', about);
      return 'taken';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const reason = reasonOf(error);
      // What is not about this address may work later, a refused login too: a person may be changing the password.
      const lastTry = now().getTime() - at.getTime() > MAX_LATE_MS - LOOK_MINUTES * MINUTE_MS;
      if (error.code === 'TRANSPORT_QUIET') return 'refused';
      if (error.code !== 'TRANSPORT_REJECTED' && !lastTry) {
        log.warn('digest.deferred', { ...about, reason });
        return 'later';
      }
      log.error('digest.failed', { ...about, reason });
      return 'refused';
    }
  }

  return { name: 'digest', schedule: `*/${LOOK_MINUTES} * * * *`, run };
}

/** How far the digest of that time has got; a new one counts from the last one that somebody got. */
function stateFor(at: Date, last: DigestState | null, now: Date): DigestState {
  if (last !== null && last.at.getTime() === at.getTime()) return last;
  const fresh = { at, upTo: null, settled: [], told: false };
  const from = last === null ? null : last.told ? last.at : last.since;
  // What lies in the future was written by a clock that went wrong.
  if (last === null || from === null || from > now) return { ...fresh, since: new Date(at.getTime() - WEEK_MS), after: null };
  return { ...fresh, since: from, after: last.told ? last.upTo : last.after };
}

function factsSince({ since, after }: DigestState, { openReports, now, retentionDays }: DigestParts): CountedFacts {
  const reports = openReports();
  try {
    const moment = now().getTime();
    const retentionMs = retentionDays * DAY_MS;
    return reports.digest({
      since,
      after,
      waitingSince: new Date(moment - LONG_WAIT_MS),
      expiring: retentionDays === 0 ? null : { recordedBefore: new Date(moment + WEEK_MS - retentionMs), retentionMs },
    });
  } finally {
    reports.close();
  }
}

/** The times that a cron schedule names. */
function timesOf(schedule: string): { latest(now: Date, withinMs: number): Date | null } {
  const task = createTask(schedule, () => {}, { timezone: ZONE }); // never started: it only says which moments it names
  const second = parse(schedule).second[0] ?? 0;
  return {
    /** The last one up to now, or null when it lies further back. Looks at one moment of each minute, the newest first. */
    latest(now, withinMs) {
      const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
      for (let time = minute + second * 1000; time >= now.getTime() - withinMs; time -= MINUTE_MS) {
        const moment = new Date(time);
        if (time <= now.getTime() && task.match(moment)) return moment;
      }
      return null;
    },
  };
}
