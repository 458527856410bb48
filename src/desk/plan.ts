import { automaticAnswerHeaders, composeReply } from '../mail/compose.ts';
import type { ParsedMail } from '../mail/message.ts';
import { signedMessageId } from '../mail/signature.ts';
import { acknowledgementFor, fixedText, type Templates } from './acknowledgement.ts';
import type { BusinessHours } from './hours.ts';
import { languageOf } from './language.ts';
import { contentHashOf, participantsOf, ticketSubjectOf } from './match.ts';
import { type Identity, withoutTag } from './policy.ts';
import { contractInForce } from './register.ts';
import type { Decision, Effect, Entry, InboundRecord, Known, QueuedReply, Step, TicketChange } from './ticket.ts';

/** What is certain about a mail before anything in it is believed. */
export interface ArrivalFacts {
  ref: string;
  rawId: string;
  size: number;
  receivedAt: Date;
}

export interface PlanInput {
  arrival: ArrivalFacts;
  decision: Decision;
  steps: Step[];
  mail: ParsedMail;
  known: Known;
  identity: Identity;
  templates: Templates;
  hours: BusinessHours;
  /** Replies not sent by then are dropped. */
  replyMaxAgeHours: number;
  now: Date;
}

/** Everything that a decision changes, as rows and complete replies. Writes nothing. */
export async function planEffect(input: PlanInput): Promise<Effect> {
  const { decision } = input;
  return {
    inbound: inboundOf(input),
    change: changeOf(input),
    outbox: await repliesOf(input),
    undelivered:
      decision.action === 'bounce' && decision.outboxId !== null
        ? decision.report.recipients.map(({ address, permanent, status, diagnostic }) => ({
            outboxId: decision.outboxId!,
            address: address.toLowerCase(),
            permanent: permanent === true,
            status,
            diagnostic,
          }))
        : [],
  };
}

/** The effect of a mail that could not be read or decided: kept whole, apart, with its cause. */
export function quarantineEffect(
  arrival: ArrivalFacts,
  cause: Extract<Decision, { action: 'quarantine' }>['cause'],
  steps: Step[],
): Effect {
  return {
    inbound: {
      ...arrival,
      // Nothing was read that could identify it but its bytes.
      fingerprint: `raw:${arrival.rawId}`,
      contentHash: null,
      messageId: null,
      references: [],
      sender: '',
      subject: '',
      outcome: 'quarantine',
      cause,
      reply: 'none',
      trace: steps,
      ticketNumber: null,
    },
    change: { kind: 'none' },
    outbox: [],
    undelivered: [],
  };
}

function inboundOf({ arrival, decision, steps, mail, known }: PlanInput): InboundRecord {
  return {
    ...arrival,
    fingerprint: mail.fingerprint,
    contentHash: contentHashOf(mail),
    messageId: mail.messageId,
    references: [...new Set([...mail.inReplyTo, ...mail.references])],
    sender: mail.from.address.toLowerCase(),
    subject: mail.subject.slice(0, 500),
    outcome: decision.action,
    cause: decision.action === 'ignore' || decision.action === 'quarantine' ? decision.cause : null,
    reply: decision.action === 'open' || decision.action === 'append' ? decision.reply.kind : 'none',
    trace: steps,
    ticketNumber: ticketNumberOf(decision, known),
  };
}

/** The ticket that a decision speaks of, the one it opens included. */
function ticketNumberOf(decision: Decision, known: Known): number | null {
  switch (decision.action) {
    case 'open':
      return known.nextTicketNumber;
    case 'append':
      return decision.ticket.number;
    case 'bounce':
    case 'note':
      return decision.ticketNumber;
    case 'ignore':
      return known.ingestedAs?.ticketNumber ?? null;
    case 'quarantine':
      return null;
  }
}

