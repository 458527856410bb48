import { parentPort, workerData } from 'node:worker_threads';
import { kindOf } from '../desk/classify.ts';
import { type CorrectedMail, learnModel, REHEARSED } from '../desk/learnModel.ts';
import type { Model } from '../desk/linearModel.ts';
import { decodeModel, encodeModel } from '../desk/modelCodec.ts';
import { loadExamples, readAcceptanceMails } from './exampleFiles.ts';
import { loadModel } from './modelFile.ts';
import type { Trained } from './trainerThread.ts';

const mails = readAcceptanceMails();
const rightOf = (model: Model): number => mails.filter((mail) => kindOf(mail, model) === mail.kind).length;

const base = loadModel();
const bytes = encodeModel(learnModel(base, workerData as CorrectedMail[], loadExamples(REHEARSED).training));
// As it will be read: the bytes round.
const trained: Trained = { bytes, right: rightOf(decodeModel(bytes)), baseRight: rightOf(base), judged: mails.length };
parentPort?.postMessage(trained);
