import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { LedgerRow, Outcome, Step } from '../desk/ticket.ts';
import { codeOf } from '../errors.ts';
import { rawPath } from './rawFolder.ts';

interface InboundRow {
  id: number;
  ref: string;
  raw_id: string | null;
  size: number;
  fingerprint: string | null;
  content_hash: string | null;
  message_id: string | null;
  sender: string;
  subject: string;
  outcome: Outcome;
  cause: LedgerRow['cause'];
  ticket_number: number | null;
  trace: string;
  received_at: string;
}

/** Reads one message of the ledger, with what is kept of it. */
export function ledgerIn(db: Database.Database, folder: string): (id: number) => LedgerRow | undefined {
  const byId = db.prepare<[number], InboundRow>('SELECT * FROM inbound WHERE id = ?');
  return (id) => {
    const row = byId.get(id);
    return row && ledgerRowFrom(row, folder);
  };
}

function ledgerRowFrom(row: InboundRow, folder: string): LedgerRow {
  return {
    id: row.id,
    ref: row.ref,
    size: row.size,
    receivedAt: new Date(row.received_at),
    fingerprint: row.fingerprint,
    contentHash: row.content_hash,
    messageId: row.message_id,
    sender: row.sender,
    subject: row.subject,
    outcome: row.outcome,
    cause: row.cause,
    ticketNumber: row.ticket_number,
    trace: JSON.parse(row.trace) as Step[],
    kept: row.raw_id === null ? null : keptBytes(folder, row.raw_id),
  };
}

function keptBytes(folder: string, rawId: string): LedgerRow['kept'] {
  const path = rawPath(folder, rawId);
  try {
    return { rawId, path, size: statSync(path).size };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
