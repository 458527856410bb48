import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a process has used from its start to its end. */
export interface Usage {
  cpuMs: number;
  /** Largest resident set, in megabytes (10^6). */
  peakMb: number;
  /** The longest time in which the loop did nothing else, start apart, in milliseconds. */
  longestStallMs: number;
  stdout: string;
}

const PRELOAD = join(import.meta.dirname, 'usageAtExit.mjs');

/** Runs a Node program to its end. @throws Error when it fails */
export async function measured(args: readonly string[], env: Record<string, string>, folder: string): Promise<Usage> {
  const usageFile = join(folder, 'usage.json');
  const child = spawn(process.execPath, ['--import', PRELOAD, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: process.env['TMPDIR'] ?? '/tmp', ...env, BENCH_USAGE_FILE: usageFile },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  type Written = NodeJS.ResourceUsage & { peakKb: number; longestStallMs: number };
  const { userCPUTime, systemCPUTime, peakKb, longestStallMs } = JSON.parse(await readFile(usageFile, 'utf8')) as Written;
  return { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: (peakKb * 1024) / 1e6, longestStallMs, stdout };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
