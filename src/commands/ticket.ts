import { openReports } from '../app.ts';
import { loadConfig, type ServiceLevels } from '../config.ts';
import { type Client, contractInForce, contractWords } from '../desk/register.ts';
import type { Criticality } from '../desk/ticket.ts';
import { AppError } from '../errors.ts';
import type { ActLine, EntryLine, InboundLine, TicketDetail } from '../reports.ts';
import { type Command, JSON_OPTION, usage } from './command.ts';
import { stepLine } from './decisionLine.ts';
import { BAND_NAMES, causeName, OUTCOME_NAMES, replyName } from './names.ts';
import { fileLine, indented, localTime, printable, short } from './print.ts';
import { ticketJson } from './tickets.ts';

export const ticket: Command = {
  name: 'ticket',
  operands: 'N',
  summary: 'Muestra un ticket con sus mensajes, adjuntos, respuestas y la traza de cada decisión.',
  options: { json: JSON_OPTION, quoted: { type: 'boolean', describe: 'muestra también el texto citado y las firmas' } },
  async run(args, io) {
    const [written] = args.operands;
    if (args.operands.length !== 1 || !/^\d{1,9}$/.test(written ?? ''))
      throw usage(ticket, 'escriba un número de ticket; por ejemplo "buzon ticket 12"');
    const config = loadConfig(io.env);
    const reports = openReports(config);
    try {
      const found = reports.ticket(Number(written));
      if (!found)
        throw new AppError('NOT_FOUND', `no existe el ticket ${written}`, {
          temporary: false,
          remedy: 'vea los que hay con "buzon tickets"',
        });
      io.out(args.flag('json') ? JSON.stringify(detailJson(found)) : printed(found, args.flag('quoted'), config.file.clients.sla));
      return 0;
    } finally {
      reports.close();
    }
  },
};

function detailJson(found: TicketDetail): object {
  const { participants, formerNumbers, mergedFrom, acts, contributions, messages, replies } = found;
  return { ...ticketJson(found), participants, formerNumbers, mergedFrom, acts, contributions, messages, replies };
}

function printed(found: TicketDetail, withQuoted: boolean, slas: ServiceLevels): string {
  const { classification } = found;
  const words = classification.evidence
    .slice(0, 6)
    .map(({ term, weight }) => `${short(term, 40)} (${weight > 0 ? '+' : ''}${weight.toFixed(2)})`);
  const lines = [
    `Ticket ${found.number}: ${printable(found.subject)}`,
    `  ${kindLine(found)}; criticidad sugerida: ${classification.criticality.suggested}`,
    ...(words.length > 0 ? [`  por: ${words.join(', ')}`] : []),
    ...(classification.missing.length > 0 ? [`  falta: ${classification.missing.join(', ')}`] : []),
    `  ${found.state === 'open' ? 'abierto' : 'cerrado'}; desde ${localTime(found.openedAt)}; de ${short(`${found.requester.name} <${found.requester.address}>`, 100)}`,
    ...(found.client === null ? [] : [`  cliente: ${clientLine(found.client, classification.criticality.suggested, slas)}`]),
    `  participan: ${found.participants.map((each) => short(each, 80)).join(', ')}`,
    ...(found.linkedTo === null ? [] : [`  relacionado con el ticket ${found.linkedTo}`]),
    ...(found.mergedInto === null ? [] : [`  unido al ticket ${found.mergedInto}`]),
    ...(found.mergedFrom.length > 0
      ? [`  se unieron a este: ${found.mergedFrom.join(', ')} (vea "buzon ticket ${found.mergedFrom[0]}")`]
      : []),
    ...(found.formerNumbers.length > 0 ? [`  números anteriores: ${found.formerNumbers.join(', ')}`] : []),
  ];
  for (const entry of found.contributions) lines.push('', ...entryLines(entry, withQuoted));
  if (found.replies.length > 0) lines.push('', 'Respuestas');
  for (const reply of found.replies) {
    const at = reply.settledAt ?? reply.queuedAt;
    lines.push(
      `  ${localTime(at)}  ${replyName(reply)} a ${short(reply.recipient, 60)}${reply.response ? `: ${short(reply.response, 100)}` : ''}`,
    );
    if (reply.undelivered)
      lines.push(`    devuelta: ${short(`${reply.undelivered.status ?? ''} ${reply.undelivered.diagnostic ?? ''}`, 160)}`);
  }
  if (found.acts.length > 0) lines.push('', 'Cambios hechos por el equipo');
  for (const act of found.acts) lines.push(`  ${localTime(act.at)}  ${actLine(act)}`);
  lines.push('', 'Traza');
  for (const message of found.messages) lines.push(...traceLines(message));
  return lines.join('\n');
}

