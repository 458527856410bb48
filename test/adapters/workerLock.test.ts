import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lockWorker } from '../../src/adapters/workerLock.ts';

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
  const module = new URL('../../src/adapters/workerLock.ts', import.meta.url).href;
  const code = `const { lockWorker } = await import(${JSON.stringify(module)}); globalThis.lock = lockWorker(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  const whileHeld = () => lockWorker(folder);

  expect(whileHeld).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
  holder.kill('SIGKILL');
  await once(holder, 'exit');

  await lockWorker(folder).close();
  await rm(folder, { recursive: true });
});