function changeOf({ decision, mail, known, identity }: PlanInput): TicketChange {
  const reused = known.messageIdTaken ? ['repite el Message-ID de otro correo'] : [];
  switch (decision.action) {
    case 'open': {
      const { classification, linkedTo, verified, client, flags } = decision;
      const subject = ticketSubjectOf(mail, identity);
      const ticket = {
        ...{ number: known.nextTicketNumber, kind: classification.kind, subject, requester: mail.from, classification, linkedTo },
        clientId: client?.id ?? null,
      };
      return {
        kind: 'open',
        ticket,
        entry: entryOf(mail, 'message', verified, [...flags, ...reused]),
        participants: participantsOf(mail, verified, identity),
      };
    }
    case 'append': {
      const { ticket, verified, reopen, flags } = decision;
      return {
        kind: 'append',
        ticketNumber: ticket.number,
        reopen,
        entry: entryOf(mail, 'message', verified, [...flags, ...reused]),
        // Who writes without being verified takes part already, or was let in by a person for this once.
        participants: verified ? participantsOf(mail, verified, identity) : [],
      };
    }
    case 'bounce':
    case 'note': {
      if (decision.ticketNumber === null) return { kind: 'none' };
      const what = decision.action === 'bounce' ? 'bounce' : 'automatic';
      return {
        kind: 'append',
        ticketNumber: decision.ticketNumber,
        reopen: false,
        entry: entryOf(mail, what, false, []),
        participants: [],
      };
    }
    case 'ignore':
    case 'quarantine':
      return { kind: 'none' };
  }
}

function entryOf(mail: ParsedMail, what: Entry['what'], verified: boolean, flags: string[]): Entry {
  const { newText, quotedText, signature, attachments } = mail;
  const text = newText.trim() !== '' ? newText : attachments.length > 0 ? '(sin texto; ver adjuntos)' : '(sin texto)';
  return { author: mail.from, what, verified, newText: text, quotedText, signature, attachments, flags: [...flags, ...oddities(mail)] };
}

const PROTECTIONS: Record<NonNullable<ParsedMail['protection']>, string> = {
  'smime-signed': 'firmado (S/MIME)',
  'smime-encrypted': 'cifrado (S/MIME)',
  'pgp-signed': 'firmado (PGP)',
  'pgp-encrypted': 'cifrado (PGP)',
};

/** What a person who reads the ticket should know of the mail. Who is meant to get the answer is nobody's identity, and proves nothing. */
function oddities({ from, fromField, replyTo, headers, protection }: ParsedMail): string[] {
  const elsewhere = replyTo.some(({ address }) => withoutTag(address) !== withoutTag(from.address));
  const repeats = (field: string) => headers.filter(({ name }) => name === field).length > 1;
  return [
    ...(fromField === 'reply-to' ? ['autor tomado de Reply-To'] : elsewhere ? ['pide responder a otra dirección'] : []),
    ...(repeats('from') || repeats('subject') ? ['sospechoso: repite From o Subject'] : []),
    ...(protection === null ? [] : [PROTECTIONS[protection]]),
  ];
}

async function repliesOf({
  decision,
  mail,
  known,
  identity,
  templates,
  hours,
  arrival,
  replyMaxAgeHours,
  now,
}: PlanInput): Promise<QueuedReply[]> {
  if ((decision.action !== 'open' && decision.action !== 'append') || decision.reply.kind === 'none') return [];
  const ticketNumber = decision.action === 'open' ? known.nextTicketNumber : decision.ticket.number;
  const { kind } = decision.reply;
  const written = decision.action === 'open' ? decision.classification.language : languageOf(mail);
  const language = known.registration?.language ?? written;
  const common = { ticketNumber, tokens: identity.tokens, language, platformUrl: identity.platformUrl };
  const answer =
    decision.action === 'append' || kind === 'fixed-text'
      ? fixedText(common, templates)
      : acknowledgementFor(
          {
            ...common,
            classification: decision.classification,
            echoSubject: mail.subject === '' ? null : mail.subject,
            requesterName: mail.from.name === '' ? null : mail.from.name,
            receivedAt: arrival.receivedAt,
            now,
            hours,
            modality: decision.client === null ? null : (contractInForce(decision.client, now)?.modality ?? null),
          },
          templates,
        );
  const composed = await composeReply({
    ...answer,
    from: { name: identity.name, address: identity.address },
    to: mail.from.address,
    // Made from the mail itself: a second attempt at the same mail composes the same Message-ID.
    messageId: signedMessageId(identity.secret, ticketNumber, mail.fingerprint.slice(0, 12), identity.domain),
    inReplyTo: mail.messageId,
    references: mail.references.length > 0 ? mail.references : mail.inReplyTo,
    date: now,
    envelopeFrom: identity.bounceAddress,
    headers: automaticAnswerHeaders(identity.address),
  });
  const expiresAt = new Date(arrival.receivedAt.getTime() + replyMaxAgeHours * 3_600_000);
  return [{ ticketNumber, recipient: withoutTag(mail.from.address), kind, mail: composed, expiresAt }];
}
