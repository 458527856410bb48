// Prints how well the classifier does on labelled mails, beside keyword rules on the same mails.
import { existsSync } from 'node:fs';
import { loadExamples, readAcceptanceMails } from '../src/adapters/exampleFiles.ts';
import { modelInForce } from '../src/adapters/learnedModel.ts';
import { openReports } from '../src/adapters/sqliteReports.ts';
import { type ClassifierScore, type Judged, scoreClassifier } from '../src/desk/classifierScore.ts';
import { classify } from '../src/desk/classify.ts';
import { kindByKeywords } from '../src/desk/keywordBaseline.ts';
import type { Model } from '../src/desk/linearModel.ts';
import { calibrated, trainModel } from '../src/desk/trainModel.ts';
import { optionsOf } from './commandLine.ts';
import { LABELLED_ROWS, type Row, readRows } from './labelledRows.ts';

const USAGE = `npm run classify:evaluate -- [--rows FILE,FILE] [--data FOLDER] [--wrong] [--calibrate]
  --rows       labelled mails, one JSON object a line: {"lang","subject","body","label":"INCIDENCIA"|"REQUERIMIENTO","kind"}
  --data       a data folder: judge the model in force there, also on its corrections
  --wrong      print the mails that were judged wrongly
  --calibrate  train anew and print slope and shift fitted to the mails, for config/classifier/training.yaml`;
const REVIEW_BELOW = 0.7;

const values = optionsOf(USAGE, {
  rows: { type: 'string' },
  data: { type: 'string' },
  wrong: { type: 'boolean' },
  calibrate: { type: 'boolean' },
});
if (values.calibrate) printCalibration(rowsToJudge());
else evaluate();

function evaluate(): void {
  const { model, corrections } = learnedIn(values.data);
  for (const { name, rows } of [...rowsToJudge(), ...corrections]) {
    const milliseconds: number[] = [];
    const judged: Judged[] = rows.map((row) => {
      const started = performance.now();
      const { kind: said, confidence } = classify(row, model, { reviewBelow: REVIEW_BELOW });
      milliseconds.push(performance.now() - started);
      return { kind: row.kind, said, confidence, groups: row.groups };
    });
    const byKeywords = rows.map((row) => ({ kind: row.kind, said: kindByKeywords(row), confidence: 1, groups: row.groups }));
    milliseconds.sort((a, b) => a - b);
    const latency = (share: number): string => milliseconds[Math.floor((milliseconds.length - 1) * share)]!.toFixed(2);
    const score = scoreClassifier(judged);
    process.stdout.write(
      `\n${name}: ${rows.length} mails\n${line('classifier', score)}\n${line('keyword rules', scoreClassifier(byKeywords))}\n` +
        `  calibration error ${score.calibrationError.toFixed(3)}; confidence >= 0.90: ${percent(score.sure.share)} of mails, accuracy ${score.sure.accuracy.toFixed(3)}\n` +
        `  latency with explanation: median ${latency(0.5)} ms, 99th percentile ${latency(0.99)} ms\n` +
        `  ${score.groups.map(({ name, count, right }) => `${name} ${(right / count).toFixed(2)} (${right}/${count})`).join(', ')}\n`,
    );
    if (values.wrong)
      for (const i of score.wrong)
        process.stdout.write(`  is ${rows[i]!.kind}: ${rows[i]!.subject} | ${rows[i]!.newText.replaceAll('\n', ' ').slice(0, 300)}\n`);
  }
}

/** The model in force and what people said that mails are; of no folder, the model that comes with the program. */
function learnedIn(folder: string | undefined): { model: Model; corrections: { name: string; rows: Row[] }[] } {
  if (folder === undefined) return { model: modelInForce('', null).model, corrections: [] };
  const reports = openReports(folder);
  try {
    const { model, id, problem } = modelInForce(folder, reports.learning().accepted);
    process.stderr.write(`${problem ?? `model ${id.slice(0, 12)}`}\n`);
    const rows = reports.corrections().map((mail) => ({ ...mail, groups: [mail.client] }));
    return { model, corrections: rows.length > 0 ? [{ name: 'corrections', rows }] : [] };
  } finally {
    reports.close();
  }
}

function line(who: string, score: ClassifierScore): string {
  return `  ${who.padEnd(14)} accuracy ${score.accuracy.toFixed(3)}, macro F1 ${score.macroF1.toFixed(3)}, recall of incidents ${score.incidentRecall.toFixed(3)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function printCalibration(sets: { rows: Row[] }[]): void {
  const { slope, shift } = calibrated(
    trainModel(loadExamples().training),
    sets.flatMap(({ rows }) => rows),
  );
  process.stdout.write(`slope: ${slope.toFixed(2)}\nshift: ${shift.toFixed(2)}\n`);
}

function rowsToJudge(): { name: string; rows: Row[] }[] {
  const files = values.rows?.split(',') ?? LABELLED_ROWS.filter(existsSync);
  if (values.rows === undefined && files.length < LABELLED_ROWS.length) {
    process.stderr.write('The labelled mails are not here; judging the own acceptance mails instead (--rows FILES for others).\n');
    return [ownSet()];
  }
  const sets = files.map((name) => ({ name, rows: readRows(name) }));
  if (sets.length > 1) sets.push({ name: 'all of them', rows: sets.flatMap(({ rows }) => rows) });
  return values.calibrate || values.rows ? sets : [...sets, ownSet()];
}

function ownSet(): { name: string; rows: Row[] } {
  return { name: 'own acceptance mails', rows: readAcceptanceMails().map((mail) => ({ ...mail, groups: [mail.language] })) };
}
