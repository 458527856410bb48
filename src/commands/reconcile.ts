import { openReconcileApp, type ReconcileApp } from '../app.ts';
import { loadConfig } from '../config.ts';
import { counted } from '../desk/counted.ts';
import {
  FINDING_TEXTS,
  type Finding,
  type FindingCode,
  GAP_CODES,
  gapsOf,
  type Place,
  type Reconciled,
  reconciledOf,
} from '../desk/reconcile.ts';
import { reconcile as compareBoth, ofCode, type Reconciliation } from '../duties/reconcile.ts';
import { createLog } from '../log.ts';
import { type Arguments, type Command, type Io, JSON_OPTION, usage } from './command.ts';
import { localTime, octets, short } from './print.ts';

const DAY_MS = 86_400_000;
/** What is listed of each kind without --all. */
const LISTED = 20;
/** How often a terminal is told how far it is, in messages or rows. */
const PROGRESS_EACH = 500;

const PLACE_NAMES: Record<Place, string> = { mailbox: 'buzón', processed: 'carpeta de procesados', quarantine: 'carpeta de cuarentena' };

const TITLES: Record<FindingCode, readonly [one: string, more: string]> = {
  unrecorded: ['correo que el libro no conoce', 'correos que el libro no conoce'],
  waiting: ['correo sin entrar', 'correos sin entrar'],
  'bytes-missing': ['correo sin sus octetos', 'correos sin sus octetos'],
  'bytes-damaged': ['correo con octetos dañados', 'correos con octetos dañados'],
  unsettled: ['correo sin mover', 'correos sin mover'],
};

export const reconcile: Command = {
  name: 'reconcile',
  operands: '',
  summary: 'Compara el buzón con el libro de mensajes, en los dos sentidos; una diferencia es un error.',
  details:
    'Mira el buzón y las carpetas de lo ya atendido sin cambiar nada, mientras el servicio trabaja o no, y revisa que los octetos de cada correo\n' +
    'estén en la carpeta de datos. Lo anterior al primer arranque no se mira. Sale con 0 si todo coincide y con 1 si hay una diferencia o si no se\n' +
    'pudo llegar al servidor. El servicio hace lo mismo cada noche (reconcile.schedule) y avisa en su bitácora, en /metrics y en "buzon doctor".\n' +
    '\n' +
    'Con --recover, lo que el libro no conoce vuelve al buzón y entra como cualquier correo: nunca se toca uno que el libro conoce. Cuenta la\n' +
    'fecha en que llegó al servidor, así que lo más viejo que answer.maxAgeHours recibe su ticket, pero no una respuesta.',
  options: {
    since: {
      type: 'string',
      value: 'DESDE',
      describe: 'lo que llegó desde una fecha (2026-11-01) o hace tantos días (90); si no, reconcile.days',
    },
    deep: { type: 'boolean', describe: 'lee de nuevo todos los octetos guardados y comprueba su SHA-256' },
    recover: { type: 'boolean', describe: 'devuelve al buzón lo que el libro no conoce' },
    all: { type: 'boolean', describe: 'lista todo, también lo que está en el libro y ya no en el servidor' },
    json: JSON_OPTION,
  },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(reconcile, 'no lleva operandos');
    const config = loadConfig(io.env);
    const now = new Date();
    const usual = new Date(now.getTime() - config.file.reconcile.days * DAY_MS);
    const since = args.value('since') === undefined ? usual : momentOf(args.value('since')!, now);
    await using app = await openReconcileApp(config, createLog('silent'));
    const progress = progressOn(process.stderr.isTTY === true && !args.flag('json'));
    const result = await compareBoth(app, { since, deep: args.flag('deep'), onProgress: progress.tell }, io.signal).finally(progress.end);

    const lost = ofCode(result.findings, 'unrecorded');
    const recovered = args.flag('recover') ? await bringBack(lost, app, io.signal) : null;
    const ending = remaining(reconciledOf(result.findings, result.at), recovered);
    if (since <= usual) await app.ledger.record(ending); // a look at fewer days says nothing about the others
    const gaps = gapsOf(ending);
    if (args.flag('json')) printJson(result, { recovered, gaps }, args, io);
    else printText(result, { recovered, gaps }, args, io);
    return gaps === 0 ? 0 : 1;
  },
};

/** A day, a moment or a number of days. */
function momentOf(written: string, now: Date): Date {
  const days = /^\d{1,5}$/.test(written) ? Number(written) : null; // 90; not 2026-11-01
  const moment = days === null ? new Date(written) : new Date(now.getTime() - days * DAY_MS);
  if (Number.isNaN(moment.getTime()) || moment > now) {
    throw usage(reconcile, '--since es una fecha pasada, por ejemplo 2026-11-01, o un número de días, por ejemplo 90');
  }
  return moment;
}

