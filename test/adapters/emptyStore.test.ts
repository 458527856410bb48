import { readFile, stat } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { emptyStore } from '../../src/adapters/emptyStore.ts';
import { ARRIVAL, keysFor, openingEffect } from '../support/effects.ts';

test('the empty store knows nothing about any mail', async () => {
  const store = emptyStore();

  const known = await store.transaction((tx) => tx.lookUp(keysFor({ name: 'a' })));

  expect(known).toMatchObject({ ingestedAs: null, candidates: [], reportedReply: null, undeliverable: false, nextTicketNumber: 1 });
  expect(await store.settled(['maildir:a'])).toEqual(new Map());
  expect(await store.due(ARRIVAL, 10)).toEqual([]);
  expect(await store.since(ARRIVAL)).toBe(ARRIVAL);
  await store.close();
});

test('the empty store lends the bytes of a message until it is closed, and then nothing is left of them', async () => {
  const store = emptyStore();

  const { path, size } = await store.keep([Buffer.from('a: b\r\n'), Buffer.from('\r\n')]);
  const lent = await readFile(path, 'utf8');
  await store.close();

  expect([lent, size]).toEqual(['a: b\r\n\r\n', 8]);
  await expect(stat(path)).rejects.toThrow('ENOENT');
});

test('the empty store refuses to record anything', async () => {
  const store = emptyStore();

  const recorded = store.transaction((tx) => tx.apply(openingEffect({ name: 'a', rawId: '0' }, 1)));

  await expect(recorded).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await store.close();
});
