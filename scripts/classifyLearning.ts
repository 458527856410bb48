// Shows what 60 corrections of one client do: how many of its mails, and of everybody else's, are judged rightly before and after.
import { existsSync } from 'node:fs';
import { readAcceptanceMails } from '../src/adapters/exampleFiles.ts';
import { loadModel } from '../src/adapters/modelFile.ts';
import { trainInThread } from '../src/adapters/trainerThread.ts';
import { kindOf } from '../src/desk/classify.ts';
import { decodeModel } from '../src/desk/modelCodec.ts';
import type { LabelledMail } from '../src/desk/trainModel.ts';
import { LABELLED_ROWS, readRows } from './labelledRows.ts';
import { mailsOfClient } from './learningClient.ts';

const CORRECTIONS = 60;

const base = loadModel();
const mails = mailsOfClient(400, 5);
const corrected = mails
  .filter((mail) => kindOf(mail, base) !== mail.kind)
  .slice(0, CORRECTIONS)
  .map((mail) => ({ ...mail, client: 'bodega.example' }));
const words = new Set(corrected.map(({ newText }) => newText));
const sets: { name: string; rows: readonly LabelledMail[] }[] = [
  { name: 'other mails of the client', rows: mails.filter(({ newText }) => !words.has(newText)) },
  { name: 'everybody else: acceptance mails', rows: readAcceptanceMails() },
  ...LABELLED_ROWS.filter(existsSync).map((file) => ({ name: `everybody else: ${file}`, rows: readRows(file) })),
];

const started = performance.now();
const trained = await trainInThread(corrected, new AbortController().signal);
const learned = decodeModel(Buffer.from(trained.bytes));
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0);
process.stdout.write(
  `${corrected.length} corrections of one client, trained in ${seconds} s, the whole program at most ${memory} MiB: ${
    trained.right >= trained.baseRight ? 'accepted' : 'refused'
  } (${trained.right} of ${trained.judged} acceptance mails, before ${trained.baseRight})\n`,
);
for (const { name, rows } of sets) {
  const share = (model: typeof base): string => (rows.filter((row) => kindOf(row, model) === row.kind).length / rows.length).toFixed(3);
  process.stdout.write(`  ${name.padEnd(42)} ${String(rows.length).padStart(4)} mails: ${share(base)} before, ${share(learned)} after\n`);
}
