import type Database from 'better-sqlite3';
import { withoutTag } from '../desk/policy.ts';
import type { Candidate, Known, MailKeys, Outcome, Proof, ReplyCounts, Ticket } from '../desk/ticket.ts';
import { domainOf } from '../mail/fields.ts';
import { registrationIn } from './sqliteRegister.ts';
import { nextNumberIn } from './ticketNumbers.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** What was recorded up to so long after this moment was recorded before the clock was set back, and counts; after more, the clock was wrong then. */
const SET_BACK_MS = 24 * HOUR_MS;
/** Somebody who sends the same thing again within this time is understood to mean the same matter. */
const SAME_MESSAGE_MS = 10 * MINUTE_MS;
/** Tickets taken for one Message-ID, the newest ones: a broken sender that uses one id for ever costs no more than this. */
const TICKETS_PER_ID = 20;
/** Counts stop here: beyond it every limit is passed anyway. */
const COUNTED_AT_MOST = 10_000;

/** First proofs first (PRODUCT.md section 2). */
const ORDER: readonly Proof[] = [
  'signed Message-ID',
  'signed token',
  'plain token',
  'former number',
  'earlier Message-ID',
  'same message again',
];

interface TicketRow {
  number: number;
  state: Ticket['state'];
  kind: Ticket['kind'];
  subject: string;
  requester_name: string;
  requester_address: string;
  client_id: number | null;
  opened_at: string;
  closed_at: string | null;
  merged_into: number | null;
}

/** Something that points to a ticket, before the ticket is read. */
interface Pointer {
  number: number;
  proof: Proof;
  by: string;
}

