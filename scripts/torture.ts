// Breaks the built program at the worst moments, over and over, and looks from outside whether anything was lost or happened twice.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MILESTONES } from '../src/milestones.ts';
import { makeCertificates } from '../test/support/certificates.ts';
import { hasDovecot, startDovecot } from '../test/support/dovecot.ts';
import { optionsOf } from './commandLine.ts';
import { mayMount } from './torture/disk.ts';
import { faultsNamed } from './torture/faults.ts';
import { OUT_OF_REACH } from './torture/faultsOfProcess.ts';
import { playChains } from './torture/lanes.ts';
import { planChains } from './torture/plan.ts';
import type { RoundResult } from './torture/round.ts';
import { addRound, gapsIn, newReport, tableOf } from './torture/tally.ts';
import type { Servers } from './torture/world.ts';

const USAGE = `npm run torture -- [--rounds N] [--seed N] [--seconds S] [--round K] [--faults name,name] [--lanes N] [--json]
  --rounds   how many (default 300); a round is one or two faults, each in one run of the program, and then runs without faults
  --seed     the same seed plans the same rounds (default 1)
  --seconds  no round is begun later than this, but each fault has its turn once
  --round    only this round of the seed, with the rounds before it that made its world
  --faults   only these, by name (kill:message.kept) or kind (kill)
  --lanes    worlds at the same time (default 2)
One line for each failed round with what it takes to see it again, then the tables; exit code 1 when anything was not as it should be.`;

const values = optionsOf(USAGE, {
  rounds: { type: 'string', default: '300' },
  seed: { type: 'string', default: '1' },
  seconds: { type: 'string' },
  round: { type: 'string' },
  faults: { type: 'string', default: '' },
  lanes: { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
});
const wholeNumber = (name: string, text: string): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name}: expected a whole number above 0, got ${text}`);
};
const seed = wholeNumber('seed', values.seed);
const only = values.round === undefined ? null : wholeNumber('round', values.round);
const rounds = Math.max(only ?? 0, wholeNumber('rounds', values.rounds));
const asked = faultsNamed(values.faults.split(',').filter((name) => name !== ''));
const faults = asked.filter(({ name, needs }) => {
  const lacking =
    needs.root && !mayMount
      ? 'only root can make a small disk and fill it'
      : needs.patience && values.seconds
        ? 'it takes most of a minute'
        : null;
  if (lacking !== null) console.error(`SKIPPED, ${name}: ${lacking}`);
  return lacking === null;
});
if (!hasDovecot) process.exit(1);

const startedAt = performance.now();
const seconds = () => (performance.now() - startedAt) / 1000;
const report = newReport(
  faults.map(({ name }) => name),
  MILESTONES,
);
const everyFaultHadItsTurn = () => [...report.faults.values()].every((tally) => tally.rounds > 0);
const isOver = () => values.seconds !== undefined && seconds() > Number(values.seconds) && everyFaultHadItsTurn();

function tell(result: RoundResult): void {
  addRound(report, result);
  const { totals } = report;
  if (result.violations.length > 0) {
    const what = result.violations.map(({ kind, what }) => `${kind}: ${what}`);
    const shown = [...what.slice(0, 5), ...(what.length > 5 ? [`and ${what.length - 5} more`] : [])].join('; ');
    console.log(
      `FAILED --seed ${seed} --round ${result.round} (${result.played.map(({ fault }) => fault).join(', ')}) ${shown.replace(/\s+/g, ' ')}`,
    );
  }
  process.stderr.write(`\r${totals.rounds} rounds, ${totals.kills} kills, ${totals.failedRounds} failed, ${seconds().toFixed(0)} s `);
}

async function serversFor(): Promise<Servers & { stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'));
  try {
    const ca = await makeCertificates(folder);
    const [key, cert] = await Promise.all(['srv.key', 'srv.pem'].map((name) => readFile(join(folder, name), 'utf8')));
    const dovecot = await startDovecot();
    return { dovecot, certificate: { key: key!, cert: cert!, ca }, stop: () => dovecot.stop() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130)); // what is mounted is unmounted at the exit
const chains = planChains(seed, rounds, faults).flatMap((chain) => {
  if (only === null) return [chain];
  const kept = chain.rounds.filter(({ round }) => round <= only);
  return chain.rounds.some(({ round }) => round === only) ? [{ ...chain, rounds: kept }] : [];
});
const servers = await serversFor();
try {
  await playChains(chains, { servers, lanes: wholeNumber('lanes', values.lanes), isOver, tell });
} finally {
  await servers.stop();
}
process.stderr.write('\n');
const gaps = only === null && values.faults === '' ? gapsIn(report, OUT_OF_REACH) : [];
if (values.json) {
  const tables = { faults: Object.fromEntries(report.faults), milestones: Object.fromEntries(report.milestones) };
  console.log(JSON.stringify({ seed, seconds: seconds(), gaps, totals: report.totals, ...tables }));
} else {
  console.log(tableOf(report, seconds(), OUT_OF_REACH));
  for (const gap of gaps) console.log(`NOT SHOWN: ${gap}`);
}
process.exitCode = report.totals.failedRounds > 0 || gaps.length > 0 ? 1 : 0;
