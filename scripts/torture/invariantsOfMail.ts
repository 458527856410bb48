import { countOf, double, type Evidence, firstOf, lost, rowsOf, type Violation, wrong } from './evidence.ts';
import type { Matter } from './matter.ts';
import type { InboundRow } from './records.ts';

/** Each delivered copy has its row; one row of a matter had the effect that it should have, and the others are its duplicates. */
export function inLedger({ matters, records }: Evidence): Violation[] {
  const sent = new Set(matters.flatMap(({ copies }) => copies));
  const strangers = records.inbound.filter(({ raw_id }) => raw_id !== null && !sent.has(raw_id));
  const old = matters.filter(({ outcome }) => outcome === null).flatMap(({ copies }) => copies);
  const skipped = records.inbound.filter(({ cause }) => cause === 'before-start').length;
  return [
    ...strangers.map(({ ref }) => wrong(`${ref} is in the ledger with bytes that nobody sent`)),
    ...(skipped < old.length ? [lost(`${old.length} old mails lay there at the first start, and ${skipped} are recorded`)] : []),
    ...matters.flatMap((matter) =>
      matter.outcome === null ? ledgerOfOld(matter, records.inbound) : ledgerOf(matter, rowsOf(matter, records)),
    ),
  ];
}

function ledgerOf(matter: Matter, rows: readonly InboundRow[]): Violation[] {
  const { name, copies, deleted, outcome } = matter;
  const found: Violation[] = [];
  let missing = 0;
  for (const sha256 of new Set(copies))
    missing += Math.max(0, countOf(copies, sha256) - rows.filter(({ raw_id }) => raw_id === sha256).length);
  if (missing > deleted) found.push(lost(`${name} was delivered ${copies.length} times, and ${missing} of them are not in the ledger`));
  const effects = rows.filter(({ duplicate_of }) => duplicate_of === null);
  if (effects.length > 1) found.push(double(`${name} had ${effects.length} effects: ${effects.map((row) => row.outcome).join(', ')}`));
  if (effects.length === 0 && rows.length > 0) found.push(lost(`${name} is in the ledger as a duplicate only`));
  const [first] = effects;
  if (first && first.outcome !== outcome) found.push(wrong(`${name} ended as ${first.outcome} (${first.cause}), not as ${outcome}`));
  const others = rows.filter(({ duplicate_of }) => duplicate_of !== null);
  for (const row of others) {
    if (row.duplicate_of !== first?.id || row.outcome !== 'ignore')
      found.push(wrong(`${row.ref}, a copy of ${name}, is not recorded as its duplicate`));
  }
  return found;
}

function ledgerOfOld({ name, copies }: Matter, inbound: readonly InboundRow[]): Violation[] {
  const taken = inbound.filter(({ raw_id }) => raw_id !== null && copies.includes(raw_id));
  return taken.map(() => wrong(`${name} lay there before the first start and was taken in`));
}

/** Each copy lies on the server in exactly one folder, and in the one that its outcome says. */
export function inOneFolder(evidence: Evidence): Violation[] {
  const { matters, lying, leaving, scars } = evidence;
  const known = new Set(matters.flatMap(({ copies }) => copies));
  const present = lying.filter(({ deleted }) => !(deleted && leaving === 'neither'));
  const found = present.filter(({ sha256 }) => !known.has(sha256)).map(({ folder }) => wrong(`${folder} holds a message that nobody sent`));
  for (const matter of matters) {
    const where = present.filter(({ sha256 }) => matter.copies.includes(sha256));
    const expected = matter.copies.length - matter.deleted;
    const folders = where.map(({ folder }) => folder).join(', ');
    if (where.length < expected)
      found.push(lost(`${matter.name}: ${expected} copies should lie on the server, and ${where.length} do (${folders})`));
    const excused = leaving !== 'MOVE' && scars.halfMoved > 0;
    if (where.length > expected && !excused)
      found.push(double(`${matter.name}: ${expected} copies should lie on the server, and ${where.length} do (${folders})`));
    for (const { folder, sha256 } of where) {
      const right = foldersFor(matter, sha256, evidence);
      if (!right.has(folder)) found.push(wrong(`${matter.name} lies in ${folder}, not in ${[...right].join(' or ')}`));
    }
  }
  return found;
}

