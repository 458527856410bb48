import type { CorrectedMail } from './desk/learnModel.ts';
import type {
  Alias,
  Classification,
  Entry,
  IgnoreCause,
  Outcome,
  QuarantineCause,
  Reply,
  StaffChange,
  Step,
  Ticket,
  TicketKind,
} from './desk/ticket.ts';
import type { Attachment, MessageRef } from './mail/message.ts';
import type { LearningState } from './ports.ts';

/** What commands and health print; reads while the worker writes, and changes nothing. */
export interface Reports {
  /** The newest first. */
  tickets(filter: TicketFilter): TicketLine[];
  /** One ticket with all that belongs to it; undefined when there is none of that number. */
  ticket(number: number): TicketDetail | undefined;
  /** What lies in quarantine, the oldest first. */
  quarantined(limit: number): InboundLine[];
  /** What was held, ignored or noted without a ticket, and repetitions: all that a list of tickets does not lead to. The newest first. */
  aside(limit: number): InboundLine[];
  /** The ledger's row of one message. */
  inbound(id: number): InboundLine | undefined;
  /** Former ticket numbers and where each leads, in their order. */
  aliases(): AliasLine[];
  /** The outbox, the oldest first. */
  outbox(filter: { state?: OutboxState; limit: number }): OutboxLine[];
  summary(): StoreSummary;
  learning(): LearningState;
  /** What people said that mails are, in the order in which they said it. */
  corrections(): CorrectedMail[];
  close(): void;
}

export interface TicketFilter {
  kind?: TicketKind;
  state?: Ticket['state'];
  /** A requester's address, or the domain of their addresses. */
  client?: string;
  /** Opened at this moment or later. */
  since?: Date;
  /** True: only those that wait for a person's look. */
  review?: boolean;
  limit: number;
}

export interface TicketLine extends Omit<Ticket, 'participants'> {
  review: boolean;
  /** What the classifier said at the opening. */
  classification: Classification;
  linkedTo: number | null;
  mergedInto: number | null;
  updatedAt: Date;
  entries: number;
}

export interface TicketDetail extends TicketLine {
  participants: string[];
  /** In the order in which they came. */
  contributions: EntryLine[];
  /** The ledger's rows that led here, each with its trace. */
  messages: InboundLine[];
  replies: OutboxLine[];
  formerNumbers: string[];
  /** Tickets that were united with this one. */
  mergedFrom: number[];
  /** What staff did to it, in order. */
  acts: ActLine[];
}

export interface ActLine {
  what: StaffChange['kind'];
  by: string;
  at: Date;
  /** The survivor of a merge. */
  into: number | null;
  /** What a correction said that it is. */
  to: TicketKind | null;
}

export type AliasLine = Alias & { importedAt: Date };

export interface EntryLine extends Omit<Entry, 'attachments'> {
  id: number;
  inboundId: number | null;
  enteredAt: Date;
  attachments: (Attachment & { path: string })[];
}

export interface InboundLine {
  id: number;
  ref: MessageRef;
  sender: string;
  subject: string;
  size: number;
  outcome: Outcome;
  cause: QuarantineCause | IgnoreCause | null;
  reply: Reply['kind'];
  ticketNumber: number | null;
  duplicateOf: number | null;
  trace: Step[];
  receivedAt: Date;
  recordedAt: Date;
  /** The message as it came; null when only its arrival was recorded. */
  path: string | null;
}

export type OutboxState = 'queued' | 'sending' | 'sent' | 'failed' | 'dropped';

export interface OutboxLine {
  id: number;
  ticketNumber: number;
  kind: 'acknowledge' | 'fixed-text';
  recipient: string;
  messageId: string;
  state: OutboxState;
  attempts: number;
  queuedAt: Date;
  nextAttemptAt: Date;
  expiresAt: Date;
  settledAt: Date | null;
  /** What the server said last. */
  response: string | null;
  /** What a delivery report said later. */
  undelivered: { at: Date; permanent: boolean; status: string | null; diagnostic: string | null } | null;
}

/** Counts that health and commands ask for; each is cheap, however many messages are stored. */
export interface StoreSummary {
  tickets: { open: number; closed: number; review: number };
  quarantined: number;
  /** What waits and what failed; sent and dropped mails are history. */
  outbox: { queued: number; sending: number; failed: number };
  /** When the longest waiting reply was queued; null when none waits. */
  oldestQueuedAt: Date | null;
}
