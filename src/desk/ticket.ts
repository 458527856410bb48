import type { Address, Attachment, AutomaticKind, DeliveryReport, OutboundMail, ParseCause } from '../mail/message.ts';
import type { Language } from './language.ts';
import type { Client, Registration } from './register.ts';

/** What ITAC's support desk calls the two kinds of tickets; the values are what people read. */
export const TicketKind = { incident: 'incidencia', requirement: 'requerimiento' } as const;
export type TicketKind = (typeof TicketKind)[keyof typeof TicketKind];

export type Criticality = 'crítica' | 'alta' | 'media' | 'baja';
/** The four groups of information that ITAC needs to begin a case. */
export type MissingGroup = 'ambiente' | 'versiones' | 'contacto' | 'acceso remoto';

/** What a confidence means for people: nothing to do, worth a glance, or a person should look. */
export type Band = 'sure' | 'confirm' | 'review';

/** A word or phrase that moved the classifier, by how much (positive: for the kind that was decided), and where it stands in the text. */
export interface Evidence {
  term: string;
  weight: number;
  /** Where `term` stands: in the subject or in the new text, from `start` up to `end`. */
  part: 'subject' | 'text';
  start: number;
  end: number;
}

export interface Classification {
  kind: TicketKind;
  /** Probability that `kind` is right, 0.5 to 1. */
  confidence: number;
  band: Band;
  /** A person should look. */
  review: boolean;
  /** A question, an access or a change of data rather than a failure or an improvement; forces `review`. */
  service: boolean;
  language: Language;
  evidence: Evidence[];
  criticality: { suggested: Criticality; evidence: string[] };
  /** Groups of needed information that the mail does not give; empty for requirements. */
  missing: MissingGroup[];
}

export interface Ticket {
  number: number;
  state: 'open' | 'closed';
  kind: TicketKind;
  subject: string;
  requester: Address;
  /** Addresses (lower case) that may write on it: the requester and people in copy of verified messages. */
  participants: string[];
  /** The client whose matter it is; null when the register did not know the requester, or for two clients. */
  clientId: number | null;
  openedAt: Date;
  closedAt: Date | null;
}

/** How a ticket was found. The order of proofs is PRODUCT.md section 2. */
export type Proof = 'signed Message-ID' | 'signed token' | 'plain token' | 'former number' | 'earlier Message-ID' | 'same message again';

/** A ticket that the mail may belong to, and what points there. */
export interface Candidate {
  ticket: Ticket;
  proof: Proof;
  /** What pointed to it: the token or the Message-ID. */
  by: string;
  /** When our last automatic answer on it to the mail's author was queued; null when there is none. */
  answeredAt: Date | null;
}

/** Everything the store must find out before a decision; made by `keysOf` (desk/match.ts). */
export interface MailKeys {
  fingerprint: string;
  /** Author's address, lower case. */
  sender: string;
  /** Ticket numbers proven or claimed: from our signed Message-IDs and from tokens, each with its proof. */
  numbers: { number: number; proof: Proof; by: string }[];
  /** Former ticket numbers, as text, to be led through the aliases. */
  formerNumbers: { number: string; by: string }[];
  /** Message-IDs that this mail answers or refers to, newest first, capped. */
  references: string[];
  /** This mail's own Message-ID, to find answers that came before it. */
  messageId: string | null;
  /** Hash of sender, subject and new text; equal when somebody sends the same thing again. */
  contentHash: string;
  /** Hash of subject and new text, whoever wrote them; null when there is no word in them. */
  caseHash: string | null;
  /** Message-ID of a mail of ours that a delivery report speaks of. */
  reportedMessageId: string | null;
  receivedAt: Date;
}

/** How many automatic answers went out lately; all of them survive a restart. */
export interface ReplyCounts {
  toAddressLastHour: number;
  toDomainLastHour: number;
  newTicketsLastMinute: number;
}

/** What we hold about a mail, its sender and its thread. */
export interface Known {
  /** The ledger's row of the same fingerprint, if this mail was ingested before. */
  ingestedAs: { inboundId: number; outcome: Outcome; ticketNumber: number | null } | null;
  candidates: Candidate[];
  /** Former numbers that go round in a circle. */
  aliasCycle: string | null;
  /** Another mail with the same Message-ID is on a ticket: a broken sender uses one id for all. */
  messageIdTaken: boolean;
  /** The mail of ours that a delivery report speaks of. */
  reportedReply: { outboxId: number; ticketNumber: number; recipient: string } | null;
  replies: ReplyCounts;
  /** Mail to this sender came back as undeliverable for good. */
  undeliverable: boolean;
  /** How the register of clients knows the sender; null when it does not. */
  registration: Registration | null;
  /** An earlier mail of the same author with the same words, subject and files, older than a repetition by mistake; the newest one. */
  sentBefore: { receivedAt: Date; ticketNumber: number } | null;
  /** A ticket of the same words of which a person said what it is; the last one. */
  corrected: { ticketNumber: number; kind: TicketKind } | null;
  nextTicketNumber: number;
}

