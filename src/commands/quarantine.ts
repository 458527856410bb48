import { readFile } from 'node:fs/promises';
import { openReports, openStaffApp, readMessage } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { heldUntil } from '../desk/quarantine.ts';
import { AppError } from '../errors.ts';
import type { ParseResult } from '../mail/message.ts';
import { discard, release } from '../release.ts';
import type { InboundLine } from '../reports.ts';
import { type Command, type Io, JSON_OPTION, usage } from './command.ts';
import { decisionLine, stepLine } from './decisionLine.ts';
import { messageJson } from './explainJson.ts';
import { causeName, OUTCOME_NAMES } from './names.ts';
import { fileLine, indented, localTime, octets, short, table } from './print.ts';
import { BY_OPTION, numbersIn, whoAsks } from './staff.ts';

/** More than anybody reads; those that are left out are said. */
const LISTED_AT_MOST = 1_000;
/** Of all that is on no ticket, the newest: there is no end to it. */
const ALL_AT_MOST = 200;
/** From so many days before its end on, a message's row says how many are left. */
const SAID_BELOW_DAYS = 14;
const DAY_MS = 86_400_000;
/** Fields that tell a person whose mail it is and whether to trust it. */
const SHOWN = ['return-path', 'authentication-results', 'date', 'from', 'reply-to', 'to', 'cc', 'subject', 'message-id', 'in-reply-to'];

export const quarantineList: Command = {
  name: 'quarantine list',
  operands: '',
  summary: 'Lista los mensajes en cuarentena, primero los más antiguos.',
  options: {
    all: {
      type: 'boolean',
      describe: `también lo ignorado, lo repetido, lo descartado y las notas sin ticket: los ${ALL_AT_MOST} más recientes`,
    },
    json: JSON_OPTION,
  },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(quarantineList, 'no lleva operandos; para ver uno use "buzon quarantine show N"');
    const config = loadConfig(io.env);
    const reports = openReports(config);
    try {
      const all = args.flag('all');
      const found = all ? reports.aside(ALL_AT_MOST) : reports.quarantined(LISTED_AT_MOST);
      if (args.flag('json')) for (const each of found) io.out(JSON.stringify({ ...each, expiresAt: endOf(each, config) }));
      else if (found.length === 0) io.err(all ? 'Nada fuera de los tickets.' : 'Nada en cuarentena.');
      else for (const line of quarantineTable(found, all ? 'resultado' : 'causa', config)) io.out(line);
      const more = all ? 0 : reports.summary().quarantined - found.length;
      if (more > 0) io.err(`… y ${more} más.`);
      return 0;
    } finally {
      reports.close();
    }
  },
};

export const quarantineShow: Command = {
  name: 'quarantine show',
  operands: 'N',
  summary: 'Muestra un mensaje en cuarentena: encabezados, causa, traza, texto y dónde está guardado.',
  options: { json: JSON_OPTION, raw: { type: 'boolean', describe: 'escribe el mensaje tal como llegó, octeto por octeto' } },
  async run(args, io) {
    const [id] = numbersIn(quarantineShow, args, 1, '12');
    if (args.flag('raw') && args.flag('json')) throw usage(quarantineShow, '--raw y --json no van juntos');
    const config = loadConfig(io.env);
    const message = messageNumber(id!, io);
    if (args.flag('raw')) {
      io.write(await bytesOf(message));
      return 0;
    }
    const parsed = message.path === null ? null : await readMessage(config, message.path);
    const expiresAt = endOf(message, config);
    if (args.flag('json')) io.out(JSON.stringify({ ...message, expiresAt, message: parsed?.ok ? messageJson(parsed.mail) : null }));
    else for (const line of shown(message, expiresAt, parsed)) io.out(line);
    return 0;
  },
};

export const quarantineRelease: Command = {
  name: 'quarantine release',
  operands: 'N',
  summary: 'Deja salir un mensaje de la cuarentena: se procesa con las reglas de hoy.',
  details:
    'Una persona responde por el mensaje: ya no lo detienen la autenticación del remitente ni el no participar en el ticket. Lo que escribe quien\n' +
    'no participa queda en el ticket como no verificado; con --trust, el remitente participa desde ahora. Los límites de las respuestas\n' +
    'automáticas siguen valiendo. Si volviera a la cuarentena, no cambia nada.',
  options: { trust: { type: 'boolean', describe: 'responde también por el remitente' }, by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [id] = numbersIn(quarantineRelease, args, 1, '12');
    const by = whoAsks(quarantineRelease, args, io);
    await using app = await openStaffApp(loadConfig(io.env));
    const { trace, receipt } = await release(id!, { by, trust: args.flag('trust') }, app.desk);
    const { outcome, ticketNumber } = receipt;
    const reply = trace.effect.inbound.reply;
    if (args.flag('json')) io.out(JSON.stringify({ id, outcome, ticket: ticketNumber, reply, by }));
    else io.out(`Mensaje ${id}: ${decisionLine(trace)}${outcome === 'open' ? `. Es el ticket ${ticketNumber}` : ''}.`);
    return 0;
  },
};

