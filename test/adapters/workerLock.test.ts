import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { lockWorker, waitForLock } from '../../src/adapters/workerLock.ts';

test('R14 a second worker on one data folder is refused until the first one ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const first = lockWorker(folder);

  const second = () => lockWorker(folder);

  expect(second).toThrow(expect.objectContaining({ code: 'STORE_BUSY', remedy: expect.stringContaining('deténgalo') }));
  await first.close();
  await lockWorker(folder).close();
  await rm(folder, { recursive: true });
});

test('R14 the lock of a killed worker is free at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const holder = await givenAHolder(folder);
  const whileHeld = () => lockWorker(folder);

  expect(whileHeld).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
  holder.kill('SIGKILL');
  await once(holder, 'exit');

  await lockWorker(folder).close();
  await rm(folder, { recursive: true });
});

/** The system's own idea of waiting is not waited for: a lease that expires at once shows the same. */
const QUICK = { beat: 50, look: 10, expires: 400 };

test('R14 who waits gets the lock when its holder ends, and is told once that he waits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const first = lockWorker(folder, QUICK);
  const waiting = Promise.withResolvers<void>();
  let told = 0;
  const second = waitForLock(
    folder,
    new AbortController().signal,
    () => {
      told += 1;
      waiting.resolve();
    },
    QUICK,
  );

  await waiting.promise;
  await first.close();
  const lease = await second;

  expect({ told, held: lease?.held() }).toEqual({ told: 1, held: true });
  await lease?.close();
  await rm(folder, { recursive: true });
});

test('R14 R31 a holder that stands still is passed over by one of those who wait, knows it when it goes on, and no clock has a part in it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const holder = await givenAHolder(folder);
  holder.kill('SIGSTOP');
  const { signal } = new AbortController();

  const waiters = [waitForLock(folder, signal, () => {}, QUICK), waitForLock(folder, signal, () => {}, QUICK)];
  const lease = await Promise.race(waiters);
  const told = once(holder.stdout, 'data');
  holder.kill('SIGCONT');
  holder.stdin.write('are you there?\n');

  expect(String((await told)[0])).toBe('held: false\n');
  expect(lease?.held()).toBe(true);
  expect(() => lockWorker(folder)).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await lease?.close();
  for (const other of await Promise.all(waiters)) await other?.close();
  await lockWorker(folder).close();
  await rm(folder, { recursive: true });
});

test('R14 a holder that was passed over twice does not believe that it has the lock again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const first = lockWorker(folder);
  const held = [first.held()];
  await writeFile(join(folder, 'worker.2.lock'), '');
  held.push(first.held());

  await rename(join(folder, 'worker.2.lock'), join(folder, 'worker.3.lock'));
  await rm(join(folder, 'worker.lock'));
  held.push(first.held());

  expect(held).toEqual([true, false, false]);
  await first.close();
  await rm(folder, { recursive: true });
});

test('R14 who stood still himself takes nothing over for that', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const first = lockWorker(folder, { ...QUICK, beat: 60_000 });
  const stop = new AbortController();
  const real = performance.now.bind(performance);
  let stoodStill = 0;
  let looks = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => {
    looks += 1;
    if (looks === 4) stoodStill = 10_000;
    if (looks === 8) stop.abort();
    return real() + stoodStill;
  });

  const second = await waitForLock(folder, stop.signal, () => {}, QUICK);
  clock.mockRestore();

  expect({ second, held: first.held() }).toEqual({ second: null, held: true });
  await first.close();
  await rm(folder, { recursive: true });
});

test('R14 who waits stops waiting when he is asked to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const first = lockWorker(folder);
  const stop = new AbortController();

  const second = waitForLock(folder, stop.signal, () => stop.abort(), QUICK);

  expect(await second).toBeNull();
  await first.close();
  await rm(folder, { recursive: true });
});

/** A process that holds the lock, and says on request whether it still does. */
async function givenAHolder(folder: string) {
  const module = new URL('../../src/adapters/workerLock.ts', import.meta.url).href;
  const code = `const { lockWorker } = await import(${JSON.stringify(module)});
    const lease = lockWorker(${JSON.stringify(folder)}, ${JSON.stringify(QUICK)});
    process.stdin.on('data', () => console.log('held: ' + lease.held()));
    console.log('locked');`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return holder;
}
