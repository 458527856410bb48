// Prints how well the classifier does on labelled mails, beside keyword rules on the same mails.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadExamples, readAcceptanceMails } from '../src/adapters/exampleFiles.ts';
import { loadModel } from '../src/adapters/modelFile.ts';
import { type ClassifierScore, type Judged, scoreClassifier } from '../src/desk/classifierScore.ts';
import { classify } from '../src/desk/classify.ts';
import { kindByKeywords } from '../src/desk/keywordBaseline.ts';
import { TicketKind } from '../src/desk/ticket.ts';
import { calibrated, type LabelledMail, trainModel } from '../src/desk/trainModel.ts';
import { newTextOf } from '../src/mail/newText.ts';

const HELP = `usage: npm run classify:evaluate -- [--rows FILE,FILE] [--wrong] [--calibrate]
  --rows       labelled mails, one JSON object a line: {"lang","subject","body","label":"INCIDENCIA"|"REQUERIMIENTO","kind"}
  --wrong      print the mails that were judged wrongly
  --calibrate  train anew and print slope and shift fitted to the mails, for config/classifier/training.yaml
`;
const LABELLED_ROWS = ['../shared/classify/dev.jsonl', '../shared/classify/dev2.jsonl'];
const REVIEW_BELOW = 0.7;

interface Row extends LabelledMail {
  groups: string[];
}

const { values } = parseArgs({
  options: { rows: { type: 'string' }, wrong: { type: 'boolean' }, calibrate: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) process.stdout.write(HELP);
else if (values.calibrate) printCalibration(rowsToJudge());
else evaluate();

function evaluate(): void {
  const model = loadModel();
  for (const { name, rows } of rowsToJudge()) {
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

/** Rows that are neither an incident nor a requirement are left out. */
function readRows(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((json) => json !== '')
    .map((json) => JSON.parse(json) as { lang: string; subject: string; body: string; label: string; kind: string })
    .flatMap(({ lang, subject, body, label, kind }) => {
      if (label !== 'INCIDENCIA' && label !== 'REQUERIMIENTO') return [];
      const { newText } = newTextOf({ text: body, html: null });
      return [{ subject, newText, kind: label === 'INCIDENCIA' ? TicketKind.incident : TicketKind.requirement, groups: [lang, kind] }];
    });
}
