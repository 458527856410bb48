import { setTimeout as pause } from 'node:timers/promises';
import type { RunningProgram } from '../../test/support/program.ts';
import type { World } from './world.ts';

/** Waits so long, but not beyond the program's end. True when it still runs. */
export async function stillRunsAfter(program: RunningProgram, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([pause(ms, true, { signal: timer.signal }).catch(() => true), program.ended.then(() => false)]);
  } finally {
    timer.abort();
  }
}

/** Waits until the latest run has passed the milestone. False when it ended before. */
export async function passes(world: World, program: RunningProgram, milestone: string): Promise<boolean> {
  while (!world.passed().includes(milestone)) {
    if (!(await stillRunsAfter(program, 5))) return false;
  }
  return true;
}

/** A program that neither ends nor complains in this time does not mind. */
const PATIENCE_MS = 10_000;

/** Waits until the program has ended, or has said that it cannot do its work. */
export async function complains(program: RunningProgram): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!/"event":"(?:cycle|outbox)\.failed"/.test(program.stderr()) && performance.now() < until) {
    if (!(await stillRunsAfter(program, 20))) return;
  }
}
