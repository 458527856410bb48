import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApp, openReports } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import type { Desk, Ingested } from '../ingest.ts';
import { createLog } from '../log.ts';
import { runCycle } from '../worker.ts';
import { type Command, JSON_OPTION } from './command.ts';
import { decisionLine } from './decisionLine.ts';
import { explainJson } from './explainJson.ts';
import { indented, short, table } from './print.ts';
import { ticketTable } from './tickets.ts';

const SAMPLES = fileURLToPath(new URL('../../config/demo/', import.meta.url));
/** The samples carry tokens and Message-IDs that were made with this key. */
const SECRET = 'demo';
/** The samples say that this server vouched for their senders. */
const SETTINGS = fileURLToPath(new URL('../../config/demo/buzon.yaml', import.meta.url));

export const demo: Command = {
  name: 'demo',
  operands: '',
  summary: 'Trabaja con correos de ejemplo en una carpeta desechable, sin servidores, y muestra qué hizo y por qué.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    const folder = mkdtempSync(join(tmpdir(), 'buzon-demo-'));
    const mailbox = join(folder, 'buzon');
    const dataFolder = join(folder, 'datos');
    const count = layOut(mailbox);
    const settings = loadConfig({
      BUZON_CONFIG: SETTINGS,
      BUZON_MAILBOX: `maildir:${mailbox}`,
      BUZON_TRANSPORT: `file:${join(folder, 'respuestas')}`,
      BUZON_DATA: dataFolder,
      BUZON_HTTP: '',
    });
    const config = { ...settings, secret: SECRET };
    const done: Ingested[] = [];
    const startedAt = performance.now();
    await using app = await openApp(config, createLog('error'));
    app.worker.onIngested = (each) => done.push(each);
    await runCycle(app.worker, io.signal);
    const ms = Math.round(performance.now() - startedAt);
    if (args.flag('json'))
      for (const each of done) io.out(JSON.stringify(explainJson({ file: nameOf(each), result: { ok: true, trace: each.trace } })));
    else for (const line of await printed(done, config, app.desk, folder, ms)) io.out(line);
    return done.length === count ? 0 : 1;
  },
};

/** The samples as a mailbox would hold them: received one after the other during the last hour. */
function layOut(mailbox: string): number {
  const names = readdirSync(SAMPLES)
    .filter((name) => name.endsWith('.eml'))
    .sort();
  mkdirSync(join(mailbox, 'new'), { recursive: true });
  names.forEach((name, i) => {
    const at = Date.now() / 1000 - 60 * (names.length - i);
    copyFileSync(join(SAMPLES, name), join(mailbox, 'new', name));
    utimesSync(join(mailbox, 'new', name), at, at);
  });
  return names.length;
}

function nameOf({ trace }: Ingested): string {
  return trace.arrival.ref.replace(/^maildir:/, '').replace(/;m=\d{1,16}$/, '');
}

async function printed(done: readonly Ingested[], config: Config, desk: Desk, folder: string, ms: number): Promise<string[]> {
  const reports = openReports(config);
  try {
    const replies = done.flatMap(({ trace }) => trace.effect.outbox);
    const acknowledgement = replies.find(({ kind }) => kind === 'acknowledge');
    return [
      '',
      'QUÉ LLEGÓ Y QUÉ SE DECIDIÓ',
      '',
      ...table(
        ['correo', 'ticket', 'decisión', 'por qué'],
        done.map((each) => [
          short(nameOf(each).replace(/\.eml$/, ''), 40),
          String(each.receipt.ticketNumber ?? ''),
          short(decisionLine(each.trace), 56),
          short(each.trace.steps.at(-1)?.because ?? '', 110),
        ]),
      ),
      '',
      'LOS TICKETS',
      '',
      ...ticketTable(reports.tickets({ limit: 100 }).toReversed()),
      ...(acknowledgement ? ['', 'UN ACUSE DE RECIBO, COMPLETO', '', ...(await answerLines(acknowledgement.mail.bytes, desk))] : []),
      '',
      `${done.length} correos y ${replies.length} respuestas en ${(ms / 1000).toFixed(1).replace('.', ',')} s. Todo quedó en ${folder}:`,
      `  respuestas   ${join(folder, 'respuestas', 'new')}`,
      `  procesados   ${join(folder, 'buzon', '.Procesados', 'cur')}`,
      `  cuarentena   ${join(folder, 'buzon', '.Cuarentena', 'cur')}`,
      `  un ticket    BUZON_DATA=${config.dataFolder} npm run -s buzon -- ticket 1`,
      '',
    ];
  } finally {
    reports.close();
  }
}

/** Our answer as its reader sees it: the fields that matter, decoded, and the text. */
async function answerLines(bytes: Buffer, desk: Desk): Promise<string[]> {
  const parsed = await desk.parse({ bytes });
  if (!parsed.ok) throw new Error(`our own answer cannot be read: ${parsed.because}`);
  const shown = ['from', 'to', 'auto-submitted', 'x-auto-response-suppress', 'in-reply-to', 'message-id'];
  const fields = parsed.mail.headers
    .filter(({ name }) => shown.includes(name))
    .map(({ name, value }) => `    ${name}: ${short(value, 120)}`);
  return [...fields, `    subject: ${short(parsed.mail.subject, 200)}`, '', indented(parsed.mail.text)];
}
