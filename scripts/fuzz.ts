import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createParser } from '../src/adapters/parserThread.ts';
import { automaticOf } from '../src/mail/automatic.ts';
import { deliveryReportOf } from '../src/mail/deliveryReport.ts';
import { PARSE_LIMITS } from '../src/mail/limits.ts';
import type { ParseResult } from '../src/mail/message.ts';
import { optionsOf } from './commandLine.ts';
import { CORPUS_FOLDER, openCorpus } from './corpusFolder.ts';
import { mutantOf } from './fuzzMutant.ts';

const USAGE = `npm run fuzz -- [--mutants 20000] [--seed 1] [--only INDEX] [--corpus DIR]
Changes mails at random and reads them: no crash, no hang, no loss, no growth of memory.
--only INDEX runs one mutant and prints what became of it; the same seed gives the same mutants.`;

const SAMPLES = join(import.meta.dirname, '../config/demo');
const MAX_MAIL_BYTES = 256 * 1024;
const MAX_MS = 2000;
const FAILURES = new Set(['parse-timeout', 'parse-crashed', 'threw', 'lost']);
/** Resident memory at the end against that after the first tenth of the mutants. */
const MAX_GROWTH_BYTES = 200 * 1024 * 1024;

const flags = optionsOf(USAGE, {
  mutants: { type: 'string', default: '20000' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
  corpus: { type: 'string', default: CORPUS_FOLDER },
});

process.exitCode = (await fuzz()) ? 0 : 1;

async function fuzz(): Promise<boolean> {
  const mails = mailsToChange();
  const seed = Number(flags.seed);
  const parser = createParser({ limits: PARSE_LIMITS, timeoutMs: MAX_MS, maxMemoryMb: 256, attachmentsFolder: null });
  const indexes = flags.only === undefined ? Array.from({ length: Number(flags.mutants) }, (_, index) => index) : [Number(flags.only)];
  const outcomes: Record<string, number> = {};
  let failures = 0;
  let slowest = { ms: 0, index: 0 };
  let settled = 0;

  for (const index of indexes) {
    const start = performance.now();
    const bytes = mutantOf(mails, seed, index);
    const made = performance.now();
    const { outcome, because } = await outcomeOf(() => parser.parse({ bytes }));
    const ms = performance.now() - made;
    if (ms > slowest.ms) slowest = { ms, index };
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (FAILURES.has(outcome) || ms > MAX_MS) {
      failures++;
      console.log(`FAILED ${outcome} in ${ms.toFixed(0)} ms: npm run fuzz -- --seed ${seed} --only ${index}  (${because})`);
    }
    if (flags.only !== undefined)
      console.log(`${outcome}: ${because} (${bytes.length} octets, made in ${(made - start).toFixed(0)} ms, read in ${ms.toFixed(0)} ms)`);
    if (index === Math.floor(indexes.length / 10)) settled = process.memoryUsage.rss();
  }
  await parser.close();

  const growth = process.memoryUsage.rss() - settled;
  console.log(`${indexes.length} mutants of ${mails.length} mails, seed ${seed}: ${failures} failed`);
  console.log(
    Object.entries(outcomes)
      .map(([outcome, times]) => `${outcome} ${times}`)
      .join(', '),
  );
  console.log(
    `slowest ${slowest.ms.toFixed(0)} ms (--only ${slowest.index}), memory ${(growth / 2 ** 20).toFixed(0)} MiB more than after a tenth`,
  );
  return failures === 0 && (flags.only !== undefined || growth < MAX_GROWTH_BYTES);
}

async function outcomeOf(parse: () => Promise<ParseResult>): Promise<{ outcome: string; because: string }> {
  try {
    const result = await parse();
    if (!result.ok) return { outcome: result.cause, because: result.because };
    const { mail } = result;
    automaticOf(mail, { isOurAddress: () => false, isOurMessageId: () => false });
    deliveryReportOf(mail);
    const whole = /^[0-9a-f]{64}$/.test(mail.fingerprint) && (mail.text.trim() === '' || mail.newText.trim() !== '');
    return { outcome: whole ? 'read' : 'lost', because: whole ? 'as it should' : 'something was written and newText is empty' };
  } catch (error) {
    return { outcome: 'threw', because: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function mailsToChange(): Buffer[] {
  const corpus = openCorpus(flags.corpus);
  if (!corpus) console.error(`No mail corpus in ${flags.corpus}: the sample mails are changed.`);
  const mails = corpus
    ? [...new Map(corpus.cases.map((row) => [row.input, row])).values()].map((row) => corpus.message(row))
    : readdirSync(SAMPLES)
        .filter((name) => name.endsWith('.eml'))
        .map((name) => readFileSync(join(SAMPLES, name)));
  return mails.filter((mail) => mail.length > 0 && mail.length <= MAX_MAIL_BYTES);
}