/** Copies beyond the delivered ones, which a death between COPY and EXPUNGE leaves where the server has no MOVE. */
export function copiesLeftOver({ matters, lying, leaving }: Evidence): number {
  const present = lying.filter(({ deleted }) => !(deleted && leaving === 'neither')).map(({ sha256 }) => sha256);
  return matters.reduce(
    (sum, { copies, deleted }) => sum + Math.max(0, present.filter((each) => copies.includes(each)).length - copies.length + deleted),
    0,
  );
}

function foldersFor({ outcome }: Matter, sha256: string, { records }: Evidence): Set<string> {
  if (outcome === null) return new Set(['INBOX']);
  const rows = records.inbound.filter(({ raw_id }) => raw_id === sha256);
  return new Set(rows.map((row) => (row.outcome === 'quarantine' ? 'Cuarentena' : 'Procesados')));
}

/** One ticket for each mail that opens one, by its sender; one entry for each mail that belongs on a ticket, on the right one; nothing else. */
export function onTickets({ matters, records }: Evidence): Violation[] {
  const found: Violation[] = [];
  const expectedTickets = new Set<number>();
  const expectedEntries = new Set<number>();
  for (const matter of matters) {
    const row = firstOf(rowsOf(matter, records));
    if (row === undefined) continue;
    const { name, sender, repliesTo } = matter;
    if (row.outcome === 'open') {
      const ticket = records.tickets.find(({ number }) => number === row.ticket_number);
      if (ticket === undefined) found.push(lost(`${name} should have opened a ticket, and there is none`));
      else if (expectedTickets.has(ticket.number)) found.push(wrong(`ticket ${ticket.number} was opened by ${name} and by another mail`));
      else if (ticket.requester_address.toLowerCase() !== sender)
        found.push(wrong(`ticket ${ticket.number} of ${name} is somebody else's`));
      if (ticket) expectedTickets.add(ticket.number);
    }
    const answered = repliesTo === null ? undefined : records.outbox.find(({ message_id }) => message_id === repliesTo);
    if (answered !== undefined && row.ticket_number !== answered.ticket_number) {
      found.push(wrong(`${name} replies on ticket ${answered.ticket_number} and is on ${row.ticket_number}`));
    }
    if (row.ticket_number === null) continue;
    const entries = records.entries.filter(({ inbound_id }) => inbound_id === row.id);
    for (const { id } of entries) expectedEntries.add(id);
    if (entries.length === 0) found.push(lost(`${name} should be on ticket ${row.ticket_number}, and has no entry`));
    if (entries.length > 1) found.push(double(`${name} has ${entries.length} entries`));
    if (entries.some(({ ticket_number }) => ticket_number !== row.ticket_number))
      found.push(wrong(`${name} is on another ticket than its row says`));
  }
  const tickets = records.tickets.filter(({ number }) => !expectedTickets.has(number));
  const entries = records.entries.filter(({ id }) => !expectedEntries.has(id));
  found.push(...tickets.map(({ number }) => double(`ticket ${number} was opened by no mail of its own`)));
  found.push(...entries.map(({ id, ticket_number }) => double(`entry ${id} on ticket ${ticket_number} comes from no mail of its own`)));
  return found;
}

/** What is kept is what was delivered, byte for byte, and no file is less than its name promises. */
export function onDisk({ records, messages, attachments, scars }: Evidence): Violation[] {
  const found: Violation[] = [];
  const whole = new Set(messages.filter((file) => file.whole).map(({ sha256 }) => sha256));
  for (const { sha256 } of messages) {
    if (!whole.has(sha256) && !scars.damaged.has(sha256)) found.push(wrong(`the kept message ${sha256} is not whole`));
  }
  for (const { raw_id, ref } of records.inbound) {
    if (raw_id !== null && !whole.has(raw_id) && !scars.damaged.has(raw_id)) found.push(lost(`the bytes of ${ref} are not kept`));
  }
  const wholeAttachments = new Set(attachments.filter((file) => file.whole).map(({ sha256 }) => sha256));
  for (const { sha256 } of attachments) if (!wholeAttachments.has(sha256)) found.push(wrong(`the attachment ${sha256} is not whole`));
  for (const { sha256 } of records.attachments)
    if (!wholeAttachments.has(sha256)) found.push(lost(`the bytes of the attachment ${sha256} are not kept`));
  return found;
}

export function inDatabase({ records }: Evidence): Violation[] {
  return [
    ...(records.integrity.join() === 'ok' ? [] : [wrong(`integrity_check says ${records.integrity.slice(0, 3).join('; ')}`)]),
    ...(records.brokenForeignKeys === 0 ? [] : [wrong(`foreign_key_check finds ${records.brokenForeignKeys} rows`)]),
  ];
}
