import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { Tally, Totals } from '../../scripts/torture/tally.ts';
import { hasDovecot } from '../support/dovecot.ts';
import { ROOT } from '../support/program.ts';

/** The machine stops by itself after a minute, or when each fault has had its turn; a busy computer is no failure. */
const SECONDS = 60;
const LONGEST_MS = 600_000;
jest.setTimeout(LONGEST_MS + 10_000);

interface Told {
  seed: number;
  gaps: string[];
  totals: Totals;
  faults: Record<string, Tally>;
}

(hasDovecot ? describe : describe.skip)('the breaking machine, for a minute', () => {
  test('R01 R02 R05 R06 R09 R14 R17 R18 R31 R32 R34 O07 O08 O09 whatever breaks, nothing is lost and nothing happens twice', async () => {
    const { failed, told, complaints } = await torture('--seed', '1', '--seconds', String(SECONDS), '--json');

    expect({ failed, complaints }).toEqual({ failed: [], complaints: [] });
    expect(told.totals).toMatchObject({ failedRounds: 0, lost: 0, double: 0, wrong: 0 });
    expect(Object.entries(told.faults).filter(([, { rounds }]) => rounds === 0)).toEqual([]);
    expect(told.gaps).toEqual([]);
  });
});

/** Runs the machine to its end. `failed` are its lines about rounds that failed. */
function torture(...args: string[]): Promise<{ failed: string[]; told: Told; complaints: string[] }> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(ROOT, 'scripts', 'torture.ts'), ...args],
      { timeout: LONGEST_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const lines = stdout.split('\n').filter((line) => line !== '');
        const table = lines.findLast((line) => line.startsWith('{'));
        if (table === undefined) return reject(error ?? new Error(`the machine told nothing: ${stderr}`));
        const complaints = stderr.split('\n').filter((line) => line !== '' && !line.includes('rounds,') && !line.startsWith('SKIPPED'));
        resolve({ failed: lines.filter((line) => line.startsWith('FAILED')), told: JSON.parse(table) as Told, complaints });
      },
    );
  });
}
