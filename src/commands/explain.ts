import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { openExplainDesk } from '../app.ts';
import { loadConfig } from '../config.ts';
import { reasonOf } from '../errors.ts';
import { type Arrival, type Desk, examine, type Trace } from '../ingest.ts';
import type { ParseResult } from '../mail/message.ts';
import { readAhead } from '../readAhead.ts';
import { type Command, type Io, JSON_OPTION, usage } from './command.ts';
import { decisionLine, stepLine } from './decisionLine.ts';
import { explainJson } from './explainJson.ts';
import { AUTOMATIC_NAMES, BAND_NAMES } from './names.ts';
import { fileLine, indented, short } from './print.ts';

/** Files that are read and parsed at the same time. */
const AHEAD = { items: 8, weight: 0 };

interface Explained {
  file: string;
  result: { ok: true; trace: Trace } | { ok: false; error: string };
}

export const explain: Command = {
  name: 'explain',
  operands: 'ARCHIVO…',
  summary: 'Dice qué se haría con un mensaje y por qué, sin cambiar nada.',
  details:
    'Cada ARCHIVO es un mensaje .eml; "-" es la entrada estándar. Funciona sin base de datos, sin buzón y sin configuración; con --store\n' +
    'tiene en cuenta lo que ya hay: tickets, participantes, límites.',
  options: { json: JSON_OPTION, store: { type: 'boolean', describe: 'consulta la base de datos real, solo para leer' } },
  async run(args, io) {
    if (args.operands.length === 0) throw usage(explain, 'falta el archivo; escriba uno o más, o "-" para la entrada estándar');
    const { desk, look, close } = await openExplainDesk(loadConfig(io.env), { withStore: args.flag('store') });
    let unreadable = 0;
    try {
      for await (const explained of readAhead(
        eachOf(args.operands),
        AHEAD,
        () => 0,
        (file) => explainFile(file, desk, look, io),
      )) {
        if (!explained.result.ok) unreadable += 1;
        io.out(args.flag('json') ? JSON.stringify(explainJson(explained)) : printed(explained));
        if (io.signal.aborted) break;
      }
    } finally {
      await close();
    }
    return unreadable === 0 ? 0 : 1;
  },
};

async function* eachOf(files: readonly string[]) {
  yield* files;
}

async function explainFile(file: string, desk: Desk, look: Parameters<typeof examine>[1], io: Io): Promise<Explained> {
  try {
    const { parsed, size } = file === '-' ? await readStandardInput(desk, io) : await readFile(file, desk);
    const arrival: Arrival = { ref: `file:${file}`, rawId: '', path: file, headerOnly: false, size, receivedAt: desk.now(), parsed };
    return { file, result: { ok: true, trace: await examine(arrival, look, desk) } };
  } catch (error) {
    return { file, result: { ok: false, error: reasonOf(error) } };
  }
}

async function readFile(file: string, desk: Desk): Promise<{ parsed: ParseResult; size: number }> {
  const handle = await open(file); // here, so that a missing file is named by the system's own words
  try {
    const { size } = await handle.stat();
    return { parsed: await desk.parse({ path: file }), size };
  } finally {
    await handle.close();
  }
}

async function readStandardInput(desk: Desk, io: Io): Promise<{ parsed: ParseResult; size: number }> {
  const bytes = await buffer(io.stdin);
  return { parsed: await desk.parse({ bytes }), size: bytes.length };
}

function printed({ file, result }: Explained): string {
  if (!result.ok) return `${file}\n  no se pudo leer: ${result.error}\n`;
  const { trace } = result;
  const lines = [file];
  const row = (name: string, value: string) => lines.push(`  ${name.padEnd(14)} ${value}`);
  if (trace.found) {
    const { mail, automatic, authentication } = trace.found;
    row('de', short(`${mail.from.name} <${mail.from.address}>`, 100));
    row('asunto', short(mail.subject || '(sin asunto)', 100));
    row(
      'escrito por',
      automatic.kind === null
        ? 'una persona'
        : `una máquina (${AUTOMATIC_NAMES[automatic.kind]}): ${short(automatic.evidence.join('; '), 160)}`,
    );
    if (automatic.suppress.length > 0) row('sin respuesta', short(automatic.suppress.join('; '), 160));
    row('autenticación', short([authentication.verdict, ...authentication.evidence].join('; '), 160));
    for (const each of mail.attachments) row('adjunto', fileLine(each));
    for (const warning of mail.warnings) row('advertencia', short(warning, 160));
  }
  row('decisión', decisionLine(trace));
  if (trace.decision.action === 'open') {
    const { classification } = trace.decision;
    const words = classification.evidence
      .slice(0, 6)
      .map(({ term, weight }) => `${short(term, 40)} (${weight > 0 ? '+' : ''}${weight.toFixed(2)})`);
    row('clasificación', `${classification.kind}, confianza ${classification.confidence.toFixed(2)}, ${BAND_NAMES[classification.band]}`);
    if (words.length > 0) row('por', words.join(', '));
    row(
      'criticidad',
      [`sugerida ${classification.criticality.suggested}`, ...classification.criticality.evidence.map((each) => short(each, 60))].join(
        '; ',
      ),
    );
    if (classification.missing.length > 0) row('falta', classification.missing.join(', '));
  }
  lines.push('  traza');
  for (const step of trace.steps) lines.push(`    ${stepLine(step)}`);
  if (trace.found) lines.push('  texto nuevo', indented(trace.found.mail.newText.slice(0, 2000)));
  return `${lines.join('\n')}\n`;
}
