import type { Ended, RunningProgram } from '../../test/support/program.ts';
import { type Violation, wrong } from './evidence.ts';
import type { Fault, Strike } from './fault.ts';
import type { Letter } from './matter.ts';
import { passes, stillRunsAfter } from './moments.ts';
import { saidWrongly } from './whatItSaid.ts';
import type { Command, World } from './world.ts';

/** A worker whose fault is over comes through by itself in this time, or it is stuck. */
const RECOVERS_IN_MS = 30_000;

export interface Lived {
  ended: Ended;
  struck: boolean;
  violations: Violation[];
}

export interface Living {
  command: Command;
  fault: Fault;
  strike: Strike;
  /** Mail that comes meanwhile. */
  later: readonly Letter[];
  /** Events above `info` that this fault and the ones before it may cause. */
  says: RegExp;
}

/** One run of the program with a fault, while more mail comes in. */
export async function liveThrough(world: World, { command, fault, strike, later, says }: Living): Promise<Lived> {
  await strike.before?.(world);
  const program = world.start(command, strike.environment);
  const violations: Violation[] = [];
  const note = (what: string) => (error: unknown) => {
    violations.push(wrong(`${what}: ${error instanceof Error ? error.message : String(error)}`));
  };
  const meanwhile = Promise.all([
    moreMail(world, program, later).catch(note('the mail that comes meanwhile')),
    (async () => strike.during?.(world, program))().catch(note(fault.name)),
  ]);
  if (command === 'start') {
    await meanwhile;
    if (!(await comesToRest(world, program)))
      violations.push(wrong(`after ${fault.name} the worker did not come through by itself in ${RECOVERS_IN_MS} ms`));
    await program.kill('SIGTERM');
  }
  const ended = await program.ended;
  await meanwhile;
  const struck = strike.struck(world, ended); // asked before `after` repairs what shows it, and once more for what `after` does
  await strike.after?.(world, ended);
  calm(world);
  return {
    ended,
    struck: struck || strike.struck(world, ended),
    violations: [...violations, ...saidWrongly(ended, { says, codes: fault.codes })],
  };
}

/** Mail does not wait until a run is over. */
async function moreMail(world: World, program: RunningProgram, letters: readonly Letter[]): Promise<void> {
  await passes(world, program, 'transaction.begun');
  await world.deliver(letters);
}

/** True when it has nothing left to do, or has ended. */
async function comesToRest(world: World, program: RunningProgram): Promise<boolean> {
  const until = performance.now() + RECOVERS_IN_MS;
  while (performance.now() < until) {
    if (world.isQuiet()) return true;
    if (!(await stillRunsAfter(program, 40))) return true;
  }
  return false;
}

/** No fault goes on into the next run. */
function calm({ imap, smtp, sink }: World): void {
  for (const proxy of [imap, smtp]) {
    proxy.trouble = null;
    proxy.struck = false;
    proxy.slow = null;
  }
  sink.mood = { refuse: null, hangUps: 0, delayMs: 0 };
}
