import { openReports, openStaffApp } from '../app.ts';
import { loadConfig } from '../config.ts';
import type { StaffAct } from '../desk/ticket.ts';
import { AppError } from '../errors.ts';
import { parseMail } from '../mail/parse.ts';
import type { OutboxLine, OutboxState, ReplyDetail } from '../reports.ts';
import { cancelReply, retryReply } from '../staff.ts';
import { type Arguments, type Command, type Io, JSON_OPTION, usage } from './command.ts';
import { OUTBOX_NAMES, REPLY_NAMES } from './names.ts';
import { indented, localTime, octets, short, table } from './print.ts';
import { BY_OPTION, numbersIn, whoAsks } from './staff.ts';
import { actLine } from './ticket.ts';

/** What a person may have to do something about. */
const NEEDING_EYES: readonly OutboxState[] = ['queued', 'sending', 'failed'];
const DEFAULT_LIMIT = 200;

export const outboxList: Command = {
  name: 'outbox list',
  operands: '',
  summary: 'Lista las respuestas que esperan, que se están enviando o que fallaron, primero las más antiguas.',
  details:
    'La columna "cuándo" dice, de las que esperan, el próximo intento; de las terminadas, cuándo terminaron. La "última noticia" es lo que dijo\n' +
    'el servidor, o por qué no se envió. Con --all, --state sent o --state dropped se ven primero las más recientes.',
  options: {
    state: {
      type: 'string',
      value: 'ESTADO',
      describe: `solo las de un estado: ${Object.entries(OUTBOX_NAMES)
        .map(([state, name]) => `${state} (${name})`)
        .join(', ')}`,
    },
    all: { type: 'boolean', describe: 'también las enviadas y las que no se enviaron' },
    limit: { type: 'string', value: 'N', describe: `cuántas como máximo (${DEFAULT_LIMIT})` },
    json: JSON_OPTION,
  },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(outboxList, 'no lleva operandos; para ver una use "buzon outbox show N"');
    const states = statesIn(args);
    const limit = limitIn(args);
    const reports = openReports(loadConfig(io.env));
    try {
      const newestFirst = states === undefined || !states.every((state) => NEEDING_EYES.includes(state));
      const upToOneMore = reports.outbox({ ...(states ? { states } : {}), newestFirst, limit: limit + 1 });
      const found = upToOneMore.slice(0, limit);
      if (args.flag('json')) for (const each of found) io.out(JSON.stringify(each));
      else if (found.length === 0) io.err(states === NEEDING_EYES ? 'Ninguna respuesta espera ni falló.' : 'Ninguna respuesta.');
      else for (const line of table(HEAD, found.map(rowOf))) io.out(line);
      if (upToOneMore.length > found.length)
        io.err(`Se ${found.length === 1 ? 'muestra 1' : `muestran ${found.length}`}; hay más: use --limit N`);
      return 0;
    } finally {
      reports.close();
    }
  },
};

export const outboxShow: Command = {
  name: 'outbox show',
  operands: 'N',
  summary: 'Muestra una respuesta: su estado, lo que dijo el servidor, los encabezados y el texto.',
  options: { json: JSON_OPTION, raw: { type: 'boolean', describe: 'escribe el correo tal como se envía, octeto por octeto' } },
  async run(args, io) {
    const [id] = numbersIn(outboxShow, args, 1, '12');
    if (args.flag('raw') && args.flag('json')) throw usage(outboxShow, '--raw y --json no van juntos');
    const reply = replyOf(id!, io);
    if (args.flag('raw')) io.write(reply.bytes);
    else if (args.flag('json')) io.out(JSON.stringify(await replyJson(reply)));
    else for (const line of await shown(reply)) io.out(line);
    return 0;
  },
};

export const outboxRetry: Command = {
  name: 'outbox retry',
  operands: 'N',
  summary: 'Envía ahora una respuesta que falló, que no se envió o que espera su próximo intento.',
  details:
    'El servicio la toma en su próximo ciclo, con los mismos octetos y el mismo Message-ID, y la sigue intentando durante answer.maxAgeHours.\n' +
    'Si por ella la dirección había dejado de recibir correo automático, lo vuelve a recibir.',
  options: { by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [id] = numbersIn(outboxRetry, args, 1, '12');
    const by = whoAsks(outboxRetry, args, io);
    await using app = await openStaffApp(loadConfig(io.env));
    const act = await retryReply(id!, by, app.desk);
    const { behind } = replyOf(id!, io);
    if (args.flag('json')) io.out(JSON.stringify({ ...actJson(act), behind }));
    else io.out(`Respuesta ${id} ${behind === null ? 'lista para enviarse' : `en espera: la ${behind}, del mismo ticket, sale primero`}.`);
    return 0;
  },
};

