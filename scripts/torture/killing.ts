import type { Ended } from '../../test/support/program.ts';

/** Tells the preloaded `killAt.mjs` to kill the program when it passes the milestone for the n-th time, or so many milliseconds later. */
export function killingAt(milestone: string, nth: number, delayMs = 0): Record<string, string> {
  return { TORTURE_KILL_AT: milestone, TORTURE_KILL_NTH: String(nth), TORTURE_KILL_DELAY_MS: String(delayMs) };
}

export const died = (_world: unknown, { signal }: Ended): boolean => signal === 'SIGKILL';
