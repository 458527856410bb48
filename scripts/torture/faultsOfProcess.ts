import { setTimeout as pause } from 'node:timers/promises';
import { MILESTONES, type Milestone } from '../../src/milestones.ts';
import type { Draw, Fault, Needs } from './fault.ts';
import { TWO_WORKERS } from './faultsOfTwoWorkers.ts';
import { died, killingAt } from './killing.ts';
import { passes, stillRunsAfter } from './moments.ts';

/** Milestones that this machine cannot reach, each with the reason. */
export const OUT_OF_REACH: Partial<Record<Milestone, string>> = {};

const QUIET = /^$/;
/** A `once` that is told to stop says so with 1. */
const ENDS_WELL = [0, 1];

/** A milestone that each run with mail passes. */
function aMoment(at: Draw): Milestone {
  const moments = ['mailbox.listed', 'message.kept', 'transaction.begun', 'transaction.committed', 'replies.claimed'] as const;
  return moments[at(0, moments.length - 1)]!;
}

/** What a world must be like for a milestone to be passed. */
const WAYS_TO: Partial<Record<Milestone, Needs>> = {
  'skipped.recorded': { firstRun: true },
  'message.copied': { leaving: 'UIDPLUS' },
};

/** Passed once for each mail or reply, and not once for many. */
const OFTEN = /^(?:message\.|reply\.)/;

const killAtMilestone = (milestone: Milestone): Fault => ({
  name: `kill:${milestone}`,
  does: `SIGKILL at the milestone ${milestone}`,
  needs: WAYS_TO[milestone] ?? {},
  says: QUIET,
  codes: [0],
  plan: (at) => {
    const nth = OFTEN.test(milestone) && milestone !== 'message.copied' ? at(1, 3) : 1;
    return { environment: killingAt(milestone, nth), struck: died };
  },
});

export const PROCESS_FAULTS: readonly Fault[] = [
  ...MILESTONES.filter((milestone) => OUT_OF_REACH[milestone] === undefined).map(killAtMilestone),
  {
    name: 'kill:anywhere',
    does: 'SIGKILL some milliseconds after some milestone',
    needs: {},
    says: QUIET,
    codes: [0],
    plan: (at) => ({ environment: killingAt('*', at(1, 25), at(1, 12)), struck: died }),
  },
  {
    name: 'kill:starting',
    does: 'SIGKILL while the program starts',
    needs: {},
    says: QUIET,
    codes: [0],
    plan(at) {
      const ms = at(30, 500);
      return {
        async during(_world, program) {
          if (await stillRunsAfter(program, ms)) await program.kill('SIGKILL');
        },
        struck: died,
      };
    },
  },
  {
    name: 'stop:term',
    does: 'SIGTERM in the middle of the work: nothing half done, and the end within 10 s',
    needs: {},
    says: QUIET,
    codes: ENDS_WELL,
    plan(at) {
      const [moment, ms] = [aMoment(at), at(0, 60)];
      let asked = false;
      return {
        async during(world, program) {
          if (!(await passes(world, program, moment)) || !(await stillRunsAfter(program, ms))) return;
          asked = true;
          const askedAt = performance.now();
          await program.kill('SIGTERM');
          const took = performance.now() - askedAt;
          if (took > 10_000) throw new Error(`SIGTERM took ${Math.round(took)} ms`);
        },
        struck: () => asked,
      };
    },
  },
  {
    name: 'stop:pause',
    does: 'SIGSTOP in the middle of the work, SIGCONT a while later',
    needs: {},
    says: QUIET,
    codes: [0],
    plan(at) {
      const [moment, forMs] = [aMoment(at), at(200, 900)];
      let paused = false;
      return {
        async during(world, program) {
          if (!(await passes(world, program, moment))) return;
          process.kill(program.pid, 'SIGSTOP');
          paused = true;
          await pause(forMs);
          process.kill(program.pid, 'SIGCONT');
        },
        struck: () => paused,
      };
    },
  },
  ...TWO_WORKERS,
  clock('clock:forward', 2),
  clock('clock:back', -2),
];

/** Sets the clock while the program runs; the next run has the right time again. */
function clock(name: string, days: number): Fault {
  return {
    name,
    does: `the clock jumps by ${days} days in the middle of a run: what seems too old gets no answer`,
    needs: {},
    says: /^reply\.dropped$/,
    codes: [0],
    plan(at) {
      const moment = aMoment(at);
      let jumped = false;
      return {
        environment: { TORTURE_SHIFT_MS: String(days * 86_400_000), TORTURE_SHIFT_AT: moment },
        async during(world, program) {
          world.scars.clockJumped = true;
          jumped = await passes(world, program, moment);
        },
        struck: () => jumped,
      };
    },
  };
}
