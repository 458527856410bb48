// Loaded before the program under torture: writes down each milestone that it passes, and kills it at the chosen one. The program itself knows
// nothing of this: it publishes its milestones to whoever listens.
// TORTURE_PASSED: file that gets one name a line. TORTURE_KILL_AT: name of a milestone, or * for any. TORTURE_KILL_NTH: at which passing, from 1.
// TORTURE_KILL_DELAY_MS: so much later. TORTURE_KILL_SIGNAL: SIGKILL, or SIGSTOP for a program that only stands still.
import { subscribe } from 'node:diagnostics_channel';
import { openSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const {
  TORTURE_PASSED,
  TORTURE_KILL_AT,
  TORTURE_KILL_NTH = '1',
  TORTURE_KILL_DELAY_MS = '0',
  TORTURE_KILL_SIGNAL = 'SIGKILL',
} = process.env;

if (isMainThread && TORTURE_PASSED !== undefined) {
  const file = openSync(TORTURE_PASSED, 'a');
  let left = Number(TORTURE_KILL_NTH);
  subscribe('buzon.milestone', (milestone) => {
    writeSync(file, `${milestone}\n`);
    if (TORTURE_KILL_AT !== '*' && TORTURE_KILL_AT !== milestone) return;
    left -= 1;
    if (left !== 0) return;
    const delay = Number(TORTURE_KILL_DELAY_MS);
    if (delay === 0) process.kill(process.pid, TORTURE_KILL_SIGNAL);
    else setTimeout(() => process.kill(process.pid, TORTURE_KILL_SIGNAL), delay);
  });
}
