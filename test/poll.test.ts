import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createPoll, type Poll } from '../src/poll.ts';

let poll: Poll | undefined;
beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-11-23T15:00:30.000Z') });
});
afterEach(async () => {
  await poll?.close();
  jest.useRealTimers();
});

test('at its time the poll asks for a cycle, until one begins', async () => {
  poll = createPoll('* * * * *', () => {});
  const before = poll.asked().aborted;

  await jest.advanceTimersByTimeAsync(60_000);
  const asked = poll.asked().aborted;
  poll.cycleBegins();

  expect([before, asked, poll.asked().aborted]).toEqual([false, true, false]);
});

test('R15 a poll that finds the cycle of the one before still running is skipped and counted', async () => {
  const counts: number[] = [];
  poll = createPoll('* * * * *', (skipped) => counts.push(skipped));
  await jest.advanceTimersByTimeAsync(60_000);
  poll.cycleBegins();

  await jest.advanceTimersByTimeAsync(120_000);
  const whileRunning = [...counts];
  poll.cycleEnds();
  await jest.advanceTimersByTimeAsync(60_000);

  expect(whileRunning).toEqual([1, 2]);
  expect(counts).toEqual([1, 2]);
  expect(poll.asked().aborted).toBe(true);
});

test('R15 polls of a worker that stands by, before its first cycle, are not counted as skipped', async () => {
  const counts: number[] = [];
  poll = createPoll('* * * * *', (skipped) => counts.push(skipped));

  await jest.advanceTimersByTimeAsync(180_000);

  expect(counts).toEqual([]);
  expect(poll.asked().aborted).toBe(true);
});

test.each([
  ['* * * * *', 60_000],
  ['*/5 * * * *', 300_000],
  ['0 8,18 * * *', 14 * 3_600_000],
  ['* * * * * *', 60_000],
])('the longest pause of %s is %d ms, never less than a minute', (cron, expected) => {
  poll = createPoll(cron, () => {});

  expect(poll.intervalMs).toBe(expected);
});
