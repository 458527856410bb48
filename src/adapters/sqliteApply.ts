import type Database from 'better-sqlite3';
import { withoutTag } from '../desk/policy.ts';
import type { Effect, Entry, InboundRecord, NewTicket, QueuedReply, Receipt } from '../desk/ticket.ts';
import { domainOf } from '../mail/fields.ts';

const DAY_MS = 24 * 3_600_000;
/** Days without automatic mail for an address that does not exist (L26). */
const SUPPRESS_DAYS = 30;

interface Seen {
  id: number;
  ticket_number: number | null;
}

/** The two ways in which an effect is written; to be called inside a transaction, which makes each of them one. */
export interface Applying {
  /** What a mail that arrives changes; a mail that is in the ledger already changes nothing. */
  apply(effect: Effect): Receipt;
  /** What a second look at a mail of the ledger changes: its row gets a new end. */
  applyAgain(id: number, effect: Effect): Receipt;
}

export function applyIn(db: Database.Database, now: () => Date): Applying {
  const byRef = db.prepare<[string], Seen>(`SELECT ifnull(duplicate_of, id) AS id, ticket_number FROM inbound WHERE ref = ?`);
  const byFingerprint = db.prepare<[string], Seen>('SELECT id, ticket_number FROM inbound WHERE fingerprint = ? AND duplicate_of IS NULL');
  const byBytes = db.prepare<[string], Seen>(
    'SELECT id, ticket_number FROM inbound WHERE raw_id = ? AND fingerprint IS NULL AND duplicate_of IS NULL ORDER BY id LIMIT 1',
  );
  const insertInbound = db.prepare(
    `INSERT INTO inbound (ref, raw_id, size, fingerprint, duplicate_of, content_hash, message_id, sender, subject, outcome, cause, reply,
       ticket_number, trace, received_at, recorded_at)
     VALUES (@ref, @rawId, @size, @fingerprint, @duplicateOf, @contentHash, @messageId, @sender, @subject, @outcome, @cause, @reply,
       @ticketNumber, @trace, @receivedAt, @recordedAt)`,
  );
  const rewriteInbound = db.prepare(
    `UPDATE inbound SET fingerprint = @fingerprint, duplicate_of = @duplicateOf, content_hash = @contentHash, message_id = @messageId, sender = @sender,
       subject = @subject, outcome = @outcome, cause = @cause, reply = @reply, ticket_number = @ticketNumber, trace = @trace WHERE id = @id`,
  );
  const leadDuplicates = db.prepare(
    'UPDATE inbound SET ticket_number = @ticketNumber, duplicate_of = ifnull(@duplicateOf, duplicate_of) WHERE duplicate_of = @id',
  );
  const insertTicket = db.prepare(
    `INSERT INTO ticket (number, state, kind, review, subject, requester_name, requester_address, requester_domain, classification, linked_to,
       client_id, opened_at, updated_at)
     VALUES (@number, 'open', @kind, @review, @subject, @name, @address, @domain, @classification, @linkedTo, @clientId, @at, @at)`,
  );
  const touchTicket = db.prepare('UPDATE ticket SET updated_at = max(updated_at, @at) WHERE number = @number');
  const reopenTicket = db.prepare(`UPDATE ticket SET state = 'open', closed_at = NULL WHERE number = ? AND state = 'closed'`);
  const insertEntry = db.prepare(
    `INSERT INTO entry (ticket_number, inbound_id, what, author_name, author_address, verified, flags, new_text, quoted_text, signature, entered_at)
     VALUES (@ticketNumber, @inboundId, @what, @name, @address, @verified, @flags, @newText, @quotedText, @signature, @at)`,
  );
  const insertAttachment = db.prepare(
    `INSERT INTO attachment (entry_id, filename, content_type, sniffed_type, size, inline, content_id, sha256)
     VALUES (@entryId, @filename, @contentType, @sniffedType, @size, @inline, @contentId, @sha256)`,
  );
  const insertParticipant = db.prepare('INSERT OR IGNORE INTO participant (ticket_number, address, joined_at) VALUES (?, ?, ?)');
  const insertMessage = db.prepare('INSERT OR IGNORE INTO thread_message (message_id, ticket_number, origin) VALUES (?, ?, ?)');
  const insertReference = db.prepare('INSERT OR IGNORE INTO thread_reference (message_id, ticket_number) VALUES (?, ?)');
  const insertReply = db.prepare(
    `INSERT INTO outbox (ticket_number, inbound_id, kind, recipient, recipient_domain, message_id, state, queued_at, next_attempt_at, expires_at,
       envelope_from, envelope_to, bytes)
     VALUES (@ticketNumber, @inboundId, @kind, @recipient, @domain, @messageId, 'queued', @at, @at, @expiresAt, @envelopeFrom, @envelopeTo, @bytes)`,
  );
  const reportReply = db
    .prepare<{ id: number; at: string; permanent: number; status: string | null; diagnostic: string | null }, string>(
      `UPDATE outbox SET reported_at = @at, reported_permanent = @permanent, reported_status = @status, reported_diagnostic = @diagnostic
       WHERE id = @id RETURNING recipient`,
    )
    .pluck();
  const suppress = suppressIn(db);

  function recordInbound(inbound: InboundRecord, first: Seen | undefined): number {
    const { references, receivedAt, trace, ...columns } = inbound;
    const row = first ? { ...columns, outcome: 'ignore', cause: 'duplicate', reply: 'none', ticketNumber: first.ticket_number } : columns;
    const { lastInsertRowid } = insertInbound.run({
      ...row,
      duplicateOf: first?.id ?? null,
      trace: JSON.stringify(first ? withDuplicate(trace, first.id) : trace),
      receivedAt: receivedAt.toISOString(),
      recordedAt: now().toISOString(),
    });
    return Number(lastInsertRowid);
  }

  /** The row keeps its name, bytes and time of arrival; other names of the same message follow it. */
  function recordAgain(id: number, inbound: InboundRecord): void {
    const { ref, rawId, size, references, receivedAt, trace, ...columns } = inbound;
    const twin = inbound.fingerprint === null ? undefined : byFingerprint.get(inbound.fingerprint);
    const duplicateOf = twin === undefined || twin.id === id ? null : twin.id;
    rewriteInbound.run({ ...columns, id, duplicateOf, trace: JSON.stringify(trace) });
    leadDuplicates.run({ id, duplicateOf, ticketNumber: inbound.ticketNumber });
  }

  function openTicket({ requester, classification, ...ticket }: NewTicket, at: string): void {
    insertTicket.run({
      ...ticket,
      review: classification.review ? 1 : 0,
      name: requester.name,
      address: requester.address,
      domain: domainOf(requester.address),
      classification: JSON.stringify(classification),
      at,
    });
    insertParticipant.run(ticket.number, requester.address.toLowerCase(), at);
  }

  function addEntry(ticketNumber: number, inboundId: number, entry: Entry, participants: readonly string[], at: string): void {
    const { author, verified, flags, attachments, ...texts } = entry;
    const { lastInsertRowid } = insertEntry.run({
      ...texts,
      ticketNumber,
      inboundId,
      name: author.name,
      address: author.address,
      verified: verified ? 1 : 0,
      flags: JSON.stringify(flags),
      at,
    });
    for (const attachment of attachments)
      insertAttachment.run({ ...attachment, inline: attachment.inline ? 1 : 0, entryId: lastInsertRowid });
    for (const address of participants) insertParticipant.run(ticketNumber, address.toLowerCase(), at);
    touchTicket.run({ number: ticketNumber, at });
  }

  function queueReply({ ticketNumber, recipient, kind, mail, expiresAt }: QueuedReply, inboundId: number): void {
    insertReply.run({
      ticketNumber,
      inboundId,
      kind,
      recipient: recipient.toLowerCase(),
      domain: domainOf(recipient),
      messageId: mail.messageId,
      at: now().toISOString(),
      expiresAt: expiresAt.toISOString(),
      envelopeFrom: mail.envelopeFrom,
      envelopeTo: mail.envelopeTo,
      bytes: mail.bytes,
    });
    insertMessage.run(mail.messageId, ticketNumber, 'ours');
  }

  function markUndelivered({ outboxId, address, permanent, status, diagnostic }: Effect['undelivered'][number]): void {
    const at = now();
    const recipient = reportReply.get({ id: outboxId, at: at.toISOString(), permanent: permanent ? 1 : 0, status, diagnostic });
    // Only the address that we wrote to: a forged report must not silence somebody else, nor one about a person behind a list the list.
    if (permanent && recipient !== undefined && withoutTag(address) === recipient) suppress(recipient, outboxId, at);
  }

  /** `record` writes the ledger's row: after the ticket that it names, before all that names the row. */
  function carryOut({ inbound, change, outbox, undelivered }: Effect, record: () => number): Receipt {
    const at = inbound.receivedAt.toISOString();
    if (change.kind === 'open') openTicket(change.ticket, at);
    const inboundId = record();
    if (change.kind !== 'none') {
      const number = change.kind === 'open' ? change.ticket.number : change.ticketNumber;
      if (change.kind === 'append' && change.reopen) reopenTicket.run(number);
      addEntry(number, inboundId, change.entry, change.participants, at);
      if (inbound.messageId !== null) insertMessage.run(inbound.messageId, number, 'client');
      if (change.kind === 'open') for (const id of inbound.references) insertReference.run(id, number);
    }
    for (const reply of outbox) queueReply(reply, inboundId);
    for (const report of undelivered) markUndelivered(report);
    return { inboundId, outcome: inbound.outcome, ticketNumber: inbound.ticketNumber };
  }

  function apply(effect: Effect): Receipt {
    const { inbound } = effect;
    const sameRef = byRef.get(inbound.ref);
    if (sameRef) return { inboundId: sameRef.id, outcome: 'duplicate', ticketNumber: sameRef.ticket_number };
    const first = inbound.fingerprint === null ? byBytes.get(inbound.rawId) : byFingerprint.get(inbound.fingerprint);
    if (first) {
      recordInbound(inbound, first);
      return { inboundId: first.id, outcome: 'duplicate', ticketNumber: first.ticket_number };
    }
    return carryOut(effect, () => recordInbound(inbound, undefined));
  }

  function applyAgain(id: number, effect: Effect): Receipt {
    return carryOut(effect, () => {
      recordAgain(id, effect.inbound);
      return id;
    });
  }

  return { apply, applyAgain };
}

/** Gives an address no automatic mail for some days; a later failure lengthens the time. */
export function suppressIn(db: Database.Database): (address: string, outboxId: number, now: Date) => void {
  const upsert = db.prepare(
    `INSERT INTO suppressed_address (address, outbox_id, until_at) VALUES (@address, @outboxId, @until)
     ON CONFLICT (address) DO UPDATE SET outbox_id = @outboxId, until_at = max(until_at, @until)`,
  );
  return (address, outboxId, now) => {
    upsert.run({ address, outboxId, until: new Date(now.getTime() + SUPPRESS_DAYS * DAY_MS).toISOString() });
  };
}

function withDuplicate(trace: InboundRecord['trace'], firstId: number): InboundRecord['trace'] {
  if (trace.at(-1)?.result === 'ignore') return trace;
  return [...trace, { rule: 'ledger', result: 'ignore', because: `el mismo mensaje está en el libro con el número ${firstId}` }];
}
