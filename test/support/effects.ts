import { createHash } from 'node:crypto';
import type { Classification, Effect, Entry, InboundRecord, MailKeys, QueuedReply, TicketChange } from '../../src/desk/ticket.ts';

/** What a test says about one incoming mail; the rest is plain. */
export interface MailFacts {
  /** Stands for the whole content: two mails of one name are one mail. */
  name: string;
  rawId: string;
  ref?: string;
  from?: string;
  receivedAt?: Date;
  messageId?: string | null;
  references?: string[];
  contentHash?: string;
}

export const ARRIVAL = new Date('2026-03-02T15:00:00.000Z');

const CLASSIFICATION: Classification = {
  kind: 'incidencia',
  confidence: 0.9,
  band: 'sure',
  review: false,
  service: false,
  language: 'es',
  evidence: [],
  criticality: { suggested: 'media', evidence: [] },
  missing: ['versiones'],
};

export function openingEffect(facts: MailFacts, number: number, options: { answered?: boolean; expiresAt?: Date } = {}): Effect {
  const inbound = { ...anInbound(facts), outcome: 'open', ticketNumber: number } satisfies InboundRecord;
  const change: TicketChange = {
    kind: 'open',
    ticket: {
      number,
      kind: 'incidencia',
      subject: `Asunto de ${facts.name}`,
      requester: { name: 'Ana', address: inbound.sender },
      classification: CLASSIFICATION,
      linkedTo: null,
      clientId: null,
    },
    entry: anEntry(facts),
    participants: [inbound.sender],
  };
  const replies = options.answered === false ? [] : [aReply(number, facts, options.expiresAt)];
  return { inbound: { ...inbound, reply: replies.length > 0 ? 'acknowledge' : 'none' }, change, outbox: replies, undelivered: [] };
}

export function appendingEffect(
  facts: MailFacts,
  ticketNumber: number,
  options: { reopen?: boolean; participants?: string[] } = {},
): Effect {
  const { reopen = false, participants = [] } = options;
  return {
    inbound: { ...anInbound(facts), outcome: 'append', ticketNumber },
    change: { kind: 'append', ticketNumber, reopen, entry: anEntry(facts), participants },
    outbox: [],
    undelivered: [],
  };
}

export function quarantiningEffect(facts: MailFacts): Effect {
  const inbound: InboundRecord = { ...anInbound(facts), fingerprint: null, outcome: 'quarantine', cause: 'unreadable' };
  return { inbound, change: { kind: 'none' }, outbox: [], undelivered: [] };
}

export function bounceEffect(facts: MailFacts, report: { outboxId: number; address: string; permanent: boolean }): Effect {
  return {
    inbound: { ...anInbound(facts), outcome: 'bounce' },
    change: { kind: 'none' },
    outbox: [],
    undelivered: [{ ...report, status: '5.1.1', diagnostic: 'smtp; 550 no such user' }],
  };
}

export function aReply(ticketNumber: number, facts: MailFacts, expiresAt: Date = new Date('2026-03-03T15:00:00.000Z')): QueuedReply {
  const recipient = facts.from ?? 'ana@cliente.example';
  const bytes = Buffer.from(`To: ${recipient}\r\n\r\nRecibido.\r\n`);
  return {
    ticketNumber,
    recipient,
    kind: 'acknowledge',
    mail: { messageId: `reply-${facts.name}@desk.example`, envelopeFrom: '', envelopeTo: recipient, bytes },
    expiresAt,
  };
}

export function keysFor(facts: Omit<MailFacts, 'rawId'>, more: Partial<MailKeys> = {}): MailKeys {
  const inbound = anInbound({ ...facts, rawId: '' });
  return {
    fingerprint: inbound.fingerprint!,
    sender: inbound.sender,
    numbers: [],
    formerNumbers: [],
    references: inbound.references,
    messageId: inbound.messageId,
    contentHash: inbound.contentHash!,
    caseHash: null,
    reportedMessageId: null,
    receivedAt: inbound.receivedAt,
    ...more,
  };
}

function anInbound({ name, rawId, ref = `maildir:${name}`, from = 'ana@cliente.example', ...facts }: MailFacts): InboundRecord {
  return {
    ref,
    rawId,
    size: 100,
    receivedAt: facts.receivedAt ?? ARRIVAL,
    fingerprint: sha256(name),
    contentHash: facts.contentHash ?? sha256(`content of ${name}`),
    messageId: facts.messageId === undefined ? `${name}@cliente.example` : facts.messageId,
    references: facts.references ?? [],
    sender: from,
    subject: `Asunto de ${name}`,
    outcome: 'ignore',
    cause: null,
    reply: 'none',
    trace: [{ rule: 'opensTicket', result: 'open', because: 'nothing points to a ticket' }],
    ticketNumber: null,
  };
}

function anEntry({ name, from = 'ana@cliente.example' }: MailFacts): Entry {
  return {
    author: { name: 'Ana', address: from },
    what: 'message',
    verified: true,
    newText: `Texto de ${name}`,
    quotedText: '',
    signature: '',
    attachments: [],
    flags: [],
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
