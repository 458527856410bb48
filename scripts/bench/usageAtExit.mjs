// Loaded before a measured program: writes what the whole process has used when it ends, its threads included, and how long its loop stood still.
import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Loading the program is no work of its loop yet. */
const STARTING_MS = 1_000;
const RESOLUTION_MS = 5;

/** Largest resident set. What the system calls the maximum counts that of the process that started this one, too; Linux says it apart. */
function peakKb() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  setTimeout(() => delay.enable(), STARTING_MS).unref();
  process.on('exit', () => {
    const longestStallMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify({ ...process.resourceUsage(), peakKb: peakKb(), longestStallMs }));
  });
}
