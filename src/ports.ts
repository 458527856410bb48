import type { CorrectedMail } from './desk/learnModel.ts';
import type { TicketState } from './desk/staff.ts';
import type { Alias, Effect, Known, LedgerRow, MailKeys, Receipt, StaffAct } from './desk/ticket.ts';
import type { Listed, MessageRef, OutboundMail, RawMessage } from './mail/message.ts';

/** Where a settled message goes: out of the way, apart for a person, or left where it is and not offered again. */
export type SettledPlace = 'processed' | 'quarantine' | 'left';

/** A mailbox. Reading changes nothing: what was not settled comes again, also after a crash. */
export interface MailSource {
  /** What lies in the mailbox and was not settled, oldest first, without bodies. @throws AppError when the mailbox cannot be reached. */
  list(signal: AbortSignal): Promise<Listed[]>;
  /**
   * Reads the messages in the order given. One that has vanished meanwhile is left out. A message above `maxBytes` comes with its header
   * section only and `headerOnly` set. Each message's `chunks` must be read before the next one is asked for; they end
   * with AppError `MESSAGE_UNREADABLE` when the rest of that message cannot be had now, and the next one can be asked for all the same.
   */
  fetch(listed: readonly Listed[], signal: AbortSignal): AsyncIterable<RawMessage>;
  /** Resolves when there may be new mail (IMAP IDLE, a watched folder), when `signal` aborts, and at the latest after `maxMs`. Never rejects. */
  waitForMail(signal: AbortSignal, maxMs: number): Promise<void>;
  /** Takes messages out of the way. Idempotent; called only after their effect is committed. */
  settle(refs: readonly MessageRef[], place: SettledPlace): Promise<void>;
  /** Opens the mailbox and reports what `doctor` prints; changes nothing. */
  probe(): Promise<ProbeLine[]>;
  close(): Promise<void>;
}

/** One finding of `doctor`. */
export interface ProbeLine {
  ok: boolean;
  /** What was looked at and what was found, in Spanish. */
  what: string;
  /** What to do when it is not ok, in Spanish. */
  remedy?: string;
}

export interface MailTransport {
  /** Hands one reply to the next hop. @throws AppError, temporary for 4yz replies and network trouble (RFC 5321 4.2.1). */
  send(mail: OutboundMail): Promise<{ response: string }>;
  /** Logs in and out without sending. */
  probe(): Promise<ProbeLine[]>;
  close(): Promise<void>;
}

export interface OutboxItem {
  id: number;
  ticketNumber: number;
  recipient: string;
  attempts: number;
  mail: OutboundMail;
  expiresAt: Date;
}

export type DeliveryResult =
  | { state: 'sent'; at: Date; response: string; providerId: string | null }
  | { state: 'queued'; nextAttemptAt: Date; response: string }
  | { state: 'failed'; at: Date; response: string; undeliverable: boolean }
  | { state: 'dropped'; at: Date; response: string };

/** Inside one transaction: what is looked up sees what was applied before it. Do nothing slow inside: other writers wait. */
export interface StoreTransaction {
  lookUp(keys: MailKeys): Promise<Known>;
  /** Applies one whole effect. A mail whose ref or fingerprint is in the ledger already gets receipt `duplicate`. */
  apply(effect: Effect): Promise<Receipt>;
  /** One message of the ledger. */
  ledgerRow(id: number): Promise<LedgerRow | undefined>;
  /** Applies what a second look at a message of the ledger decided: its row changes, and everything else happens as with `apply`. */
  applyAgain(id: number, effect: Effect): Promise<Receipt>;
  /** What staff rules ask about a ticket; undefined when there is none of that number. */
  ticketState(number: number): Promise<TicketState | undefined>;
  /** Changes a ticket as staff asked, with a row that says who and when. */
  act(act: StaffAct): Promise<void>;
  /** Where each former ticket number leads. */
  aliases(): Promise<Alias[]>;
  /** Leads former ticket numbers to tickets, which must exist, or to other former numbers; a number that is known already is led anew. */
  recordAliases(aliases: readonly Alias[]): Promise<void>;
}

/** One time that the classifier was trained from corrections, and what came of it. */
export interface Training {
  /** SHA-256 of the model's file, and of the base that it was trained from. */
  modelId: string;
  baseId: string;
  /** The newest act whose correction took part, and how many corrections did. */
  throughAct: number;
  corrections: number;
  /** Acceptance mails that it got right, that the base got right, and all of them. */
  right: number;
  baseRight: number;
  judged: number;
  /** False: it lost on the acceptance mails and is not used. */
  accepted: boolean;
  at: Date;
}

export interface LearningState {
  corrections: number;
  /** The act of the newest correction. */
  newest: { act: number; at: Date } | null;
  last: Training | null;
  /** The newest accepted one. */
  accepted: Training | null;
}

/** Corrections and what was learned from them; the database alone says which model is in force. */
export interface LearningStore {
  state(): Promise<LearningState>;
  /** In the order in which they were made, with the newest act among them. */
  corrections(): Promise<{ mails: CorrectedMail[]; throughAct: number }>;
  record(training: Training): Promise<void>;
}

export interface Store {
  readonly learning: LearningStore;
  /** Keeps raw bytes under their SHA-256 and returns its name and length; durable when the transaction that names it commits. Idempotent. */
  keep(chunks: RawMessage['chunks']): Promise<{ rawId: string; size: number; path: string }>;
  /** Which of these are in the ledger, and where they belong. */
  settled(refs: readonly MessageRef[]): Promise<Map<MessageRef, SettledPlace>>;
  /** Records messages that get no ticket because they lay in the mailbox before the first start. */
  recordSkipped(listed: readonly Listed[], because: string): Promise<void>;
  /** Runs `work` in one transaction: everything in it commits together, durably, or nothing does. @throws AppError `STORE_BUSY`, `STORE_FULL`, `STORE_FAILED`. */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** Replies whose time has come, oldest first, at most one per ticket so that the order per ticket is kept. */
  due(now: Date, limit: number): Promise<OutboxItem[]>;
  /** Takes replies in hand before they are sent: what cannot be recorded is not sent. They are not due again until settled, or requeued. */
  claim(ids: readonly number[]): Promise<void>;
  /** Makes due again what a worker had in hand that ended; to be called when no other one works. @returns how many */
  requeue(): Promise<number>;
  settleOutbox(results: readonly { id: number; result: DeliveryResult }[]): Promise<void>;
  /** The moment before which mail is only recorded: set once, at the first start. */
  since(proposed: Date): Promise<Date>;
  close(): Promise<void>;
}