/** Finds out what is held about a mail, its sender and its thread; each question is one search in an index. */
export function lookUpIn(db: Database.Database, now: () => Date): (keys: MailKeys) => Known {
  const ingested = db.prepare<[string], { id: number; outcome: Outcome; ticket_number: number | null }>(
    'SELECT id, outcome, ticket_number FROM inbound WHERE fingerprint = ? AND duplicate_of IS NULL',
  );
  const ticketRow = db.prepare<[number], TicketRow>(
    `SELECT number, state, kind, subject, requester_name, requester_address, client_id, opened_at, closed_at, merged_into FROM ticket
     WHERE number = ?`,
  );
  const participants = db.prepare<[number], string>('SELECT address FROM participant WHERE ticket_number = ?').pluck();
  const aliasRow = db.prepare<[string], { ticket_number: number | null; next_former_number: string | null }>(
    'SELECT ticket_number, next_former_number FROM alias WHERE former_number = ?',
  );
  const ticketsWithMessage = db
    .prepare<[string], number>(
      `SELECT ticket_number FROM thread_message WHERE message_id = ? ORDER BY ticket_number DESC LIMIT ${TICKETS_PER_ID}`,
    )
    .pluck();
  const ticketsReferringTo = db
    .prepare<[string], number>(
      `SELECT ticket_number FROM thread_reference WHERE message_id = ? ORDER BY ticket_number DESC LIMIT ${TICKETS_PER_ID}`,
    )
    .pluck();
  const sameMessage = db
    .prepare<[string, string, string, string], number>(
      `SELECT ticket_number FROM inbound
       WHERE sender = ? AND content_hash = ? AND received_at BETWEEN ? AND ? AND ticket_number IS NOT NULL AND outcome IN ('open', 'append')
       ORDER BY received_at DESC LIMIT 1`,
    )
    .pluck();
  const sentBefore = db.prepare<[string, string, string], { receivedAt: string; ticketNumber: number }>(
    `SELECT received_at AS receivedAt, ticket_number AS ticketNumber FROM inbound
     WHERE sender = ? AND content_hash = ? AND received_at < ? AND ticket_number IS NOT NULL AND outcome IN ('open', 'append')
     ORDER BY received_at DESC LIMIT 1`,
  );
  const reported = db.prepare<[string], { id: number; ticket_number: number; recipient: string }>(
    'SELECT id, ticket_number, recipient FROM outbox WHERE message_id = ?',
  );
  const suppressed = db.prepare<[string, string], 1>('SELECT 1 FROM suppressed_address WHERE address = ? AND until_at > ?').pluck();
  const corrected = db.prepare<[string], { ticketNumber: number; kind: Ticket['kind'] }>(
    'SELECT ticket_number AS ticketNumber, kind FROM correction WHERE case_hash = ? ORDER BY staff_act_id DESC LIMIT 1',
  );
  const registration = registrationIn(db);
  const lastAnswer = db
    .prepare<[number, string], string | null>(
      `SELECT max(queued_at) FROM outbox WHERE ticket_number = ? AND recipient = ? AND state <> 'dropped'`,
    )
    .pluck();
  const nextNumber = nextNumberIn(db);
  const repliesTo = (column: 'recipient' | 'recipient_domain') =>
    db
      .prepare<[string, string, string], number>(
        `SELECT count(*) FROM (
           SELECT 1 FROM outbox WHERE ${column} = ? AND queued_at > ? AND queued_at <= ? AND state <> 'dropped' LIMIT ${COUNTED_AT_MOST})`,
      )
      .pluck();
  const repliesToAddress = repliesTo('recipient');
  const repliesToDomain = repliesTo('recipient_domain');
  const ticketsOpened = db
    .prepare<{ from: string; to: string; after: string; until: string }, number>(
      `SELECT count(*) FROM (
         SELECT 1 FROM ticket WHERE opened_at > @from AND opened_at <= @to
         UNION ALL SELECT 1 FROM ticket WHERE opened_at > @after AND opened_at <= @until LIMIT ${COUNTED_AT_MOST})`,
    )
    .pluck();

  function pointersOf(keys: MailKeys): { pointers: Pointer[]; cycle: string | null } {
    const pointers: Pointer[] = [...keys.numbers];
    let cycle: string | null = null;
    for (const { number, by } of keys.formerNumbers) {
      const end = followAliases(number);
      if (end.cycle !== null) cycle ??= end.cycle;
      else if (end.ticket !== null) pointers.push({ number: end.ticket, proof: 'former number', by });
    }
    for (const id of keys.references) {
      for (const number of ticketsWithMessage.all(id)) pointers.push({ number, proof: 'earlier Message-ID', by: `<${id}>` });
    }
    if (keys.messageId !== null) {
      for (const number of ticketsReferringTo.all(keys.messageId))
        pointers.push({ number, proof: 'earlier Message-ID', by: `<${keys.messageId}>` });
    }
    const again = sameMessage.get(
      keys.sender,
      keys.contentHash,
      around(keys.receivedAt, -SAME_MESSAGE_MS),
      around(keys.receivedAt, SAME_MESSAGE_MS),
    );
    if (again !== undefined) pointers.push({ number: again, proof: 'same message again', by: keys.contentHash.slice(0, 12) });
    pointers.sort((a, b) => ORDER.indexOf(a.proof) - ORDER.indexOf(b.proof));
    return { pointers, cycle };
  }

  function followAliases(start: string): { ticket: number | null; cycle: string | null } {
    const seen = new Set<string>();
    for (let at = start; ; ) {
      if (seen.has(at)) return { ticket: null, cycle: [...seen, at].join(' → ') };
      seen.add(at);
      const row = aliasRow.get(at);
      if (row === undefined || row.next_former_number === null) return { ticket: row?.ticket_number ?? null, cycle: null };
      at = row.next_former_number;
    }
  }

  /** The ticket itself, or the survivor that it was merged into; none when it does not exist or the merges go round. */
  function survivorOf(number: number): TicketRow | undefined {
    const seen = new Set<number>();
    for (let at = number; ; ) {
      if (seen.has(at)) return undefined;
      seen.add(at);
      const row = ticketRow.get(at);
      if (row === undefined || row.merged_into === null) return row;
      at = row.merged_into;
    }
  }

  function candidatesFrom(pointers: readonly Pointer[], sender: string): Candidate[] {
    const tickets = new Map<number, Ticket | undefined>();
    const candidates = new Map<string, Candidate>();
    for (const { number, proof, by } of pointers) {
      if (!tickets.has(number)) {
        const row = Number.isSafeInteger(number) ? survivorOf(number) : undefined;
        tickets.set(number, row && ticketFrom(row, participants.all(row.number)));
      }
      const ticket = tickets.get(number);
      const key = `${proof} ${ticket?.number}`;
      if (!ticket || candidates.has(key)) continue;
      const answeredAt = lastAnswer.get(ticket.number, withoutTag(sender)) ?? null;
      candidates.set(key, { ticket, proof, by, answeredAt: answeredAt === null ? null : new Date(answeredAt) });
    }
    return [...candidates.values()];
  }

  function countsFor({ sender, receivedAt }: MailKeys): ReplyCounts {
    const hourAgo = around(now(), -HOUR_MS);
    const ahead = around(now(), SET_BACK_MS);
    const latest = new Date(Math.max(now().getTime(), receivedAt.getTime()));
    return {
      toAddressLastHour: repliesToAddress.get(withoutTag(sender), hourAgo, ahead)!,
      toDomainLastHour: repliesToDomain.get(domainOf(sender), hourAgo, ahead)!,
      // By arrival: what waited during an outage and is read at once is no storm. The server tells it: one whose clock ran ahead must not silence
      // everybody for as long once it is mended, so little more than the disagreement of two good clocks is looked ahead.
      newTicketsLastMinute: ticketsOpened.get({
        ...{ from: around(receivedAt, -MINUTE_MS), to: receivedAt.toISOString() },
        ...{ after: latest.toISOString(), until: around(latest, MINUTE_MS) },
      })!,
    };
  }

  return (keys) => {
    const before = ingested.get(keys.fingerprint);
    const { pointers, cycle } = pointersOf(keys);
    const earlier = sentBefore.get(keys.sender, keys.contentHash, around(keys.receivedAt, -SAME_MESSAGE_MS));
    const reply = keys.reportedMessageId === null ? undefined : reported.get(keys.reportedMessageId);
    return {
      ingestedAs: before ? { inboundId: before.id, outcome: before.outcome, ticketNumber: before.ticket_number } : null,
      candidates: candidatesFrom(pointers, keys.sender),
      aliasCycle: cycle,
      messageIdTaken: keys.messageId !== null && ticketsWithMessage.get(keys.messageId) !== undefined,
      sentBefore: earlier ? { receivedAt: new Date(earlier.receivedAt), ticketNumber: earlier.ticketNumber } : null,
      reportedReply: reply
        ? { outboxId: reply.id, ticketNumber: survivorOf(reply.ticket_number)?.number ?? reply.ticket_number, recipient: reply.recipient }
        : null,
      replies: countsFor(keys),
      undeliverable: suppressed.get(withoutTag(keys.sender), now().toISOString()) !== undefined,
      registration: registration(keys.sender),
      corrected: (keys.caseHash === null ? undefined : corrected.get(keys.caseHash)) ?? null,
      nextTicketNumber: nextNumber(),
    };
  };
}

function ticketFrom(row: TicketRow, participants: string[]): Ticket {
  return {
    number: row.number,
    state: row.state,
    kind: row.kind,
    subject: row.subject,
    requester: { name: row.requester_name, address: row.requester_address },
    participants,
    clientId: row.client_id,
    openedAt: new Date(row.opened_at),
    closedAt: row.closed_at === null ? null : new Date(row.closed_at),
  };
}

function around(moment: Date, ms: number): string {
  return new Date(moment.getTime() + ms).toISOString();
}
