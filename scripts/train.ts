// Trains the classifier from config/classifier and writes config/classifier/model.bin. The same sources give the same bytes.

import { loadExamples } from '../src/adapters/exampleFiles.ts';
import { SHIPPED_MODEL, saveModel } from '../src/adapters/modelFile.ts';
import { encodeModel } from '../src/desk/modelCodec.ts';
import { trainModel } from '../src/desk/trainModel.ts';

const started = performance.now();
const examples = loadExamples();
const model = { ...trainModel(examples.training), ...examples.calibration };
saveModel(model);
process.stdout.write(
  `${examples.training.length} mails, ${(encodeModel(model).length / 1024).toFixed(0)} KiB, ` +
    `${((performance.now() - started) / 1000).toFixed(1)} s, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB: ${SHIPPED_MODEL}\n`,
);
