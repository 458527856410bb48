import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openReports } from '../../src/adapters/sqliteReports.ts';
import { runCli } from '../../src/cli.ts';
import { aMail } from '../support/desk.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';

/** Node.js tells here of each connection that this process begins. */
const CHANNEL = 'net.client.socket';

let folder: string;
let smtp: SmtpPeer;
let begun = 0;
const count = () => {
  begun += 1;
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buzon-quiet-'));
  smtp = await startSmtpServer();
  begun = 0;
  subscribe(CHANNEL, count);
});
afterEach(async () => {
  unsubscribe(CHANNEL, count);
  await smtp.stop();
  await rm(folder, { recursive: true });
});

/** Runs a command on a Maildir in which one mail lies, with this transport and these settings; answers go to the SMTP server unless it is told otherwise. */
async function whenRun(argv: string[], { transport, settings = {} }: { transport?: string; settings?: object } = {}) {
  const mailbox = join(folder, 'mailbox');
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(mailbox, part), { recursive: true });
  await writeFile(join(mailbox, 'new', 'uno.eml'), aMail({ messageId: 'uno@cliente.example' }));
  const config = join(folder, 'buzon.yaml');
  await writeFile(config, JSON.stringify({ tls: { allowPlaintext: true }, ...settings })); // JSON is YAML
  const out: string[] = [];
  const code = await runCli(argv, {
    env: {
      ...{ BUZON_CONFIG: config, BUZON_DATA: join(folder, 'data'), BUZON_MAILBOX: `maildir:${mailbox}`, USER: 'marta' },
      BUZON_TRANSPORT: transport ?? `smtp://${smtp.host}:${smtp.port}`,
    },
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    out: (line) => out.push(line),
    write: () => {},
    err: (line) => out.push(line),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n') };
}

function recorded() {
  const reports = openReports(join(folder, 'data'));
  try {
    return { tickets: reports.tickets({ limit: 10 }).length, outbox: reports.outbox({ limit: 10 }), message: reports.inbound(1) };
  } finally {
    reports.close();
  }
}

test('without any of this, the answer leaves', async () => {
  const { code } = await whenRun(['once']);

  expect(code).toBe(0);
  expect(smtp.taken).toHaveLength(1);
  expect(begun).toBeGreaterThan(0);
});

test('O17 under the quiet switch nothing leaves: the ticket is opened, and its answer is recorded as not sent, with the reason', async () => {
  const { code } = await whenRun(['once'], { settings: { answer: { quiet: true } } });

  const { tickets, outbox, message } = recorded();
  expect(code).toBe(0);
  expect(tickets).toBe(1);
  expect(message).toMatchObject({ outcome: 'open', reply: 'fixed-text' });
  expect(outbox).toMatchObject([{ state: 'dropped', kind: 'fixed-text', response: expect.stringContaining('answer.quiet') }]);
  expect([smtp.connections(), begun]).toEqual([0, 0]);
});

test('O17 doctor says that nothing leaves, and opens no connection to say it', async () => {
  const { out } = await whenRun(['doctor'], { settings: { answer: { quiet: true } } });

  expect(out).toContain('EN SILENCIO (answer.quiet)');
  expect(smtp.connections()).toBe(0);
});

test('O17 when the storm breaker is closed nothing leaves: the ticket is opened and counted, with the reason', async () => {
  await whenRun(['once'], { settings: { limits: { newTicketsPerMinute: 0 } } });

  const { tickets, outbox, message } = recorded();
  expect(tickets).toBe(1);
  expect(outbox).toEqual([]);
  expect(message).toMatchObject({ reply: 'none' });
  expect(message?.trace.at(-1)?.because).toContain('el límite contra avalanchas es 0');
  expect([smtp.connections(), begun]).toEqual([0, 0]);
});

test.each(['once', 'start'])(
  'O15 a template with an unknown variable ends %s with its name before any mail is touched',
  async (command) => {
    const templates = join(folder, 'templates');
    await cp(join(import.meta.dirname, '../../config/templates'), templates, { recursive: true });
    const file = join(templates, 'acknowledgement.en.html');
    await writeFile(file, (await readFile(file, 'utf8')).replace('{{ticketNumber}}', '{{ticketNo}}'));

    const { code, out } = await whenRun([command], { settings: { answer: { templates } } });

    expect(code).toBe(2);
    expect(out).toContain(`${file}: {{ticketNo}}`);
    expect(await readdir(join(folder, 'mailbox', 'new'))).toEqual(['uno.eml']);
    expect([smtp.connections(), begun]).toEqual([0, 0]);
  },
);

test('O18 with BUZON_TRANSPORT=file: the answer becomes a file, and no connection is begun at all', async () => {
  const { code } = await whenRun(['once'], { transport: `file:${join(folder, 'outbox')}` });

  expect(code).toBe(0);
  expect(await readdir(join(folder, 'outbox', 'new'))).toHaveLength(1);
  expect(recorded().outbox).toMatchObject([{ state: 'sent' }]);
  expect(begun).toBe(0);
});

test('O18 explain begins no connection, wherever answers would go', async () => {
  const { code, out } = await whenRun(['explain', join(folder, 'mailbox', 'new', 'uno.eml'), '--json']);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ ok: true, decision: { action: 'open', reply: 'fixed-text' } });
  expect(begun).toBe(0);
});
