import { Readable, Writable } from 'node:stream';
import { runCli } from '../../src/cli.ts';
import { SECRET, type TestDesk } from './desk.ts';

export interface CommandResult {
  code: number;
  out: string;
  err: string;
  /** What was written octet by octet. */
  bytes: Buffer;
}

/** Runs one command line in this process on the data of a desk, as the system user `marta`; `env` holds further settings. */
export async function runOn(
  desk: Pick<TestDesk, 'folder'>,
  argv: readonly string[],
  stdin = '',
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const out: string[] = [];
  const err: string[] = [];
  const written: Uint8Array[] = [];
  const code = await runCli([...argv], {
    env: { BUZON_DATA: desk.folder, BUZON_SECRET: SECRET, USER: 'marta', ...env },
    stdin: Readable.from([stdin]),
    out: (line) => out.push(line),
    write: (bytes) => written.push(bytes),
    stdout: new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk);
        done();
      },
    }),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n'), bytes: Buffer.concat(written) };
}