export const quarantineDiscard: Command = {
  name: 'quarantine discard',
  operands: 'N',
  summary: 'Descarta un mensaje en cuarentena; el mensaje y su registro se conservan.',
  options: { reason: { type: 'string', value: 'TEXTO', describe: 'por qué; es obligatorio' }, by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [id] = numbersIn(quarantineDiscard, args, 1, '12 --reason "publicidad"');
    const reason = short(args.value('reason') ?? '', 300);
    if (reason === '') throw usage(quarantineDiscard, 'falta el motivo; escriba --reason "publicidad"');
    const by = whoAsks(quarantineDiscard, args, io);
    await using app = await openStaffApp(loadConfig(io.env));
    const { outcome } = await discard(id!, { by, reason }, app.desk);
    io.out(args.flag('json') ? JSON.stringify({ id, outcome, cause: 'discarded', reason, by }) : `Mensaje ${id} descartado.`);
    return 0;
  },
};

/** When a message leaves quarantine by itself; null when it does not, or is not there. */
function endOf({ outcome, recordedAt }: InboundLine, { file }: Config): Date | null {
  return outcome === 'quarantine' ? heldUntil(recordedAt, file.quarantine.retentionDays) : null;
}

/** With a column for what is left of its time, where there is anything to say in it. */
function quarantineTable(found: readonly InboundLine[], why: string, config: Config): string[] {
  const left = found.map((each) => daysLeft(endOf(each, config), new Date()));
  const some = left.some((each) => each !== '');
  return table(
    ['N.º', 'llegó', ...(some ? ['se queda'] : []), why, 'remitente', 'asunto'],
    found.map((each, i) => {
      const [id, arrived, ...rest] = rowOf(each);
      return [id!, arrived!, ...(some ? [left[i]!] : []), ...rest];
    }),
  );
}

/** `3 días`, or nothing when its end is far away. */
function daysLeft(end: Date | null, now: Date): string {
  if (end === null) return '';
  const days = Math.max(0, Math.ceil((end.getTime() - now.getTime()) / DAY_MS));
  return days >= SAID_BELOW_DAYS ? '' : days === 1 ? '1 día' : `${days} días`;
}

function rowOf(each: InboundLine): string[] {
  const unread = each.sender === '' && each.subject === '';
  return [
    String(each.id),
    localTime(each.receivedAt),
    each.cause === null ? OUTCOME_NAMES[each.outcome] : causeName(each.cause),
    unread ? '(sin leer)' : short(each.sender, 40),
    unread ? '' : short(each.subject, 60),
  ];
}

function messageNumber(id: number, io: Io): InboundLine {
  const reports = openReports(loadConfig(io.env));
  try {
    const found = reports.inbound(id);
    if (found) return found;
    throw new AppError('NOT_FOUND', `no existe el mensaje ${id}`, {
      temporary: false,
      remedy: 'vea lo que hay con "buzon quarantine list"',
    });
  } finally {
    reports.close();
  }
}

async function bytesOf({ id, path }: InboundLine): Promise<Uint8Array> {
  try {
    if (path !== null) return await readFile(path);
  } catch (error) {
    throw missing(id, error);
  }
  throw missing(id);
}

function missing(id: number, cause?: unknown): AppError {
  return new AppError('NOT_FOUND', `los octetos del mensaje ${id} no están`, {
    temporary: false,
    remedy: 'recupérelos de una copia de seguridad',
    cause,
  });
}

/** `parsed` is null when nothing is kept of the message. */
function shown(message: InboundLine, expiresAt: Date | null, parsed: ParseResult | null): string[] {
  const { outcome, cause, ticketNumber } = message;
  const where = ticketNumber === null ? '' : `, ticket ${ticketNumber}`;
  const lines = [
    `Mensaje ${message.id}: ${outcome === 'quarantine' ? 'en cuarentena' : `fuera de la cuarentena (${OUTCOME_NAMES[outcome]}${where})`}`,
    ...(cause === null ? [] : [`  causa        ${causeName(cause)}`]),
    `  llegó        ${localTime(message.receivedAt)}, ${octets(message.size)}, ${short(message.ref, 120)}`,
    ...(expiresAt === null ? [] : [`  se queda     hasta el ${localTime(expiresAt)} (quarantine.retentionDays)`]),
    `  guardado en  ${message.path ?? '(solo se anotó su llegada)'}`,
    '',
    'Encabezados',
  ];
  if (parsed?.ok) {
    const { headers, newText, attachments } = parsed.mail;
    for (const { name, value } of headers) if (SHOWN.includes(name)) lines.push(`  ${name}: ${short(value, 300)}`);
    for (const each of attachments) lines.push(`  adjunto: ${fileLine(each)}`);
    lines.push('', 'Texto nuevo', indented(newText.slice(0, 4000), '  '));
  } else {
    lines.push(`  no se pudo leer: ${parsed === null ? 'no se guardó' : short(parsed.because, 200)}`);
  }
  lines.push('', 'Traza');
  for (const step of message.trace) lines.push(`  ${stepLine(step)}`);
  return lines;
}
