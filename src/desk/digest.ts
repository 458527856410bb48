import { createHash } from 'node:crypto';
import { composeReply } from '../mail/compose.ts';
import { maskedSecrets } from '../mail/maskedSecrets.ts';
import type { OutboundMail } from '../mail/message.ts';
import { neutralLine } from '../mail/neutral.ts';
import { NO_TICKET, signedMessageId } from '../mail/signature.ts';
import type { AnswerText } from './acknowledgement.ts';
import { type Cause, causeName } from './causes.ts';
import { counted } from './counted.ts';
import type { Identity } from './policy.ts';
import { minuteOf } from './quarantine.ts';
import { FINDING_TEXTS, GAP_CODES, gapsOf, type Reconciled } from './reconcile.ts';
import { spokenMoment } from './spokenTime.ts';
import { escapeHtml } from './template.ts';
import { TicketKind } from './ticket.ts';

/** A message that waits in quarantine. */
export interface HeldMail {
  id: number;
  cause: Cause;
  sender: string;
  subject: string;
  recordedAt: Date;
}

/** A reply of ours that was given up. */
export interface FailedReply {
  id: number;
  ticketNumber: number;
  recipient: string;
  /** What the server said last. */
  response: string | null;
}

/** What people of the desk should know about, and what happened since they were told last. */
export interface DigestFacts {
  since: Date;
  /** Everything in quarantine, and the newest of it. */
  held: { count: number; oldestAt: Date | null; newest: HeldMail[] };
  /** What leaves quarantine soon because nobody looked at it; counted in `held` too. */
  expiring: { count: number; firstAt: Date | null };
  /** Replies that failed since then. */
  failed: { count: number; newest: FailedReply[] };
  /** Replies that have been waiting for long. */
  waiting: { count: number; oldestAt: Date | null };
  /** New tickets since then. */
  tickets: Record<TicketKind, number>;
  /** Tickets that wait for a person's look, whenever they were opened. */
  review: number;
  /** Mails since then that changed nothing, by cause. */
  ignored: { cause: Cause; count: number }[];
  /** New tickets since then that got no answer, because there were too many at once. */
  unanswered: number;
  /** What the last comparison of mailbox and ledger found; null before the first one. */
  reconciled: Pick<Reconciled, 'at' | 'gaps'> | null;
}

/** True when nothing in it waits for a person. */
export function isQuiet({ held, failed, waiting, unanswered, reconciled }: DigestFacts): boolean {
  return held.count + failed.count + waiting.count + unanswered + gapsIn(reconciled) === 0;
}

/** The digest as a whole mail to one person of the desk. The same person gets the same Message-ID for the same `at`, however often it is composed. */
export function composeDigest(
  facts: DigestFacts,
  { identity, to, at, now }: { identity: Identity; to: string; at: Date; now: Date },
): Promise<OutboundMail> {
  const unique = createHash('sha256').update(`${at.toISOString()} ${to.toLowerCase()}`).digest('hex').slice(0, 16);
  return composeReply({
    ...digestText(facts, identity.address, at),
    from: { name: identity.name, address: identity.address },
    to,
    messageId: signedMessageId(identity.secret, NO_TICKET, unique, identity.domain),
    inReplyTo: null,
    references: [],
    date: now,
    envelopeFrom: identity.bounceAddress,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'X-Loop': identity.address },
  });
}

/** What the digest says: the same lines as text and as HTML. */
export function digestText(facts: DigestFacts, address: string, at: Date): AnswerText {
  const blocks: Block[] = [
    { paragraph: `Resumen de ${address}, ${spokenMoment(at, 'es')} (hora de Colombia).` },
    ...(isQuiet(facts) ? [{ paragraph: 'Nada pendiente.' }] : []),
    ...gapBlocks(facts),
    ...heldBlocks(facts),
    ...replyBlocks(facts),
    ...activityBlocks(facts),
    { paragraph: 'Lo escribió Buzón; las respuestas a este mensaje no las lee nadie.' },
  ];
  return { subject: subjectOf(facts), text: `${blocks.map(asText).join('\n\n')}\n`, html: pageOf(blocks) };
}

/** One piece of the digest; an item has the command that shows more of it. */
type Block = { heading: string } | { paragraph: string } | { item: string; command: string };

function subjectOf(facts: DigestFacts): string {
  const { held, failed, waiting, unanswered, reconciled } = facts;
  const gaps = gapsIn(reconciled);
  const parts = [
    gaps > 0 ? counted(gaps, 'mensaje sin cuadrar', 'mensajes sin cuadrar') : '',
    held.count > 0 ? `${held.count} en cuarentena` : '',
    failed.count > 0 ? counted(failed.count, 'respuesta fallida', 'respuestas fallidas') : '',
    waiting.count > 0 ? counted(waiting.count, 'respuesta demorada', 'respuestas demoradas') : '',
    unanswered > 0 ? 'una avalancha' : '',
  ].filter((part) => part !== '');
  return `Buzón: ${parts.length > 0 ? parts.join(', ') : 'nada pendiente'}`;
}

function gapsIn(reconciled: DigestFacts['reconciled']): number {
  return reconciled === null ? 0 : gapsOf(reconciled);
}

/** The first thing to be read: a mail may be lost. */
function gapBlocks({ reconciled }: DigestFacts): Block[] {
  const gaps = gapsIn(reconciled);
  if (reconciled === null || gaps === 0) return [];
  const found = GAP_CODES.filter((code) => reconciled.gaps[code] > 0);
  return [
    { heading: `Sin cuadrar entre el buzón y el libro: ${counted(gaps, 'mensaje', 'mensajes')}` },
    ...found.map((code) => ({ paragraph: `${reconciled.gaps[code]}: ${FINDING_TEXTS[code].because} (${code}).` })),
    { item: `Se compararon el ${minuteOf(reconciled.at)}; cuáles son y qué hacer:`, command: 'buzon reconcile' },
  ];
}

