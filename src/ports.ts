import type { CorrectedMail } from './desk/learnModel.ts';
import type { ReplyState } from './desk/outbox.ts';
import type { LedgerKey, Reconciled, Surveyed } from './desk/reconcile.ts';
import type { RegisteredClient } from './desk/register.ts';
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
  /**
   * Every message of the mailbox and of the folders for settled mail that arrived at `since` or later, read only and beside all other work. One that is
   * moved meanwhile may be left out, and none comes twice. @throws AppError when the mailbox cannot be reached
   */
  survey(since: Date, signal: AbortSignal): AsyncIterable<Surveyed>;
  /** Puts messages that count as settled back among those to be taken, with their time of arrival. @returns how many were still there. @throws AppError */
  bringBack(messages: readonly Surveyed[], signal: AbortSignal): Promise<number>;
  /** Opens the mailbox and reports what `doctor` prints; changes nothing. */
  probe(): Promise<ProbeLine[]>;
  close(): Promise<void>;
}

/** The right to work on a data folder: one worker has it at a time. */
export interface Lease {
  /** False when another worker has taken over, because this one stood still for too long. */
  held(): boolean;
  /** @throws AppError `LEASE_LOST` when another worker has taken over */
  assertHeld(): void;
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
  /** How many mails it sends at a time. */
  readonly width: number;
  /** Hands one reply to the next hop. @throws AppError, temporary for 4yz replies and network trouble (RFC 5321 4.2.1). */
  send(mail: OutboundMail): Promise<{ response: string }>;
  /** Logs in and out without sending. */
  probe(): Promise<ProbeLine[]>;
  close(): Promise<void>;
}

/** Files beside the database, each called by the SHA-256 of its octets. */
export type StoredKind = 'models' | 'raw' | 'attachments';

/** A file that the database names. */
export interface StoredFile {
  kind: StoredKind;
  sha256: string;
  /** In the data folder and in a backup: `raw/ab/abcd….eml`. */
  path: string;
  /** Row of the ledger and ticket that name it (the first of them); null where there is none. */
  message: number | null;
  ticket: number | null;
}

/** A file that the database names and that is not in a backup: not there, its octets are others, or it cannot be read. */
export type LackingFile = StoredFile & { problem: 'missing' | 'damaged' | 'unreadable' };

/** How far a backup or its restoration has come, in pages of the database or in files. */
export interface BackupProgress {
  stage: 'database' | 'files';
  done: number;
  total: number;
}

/** What a backup holds. */
export interface BackupSummary {
  createdAt: Date;
  /** The newest migration of the database. */
  schema: string;
  tickets: number;
  messages: number;
  files: Record<StoredKind, number>;
  /** Files that the database names and the backup lacks. */
  lacking: number;
  /** The file with the key, unless the settings hold it. */
  secret: boolean;
  /** The file with the OAuth2 refresh token in force, with which the mailbox can be read. */
  refreshToken: boolean;
  /** Before compression. */
  bytes: number;
}

/** What became of a data folder that was restored. */
export interface RestoreSummary extends BackupSummary {
  /** Number of the next ticket, far enough behind the highest one that was in the backup. */
  nextNumber: number;
  /** Replies that were waiting when the backup was made, and what was done with them. */
  waiting: { replies: number; kept: boolean };
}

export interface OutboxItem {
  id: number;
  ticketNumber: number;
  recipient: string;
  attempts: number;
  mail: OutboundMail;
  /** Since when it has been due: its place among the others. */
  dueAt: Date;
  expiresAt: Date;
}

