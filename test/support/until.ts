import { setTimeout as pause } from 'node:timers/promises';

/** Resolves as soon as the condition holds. For what another process does and does not tell. @throws Error when it does not hold in time */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`in ${withinMs} ms it did not come to pass that ${what}`);
    await pause(3);
  }
}
