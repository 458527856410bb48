import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from '@jest/globals';
import { type FencedThread, fencedThread } from '../../src/adapters/fencedThread.ts';

/** Answers with what it is given in capitals; `hang` hangs it, `die` ends it, `die N` only in the first N threads. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  parentPort.on('message', (input) => {
    if (input === 'hang') for (;;);
    if (input === 'die' || (input === 'die once' && workerData === 1)) process.exit(7);
    if (input === 'eat') { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); }
    parentPort.postMessage({ kind: 'answer', answer: input.toUpperCase() });
  });
  parentPort.postMessage({ kind: 'ready' });
`;

let started = 0;
let thread: FencedThread<string, string>;

function givenAThread(timeoutMs = 10_000): FencedThread<string, string> {
  started = 0;
  const start = () =>
    new Worker(THREAD, { eval: true, workerData: ++started, resourceLimits: { maxOldGenerationSizeMb: 32 }, stderr: true });
  thread = fencedThread<string, string>(start, timeoutMs);
  return thread;
}

afterEach(() => thread.close());

test('answers come to whom they belong, from one thread', async () => {
  givenAThread();

  const outcomes = await Promise.all(['a', 'b', 'c'].map((input) => thread.run(input)));

  expect(outcomes).toEqual(['A', 'B', 'C'].map((answer) => ({ kind: 'answered', answer })));
  expect(started).toBe(1);
});

test('R08 work that hangs is tried in three threads and then given up, the work beside it is done', async () => {
  givenAThread(300);

  const [before, hung, after] = await Promise.all([thread.run('a'), thread.run('hang'), thread.run('b')]);

  expect(before).toEqual({ kind: 'answered', answer: 'A' });
  expect(hung).toMatchObject({ kind: 'lost', how: 'timeout' });
  expect(after).toEqual({ kind: 'answered', answer: 'B' });
  expect(started).toBe(4);
});

test.each(['die', 'eat'])('work that ends the thread (%s) is given up after three threads', async (input) => {
  givenAThread();

  const [lost, after] = await Promise.all([thread.run(input), thread.run('b')]);

  expect(lost).toMatchObject({ kind: 'lost', how: 'crash' });
  expect(after).toEqual({ kind: 'answered', answer: 'B' });
});

test('work that ended a thread by bad luck is done in the next one', async () => {
  givenAThread();

  expect(await thread.run('die once')).toEqual({ kind: 'answered', answer: 'DIE ONCE' });
});

test('a thread that cannot start is an error, not lost work', async () => {
  thread = fencedThread<string, string>(() => new Worker('throw new Error("no start")', { eval: true }), 1000);

  await expect(thread.run('a')).rejects.toThrow('no start');
});

test('a thread that ends before it is ready is an error, and is not started again for the same work', async () => {
  started = 0;
  thread = fencedThread<string, string>(() => {
    started += 1;
    if (started > 3) throw new Error('started too often');
    return new Worker('process.exit(3)', { eval: true });
  }, 1000);

  await expect(thread.run('a')).rejects.toThrow('ended with code 3');
  expect(started).toBe(1);
});

test('a thread that never gets ready is an error', async () => {
  thread = fencedThread<string, string>(() => new Worker('setInterval(() => {}, 1000)', { eval: true }), 1000, 50);

  await expect(thread.run('a')).rejects.toThrow('not ready within 50 ms');
});

test('a thread that cannot even be made is an error for each piece of work', async () => {
  thread = fencedThread<string, string>(() => {
    throw new Error('no memory');
  }, 1000);

  const outcomes = await Promise.allSettled([thread.run('a'), thread.run('b')]);

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('close waits for the work that was given', async () => {
  givenAThread();
  const given = thread.run('a');

  await thread.close();

  expect(await given).toEqual({ kind: 'answered', answer: 'A' });
});
