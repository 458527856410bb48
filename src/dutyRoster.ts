import { schedule } from 'node-cron';
import type { Duty } from './duties/duty.ts';
import { reasonOf } from './errors.ts';
import type { Log } from './log.ts';
import { ZONE } from './poll.ts';

/** Starts each duty at its times, never the same one twice at once. A duty that fails is logged and tried again at its next time. */
export function createDutyRoster(duties: readonly Duty[], log: Log, failed: (name: string) => void): { close(): Promise<void> } {
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  const tasks = duties.map(({ name, schedule: cron, run }) => {
    const once = async () => {
      try {
        await run(ending.signal);
      } catch (error) {
        if (ending.signal.aborted) return;
        log.error('duty.failed', { duty: name, reason: reasonOf(error) });
        failed(name);
      }
    };
    const start = () => {
      const work = once().finally(() => running.delete(work));
      running.add(work);
      return work;
    };
    return schedule(cron, start, { noOverlap: true, timezone: ZONE, name });
  });
  return {
    async close() {
      ending.abort();
      for (const task of tasks) await task.destroy();
      await Promise.all(running);
    },
  };
}