export type DeliveryResult =
  | { state: 'sent'; at: Date; response: string; providerId: string | null }
  | { state: 'queued'; nextAttemptAt: Date; response: string }
  | { state: 'failed'; at: Date; response: string; undeliverable: boolean }
  | { state: 'dropped'; at: Date; response: string }
  /** It was taken in hand and not tried. */
  | { state: 'unsent' };

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
  /** What staff rules ask about a reply of ours; undefined when there is none of that number. */
  replyState(id: number): Promise<ReplyState | undefined>;
  /** Messages that are in quarantine since before that moment, the longest held first. */
  heldSince(before: Date, limit: number): Promise<number[]>;
  /** Changes a ticket, or a reply on it, as staff asked, with a row that says who and when. */
  act(act: StaffAct): Promise<void>;
  /** Where each former ticket number leads. */
  aliases(): Promise<Alias[]>;
  /** Leads former ticket numbers to tickets, which must exist, or to other former numbers; a number that is known already is led anew. */
  recordAliases(aliases: readonly Alias[]): Promise<void>;
  /** Every client with its contract, domains and contacts. */
  register(): Promise<RegisteredClient[]>;
  /**
   * Puts these in the place of the whole register; a client that was there before stays one, as tickets belong to it. Tickets that are nobody's and
   * whose requester is a contact of one client are that client's from now on. @returns how many those were
   */
  recordRegister(clients: readonly RegisteredClient[]): Promise<number>;
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

/** A place in the order in which mail was recorded: the newest row of the ledger and the newest ticket; 0 before the first. */
export interface RecordMark {
  inboundId: number;
  ticketNumber: number;
}

/** How far the digest for the staff has got. */
export interface DigestState {
  /** The time of the schedule to which the last one belongs. */
  at: Date;
  /** From when on it counts what happened. */
  since: Date;
  /** After which records it counts, whenever their mail arrived; null: those since the first arrival from `since` on. */
  after: RecordMark | null;
  /** The newest records when somebody got it first; null before that. */
  upTo: RecordMark | null;
  /** Addresses that are done with: it was taken for them, or refused for good, or there was nothing to say. */
  settled: string[];
  /** Somebody got it, so that the next one counts from `at` and `upTo` on. */
  told: boolean;
}

/** The database alone says which digests were sent. */
export interface DigestStore {
  /** Null before the first one. */
  state(): Promise<DigestState | null>;
  record(state: DigestState): Promise<void>;
}

/** The ledger's side of the comparison with the mailbox. */
export interface ReconcileStore {
  /** The moment before which mail is only recorded; null before the first start. */
  firstStart(): Promise<Date | null>;
  /** The newest row's number; 0 when there is none. */
  newest(): Promise<number>;
  /** Rows of what arrived from `since` on, the oldest first, in slices between which others have their turn. */
  rows(since: Date): AsyncIterable<LedgerKey[]>;
  /** Whether kept bytes are there, with the length that the ledger names, or with `deep` octet for octet. */
  checkKept(row: { rawId: string; size: number }, deep: boolean): Promise<'whole' | 'missing' | 'damaged'>;
  record(result: Reconciled): Promise<void>;
}

export interface Store {
  readonly learning: LearningStore;
  readonly reconcile: ReconcileStore;
  readonly digest: DigestStore;
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
  /**
   * Takes replies in hand before they are sent: what cannot be recorded is not sent. They are not due again until settled, or requeued.
   * @returns those that were still there to be taken: a person may have cancelled one meanwhile
   * @throws AppError `LEASE_LOST`, with nothing taken: whoever took over has made due again what was in hand, and must not find more of it
   */
  claim(ids: readonly number[], lease: Pick<Lease, 'assertHeld'>): Promise<number[]>;
  /** Nothing waits to be sent, now or later. */
  isOutboxEmpty(): Promise<boolean>;
  /** Makes due again what a worker had in hand that ended; to be called when no other one works. @returns how many */
  requeue(): Promise<number>;
  settleOutbox(results: readonly { id: number; result: DeliveryResult }[]): Promise<void>;
  /** A worker begins. @returns true when the one before it died in the middle of its work */
  beginWork(): Promise<boolean>;
  /** The worker ends with nothing half done. */
  endWork(): Promise<void>;
  /** Counts, durably, one more attempt at a message, before it is touched. @returns how many there were before */
  beginAttempt(ref: MessageRef): Promise<number>;
  /** The attempt ended without a death: the world failed. */
  undoAttempt(ref: MessageRef): Promise<void>;
  /** Forgets all attempts: what was tried is through. */
  endAttempts(): Promise<void>;
  /** The moment before which mail is only recorded: set once, at the first start. */
  since(proposed: Date): Promise<Date>;
  close(): Promise<void>;
}
