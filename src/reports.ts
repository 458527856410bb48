import type { DigestFacts } from './desk/digest.ts';
import type { CorrectedMail } from './desk/learnModel.ts';
import type { OutboxState } from './desk/outbox.ts';
import type { Reconciled } from './desk/reconcile.ts';
import type { Client, RegisteredClient } from './desk/register.ts';
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
import type { LearningState, RecordMark } from './ports.ts';

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
  /** The register of clients, by name. */
  clients(): RegisteredClient[];
  /** Replies of ours, the oldest first unless asked otherwise. */
  outbox(filter: OutboxFilter): OutboxLine[];
  /** One reply of ours with its mail; undefined when there is none of that number. */
  reply(id: number): ReplyDetail | undefined;
  /** What the staff should know about. */
  digest(question: DigestQuestion): CountedFacts;
  /** Cheap, however many messages are stored: asked for at every look at health. */
  waiting(): Waiting;
  /** How many tickets were opened at this moment or later. */
  openedSince(moment: Date): number;
  summary(): StoreSummary;
  learning(): LearningState;
  /** How the last comparison of mailbox and ledger ended; null before the first. */
  reconciled(): Reconciled | null;
  /** What people said that mails are, in the order in which they said it. */
  corrections(): CorrectedMail[];
  close(): void;
}

export interface TicketFilter {
  kind?: TicketKind;
  state?: Ticket['state'];
  /** A requester's address, the domain of their addresses, or the name of a registered client. */
  client?: string;
  /** Opened at this moment or later. */
  since?: Date;
  /** True: only those that wait for a person's look. */
  review?: boolean;
  limit: number;
}

export interface TicketLine extends Omit<Ticket, 'participants' | 'clientId'> {
  /** Whose matter it is; null when the register did not know the requester for sure. */
  client: Client | null;
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
  /** The reply of ours that was sent again or cancelled. */
  outboxId: number | null;
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

export type { OutboxState };

export interface OutboxFilter {
  /** Only those in one of these states; the search for `sent` and `dropped` ones looks at every row until `limit` is found. */
  states?: readonly OutboxState[];
  newestFirst?: boolean;
  limit: number;
}

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

export interface ReplyDetail extends OutboxLine {
  /** The message that it answers. */
  inboundId: number | null;
  envelopeFrom: string;
  envelopeTo: string;
  /** The whole mail, as every attempt sends it. */
  bytes: Buffer;
  /** An older reply on the same ticket that is sent first; null when none waits. */
  behind: number | null;
  /** Until when the address gets no automatic mail because of this reply; null when it does. */
  suppressedUntil: Date | null;
  /** What staff did to it, in order. */
  acts: ActLine[];
}

export interface DigestQuestion {
  /** Replies that failed from then on are counted. */
  since: Date;
  /** Mail and tickets recorded after these are counted; null: after the last one before the first arrival from `since` on. */
  after: RecordMark | null;
  /** Replies queued before this moment have been waiting for long. */
  waitingSince: Date;
  /** What is in quarantine since before this moment leaves it soon, `retentionMs` after it came there; null when nothing ever does. */
  expiring: { recordedBefore: Date; retentionMs: number } | null;
}

/** What a digest says, and the newest records it has counted. */
export interface CountedFacts extends DigestFacts {
  upTo: RecordMark;
}

export interface StoreSummary extends Waiting {
  tickets: { open: number; closed: number; review: number };
}

/** What waits for a person or for the next hop. */
export interface Waiting {
  quarantined: number;
  /** What waits and what failed; sent and dropped mails are history. */
  outbox: { queued: number; sending: number; failed: number };
  /** When the longest waiting reply was queued; null when none waits. */
  oldestQueuedAt: Date | null;
}
