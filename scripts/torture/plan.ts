import { randomNumbers } from '../../src/desk/randomNumbers.ts';
import type { Fault } from './fault.ts';
import type { Leaving, Setting } from './world.ts';

export interface RoundPlan {
  /** Counted from 1. */
  round: number;
  seed: number;
  /** Each for one run of the program, one after the other. */
  faults: Fault[];
}

/** Rounds that go on in one world, so that its history grows. */
export interface Chain {
  setting: Setting;
  rounds: RoundPlan[];
}

const LONGEST_CHAIN = 3;
/** One round in so many has one fault only, once each fault has had its turn. */
const SINGLE = 0.25;

/**
 * Which faults come in which round: every fault once, two in a round, before any comes again; deaths first, each beside something else, because a
 * step in the wrong order shows at a death. The same seed plans the same.
 */
export function planChains(seed: number, rounds: number, faults: readonly Fault[]): Chain[] {
  const random = randomNumbers(seed);
  let waiting: Fault[] = [];
  let turns = 0;
  const take = (first: boolean): Fault => {
    const fits = ({ needs }: Fault) => (first ? !needs.laterRun : !needs.firstRun);
    if (!waiting.some(fits)) {
      waiting.push(...deathsBesideOthers(shuffled(faults, random)));
      turns += 1;
    }
    const fitting = waiting.filter(fits);
    const chosen = fitting.find(({ needs }) => needs.firstRun) ?? fitting[0] ?? waiting[0]!; // the last, when nothing that fits was asked for
    waiting = waiting.filter((fault) => fault !== chosen);
    return chosen;
  };

  const chains: Chain[] = [];
  for (let round = 1; round <= rounds; ) {
    const length = Math.min(1 + Math.floor(random() * LONGEST_CHAIN), rounds - round + 1);
    const planned = Array.from({ length }, (_, i): RoundPlan => {
      const one = take(i === 0);
      const alone = turns > 1 && random() < SINGLE;
      return { round: round + i, seed: seed * 1_000_003 + round + i, faults: alone ? [one] : [one, take(false)] };
    });
    chains.push({ setting: settingFor(planned, seed * 10_007 + round, random), rounds: planned });
    round += length;
  }
  return chains;
}

function settingFor(rounds: readonly RoundPlan[], seed: number, random: () => number): Setting {
  const needs = rounds.flatMap(({ faults }) => faults.map((fault) => fault.needs));
  const [clear, leaving] = [random() < 0.3, random()];
  const drawn: Leaving = leaving < 0.8 ? 'MOVE' : leaving < 0.92 ? 'UIDPLUS' : 'neither';
  return {
    seed,
    clear: clear || needs.some((each) => each.clear),
    leaving: needs.find((each) => each.leaving !== undefined)?.leaving ?? drawn,
    smallDisk: needs.some((each) => each.smallDisk),
  };
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

/** A death, something else, a death ... and then what is left of either. */
function deathsBesideOthers(faults: readonly Fault[]): Fault[] {
  const deaths = faults.filter(({ name }) => name.startsWith('kill:'));
  const others = faults.filter(({ name }) => !name.startsWith('kill:'));
  const pairs = Array.from({ length: Math.max(deaths.length, others.length) }, (_, i) => [deaths[i], others[i]]);
  return pairs.flat().filter((fault) => fault !== undefined);
}
