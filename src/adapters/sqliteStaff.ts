import type Database from 'better-sqlite3';
import { caseHashOf } from '../desk/corrected.ts';
import type { TicketState } from '../desk/staff.ts';
import type { Alias, StaffAct, Ticket } from '../desk/ticket.ts';

/** What staff change by hand; to be called inside a transaction. */
export interface StaffStatements {
  ticketState(number: number): TicketState | undefined;
  act(act: StaffAct): void;
  aliases(): Alias[];
  recordAliases(aliases: readonly Alias[]): void;
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
    `INSERT INTO staff_act (ticket_number, what, done_by, other_ticket_number, corrected_to, done_at)
     VALUES (@number, @kind, @by, @into, @to, @at)`,
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

    act({ by, at: moment, change }) {
      const at = moment.toISOString();
      const number = change.ticketNumber;
      const into = change.kind === 'merge' ? change.into : null;
      const to = change.kind === 'correct' ? change.to : null;
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
      }
      const { lastInsertRowid: actId } = insertAct.run({ number, kind: change.kind, by, into, to, at });
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
