import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { runCli } from '../../src/cli.ts';

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    env: {},
    stdin: Readable.from([]),
    write: () => {},
    stdout: new PassThrough(),
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
  };
  const code = await runCli(argv, { ...io, signal: new AbortController().signal });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The names of all commands, as the overview lists them. */
async function commandNames(): Promise<string[]> {
  const { out } = await run('--help');
  return [...out.matchAll(/^ {2}([a-z]{2,20}(?: [a-z]{2,20})?) /gm)].map(([, name]) => name!); // 'quarantine list'
}

describe('the command line', () => {
  test('lists what PRODUCT promises so far', async () => {
    expect(await commandNames()).toEqual(
      expect.arrayContaining(['start', 'once', 'demo', 'doctor', 'explain', 'tickets', 'ticket', 'migrate']),
    );
  });

  test.each(['--version', '-v'])('%s says the version of the package', async (flag) => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };

    expect(await run(flag)).toEqual({ code: 0, out: version, err: '' });
  });

  test('explains each command with its options on standard output', async () => {
    for (const name of await commandNames()) {
      const { code, out, err } = await run(...name.split(' '), '--help');

      expect({ name, code, err }).toEqual({ name, code: 0, err: '' });
      expect(out).toMatch(new RegExp(`^buzon ${name}\\b.*\\n\\n.{10,}[\\s\\S]*\\nOpciones:\\n[\\s\\S]*--help`));
    }
  });

  test('refuses an unknown option of each command and says where the help is', async () => {
    for (const name of await commandNames()) {
      const { code, out, err } = await run(...name.split(' '), '--fast');

      expect({ name, code, out }).toEqual({ name, code: 2, out: '' });
      expect(err).toContain(`Remedio: vea "buzon ${name} --help"`);
    }
  });

  test.each([
    ['no command', []],
    ['an unknown command', ['fetch']],
    ['a ticket number that is none', ['ticket', 'uno']],
    ['no file to explain', ['explain']],
    ['a kind that does not exist', ['tickets', '--kind', 'queja']],
    ['a date that is none', ['tickets', '--since', 'ayer']],
    ['a limit that is none', ['tickets', '--limit', '0']],
    ['an operand too many', ['tickets', '12']],
    ['a backup without a file', ['backup']],
    ['a backup and its summary on one output', ['backup', '-', '--json']],
    ['two backups to restore', ['restore', 'a.tar', 'b.tar']],
    ['a key on the command line', ['key', 'accept', 'abc']],
  ])('ends %s with exit code 2 and a hint, and prints no data', async (_what, argv) => {
    const { code, out, err } = await run(...argv);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('--help');
  });
});
