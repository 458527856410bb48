import { type Client, clientKey } from '../desk/register.ts';
import type { Classification, Entry, Outcome, Reply, Step, Ticket, TicketKind } from '../desk/ticket.ts';
import type {
  ActLine,
  EntryLine,
  InboundLine,
  OutboxFilter,
  OutboxLine,
  OutboxState,
  ReplyDetail,
  Reports,
  TicketLine,
  Waiting,
} from '../reports.ts';
import { requireUpToDate } from './migrate.ts';
import { attachmentPath, rawPath } from './rawFolder.ts';
import { explaining, openDatabaseReadOnly } from './sqliteDatabase.ts';
import { digestFactsIn } from './sqliteDigest.ts';
import { learningIn } from './sqliteLearning.ts';
import { lastReconciledIn } from './sqliteReconcile.ts';
import { clientIn, registerIn } from './sqliteRegister.ts';
import { type AliasRow, aliasFrom } from './sqliteStaff.ts';

/** Rows of the ledger that are looked at, from the newest on, for those on no ticket: no index leads to them. */
const LOOKED_THROUGH = 100_000;

/** Opens a data folder for reading. @throws AppError when there is no database, or not at this program's schema. */
export function openReports(folder: string): Reports {
  const db = openDatabaseReadOnly(folder);
  try {
    explaining('could not read the database', folder, () => requireUpToDate(db));
  } catch (error) {
    db.close();
    throw error;
  }

  const ticketRows = `SELECT ticket.*, (SELECT count(*) FROM entry WHERE ticket_number = ticket.number) AS entries FROM ticket`;
  const ticketByNumber = db.prepare<[number], TicketRow>(`${ticketRows} WHERE number = ?`);
  const clientById = clientIn(db);
  const register = registerIn(db);
  const clientNamed = db.prepare<[string], number>('SELECT id FROM client WHERE name_key = ?').pluck();
  const participants = db
    .prepare<[number], string>('SELECT address FROM participant WHERE ticket_number = ? ORDER BY joined_at, address')
    .pluck();
  const entries = db.prepare<[number], EntryRow>('SELECT * FROM entry WHERE ticket_number = ? ORDER BY id');
  const attachments = db.prepare<[number], AttachmentRow>('SELECT * FROM attachment WHERE entry_id = ? ORDER BY id');
  const formerNumbers = db
    .prepare<[number], string>('SELECT former_number FROM alias WHERE ticket_number = ? ORDER BY former_number')
    .pluck();
  const allAliases = db.prepare<[], AliasRow & { imported_at: string }>(
    'SELECT former_number, ticket_number, next_former_number, imported_at FROM alias ORDER BY length(former_number), former_number',
  );
  const mergedFrom = db.prepare<[number], number>('SELECT number FROM ticket WHERE merged_into = ? ORDER BY number').pluck();
  const acts = db.prepare<[number], ActRow>('SELECT * FROM staff_act WHERE ticket_number = ? ORDER BY id');
  const inboundOfTicket = db.prepare<[number], InboundRow>('SELECT * FROM inbound WHERE ticket_number = ? ORDER BY id');
  const inboundById = db.prepare<[number], InboundRow>('SELECT * FROM inbound WHERE id = ?');
  const quarantined = db.prepare<[number], InboundRow>(`SELECT * FROM inbound WHERE outcome = 'quarantine' ORDER BY id LIMIT ?`);
  const aside = db.prepare<[number, number], InboundRow>(
    `SELECT * FROM inbound WHERE id > (SELECT max(id) FROM inbound) - ? AND (ticket_number IS NULL OR outcome = 'ignore') ORDER BY id DESC LIMIT ?`,
  );
  const outboxColumns = `id, ticket_number, kind, recipient, message_id, state, attempts, queued_at, next_attempt_at, expires_at, settled_at, response,
    reported_at, reported_permanent, reported_status, reported_diagnostic`;
  const outboxOfTicket = db.prepare<[number], OutboxRow>(`SELECT ${outboxColumns} FROM outbox WHERE ticket_number = ? ORDER BY id`);
  const replyById = db.prepare<[number], ReplyRow>(
    `SELECT ${outboxColumns}, inbound_id, envelope_from, envelope_to, bytes,
       (SELECT min(id) FROM outbox AS older
        WHERE older.ticket_number = reply.ticket_number AND older.state IN ('queued', 'sending') AND older.id < reply.id) AS behind,
       (SELECT until_at FROM suppressed_address WHERE outbox_id = reply.id) AS suppressed_until
     FROM outbox AS reply WHERE id = ?`,
  );
  const digest = digestFactsIn(db);

  const learned = learningIn(db);
  const reconciled = lastReconciledIn(db);
  const ticketCounts = db.prepare<[], TicketCountsRow>(
    `SELECT
       (SELECT count(*) FROM ticket) AS "all",
       (SELECT count(*) FROM ticket WHERE state = 'open') AS open,
       (SELECT count(*) FROM ticket WHERE review = 1) AS review`,
  );
  const waiting = db.prepare<[], WaitingRow>(
    `SELECT
       (SELECT count(*) FROM inbound WHERE outcome = 'quarantine') AS quarantined,
       (SELECT count(*) FROM outbox WHERE state = 'queued') AS queued,
       (SELECT count(*) FROM outbox WHERE state = 'sending') AS sending,
       (SELECT count(*) FROM outbox WHERE state = 'failed') AS failed,
       (SELECT min(queued_at) FROM outbox WHERE state IN ('queued', 'sending')) AS oldest`,
  );
  const openedSince = db.prepare<[string], number>('SELECT count(*) FROM ticket WHERE opened_at >= ?').pluck();

  function waitingNow(): Waiting {
    const { quarantined, queued, sending, failed, oldest } = waiting.get()!;
    return { quarantined, outbox: { queued, sending, failed }, oldestQueuedAt: dateOrNull(oldest) };
  }

  /** An address, a registered client's name, or a domain. */
  function clientCondition(client: string): [string, string | number] {
    if (client.includes('@')) return ['requester_address = ? COLLATE NOCASE', client];
    const id = clientNamed.get(clientKey(client));
    return id === undefined ? ['requester_domain = ?', client.toLowerCase()] : ['client_id = ?', id];
  }

  const inboundFrom = (row: InboundRow): InboundLine => ({
    id: row.id,
    ref: row.ref,
    sender: row.sender,
    subject: row.subject,
    size: row.size,
    outcome: row.outcome,
    cause: row.cause,
    reply: row.reply,
    ticketNumber: row.ticket_number,
    duplicateOf: row.duplicate_of,
    trace: JSON.parse(row.trace) as Step[],
    receivedAt: new Date(row.received_at),
    recordedAt: new Date(row.recorded_at),
    path: row.raw_id === null ? null : rawPath(folder, row.raw_id),
  });

  const attachmentFrom = (row: AttachmentRow): EntryLine['attachments'][number] => ({
    filename: row.filename,
    contentType: row.content_type,
    sniffedType: row.sniffed_type,
    size: row.size,
    inline: row.inline === 1,
    contentId: row.content_id,
    sha256: row.sha256,
    path: attachmentPath(folder, row.sha256),
  });

  const entryFrom = (row: EntryRow): EntryLine => ({
    id: row.id,
    inboundId: row.inbound_id,
    what: row.what,
    author: { name: row.author_name, address: row.author_address },
    verified: row.verified === 1,
    flags: JSON.parse(row.flags) as string[],
    newText: row.new_text,
    quotedText: row.quoted_text,
    signature: row.signature,
    enteredAt: new Date(row.entered_at),
    attachments: attachments.all(row.id).map(attachmentFrom),
  });

  return {
    tickets({ kind, state, client, since, review, limit }) {
      const conditions: [string, string | number | undefined][] = [
        ['kind = ?', kind],
        ['state = ?', state],
        ...(client === undefined ? [] : [clientCondition(client)]),
        ['opened_at >= ?', since?.toISOString()],
      ];
      const asked = conditions.filter((condition): condition is [string, string | number] => condition[1] !== undefined);
      const where = [...asked.map(([sql]) => sql), ...(review === undefined ? [] : [`review = ${review ? 1 : 0}`])];
      const sql = `${ticketRows} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY number DESC LIMIT ?`;
      return db
        .prepare<(string | number)[], TicketRow>(sql)
        .all(...asked.map(([, value]) => value), limit)
        .map((row) => ticketFrom(row, clientById));
    },

    ticket(number) {
      const row = ticketByNumber.get(number);
      if (row === undefined) return undefined;
      return {
        ...ticketFrom(row, clientById),
        participants: participants.all(number),
        contributions: entries.all(number).map(entryFrom),
        messages: inboundOfTicket.all(number).map(inboundFrom),
        replies: outboxOfTicket.all(number).map(outboxFrom),
        formerNumbers: formerNumbers.all(number),
        mergedFrom: mergedFrom.all(number),
        acts: acts.all(number).map(actFrom),
      };
    },

    quarantined: (limit) => quarantined.all(limit).map(inboundFrom),

    aside: (limit) => aside.all(LOOKED_THROUGH, limit).map(inboundFrom),

    inbound(id) {
      const row = inboundById.get(id);
      return row && inboundFrom(row);
    },

    clients: () => register.all(),

    aliases: () => allAliases.all().map((row) => ({ ...aliasFrom(row), importedAt: new Date(row.imported_at) })),

    outbox: (filter) => db.prepare<[number], OutboxRow>(outboxSql(outboxColumns, filter)).all(filter.limit).map(outboxFrom),

    reply(id) {
      const row = replyById.get(id);
      if (row === undefined) return undefined;
      const line = outboxFrom(row);
      return {
        ...line,
        ...replyPartsFrom(row),
        acts: acts
          .all(line.ticketNumber)
          .map(actFrom)
          .filter((act) => act.outboxId === id),
      };
    },

    digest,

    waiting: waitingNow,

    openedSince: (moment) => openedSince.get(moment.toISOString())!,

    summary() {
      const { all, open, review } = ticketCounts.get()!;
      return { tickets: { open, closed: all - open, review }, ...waitingNow() };
    },

    learning: () => learned.state(),

    reconciled,

    corrections: () => learned.corrections().mails,

    close: () => db.close(),
  };
}

