import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { aMail } from '../support/desk.ts';
import { runProgram } from '../support/program.ts';

test('S24 a password that a client writes is in no log line, however talkative the log is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-e2e-'));
  const mailbox = join(folder, 'mailbox');
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(mailbox, part), { recursive: true });
  const words = { subject: 'clave: Abc123*', text: 'No entro. La contraseña es Abc123* y el PIN 5309.' };
  await writeFile(join(mailbox, 'new', 'uno.eml'), aMail(words));
  await writeFile(join(mailbox, 'new', 'dos.eml'), aMail({ ...words, headers: ['Auto-Submitted: auto-replied'] }));
  await writeFile(join(mailbox, 'new', 'tres.eml'), aMail({ ...words, from: 'Abc123*' }));
  await writeFile(join(folder, 'buzon.yaml'), 'log: { level: debug }');
  const env = {
    BUZON_CONFIG: join(folder, 'buzon.yaml'),
    BUZON_DATA: join(folder, 'data'),
    BUZON_MAILBOX: `maildir:${mailbox}`,
    BUZON_TRANSPORT: `file:${join(folder, 'outbox')}`,
  };

  const { code, stdout, stderr } = await runProgram(['once', '--verbose'], { env, cwd: folder });
  const doctor = await runProgram(['doctor'], { env, cwd: folder });
  await rm(folder, { recursive: true });

  expect(code).toBe(0);
  expect(stderr.match(/"event":"mail.ingested"/g)).toHaveLength(3);
  expect(stdout + stderr + doctor.stdout + doctor.stderr).not.toMatch(/Abc123|5309/);
});