function heldBlocks({ held, expiring }: DigestFacts): Block[] {
  if (held.count === 0) return [];
  const since = held.oldestAt === null ? '' : `; el más antiguo, desde el ${minuteOf(held.oldestAt)}`;
  const blocks: Block[] = [{ heading: `En cuarentena: ${counted(held.count, 'mensaje', 'mensajes')}${since}` }];
  if (expiring.count > 0 && expiring.firstAt !== null) {
    const first = minuteOf(expiring.firstAt);
    blocks.push({
      item:
        expiring.count === 1
          ? `1 mensaje expira en menos de una semana, el ${first}.`
          : `${expiring.count} mensajes expiran en menos de una semana, el primero el ${first}.`,
      command: 'buzon quarantine list',
    });
  }
  for (const [cause, mails] of Map.groupBy(held.newest, (mail) => mail.cause)) {
    blocks.push({ paragraph: `${capitalized(causeName(cause))}:` });
    for (const { id, sender, subject, recordedAt } of mails) {
      const unread = sender === '' && subject === '';
      const what = unread ? 'sin leer' : `${shown(sender, 80)}: ${shown(subject, 80) || '(sin asunto)'}`;
      blocks.push({ item: `${minuteOf(recordedAt)}  ${what}`, command: `buzon quarantine show ${id}` });
    }
  }
  const more = held.count - held.newest.length;
  if (more > 0) blocks.push({ item: `… y ${more} más, de antes.`, command: 'buzon quarantine list' });
  return blocks;
}

function replyBlocks({ failed, waiting }: DigestFacts): Block[] {
  const blocks: Block[] = [];
  if (failed.count > 0) {
    blocks.push({ heading: `Respuestas que fallaron: ${failed.count}` });
    for (const { id, ticketNumber, recipient, response } of failed.newest) {
      const said = response === null ? '' : `: ${shown(response, 160)}`;
      blocks.push({ item: `ticket ${ticketNumber}, a ${shown(recipient, 80)}${said}`, command: `buzon outbox show ${id}` });
    }
    const more = failed.count - failed.newest.length;
    if (more > 0) blocks.push({ item: `… y ${more} más.`, command: 'buzon outbox list --state failed' });
  }
  if (waiting.count > 0 && waiting.oldestAt !== null) {
    blocks.push(
      { heading: `Respuestas demoradas: ${waiting.count}` },
      { item: `La más antigua espera desde el ${minuteOf(waiting.oldestAt)}.`, command: 'buzon outbox list' },
    );
  }
  return blocks;
}

function activityBlocks({ since, tickets, review, ignored, unanswered }: DigestFacts): Block[] {
  const [incidents, requirements] = [tickets[TicketKind.incident], tickets[TicketKind.requirement]];
  const blocks: Block[] = [
    { heading: `Desde el ${minuteOf(since)}` },
    {
      paragraph: `Tickets nuevos: ${incidents + requirements} (${counted(incidents, 'incidencia', 'incidencias')}, ${counted(requirements, 'requerimiento', 'requerimientos')}).`,
    },
  ];
  if (unanswered > 0) {
    const got = unanswered === 1 ? 'ticket quedó' : 'tickets quedaron';
    blocks.push({ paragraph: `Hubo una avalancha: ${unanswered} ${got} sin acuse de recibo (limits.newTicketsPerMinute).` });
  }
  if (review > 0)
    blocks.push({ item: `${counted(review, 'ticket espera', 'tickets esperan')} revisión.`, command: 'buzon tickets --review' });
  const all = ignored.reduce((sum, { count }) => sum + count, 0);
  if (all > 0) {
    const causes = ignored.map(({ cause, count }) => `${causeName(cause)}: ${count}`).join('; ');
    blocks.push({ item: `Correos ignorados: ${all} (${causes}).`, command: 'buzon quarantine list --all' });
  }
  return blocks;
}

function asText(block: Block): string {
  if ('heading' in block) return `${block.heading.toUpperCase()}\n${'─'.repeat(Math.min(72, Array.from(block.heading).length))}`;
  return 'paragraph' in block ? block.paragraph : `  ${block.item}\n      ${block.command}`;
}

function asHtml(block: Block): string {
  if ('heading' in block) return `<h2 style="margin:24px 0 8px;font-size:18px">${escapeHtml(block.heading)}</h2>`;
  if ('paragraph' in block) return `<p style="margin:0 0 8px">${escapeHtml(block.paragraph)}</p>`;
  return `<p style="margin:0 0 8px 16px">${escapeHtml(block.item)}<br>\n<code style="font-size:14px">${escapeHtml(block.command)}</code></p>`;
}

function pageOf(blocks: readonly Block[]): string {
  return [
    '<!doctype html>',
    '<html lang="es">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Resumen de Buzón</title>',
    '</head>',
    '<body style="margin:0;padding:16px;background:#ffffff;color:#1f2933;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5">',
    '<div style="max-width:640px;margin:0 auto">',
    ...blocks.map(asHtml),
    '</div>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** What somebody else wrote, for one line: no hidden characters, no passwords, at most so many characters. */
function shown(text: string, max: number): string {
  const line = Array.from(maskedSecrets(neutralLine(text.slice(0, 1000))));
  return line.length <= max ? line.join('') : `${line.slice(0, max - 1).join('')}…`;
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
