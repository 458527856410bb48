import type { Ended } from '../../test/support/program.ts';
import { type Violation, wrong } from './evidence.ts';

/** pino's levels. */
const WARN = 40;
/** Matches a line of a stack trace, `    at run (worker.js:1:2)`; not `at 10:30`. */
const STACK = /^\s+at \S.{0,400}:\d{1,6}:\d{1,6}\)?$/m;
/** Matches an address of a client whole, `p12@cliente3.example`; not the masked `p***@cliente3.example`. */
const ADDRESS = /[a-z]\d{1,6}@(?:cliente\d{1,3}|grande|danado|otro|curioso)\.example/;

/** What the command line says to a person in place of an event, though it ends well. */
const REMARKS: readonly { event: string; line: RegExp }[] = [{ event: 'transport.paused', line: /^Las respuestas esperan en la cola/ }];

/** What a run may have said and how it may have ended. `says` are the events above `info` that were to be expected. */
export function saidWrongly({ code, signal, stderr }: Ended, expected: { says: RegExp; codes: readonly number[] }): Violation[] {
  const found: Violation[] = [];
  if (signal === null && !expected.codes.includes(code ?? -1)) found.push(wrong(`the program ended with ${code}: ${tailOf(stderr)}`));
  if (STACK.test(stderr)) found.push(wrong(`the program printed a stack trace: ${tailOf(stderr)}`));
  if (ADDRESS.test(stderr)) found.push(wrong('the program printed the address of a client'));
  for (const line of linesOf(stderr, signal)) {
    if (!line.startsWith('{')) {
      const remark = REMARKS.find((each) => each.line.test(line));
      if (remark && expected.says.test(remark.event)) continue;
      if (signal === null && code === 0) found.push(wrong(`the program ended well and complained: ${line.slice(0, 300)}`));
      continue;
    }
    const { level, event } = JSON.parse(line) as { level: number; event: string };
    if (level >= WARN && event !== 'tls.unverified' && !expected.says.test(event))
      found.push(wrong(`an unexpected event: ${line.slice(0, 400)}`));
  }
  return found;
}

/** A killed program may have broken off in the middle of a line. */
function linesOf(stderr: string, signal: string | null): string[] {
  const lines = stderr.split('\n');
  return (signal === null ? lines : lines.slice(0, -1)).filter((line) => line !== '');
}

function tailOf(text: string): string {
  return text.trim().slice(-500).replaceAll('\n', ' | ');
}