export const outboxCancel: Command = {
  name: 'outbox cancel',
  operands: 'N',
  summary: 'Cancela una respuesta que espera o que falló: ya no se envía. El ticket no cambia.',
  options: { reason: { type: 'string', value: 'TEXTO', describe: 'por qué; es obligatorio' }, by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [id] = numbersIn(outboxCancel, args, 1, '12 --reason "ya se le llamó"');
    const reason = short(args.value('reason') ?? '', 300);
    if (reason === '') throw usage(outboxCancel, 'falta el motivo; escriba --reason "ya se le llamó"');
    const by = whoAsks(outboxCancel, args, io);
    await using app = await openStaffApp(loadConfig(io.env));
    const act = await cancelReply(id!, { by, reason }, app.desk);
    io.out(args.flag('json') ? JSON.stringify({ ...actJson(act), reason }) : `Respuesta ${id} cancelada.`);
    return 0;
  },
};

const HEAD = ['N.º', 'ticket', 'estado', 'cuándo', 'intentos', 'destinatario', 'última noticia'];

function rowOf(each: OutboxLine): string[] {
  return [
    String(each.id),
    String(each.ticketNumber),
    OUTBOX_NAMES[each.state],
    localTime(each.settledAt ?? (each.state === 'queued' ? each.nextAttemptAt : each.queuedAt)),
    String(each.attempts),
    short(each.recipient, 40),
    short(each.response ?? '', 120),
  ];
}

/** Undefined: all of them. */
function statesIn(args: Arguments): readonly OutboxState[] | undefined {
  const said = args.value('state')?.toLowerCase();
  if (said === undefined) return args.flag('all') ? undefined : NEEDING_EYES;
  if (args.flag('all')) throw usage(outboxList, '--all y --state no van juntos');
  const state = (Object.keys(OUTBOX_NAMES) as OutboxState[]).find((each) => each === said || OUTBOX_NAMES[each] === said);
  if (!state) throw usage(outboxList, `--state es uno de ${Object.keys(OUTBOX_NAMES).join(', ')}`);
  return [state];
}

function limitIn(args: Arguments): number {
  const limit = args.value('limit') === undefined ? DEFAULT_LIMIT : Number(args.value('limit'));
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000) throw usage(outboxList, '--limit es un número entero desde 1');
  return limit;
}

function replyOf(id: number, io: Io): ReplyDetail {
  const reports = openReports(loadConfig(io.env));
  try {
    const found = reports.reply(id);
    if (found) return found;
    throw new AppError('NOT_FOUND', `no existe la respuesta ${id}`, {
      temporary: false,
      remedy: 'vea las que hay con "buzon outbox list --all"',
    });
  } finally {
    reports.close();
  }
}

function actJson({ by, at, change }: StaffAct): object {
  const { kind: did, ticketNumber: ticket, ...more } = change;
  return { did, ticket, ...more, by, at };
}

async function replyJson({ bytes, ...row }: ReplyDetail): Promise<object> {
  const parsed = await parseMail(bytes);
  const message = parsed.ok ? { headers: parsed.mail.headers, text: parsed.mail.text } : null;
  return { ...row, size: bytes.length, message };
}

async function shown(reply: ReplyDetail): Promise<string[]> {
  const { undelivered, behind, suppressedUntil } = reply;
  const fact = (name: string, value: string) => `  ${name.padEnd(14)}  ${value}`;
  const lines = [
    `Respuesta ${reply.id}: ${OUTBOX_NAMES[reply.state]}`,
    fact('ticket', `${reply.ticketNumber}${reply.inboundId === null ? '' : `, responde al mensaje ${reply.inboundId}`}`),
    fact('qué es', REPLY_NAMES[reply.kind]),
    fact('destinatario', short(reply.recipient, 100)),
    fact('sobre', `de <${short(reply.envelopeFrom, 100)}> a <${short(reply.envelopeTo, 100)}>`),
    fact('en cola desde', localTime(reply.queuedAt)),
    fact('intentos', String(reply.attempts)),
    ...(reply.state === 'queued' ? [fact('próximo', localTime(reply.nextAttemptAt))] : []),
    reply.settledAt === null ? fact('expira', localTime(reply.expiresAt)) : fact('terminó', localTime(reply.settledAt)),
    ...(behind === null ? [] : [fact('espera a', `la respuesta ${behind} del mismo ticket, que sale primero`)]),
    fact('última noticia', reply.response === null ? '(todavía ninguna)' : short(reply.response, 600)),
    ...(undelivered === null
      ? []
      : [
          fact(
            'devuelta',
            `${localTime(undelivered.at)}: ${short(`${undelivered.status ?? ''} ${undelivered.diagnostic ?? ''}`, 300)}${undelivered.permanent ? ' (definitivo)' : ''}`,
          ),
        ]),
    ...(suppressedUntil === null ? [] : [fact('la dirección', `no recibe correo automático hasta ${localTime(suppressedUntil)}`)]),
    ...reply.acts.map((act) => fact('cambio', `${localTime(act.at)}  ${actLine(act)}`)),
    fact('tamaño', octets(reply.bytes.length)),
    '',
  ];
  const parsed = await parseMail(reply.bytes);
  if (!parsed.ok) return [...lines, `El correo no se puede leer: ${short(parsed.because, 200)}`];
  const { headers, subject, text } = parsed.mail;
  return [
    ...lines,
    'Encabezados',
    ...headers.map(({ name, value }) => `  ${name}: ${short(name === 'subject' ? subject : value, 300)}`),
    '',
    'Texto',
    indented(text.slice(0, 20_000), '  '),
  ];
}
