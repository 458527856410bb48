import type { RunningProgram } from '../../test/support/program.ts';
import type { Draw, Fault, Strike } from './fault.ts';
import { killingAt } from './killing.ts';
import { passes, stillRunsAfter } from './moments.ts';
import type { World } from './world.ts';

const TAKES_OVER_MS = 20_000;
/** A worker that stands still is passed over after half a minute. */
const PASSES_OVER_MS = 50_000;
/** What the second worker says while it waits, and the first one when it finds itself passed over. */
const SAYS = /^(?:cycle|outbox)\.failed$/;

export const TWO_WORKERS: readonly Fault[] = [
  {
    name: 'two-workers:killed',
    does: 'a second worker waits on the same data folder; the first one dies in the middle of its work, and the second does the rest',
    needs: { command: 'start' },
    says: /^$/,
    codes: [0],
    plan: killed,
  },
  {
    name: 'two-workers:frozen',
    does: 'the first worker stands still in the middle of its work until the second has done the rest, and then wakes up',
    needs: { command: 'start', patience: true },
    says: SAYS,
    codes: [0, 1],
    plan: frozen,
  },
];

function killed(at: Draw): Strike {
  const ms = at(0, 250);
  return {
    during: (world, first) =>
      withSecond(world, first, async (second, secondsTurn) => {
        await world.deliver(world.senders.letters(4, []));
        await stillRunsAfter(first, ms);
        await first.kill('SIGKILL');
        secondsTurn();
        await doesTheRest(world, second, TAKES_OVER_MS);
      }),
    struck: (_world, { signal }) => signal === 'SIGKILL',
  };
}

function frozen(at: Draw): Strike {
  const moment = ['message.kept', 'transaction.committed', 'replies.claimed', 'reply.accepted', 'replies.recorded'][at(0, 4)]!;
  let stood = false;
  return {
    environment: { ...killingAt(moment, 1), TORTURE_KILL_SIGNAL: 'SIGSTOP' },
    during: (world, first) =>
      withSecond(world, first, async (second, secondsTurn) => {
        if (!(await passes(world, first, moment))) return;
        stood = true;
        secondsTurn();
        try {
          await doesTheRest(world, second, PASSES_OVER_MS);
        } finally {
          process.kill(first.pid, 'SIGCONT');
        }
        await stillRunsAfter(first, 3_000);
      }),
    struck: () => stood,
    standsStill: true,
  };
}

/** Starts a second worker beside the first, which works on; `secondsTurn` is to be called when what comes is the second's doing. */
async function withSecond(
  world: World,
  first: RunningProgram,
  work: (second: RunningProgram, secondsTurn: () => void) => Promise<void>,
): Promise<void> {
  await passes(world, first, 'mailbox.listed');
  const firstLife = world.runs;
  const second = world.start('start');
  const secondLife = world.runs;
  world.runs = firstLife;
  try {
    await second.untilEvent('worker.waiting');
    await work(second, () => {
      world.runs = secondLife;
    });
    const { code, stderr } = await second.kill('SIGTERM');
    if (code !== 0) throw new Error(`the second worker ended with ${code}: ${stderr.slice(-400)}`);
  } finally {
    world.runs = secondLife;
    await second.kill('SIGKILL');
  }
}

async function doesTheRest(world: World, second: RunningProgram, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (!world.isQuiet()) {
    if (performance.now() > until || !(await stillRunsAfter(second, 50))) {
      throw new Error(`the second worker did not take over: ${second.stderr().slice(-400)}`);
    }
  }
}
