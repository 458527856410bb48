import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openApp, working } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import { givenADesk, SECRET, type TestDesk } from '../support/desk.ts';
import { aSilentLog } from '../support/silentLog.ts';

/** Starts a worker that works like this, ends it, and tells whether the next one is careful. */
async function carefulAfter(desk: TestDesk, work: () => Promise<void>): Promise<boolean> {
  const folder = (name: string) => join(desk.folder, name);
  const config = loadConfig({
    ...{ BUZON_DATA: folder('data'), BUZON_SECRET: SECRET, BUZON_HTTP: '' },
    ...{ BUZON_MAILBOX: `maildir:${folder('mailbox')}`, BUZON_TRANSPORT: `file:${folder('outbox')}` },
  });
  {
    await using app = await openApp(config, aSilentLog());
    await working(app, work).catch(() => {});
  }
  await using next = await openApp(config, aSilentLog());
  const { careful } = next.worker;
  await working(next, async () => {});
  return careful;
}

test('R08 after a fault of ours the next worker is careful, as after a death; after a failing world or an end in order it is not', async () => {
  await using desk = await givenADesk();
  const world = new AppError('STORE_FULL', 'disk full', { temporary: true });

  const careful = [
    await carefulAfter(desk, async () => {}),
    await carefulAfter(desk, () => Promise.reject(new TypeError('x is not a function'))),
    await carefulAfter(desk, () => Promise.reject(world)),
  ];

  expect(careful).toEqual([false, true, false]);
});
