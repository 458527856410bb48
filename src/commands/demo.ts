import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importAliases } from '../aliases.ts';
import { openApp, openReports } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { importContacts } from '../contacts.ts';
import type { Desk, Ingested } from '../ingest.ts';
import { createLog } from '../log.ts';
import { runCycle } from '../worker.ts';
import { type Command, type Io, JSON_OPTION } from './command.ts';
import { decisionLine } from './decisionLine.ts';
import { explainJson } from './explainJson.ts';
import { indented, short, table, terminalColumns, wrapped } from './print.ts';
import { ticketTable } from './tickets.ts';

const SAMPLES = fileURLToPath(new URL('../../config/demo/', import.meta.url));
/** The samples carry tokens and Message-IDs that were made with this key. */
const SECRET = 'demo';
/** Former ticket numbers, imported when the tickets to which they lead are there: after this many samples. */
const ALIASES = fileURLToPath(new URL('../../config/demo/aliases.csv', import.meta.url));
const BEFORE_ALIASES = 5;
/** Some of the samples' authors are clients. */
const CONTACTS = fileURLToPath(new URL('../../config/demo/contactos.csv', import.meta.url));
/** Tables stay within this where no terminal says how wide it is. */
const COLUMNS = 160;
/** Our answers hold long lines, which mail programs break. */
const ANSWER_COLUMNS = 100;
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
    const samples = samplesFrom(Date.now());
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
    const contacts = await importContacts(readFileSync(CONTACTS), { replace: true, slas: [] }, app.desk);
    if (!contacts.ok) throw new Error(`the clients of the samples: ${contacts.faults[0]?.problem}`);
    layOut(samples.slice(0, BEFORE_ALIASES), mailbox);
    await runCycle(app.worker, io.signal);
    const aliases = await importAliases(readFileSync(ALIASES), app.desk);
    if (!aliases.ok) throw new Error(`the former numbers of the samples: ${aliases.faults[0]?.problem}`);
    layOut(samples.slice(BEFORE_ALIASES), mailbox);
    await runCycle(app.worker, io.signal);
    const ms = Math.round(performance.now() - startedAt);
    if (args.flag('json'))
      for (const each of done) io.out(JSON.stringify(explainJson({ file: nameOf(each), result: { ok: true, trace: each.trace } })));
    else for (const line of await printed(done, config, app.desk, { folder, ms, program: programOf(io) })) io.out(line);
    return done.length === samples.length ? 0 : 1;
  },
};

interface Sample {
  name: string;
  receivedAt: Date;
}

/** The samples in their order, as if received one after the other until `now` (Unix milliseconds), a minute between them. */
function samplesFrom(now: number): Sample[] {
  const names = readdirSync(SAMPLES)
    .filter((name) => name.endsWith('.eml'))
    .sort();
  return names.map((name, i) => ({ name, receivedAt: new Date(now - 60_000 * (names.length - i)) }));
}

function layOut(samples: readonly Sample[], mailbox: string): void {
  mkdirSync(join(mailbox, 'new'), { recursive: true });
  for (const { name, receivedAt } of samples) {
    copyFileSync(join(SAMPLES, name), join(mailbox, 'new', name));
    utimesSync(join(mailbox, 'new', name), receivedAt, receivedAt);
  }
}

function nameOf({ trace }: Ingested): string {
  return trace.arrival.ref.replace(/^maildir:/, '').replace(/;m=\d{1,16}$/, '');
}

/** How the reader calls this program again: in a checkout npm started it, in a container it is in the path. */
function programOf({ env }: Io): string {
  return env['npm_lifecycle_event'] === undefined ? 'buzon' : 'npm run -s buzon --';
}

async function printed(
  done: readonly Ingested[],
  config: Config,
  desk: Desk,
  { folder, ms, program }: { folder: string; ms: number; program: string },
): Promise<string[]> {
  const reports = openReports(config);
  const columns = Math.min(terminalColumns(), COLUMNS);
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
          short(decisionLine(each.trace), 80),
          short(each.trace.steps.at(-1)?.because ?? '', 110),
        ]),
        columns,
      ),
      '',
      'LOS TICKETS',
      '',
      ...ticketTable(reports.tickets({ limit: 100 }).toReversed(), columns),
      ...(acknowledgement ? ['', 'UN ACUSE DE RECIBO, COMPLETO', '', ...(await answerLines(acknowledgement.mail.bytes, desk))] : []),
      '',
      `${done.length} correos y ${replies.length} respuestas en ${(ms / 1000).toFixed(1).replace('.', ',')} s. Todo quedó en ${folder}:`,
      `  respuestas   ${join(folder, 'respuestas', 'new')}`,
      `  procesados   ${join(folder, 'buzon', '.Procesados', 'cur')}`,
      `  cuarentena   ${join(folder, 'buzon', '.Cuarentena', 'cur')}`,
      `  un ticket    BUZON_DATA=${config.dataFolder} ${program} ticket 1`,
      `  retenidos    BUZON_DATA=${config.dataFolder} ${program} quarantine list`,
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
  return [...fields, `    subject: ${short(parsed.mail.subject, 200)}`, '', indented(wrapped(parsed.mail.text, ANSWER_COLUMNS))];
}