export type QuarantineCause =
  | ParseCause
  /** A valid token or thread from somebody who is no participant. */
  | 'stranger-on-ticket'
  | 'authentication-failed'
  /** The words and the date of an earlier mail under a new Message-ID. */
  | 'replayed'
  /** Our own address in From of a mail that is not ours. */
  | 'own-address'
  /** The mail server handed out a notice of its own in place of the message. */
  | 'server-stub'
  | 'alias-cycle'
  /** Somebody of a client without a contract in force, where the settings want such mail to be looked at. */
  | 'no-contract'
  /** A fault of ours while deciding; the mail is whole and can be released after the repair. */
  | 'decision-failed';

export type Reply = { kind: 'acknowledge' } | { kind: 'fixed-text' } | { kind: 'none'; because: string };

export type Decision =
  | {
      action: 'open';
      classification: Classification;
      reply: Reply;
      linkedTo: number | null;
      verified: boolean;
      /** Whose matter it is; null when that is not known for sure. */
      client: Client | null;
      flags: string[];
    }
  | { action: 'append'; ticket: Ticket; proof: Proof; reopen: boolean; verified: boolean; flags: string[]; reply: Reply }
  | { action: 'bounce'; ticketNumber: number | null; outboxId: number | null; report: DeliveryReport }
  | { action: 'note'; ticketNumber: number | null; what: AutomaticKind }
  | { action: 'ignore'; cause: IgnoreCause }
  | { action: 'quarantine'; cause: QuarantineCause };

export type IgnoreCause =
  | 'duplicate'
  | 'own'
  | 'before-start'
  | 'discarded'
  /** Nobody looked at it in quarantine for as long as the settings say. */
  | 'expired';
export type Action = Decision['action'];
export type Outcome = Action;

/** Characters of one reason: a trace is kept with each message, whatever its sender makes of a header. */
export const LONGEST_REASON = 2_000;

/** One rule that was asked: what it answered and why. */
export interface Step {
  rule: string;
  result: Action | 'passed';
  because: string;
}

export interface NewTicket {
  number: number;
  kind: TicketKind;
  subject: string;
  requester: Address;
  classification: Classification;
  linkedTo: number | null;
  clientId: number | null;
}

/** One contribution to a ticket. */
export interface Entry {
  author: Address;
  what: 'message' | 'automatic' | 'bounce';
  /** Written by a participant; an unverified one never makes anybody a participant. */
  verified: boolean;
  newText: string;
  quotedText: string;
  signature: string;
  attachments: Attachment[];
  flags: string[];
}

export type TicketChange =
  | { kind: 'none' }
  | { kind: 'open'; ticket: NewTicket; entry: Entry; participants: string[] }
  | { kind: 'append'; ticketNumber: number; reopen: boolean; entry: Entry; participants: string[] };

/** What staff change on a ticket, or on a reply that belongs to it. */
export type StaffChange =
  | { kind: 'close' | 'reopen'; ticketNumber: number }
  | { kind: 'merge'; ticketNumber: number; into: number }
  | { kind: 'correct'; ticketNumber: number; to: TicketKind }
  /** A reply of ours on the ticket is due now, and not given up before `expiresAt`. */
  | { kind: 'retry'; ticketNumber: number; outboxId: number; expiresAt: Date }
  /** A reply of ours on the ticket is not sent; `response` says who ended it, when and why. */
  | { kind: 'cancel'; ticketNumber: number; outboxId: number; response: string };

/** One deed of staff; recorded in the transaction that makes its change. */
export interface StaffAct {
  by: string;
  at: Date;
  change: StaffChange;
}

/** A ticket number of a former system, leading to a ticket or to another former number. */
export type Alias = { formerNumber: string; ticketNumber: number } | { formerNumber: string; nextFormerNumber: string };

/** The ledger row of one mail. */
export interface InboundRecord {
  ref: string;
  rawId: string;
  size: number;
  receivedAt: Date;
  /** Null when the mail could not be read or only its arrival was recorded. */
  fingerprint: string | null;
  contentHash: string | null;
  messageId: string | null;
  /** Message-IDs it answers or refers to, so that an original that arrives after its answer is joined to it. */
  references: string[];
  /** Author's address, lower case; `''` when unknown. */
  sender: string;
  subject: string;
  outcome: Outcome;
  cause: QuarantineCause | IgnoreCause | null;
  /** Why no answer goes out, or which one does. */
  reply: Reply['kind'];
  trace: Step[];
  ticketNumber: number | null;
}

/** A message that is in the ledger already. */
export interface LedgerRow extends Omit<InboundRecord, 'references' | 'rawId' | 'reply'> {
  id: number;
  /** Where its bytes are kept and how many they are: fewer than `size` when only the header section was fetched. Null when there are none. */
  kept: { rawId: string; path: string; size: number } | null;
}

/** A reply to be queued with the ticket. */
export interface QueuedReply {
  ticketNumber: number;
  /** The mailbox that it counts for: lower case, without a +tag. What it is sent to stands in the envelope. */
  recipient: string;
  kind: 'acknowledge' | 'fixed-text';
  mail: OutboundMail;
  /** Not sent after this moment. */
  expiresAt: Date;
}

/** Everything that one mail changes; applied whole or not at all. */
export interface Effect {
  inbound: InboundRecord;
  change: TicketChange;
  outbox: QueuedReply[];
  /** What a delivery report says about mails of ours. */
  undelivered: { outboxId: number; address: string; permanent: boolean; status: string | null; diagnostic: string | null }[];
}

export interface Receipt {
  inboundId: number;
  outcome: Outcome | 'duplicate';
  ticketNumber: number | null;
}