interface TicketRow {
  number: number;
  state: Ticket['state'];
  kind: TicketKind;
  review: number;
  subject: string;
  requester_name: string;
  requester_address: string;
  classification: string;
  client_id: number | null;
  linked_to: number | null;
  merged_into: number | null;
  opened_at: string;
  updated_at: string;
  closed_at: string | null;
  entries: number;
}

interface EntryRow {
  id: number;
  inbound_id: number | null;
  what: Entry['what'];
  author_name: string;
  author_address: string;
  verified: number;
  flags: string;
  new_text: string;
  quoted_text: string;
  signature: string;
  entered_at: string;
}

interface AttachmentRow {
  filename: string;
  content_type: string;
  sniffed_type: string | null;
  size: number;
  inline: number;
  content_id: string | null;
  sha256: string;
}

interface ActRow {
  what: ActLine['what'];
  done_by: string;
  other_ticket_number: number | null;
  corrected_to: ActLine['to'];
  outbox_id: number | null;
  done_at: string;
}

interface InboundRow {
  id: number;
  ref: string;
  raw_id: string | null;
  size: number;
  duplicate_of: number | null;
  sender: string;
  subject: string;
  outcome: Outcome;
  cause: InboundLine['cause'];
  reply: Reply['kind'];
  ticket_number: number | null;
  trace: string;
  received_at: string;
  recorded_at: string;
}

