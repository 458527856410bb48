import { schedule, setLogger } from 'node-cron';

/** Times of day in schedules are those of Bogotá. */
export const ZONE = 'America/Bogota';

/**
 * The safety net under IMAP IDLE: asks for a cycle at fixed times, and counts the times at which one was still running. A worker that stands by, before
 * its first cycle, skips nothing.
 */
export interface Poll {
  /** The longest time between two polls, in milliseconds, at least a minute. */
  intervalMs: number;
  /** Aborted from the moment a cycle is asked for until one begins. */
  asked(): AbortSignal;
  cycleBegins(): void;
  cycleEnds(): void;
  close(): Promise<void>;
}

/**
 * @param cron five or six fields, checked with the settings; `* * * * *` is each minute
 * @param onSkipped told how many polls were skipped so far, each time one is
 */
export function createPoll(cron: string, onSkipped: (skipped: number) => void): Poll {
  let asking = new AbortController();
  let cycle = Promise.withResolvers<void>();
  let begun = false;
  let skipped = 0;
  const ask = () => {
    asking.abort();
    return cycle.promise; // the library takes the poll for running until the next cycle has ended
  };
  setLogger({ info: () => {}, debug: () => {}, warn: () => {}, error: () => {} }); // what it would print are the events below
  const task = schedule(cron, ask, { noOverlap: true, timezone: ZONE, name: 'poll' });
  task.on('execution:overlap', () => {
    if (begun) onSkipped(++skipped);
  });
  const times = task.getNextRuns(10).map((time) => time.getTime());
  return {
    intervalMs: Math.max(60_000, ...times.slice(1).map((time, i) => time - times[i]!)),
    asked: () => asking.signal,
    cycleBegins: () => {
      begun = true;
      asking = new AbortController();
    },
    cycleEnds: () => {
      cycle.resolve();
      cycle = Promise.withResolvers();
    },
    close: async () => {
      cycle.resolve();
      await task.destroy();
    },
  };
}