async function bringBack(lost: readonly Finding[], { source }: ReconcileApp, signal: AbortSignal): Promise<number> {
  const messages = lost.flatMap((each) => (each.code === 'unrecorded' ? [each.message] : []));
  return messages.length === 0 ? 0 : source.bringBack(messages, signal);
}

/** What is back in the mailbox is no gap any more. */
function remaining(counts: Reconciled, recovered: number | null): Reconciled {
  return { ...counts, gaps: { ...counts.gaps, unrecorded: counts.gaps.unrecorded - (recovered ?? 0) } };
}

interface Ending {
  /** Messages that went back into the mailbox; null when that was not asked for. */
  recovered: number | null;
  /** What remains. */
  gaps: number;
}

function printText(result: Reconciliation, { recovered, gaps }: Ending, args: Arguments, io: Io): void {
  const limit = args.flag('all') ? Number.POSITIVE_INFINITY : LISTED;
  for (const code of [...GAP_CODES, 'unsettled'] as const) {
    const found = ofCode(result.findings, code);
    if (found.length === 0) continue;
    const { because, remedy } = FINDING_TEXTS[code];
    io.out(`${code === 'unsettled' ? '!' : '✗'} ${counted(found.length, ...TITLES[code])} (${code}): ${because}`);
    if (code !== 'unrecorded' || recovered === null) io.out(`    Remedio: ${remedy}`);
    for (const each of found.slice(0, limit)) io.out(`    ${lineOf(each)}`);
    if (found.length > limit) io.out(`    … y ${found.length - limit} más: use --all`);
  }
  if (args.flag('all') && result.gone.length > 0) io.out(`En el libro y ya no en el servidor, por su número: ${result.gone.join(', ')}`);
  if (recovered !== null) io.out(`${counted(recovered, 'correo devuelto al buzón', 'correos devueltos al buzón')}.`);
  io.out(summaryOf(result, gaps));
}

function summaryOf({ since, messages, rows, gone, findings, ms }: Reconciliation, gaps: number): string {
  const unsettled = ofCode(findings, 'unsettled').length;
  const parts = [
    gaps === 0 ? 'Sin diferencias' : counted(gaps, 'diferencia', 'diferencias'),
    `${counted(messages, 'correo en el servidor', 'correos en el servidor')} y ${counted(rows, 'fila del libro', 'filas del libro')} desde ${localTime(since)}`,
    ...(unsettled > 0 ? [`${unsettled} sin mover`] : []),
    ...(gone.length > 0
      ? [
          `${counted(gone.length, 'correo del libro ya no está', 'correos del libro ya no están')} en el servidor (sus octetos se conservan)`,
        ]
      : []),
  ];
  return `${parts.join('; ')}. ${(ms / 1000).toFixed(1).replace('.', ',')} s`;
}

/** Enough to find the message with a mail program or with other commands. */
function lineOf(finding: Finding): string {
  if ('row' in finding)
    return `mensaje ${finding.row.id} del libro, ${localTime(finding.row.receivedAt)}, ${finding.row.rawId?.slice(0, 12)}…`;
  const { place, receivedAt, size, messageId, ref } = finding.message;
  const id = messageId === null ? 'sin Message-ID' : `<${short(messageId, 80)}>`;
  return `${PLACE_NAMES[place]}, ${localTime(receivedAt)}, ${octets(size)}, ${id}, ${short(ref, 80)}`;
}

function printJson(result: Reconciliation, { recovered, gaps }: Ending, args: Arguments, io: Io): void {
  for (const finding of result.findings) {
    const { code } = finding;
    const about = 'message' in finding ? finding.message : { inboundId: finding.row.id, ref: finding.row.ref, rawId: finding.row.rawId };
    io.out(JSON.stringify({ kind: 'finding', code, gap: code !== 'unsettled', ...about, ...FINDING_TEXTS[code] }));
  }
  const { since, at, messages, rows, gone, ms, findings } = result;
  const codes = Object.fromEntries([...GAP_CODES, 'unsettled' as const].map((code) => [code, ofCode(findings, code).length]));
  io.out(
    JSON.stringify({
      ...{ kind: 'summary', since, at, messages, rows, gaps, recovered, codes },
      ...{ gone: args.flag('all') ? gone : gone.length, ms },
    }),
  );
}

/** One line of a terminal that is written over again and again. */
function progressOn(terminal: boolean): { tell: (messages: number, rows: number) => void; end: () => void } {
  let told = 0;
  return {
    tell(messages, rows) {
      if (!terminal || messages + rows < told + PROGRESS_EACH) return;
      told = messages + rows;
      process.stderr.write(`\r${messages} correos en el servidor, ${rows} filas del libro…`);
    },
    end() {
      if (told > 0) process.stderr.write('\r\x1b[K');
    },
  };
}