interface OutboxRow {
  id: number;
  ticket_number: number;
  kind: OutboxLine['kind'];
  recipient: string;
  message_id: string;
  state: OutboxState;
  attempts: number;
  queued_at: string;
  next_attempt_at: string;
  expires_at: string;
  settled_at: string | null;
  response: string | null;
  reported_at: string | null;
  reported_permanent: number | null;
  reported_status: string | null;
  reported_diagnostic: string | null;
}

interface ReplyRow extends OutboxRow {
  inbound_id: number | null;
  envelope_from: string;
  envelope_to: string;
  bytes: Buffer;
  behind: number | null;
  suppressed_until: string | null;
}

interface TicketCountsRow {
  all: number;
  open: number;
  review: number;
}

interface WaitingRow {
  quarantined: number;
  queued: number;
  sending: number;
  failed: number;
  oldest: string | null;
}

function ticketFrom(row: TicketRow, clientById: (id: number | null) => Client | null): TicketLine {
  return {
    number: row.number,
    state: row.state,
    kind: row.kind,
    review: row.review === 1,
    subject: row.subject,
    requester: { name: row.requester_name, address: row.requester_address },
    client: clientById(row.client_id),
    classification: JSON.parse(row.classification) as Classification,
    linkedTo: row.linked_to,
    mergedInto: row.merged_into,
    openedAt: new Date(row.opened_at),
    updatedAt: new Date(row.updated_at),
    closedAt: dateOrNull(row.closed_at),
    entries: row.entries,
  };
}

function outboxFrom(row: OutboxRow): OutboxLine {
  const { reported_at: at, reported_permanent: permanent, reported_status: status, reported_diagnostic: diagnostic } = row;
  return {
    id: row.id,
    ticketNumber: row.ticket_number,
    kind: row.kind,
    recipient: row.recipient,
    messageId: row.message_id,
    state: row.state,
    attempts: row.attempts,
    queuedAt: new Date(row.queued_at),
    nextAttemptAt: new Date(row.next_attempt_at),
    expiresAt: new Date(row.expires_at),
    settledAt: dateOrNull(row.settled_at),
    response: row.response,
    undelivered: at === null ? null : { at: new Date(at), permanent: permanent === 1, status, diagnostic },
  };
}

function replyPartsFrom(row: ReplyRow): Omit<ReplyDetail, keyof OutboxLine | 'acts'> {
  return {
    inboundId: row.inbound_id,
    envelopeFrom: row.envelope_from,
    envelopeTo: row.envelope_to,
    bytes: row.bytes,
    behind: row.state === 'queued' ? row.behind : null,
    suppressedUntil: dateOrNull(row.suppressed_until),
  };
}

function actFrom(row: ActRow): ActLine {
  return {
    what: row.what,
    by: row.done_by,
    at: new Date(row.done_at),
    into: row.other_ticket_number,
    to: row.corrected_to,
    outboxId: row.outbox_id,
  };
}

/** What leads to the few rows of a state; sent and dropped ones are most of the outbox. */
const OUTBOX_INDEX: Readonly<Record<OutboxState, string>> = {
  queued: 'INDEXED BY outbox_due',
  sending: 'INDEXED BY outbox_sending',
  failed: 'INDEXED BY outbox_failed',
  sent: '',
  dropped: '',
};

function outboxSql(columns: string, { states, newestFirst = false }: OutboxFilter): string {
  const parts = states?.map((state) => `SELECT ${columns} FROM outbox ${OUTBOX_INDEX[state]} WHERE state = '${state}'`) ?? [
    `SELECT ${columns} FROM outbox`,
  ];
  return `${parts.join(' UNION ALL ')} ORDER BY id ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
