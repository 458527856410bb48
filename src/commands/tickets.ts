import { openReports } from '../app.ts';
import { loadConfig } from '../config.ts';
import { TicketKind } from '../desk/ticket.ts';
import type { TicketLine } from '../reports.ts';
import { type Arguments, type Command, JSON_OPTION, usage } from './command.ts';
import { localTime, short, table, terminalColumns } from './print.ts';

const STATES = { abierto: 'open', cerrado: 'closed', open: 'open', closed: 'closed' } as const;
const STATE_NAMES = { open: 'abierto', closed: 'cerrado' } as const;
const DEFAULT_LIMIT = 50;

export const tickets: Command = {
  name: 'tickets',
  operands: '',
  summary: 'Lista los tickets, primero los más recientes.',
  options: {
    kind: { type: 'string', value: 'CLASE', describe: 'solo requerimiento o solo incidencia' },
    state: { type: 'string', value: 'ESTADO', describe: 'solo abierto o solo cerrado' },
    client: { type: 'string', value: 'QUIEN', describe: 'de una dirección, de un dominio o de un cliente registrado' },
    since: { type: 'string', value: 'FECHA', describe: 'abiertos desde esa fecha, por ejemplo 2026-11-01' },
    review: { type: 'boolean', describe: 'solo los que esperan revisión' },
    limit: { type: 'string', value: 'N', describe: `cuántos como máximo (${DEFAULT_LIMIT})` },
    json: JSON_OPTION,
  },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(tickets, 'no lleva operandos; para ver uno use "buzon ticket N"');
    const filter = filterOf(args);
    const reports = openReports(loadConfig(io.env));
    try {
      const upToOneMore = reports.tickets({ ...filter, limit: filter.limit + 1 });
      const found = upToOneMore.slice(0, filter.limit);
      if (args.flag('json')) for (const each of found) io.out(JSON.stringify(ticketJson(each)));
      else if (found.length === 0) io.err('Ningún ticket.');
      else for (const line of ticketTable(found)) io.out(line);
      if (upToOneMore.length > found.length)
        io.err(`Se ${found.length === 1 ? 'muestra 1' : `muestran ${found.length}`}; hay más: use --limit N`);
      return 0;
    } finally {
      reports.close();
    }
  },
};

function filterOf(args: Arguments): Parameters<ReturnType<typeof openReports>['tickets']>[0] {
  const kind = Object.values(TicketKind).find((each) => each === args.value('kind')?.toLowerCase());
  if (args.value('kind') !== undefined && !kind) throw usage(tickets, '--kind es requerimiento o incidencia');
  const state = STATES[args.value('state')?.toLowerCase() as keyof typeof STATES];
  if (args.value('state') !== undefined && !state) throw usage(tickets, '--state es abierto o cerrado');
  const since = args.value('since') === undefined ? undefined : new Date(args.value('since')!);
  if (since && Number.isNaN(since.getTime())) throw usage(tickets, '--since es una fecha, por ejemplo 2026-11-01');
  const limit = args.value('limit') === undefined ? DEFAULT_LIMIT : Number(args.value('limit'));
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000) throw usage(tickets, '--limit es un número entero desde 1');
  const client = args.value('client');
  return {
    ...(kind ? { kind } : {}),
    ...(state ? { state } : {}),
    ...(client ? { client } : {}),
    ...(since ? { since } : {}),
    ...(args.flag('review') ? { review: true } : {}),
    limit,
  };
}

export function ticketTable(found: readonly TicketLine[], columns = terminalColumns()): string[] {
  return table(
    ['N.º', 'clase', 'confianza', 'criticidad', 'estado', 'abierto', 'anot.', 'solicitante', 'asunto'],
    found.map((each) => [
      String(each.number),
      each.kind,
      `${each.classification.confidence.toFixed(2)}${each.review ? ' revisar' : ''}`,
      each.classification.criticality.suggested,
      STATE_NAMES[each.state],
      localTime(each.openedAt),
      String(each.entries),
      short(each.requester.address, 34),
      short(each.subject, 60),
    ]),
    columns,
  );
}

export function ticketJson(each: TicketLine): object {
  const { number, kind, state, review, subject, requester, openedAt, updatedAt, closedAt, linkedTo, mergedInto, entries, classification } =
    each;
  const client = each.client && { name: each.client.name, contract: each.client.contract };
  return {
    ...{ number, kind, state, review, subject, requester, client, openedAt, updatedAt, closedAt, linkedTo, mergedInto, entries },
    classification,
  };
}
