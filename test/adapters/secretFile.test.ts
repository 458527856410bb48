import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existingSecret, secretIn } from '../../src/adapters/secretFile.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buzon-secret-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('the key is made once, for its owner only, and nothing else stays beside it', async () => {
  const made = secretIn(folder);

  expect(made).toHaveLength(32);
  expect(secretIn(folder)).toBe(made);
  expect(existingSecret(folder)).toBe(made);
  expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['secret']);
});

test('what a process of the same number left half written does not keep the key from being made', async () => {
  await writeFile(join(folder, `secret.${process.pid}`), '');

  expect(secretIn(folder)).toHaveLength(32);
});

test('a key that was cut off is refused and not made anew', async () => {
  await writeFile(join(folder, 'secret'), 'short');

  expect(() => secretIn(folder)).toThrow(expect.objectContaining({ code: 'STORE_FAILED', temporary: false }));
});
