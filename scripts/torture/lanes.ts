import { randomNumbers } from '../../src/desk/randomNumbers.ts';
import { wrong } from './evidence.ts';
import type { Chain, RoundPlan } from './plan.ts';
import { newHistory, playRound, type RoundResult } from './round.ts';
import { makeWorld, type Servers } from './world.ts';

export interface Playing {
  servers: Servers;
  /** Worlds at the same time. */
  lanes: number;
  /** Asked before each round. */
  isOver(): boolean;
  tell(result: RoundResult): void;
}

/** Plays the chains, several at a time; the rounds of one chain one after the other, in one world. */
export async function playChains(chains: readonly Chain[], playing: Playing): Promise<void> {
  const waiting = [...chains];
  const lane = async () => {
    for (let chain = waiting.shift(); chain !== undefined && !playing.isOver(); chain = waiting.shift()) await playChain(chain, playing);
  };
  await Promise.all(Array.from({ length: playing.lanes }, lane));
}

/** A round that failed has spoilt its world: the ones after it get a new one. */
async function playChain({ setting, rounds }: Chain, playing: Playing): Promise<void> {
  const left = [...rounds];
  while (left.length > 0 && !playing.isOver()) {
    await using world = await makeWorld(playing.servers, setting, randomNumbers(setting.seed + left.length));
    const history = newHistory();
    for (let plan = left.shift(); plan !== undefined && !playing.isOver(); plan = left.shift()) {
      const result = await playRound(world, plan, history).catch((error: unknown) => failed(plan, error));
      playing.tell(result);
      if (result.violations.length > 0) break;
    }
  }
}

function failed({ round, faults }: RoundPlan, error: unknown): RoundResult {
  const because = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    ...{ round, mails: 0, repeats: 0, mostAtOnce: 0, copies: 0, recoveries: 0, milestones: [] },
    violations: [wrong(`the round could not be played: ${because.slice(0, 600)}`)],
    played: faults.map(({ name }) => ({ fault: name, struck: false, killed: false, killedAt: null })),
  };
}