/** Whose ticket it is, under which contract, and the time in which that is to be answered if a person confirms the criticality. */
function clientLine(client: Client, criticality: Criticality, slas: ServiceLevels): string {
  const said = `${short(client.name, 80)}, ${contractWords(client, new Date())}`;
  const sla = contractInForce(client, new Date())?.sla;
  const hours = sla ? slas[sla]?.[criticality] : undefined;
  if (!sla) return said;
  return hours === undefined ? `${said}, SLA ${sla}` : `${said}, SLA ${sla}: ${hours} h si la criticidad ${criticality} se confirma`;
}

/** What a person said that it is, or the classifier, and how sure that was. */
function kindLine({ kind, review, classification, acts }: TicketDetail): string {
  const correction = acts.findLast(({ what }) => what === 'correct');
  const said = `confianza ${classification.confidence.toFixed(2)}, ${BAND_NAMES[review ? 'review' : classification.band]}`;
  return correction
    ? `${kind}, según ${short(correction.by, 60)} (el clasificador dijo ${classification.kind}, ${said})`
    : `${kind}, ${said}`;
}

export function actLine({ what, by, into, to, outboxId }: ActLine): string {
  switch (what) {
    case 'close':
      return `cerrado por ${short(by, 60)}`;
    case 'reopen':
      return `reabierto por ${short(by, 60)}`;
    case 'merge':
      return `unido al ticket ${into} por ${short(by, 60)}`;
    case 'correct':
      return `es ${to}, dijo ${short(by, 60)}`;
    case 'retry':
      return `respuesta ${outboxId} puesta de nuevo en la cola por ${short(by, 60)}`;
    case 'cancel':
      return `respuesta ${outboxId} cancelada por ${short(by, 60)}`;
  }
}

const WHAT = { message: 'mensaje', automatic: 'mensaje automático', bounce: 'rebote' } as const;

function entryLines(entry: EntryLine, withQuoted: boolean): string[] {
  const marks = [WHAT[entry.what], ...(entry.what === 'message' && !entry.verified ? ['no verificado'] : []), ...entry.flags];
  return [
    `── ${localTime(entry.enteredAt)}  ${short(`${entry.author.name} <${entry.author.address}>`, 80)}  (${marks.join(', ')})`,
    indented(entry.newText, '   '),
    ...(withQuoted && entry.signature ? ['   [firma]', indented(entry.signature, '   ')] : []),
    ...(withQuoted && entry.quotedText ? ['   [citado]', indented(entry.quotedText, '   │ ')] : []),
    ...entry.attachments.map((each) => `   adjunto: ${fileLine(each)} ${each.path}`),
  ];
}

function traceLines(message: InboundLine): string[] {
  return [
    `  ${localTime(message.receivedAt)}  ${short(message.ref, 120)}  ${OUTCOME_NAMES[message.outcome]}${message.cause ? `: ${causeName(message.cause)}` : ''}  ${message.path ?? ''}`.trimEnd(),
    ...message.trace.map((step) => `    ${stepLine(step)}`),
  ];
}
