import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const BUILT = resolve(ROOT, 'dist/main.js');
if (!existsSync(BUILT)) throw new Error('there is no dist/main.js: run "npm run build" first');

/** Longest life of a child, in milliseconds: a test that hangs is ended with what was printed so far. */
const LONGEST_MS = 60_000;

/** How a run of the program ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Wall time. */
  ms: number;
}

export interface RunOptions {
  /** `BUZON_…` and whatever else the program is to see; nothing of our own environment but PATH. */
  env?: Record<string, string>;
  /** Working folder; by default one without a configuration file. */
  cwd?: string;
  stdin?: Buffer | string;
  /** Further arguments for Node itself. */
  node?: string[];
}

/** The built program as a process of its own. */
export interface RunningProgram extends AsyncDisposable {
  pid: number;
  ended: Promise<Ended>;
  stderr(): string;
  /** The first log line of this event. @throws Error when the program ends without one */
  untilEvent(event: string): Promise<Record<string, unknown>>;
  /** Resolves when what was written to standard error satisfies this. @throws Error when the program ends before */
  untilLog(holds: (stderr: string) => boolean): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

export function startProgram(args: readonly string[], { env = {}, cwd = tmpdir(), stdin, node = [] }: RunOptions = {}): RunningProgram {
  const startedAt = performance.now();
  const child: ChildProcess = spawn(process.execPath, [...node, '--enable-source-maps', BUILT, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let stdout = '';
  let stderr = '';
  let over = false;
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const watch of watchers) watch();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    tell();
  });
  child.stdin?.on('error', () => {}); // it may end without reading
  child.stdin?.end(stdin ?? '');
  const ended = new Promise<Ended>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      over = true;
      done({ code, signal, stdout, stderr, ms: performance.now() - startedAt });
      tell();
    });
  });
  const untilLog = (holds: (stderr: string) => boolean) =>
    new Promise<void>((done, fail) => {
      const watch = () => {
        if (!holds(stderr) && !over) return;
        watchers.delete(watch);
        if (holds(stderr)) done();
        else fail(new Error(`the program ended and never said what was waited for: ${stderr}`));
      };
      watchers.add(watch);
      watch();
    });
  const eventIn = (event: string) =>
    stderr.split('\n').find((line) => line.startsWith('{') && line.endsWith('}') && line.includes(`"event":"${event}"`));
  const untilEvent = async (event: string) => {
    await untilLog(() => eventIn(event) !== undefined);
    return JSON.parse(eventIn(event)!) as Record<string, unknown>;
  };
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    ended,
    stderr: () => stderr,
    untilEvent,
    untilLog,
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill('SIGKILL');
    },
  };
}

/** Runs the built program to its end. */
export function runProgram(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startProgram(args, options).ended;
}
