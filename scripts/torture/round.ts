import { randomNumbers } from '../../src/desk/randomNumbers.ts';
import { type Evidence, type Life, lost, type Violation, wrong } from './evidence.ts';
import { onRecordBefore, queuedOnce, repeatsOf, settledRightly } from './invariantsOfAnswers.ts';
import { copiesLeftOver, inDatabase, inLedger, inOneFolder, onDisk, onTickets } from './invariantsOfMail.ts';
import { liveThrough } from './life.ts';
import { lyingIn } from './mailFolders.ts';
import type { RoundPlan } from './plan.ts';
import { hasTables, makeDeferredDue, openReplies, readRecords, settledReplies } from './records.ts';
import { storedFilesIn } from './storedFiles.ts';
import { saidWrongly } from './whatItSaid.ts';
import type { World } from './world.ts';

/** Runs without a fault after which everything must be done. */
const MOST_RECOVERIES = 3;
/** In one round of so many the program runs once more when all is done, and must change nothing. */
const ONCE_MORE = 0.15;

/** How one fault went. */
export interface Played {
  fault: string;
  struck: boolean;
  killed: boolean;
  /** The milestone at which it was killed on purpose. */
  killedAt: string | null;
}

export interface RoundResult {
  round: number;
  played: Played[];
  mails: number;
  violations: Violation[];
  /** Answers repeated in the documented window, and most of them by one death. */
  repeats: number;
  mostAtOnce: number;
  /** Messages that were left in two folders by a server without MOVE. */
  copies: number;
  /** Runs without a fault that it took until all was done. */
  recoveries: number;
  milestones: string[];
}

/** What the rounds of one world have counted so far. */
export interface History {
  lives: Map<number, Life>;
  repeats: number;
  copies: number;
}

export const newHistory = (): History => ({ lives: new Map(), repeats: 0, copies: 0 });

/** Mail comes, the program runs once with each fault, then without any until all is done; then everything is looked at from outside. */
export async function playRound(world: World, plan: RoundPlan, history: History): Promise<RoundResult> {
  const random = randomNumbers(plan.seed);
  const at = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const violations: Violation[] = [];
  const played: Played[] = [];
  const runsBefore = world.runs;
  const says = new RegExp(plan.faults.map((fault) => fault.says.source).join('|'));
  const mailsBefore = mailsOf(world);
  if (world.runs === 0) await world.deliver(world.senders.oldMail(at(1, 2)));

  for (const fault of plan.faults) {
    const command = fault.needs.command ?? (random() < 0.3 ? 'start' : 'once');
    const letters = world.senders.letters(at(4, 9), answersIn(world));
    const later = letters.splice(Math.ceil(letters.length * 0.75));
    const strike = fault.plan(at);
    await world.deliver(letters);
    const life = bornNow(world, history);
    const { ended, struck, violations: found } = await liveThrough(world, { command, fault, strike, later, says });
    const killed = ended.signal === 'SIGKILL';
    life.cutShort = killed || strike.standsStill === true || (ended.code !== 0 && !ended.stderr.includes('Interrumpido'));
    if (life.cutShort || fault.name.startsWith('imap')) world.scars.halfMoved += 1;
    violations.push(...found);
    const { TORTURE_KILL_AT: aimedAt = null, TORTURE_KILL_DELAY_MS: delay = '0' } = strike.environment ?? {};
    played.push({ fault: fault.name, struck, killed, killedAt: killed && delay === '0' ? aimedAt : null });
  }

  const { recoveries, violations: late } = await recover(world, history, says);
  violations.push(...late);
  const evidence = gather(world, history);
  const { violations: repeated, excused, mostAtOnce } = repeatsOf(evidence);
  for (const invariant of [inLedger, inOneFolder, onTickets, onDisk, inDatabase, queuedOnce, settledRightly, onRecordBefore]) {
    violations.push(...invariant(evidence));
  }
  violations.push(...repeated);
  if (violations.length === 0 && random() < ONCE_MORE) violations.push(...(await changesNothing(world, history)));
  const copies = copiesLeftOver(evidence);
  const milestones = Array.from({ length: world.runs - runsBefore }, (_, i) => world.passed(runsBefore + 1 + i)).flat();
  const result: RoundResult = {
    ...{ round: plan.round, played, violations, recoveries, milestones, mostAtOnce },
    mails: mailsOf(world) - mailsBefore,
    repeats: excused - history.repeats,
    copies: copies - history.copies,
  };
  Object.assign(history, { repeats: excused, copies });
  return result;
}

/** Without faults everything is done in a few runs, and nobody complains. */
async function recover(world: World, history: History, says: RegExp): Promise<{ recoveries: number; violations: Violation[] }> {
  const violations: Violation[] = [];
  for (let recoveries = 0; ; recoveries += 1) {
    const begun = world.runs > 0 && hasTables(world.dataFolder);
    if (begun && world.isQuiet() && openReplies(world.dataFolder) === 0) return { recoveries, violations };
    if (recoveries === MOST_RECOVERIES) {
      return { recoveries, violations: [...violations, lost(`after ${recoveries} runs without a fault not everything is done`)] };
    }
    if (begun) makeDeferredDue(world.dataFolder, new Date());
    bornNow(world, history);
    const ended = await world.start('once').ended;
    violations.push(...saidWrongly(ended, { says, codes: [0] }));
  }
}

async function changesNothing(world: World, history: History): Promise<Violation[]> {
  const state = () => JSON.stringify([readRecords(world.dataFolder), lyingIn(world.maildir), world.sink.taken.length]);
  const before = state();
  bornNow(world, history);
  const ended = await world.start('once').ended;
  const said = saidWrongly(ended, { says: /^$/, codes: [0] });
  return state() === before ? said : [...said, wrong('one more run, with nothing to do, changed something')];
}

/** To be called just before a run begins. */
function bornNow(world: World, { lives }: History): Life {
  const life: Life = { cutShort: false, settledBefore: settledReplies(world.dataFolder) };
  lives.set(world.runs + 1, life);
  return life;
}

function gather(world: World, { lives }: History): Evidence {
  const { senders, dataFolder, maildir, sink, scars, setting } = world;
  return {
    matters: [...senders.matters.values()].filter(({ copies }) => copies.length > 0),
    records: readRecords(dataFolder),
    lying: lyingIn(maildir),
    ...storedFilesIn(dataFolder),
    ...{ taken: sink.taken, refused: sink.refused, lives, scars, leaving: setting.leaving },
  };
}

/** Our answers that people can reply to: each once, and only what is in the database for good. */
function answersIn({ sink }: World): World['sink']['taken'] {
  return [...new Map(sink.taken.map((copy) => [copy.messageId, copy])).values()];
}

function mailsOf({ senders }: World): number {
  return [...senders.matters.values()].reduce((sum, { copies }) => sum + copies.length, 0);
}
