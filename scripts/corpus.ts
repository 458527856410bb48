import { writeFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { openExplainDesk } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { examine } from '../src/ingest.ts';
import { parseMail } from '../src/mail/parse.ts';
import { optionsOf } from './commandLine.ts';
import { CAPABILITIES, CORPUS_FOLDER, type CorpusCase, openCorpus } from './corpusFolder.ts';
import { type CorpusResult, check } from './corpusScore.ts';

/** The best alternative that was measured on this corpus, and the share that we set ourselves. */
const ANCHORS: Record<CorpusCase['capability'], { best: string; goal: number }> = {
  parse: { best: 'mailparser 0.924', goal: 0.985 },
  'reply-trim': { best: 'email-reply-parser 0.659', goal: 0.9 },
  bounce: { best: 'header rules 0.976', goal: 0.985 },
  auto: { best: 'header rules 0.980', goal: 0.995 },
  robust: { best: 'mailparser 1.000', goal: 1 },
};

const USAGE = `npm run corpus -- [--corpus DIR] [--only CAPABILITY] [--failures] [--results FILE] [--no-time]
Reads real mail of other projects' tests and scores what is made of it against what they expect, beside the best alternative.
  --only      one of ${CAPABILITIES.join(', ')}
  --failures  name each case that fails, and what of it
  --results   write a results file for the corpus's own scorer
  --no-time   do not compare the time with mailparser's`;

const flags = optionsOf(USAGE, {
  corpus: { type: 'string', default: CORPUS_FOLDER },
  failures: { type: 'boolean', default: false },
  only: { type: 'string' },
  results: { type: 'string' },
  time: { type: 'boolean', default: true },
});

const corpus = openCorpus(flags.corpus);
if (!corpus) {
  console.error(`No mail corpus in ${flags.corpus}: nothing was measured. Give its folder with --corpus DIR.`);
  process.exit(2);
}

const { desk, look, close } = await openExplainDesk(loadConfig({}), { withStore: false });
const messages = new Map(corpus.cases.map((row) => [row.input, corpus.message(row)]));
const results = new Map<string, CorpusResult>();
let slowest = { ms: 0, input: '' };
for (const [input, bytes] of messages) {
  const start = performance.now();
  results.set(input, await examined(bytes));
  const ms = performance.now() - start;
  if (ms > slowest.ms) slowest = { ms, input };
}

console.log('capability      passed     share   goal  best alternative');
for (const capability of CAPABILITIES.filter((one) => !flags.only || one === flags.only)) {
  const rows = corpus.cases.filter((row) => row.capability === capability);
  const judged = rows.map((row) => ({ row, ...check(row, results.get(row.input)!) }));
  const passed = judged.filter((one) => one.passed).length;
  const { best, goal } = ANCHORS[capability];
  const share = passed / rows.length;
  console.log(
    `${capability.padEnd(12)} ${`${passed}/${rows.length}`.padStart(9)}     ${share.toFixed(3)}  ${goal.toFixed(3)}  ${best}${share < goal ? '  BELOW' : ''}`,
  );
  if (flags.failures)
    for (const one of judged.filter((judgement) => !judgement.passed)) console.log(`  ${one.row.id}  ${failed(one.checks)}`);
}
console.log(`slowest message: ${slowest.ms.toFixed(0)} ms, ${slowest.input}`);
if (flags.time) await compareTime();
if (flags.results) {
  const lines = corpus.cases.map((row) => JSON.stringify({ ...results.get(row.input), id: row.id }));
  writeFileSync(flags.results, `${lines.join('\n')}\n`);
}
await close();

/** Parsed and examined as `explain` does it, with a store that knows nothing. */
async function examined(bytes: Buffer): Promise<CorpusResult> {
  const facts = { ref: '', rawId: '', path: '', headerOnly: false, size: bytes.length, receivedAt: desk.now() };
  const { found, effect } = await examine({ ...facts, parsed: await parseMail(bytes) }, look, desk);
  if (!found) return { id: '', recorded: true, error: null };
  const { mail, report } = found;
  return {
    id: '',
    recorded: true,
    error: null,
    parsed: {
      subject: mail.subject,
      from: mail.from,
      to: mail.to,
      cc: mail.cc,
      text: mail.text,
      html: mail.html,
      message_id: mail.messageId,
      attachments: mail.attachments.map(({ filename, size, sha256, contentType }) => ({
        filename,
        size,
        sha256,
        content_type: contentType,
      })),
    },
    reply: mail.newText,
    is_bounce: report !== null,
    recipients: (report?.recipients ?? []).map((recipient) => recipient.address),
    suppress_autoreply: effect.inbound.reply === 'none',
  };
}

function failed(checks: Record<string, boolean>): string {
  return Object.keys(checks)
    .filter((name) => !checks[name])
    .join(', ');
}

/** CPU time for the whole corpus by us and by mailparser alone, in turns, the best of three each. `--no-time` leaves it out. */
async function compareTime(): Promise<void> {
  const all = [...messages.values()];
  const ours = async () => {
    for (const bytes of all) await examined(bytes);
  };
  const theirs = async () => {
    for (const bytes of all) await simpleParser(bytes);
  };
  const best = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 3; round++) {
    best.theirs = Math.min(best.theirs, await timed(theirs));
    best.ours = Math.min(best.ours, await timed(ours));
  }
  const ratio = best.ours / best.theirs;
  console.log(
    `CPU time: parse and examine ${best.ours.toFixed(0)} ms, mailparser alone ${best.theirs.toFixed(0)} ms; ` +
      `ratio ${ratio.toFixed(2)}, goal 1.50${ratio > 1.5 ? '  ABOVE' : ''}`,
  );
}

/** Milliseconds of CPU. */
async function timed(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
