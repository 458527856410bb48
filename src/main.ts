import { runCli } from './cli.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(1); // asked twice: now
    stop.abort(name);
  });
}
// A reader that stops early (`buzon tickets | head`) is no failure, unless a command listens too: half a backup is none.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') > 1) return;
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  out: (line) => process.stdout.write(`${line}\n`),
  write: (bytes) => process.stdout.write(bytes),
  stdout: process.stdout,
  err: (line) => process.stderr.write(`${line}\n`),
  signal: stop.signal,
});
