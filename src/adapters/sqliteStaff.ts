import type Database from 'better-sqlite3';
import { caseHashOf } from '../desk/corrected.ts';
import type { OutboxState, ReplyState } from '../desk/outbox.ts';
import type { TicketState } from '../desk/staff.ts';
import type { Alias, StaffAct, Ticket } from '../desk/ticket.ts';

/** What staff change by hand; to be called inside a transaction. */
export interface StaffStatements {
  ticketState(number: number): TicketState | undefined;
  replyState(id: number): ReplyState | undefined;
  act(act: StaffAct): void;
  aliases(): Alias[];
  recordAliases(aliases: readonly Alias[]): void;
}

interface ReplyRow {
  id: number;
  ticket_number: number;
  state: OutboxState;
  expires_at: string;
  response: string | null;
}

export interface AliasRow {
  former_number: string;
  ticket_number: number | null;
  next_former_number: string | null;
}

export function staffIn(db: Database.Database, now: () => Date): StaffStatements {
  const stateOf = db.prepare<[number], { state: Ticket['state']; merged_into: number | null }>(
    'SELECT state, merged_into FROM ticket WHERE number = ?',
  );
  const closeTicket = db.prepare(
    `UPDATE ticket SET state = 'closed', closed_at = @at, updated_at = max(updated_at, @at) WHERE number = @number AND state = 'open'`,
  );
  const reopenTicket = db.prepare(
    `UPDATE ticket SET state = 'open', closed_at = NULL, updated_at = max(updated_at, @at) WHERE number = @number AND state = 'closed'`,
  );
  const mergeTicket = db.prepare('UPDATE ticket SET merged_into = @into WHERE number = @number');
  const inviteParticipants = db.prepare(
    `INSERT OR IGNORE INTO participant (ticket_number, address, joined_at)
     SELECT @into, address, @at FROM participant WHERE ticket_number = @number`,
  );
  const touchTicket = db.prepare('UPDATE ticket SET updated_at = max(updated_at, @at) WHERE number = @into');
  const insertAct = db.prepare(
    `INSERT INTO staff_act (ticket_number, what, done_by, other_ticket_number, corrected_to, outbox_id, done_at)
     VALUES (@number, @kind, @by, @into, @to, @outboxId, @at)`,
  );
  const correctTicket = db.prepare('UPDATE ticket SET kind = @to, review = 0, updated_at = max(updated_at, @at) WHERE number = @number');
  const openingMail = db.prepare<[number], { subject: string; newText: string; client: string }>(
    `SELECT inbound.subject, entry.new_text AS newText, ticket.requester_domain AS client
     FROM ticket JOIN inbound ON inbound.ticket_number = ticket.number AND inbound.outcome = 'open' JOIN entry ON entry.inbound_id = inbound.id
     WHERE ticket.number = ? ORDER BY inbound.id LIMIT 1`,
  );
  const upsertCorrection = db.prepare(
    `INSERT INTO correction (ticket_number, staff_act_id, kind, subject, new_text, client, case_hash)
     VALUES (@number, @actId, @to, @subject, @newText, @client, @caseHash)
     ON CONFLICT (ticket_number) DO UPDATE SET staff_act_id = @actId, kind = @to`,
  );
  const replyById = db.prepare<[number], ReplyRow>('SELECT id, ticket_number, state, expires_at, response FROM outbox WHERE id = ?');
  const retryReply = db.prepare(
    `UPDATE outbox SET state = 'queued', next_attempt_at = @at, expires_at = @expiresAt, settled_at = NULL
     WHERE id = @outboxId AND state IN ('queued', 'failed', 'dropped')`,
  );
  const cancelReply = db.prepare(
    `UPDATE outbox SET state = 'dropped', settled_at = @at, response = @response WHERE id = @outboxId AND state IN ('queued', 'failed')`,
  );
  const liftSuppression = db.prepare('DELETE FROM suppressed_address WHERE outbox_id = @outboxId');
  const allAliases = db.prepare<[], AliasRow>('SELECT former_number, ticket_number, next_former_number FROM alias');
  const upsertAlias = db.prepare(
    `INSERT INTO alias (former_number, ticket_number, next_former_number, imported_at) VALUES (@formerNumber, @ticketNumber, @next, @at)
     ON CONFLICT (former_number) DO UPDATE SET ticket_number = @ticketNumber, next_former_number = @next, imported_at = @at`,
  );

  return {
    ticketState(number) {
      const row = stateOf.get(number);
      return row && { number, state: row.state, mergedInto: row.merged_into };
    },

    replyState(id) {
      const row = replyById.get(id);
      return row && { id, ticketNumber: row.ticket_number, state: row.state, expiresAt: new Date(row.expires_at), response: row.response };
    },

    act({ by, at: moment, change }) {
      const at = moment.toISOString();
      const number = change.ticketNumber;
      const into = change.kind === 'merge' ? change.into : null;
      const to = change.kind === 'correct' ? change.to : null;
      const outboxId = 'outboxId' in change ? change.outboxId : null;
      switch (change.kind) {
        case 'close':
          closeTicket.run({ number, at });
          break;
        case 'reopen':
          reopenTicket.run({ number, at });
          break;
        case 'merge':
          closeTicket.run({ number, at });
          mergeTicket.run({ number, into });
          inviteParticipants.run({ number, into, at });
          touchTicket.run({ into, at });
          break;
        case 'correct':
          correctTicket.run({ number, to, at });
          break;
        case 'retry':
          retryReply.run({ outboxId, at, expiresAt: change.expiresAt.toISOString() });
          liftSuppression.run({ outboxId });
          break;
        case 'cancel':
          cancelReply.run({ outboxId, at, response: change.response });
          break;
      }
      const { lastInsertRowid: actId } = insertAct.run({ number, kind: change.kind, by, into, to, outboxId, at });
      const opening = change.kind === 'correct' ? openingMail.get(number) : undefined;
      if (opening) upsertCorrection.run({ number, actId, to, ...opening, caseHash: caseHashOf(opening) });
    },

    aliases: () => allAliases.all().map(aliasFrom),

    recordAliases(aliases) {
      const at = now().toISOString();
      for (const alias of aliases) {
        const ends =
          'ticketNumber' in alias ? { ticketNumber: alias.ticketNumber, next: null } : { ticketNumber: null, next: alias.nextFormerNumber };
        upsertAlias.run({ formerNumber: alias.formerNumber, ...ends, at });
      }
    },
  };
}

export function aliasFrom({
  former_number: formerNumber,
  ticket_number: ticketNumber,
  next_former_number: nextFormerNumber,
}: AliasRow): Alias {
  return ticketNumber === null ? { formerNumber, nextFormerNumber: nextFormerNumber! } : { formerNumber, ticketNumber };
}
