import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CorrectedMail } from '../desk/learnModel.ts';

/** What a training gave: the model's bytes, and how many of the acceptance mails it and the base get right. */
export interface Trained {
  bytes: Uint8Array;
  right: number;
  baseRight: number;
  judged: number;
}

/** A training takes some seconds; one that takes this long will never end. */
const TIMEOUT_MS = 120_000;
/** JavaScript heap of the thread; tables and vectors are outside of it. */
const MEMORY_MB = 160;

/** Trains in a thread of its own, which ends with it. @throws Error when it fails, takes too long or `signal` aborts */
export function trainInThread(corrections: readonly CorrectedMail[], signal: AbortSignal): Promise<Trained> {
  const thread = new Worker(new URL(`./trainerThreadEntry${extname(import.meta.url)}`, import.meta.url), {
    workerData: corrections,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Trained>();
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`the training ended with code ${code}`)));
  const stop = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const end = () => {
    reject(new Error('the training was stopped'));
    void thread.terminate();
  };
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  return promise.finally(() => stop.removeEventListener('abort', end));
}
