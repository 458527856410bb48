import type { RoundResult } from './round.ts';

/** What the rounds with one fault have shown. A round with two faults counts for both. */
export interface Tally {
  rounds: number;
  /** Times that it came to pass. */
  struck: number;
  mails: number;
  kills: number;
  repeats: number;
  mostAtOnce: number;
  copies: number;
  lost: number;
  double: number;
  wrong: number;
  worstRecovery: number;
}

export interface Totals extends Tally {
  failedRounds: number;
}

export interface Report {
  faults: Map<string, Tally>;
  milestones: Map<string, { passed: number; kills: number }>;
  totals: Totals;
}

const empty = (): Tally => ({
  rounds: 0,
  struck: 0,
  mails: 0,
  kills: 0,
  repeats: 0,
  mostAtOnce: 0,
  copies: 0,
  lost: 0,
  double: 0,
  wrong: 0,
  worstRecovery: 0,
});

export function newReport(faults: readonly string[], milestones: readonly string[]): Report {
  return {
    faults: new Map(faults.map((name) => [name, empty()])),
    milestones: new Map(milestones.map((name) => [name, { passed: 0, kills: 0 }])),
    totals: { ...empty(), failedRounds: 0 },
  };
}

export function addRound({ faults, milestones, totals }: Report, result: RoundResult): void {
  add(totals, result, result.played);
  if (result.violations.length > 0) totals.failedRounds += 1;
  for (const fault of new Set(result.played.map((one) => one.fault))) {
    const tally = faults.get(fault);
    if (tally)
      add(
        tally,
        result,
        result.played.filter((one) => one.fault === fault),
      );
  }
  for (const name of result.milestones) {
    const milestone = milestones.get(name);
    if (milestone) milestone.passed += 1;
  }
  for (const { killedAt } of result.played) {
    const milestone = killedAt === null ? undefined : milestones.get(killedAt);
    if (milestone) milestone.kills += 1;
  }
}

function add(
  tally: Tally,
  { mails, repeats, mostAtOnce, copies, recoveries, violations }: RoundResult,
  played: RoundResult['played'],
): void {
  tally.rounds += 1;
  tally.mails += mails;
  tally.repeats += repeats;
  tally.copies += copies;
  tally.mostAtOnce = Math.max(tally.mostAtOnce, mostAtOnce);
  tally.worstRecovery = Math.max(tally.worstRecovery, recoveries);
  tally.struck += played.filter(({ struck }) => struck).length;
  tally.kills += played.filter(({ killed }) => killed).length;
  for (const { kind } of violations) tally[kind] += 1;
}

/** What a full run must have shown beside the invariants: each fault came to pass, and the program died at each milestone. */
export function gapsIn({ faults, milestones }: Report, outOfReach: Readonly<Partial<Record<string, string>>>): string[] {
  const idle = [...faults].filter(([, { rounds, struck }]) => rounds > 0 && struck === 0).map(([name]) => `${name} never came to pass`);
  const unplayed = [...faults].filter(([, { rounds }]) => rounds === 0).map(([name]) => `${name} had no turn`);
  const alive = [...milestones]
    .filter(([name, { kills }]) => kills === 0 && faults.has(`kill:${name}`))
    .map(([name]) => `the program never died at ${name}`);
  const unknown = [...milestones]
    .filter(([name]) => !faults.has(`kill:${name}`) && outOfReach[name] === undefined)
    .map(([name]) => `nothing kills at ${name}`);
  return [...unplayed, ...idle, ...alive, ...unknown];
}

/** The report as tables for a terminal. */
export function tableOf(
  { faults, milestones, totals }: Report,
  seconds: number,
  outOfReach: Readonly<Partial<Record<string, string>>>,
): string {
  const heads = ['fault', 'rounds', 'struck', 'mails', 'kills', 'repeated', 'lost', 'double', 'wrong', 'runs to recover'];
  const cells = (name: string, tally: Tally) => {
    const { rounds, struck, mails, kills, repeats, lost, double, wrong, worstRecovery } = tally;
    return [name, ...[rounds, struck, mails, kills, repeats, lost, double, wrong, worstRecovery].map(String)];
  };
  const played = [...faults].filter(([, { rounds }]) => rounds > 0);
  const reached = [...milestones].map(([name, { passed, kills }]) => [name, String(passed), String(kills), outOfReach[name] ?? '']);
  return [
    ...aligned([heads, ...played.map(([name, tally]) => cells(name, tally)), cells('all', totals)]),
    '',
    ...aligned([['milestone', 'passed', 'kills', ''], ...reached]),
    '',
    `${totals.rounds} rounds, ${totals.mails} mails, ${totals.kills} kills in ${seconds.toFixed(0)} s: ${totals.lost} lost, ${totals.double} double, ${totals.wrong} otherwise wrong;`,
    `${totals.repeats} answers repeated in the documented window (at most ${totals.mostAtOnce} by one death), ${totals.copies} messages left in two folders where there is no MOVE.`,
  ].join('\n');
}

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
