import { double, type Evidence, firstOf, lost, rowsOf, type Violation, wrong } from './evidence.ts';
import type { OutboxRow } from './records.ts';
import type { Acceptance } from './smtpSink.ts';

/** One answer for each mail that deserves one, to its sender; none for machines and for anything else. */
export function queuedOnce({ matters, records, scars }: Evidence): Violation[] {
  const found: Violation[] = [];
  const expected = new Set<number>();
  for (const matter of matters) {
    const row = firstOf(rowsOf(matter, records));
    if (row === undefined) continue;
    const { name, sender, answered } = matter;
    const replies = records.outbox.filter(({ inbound_id }) => inbound_id === row.id);
    for (const { id } of replies) expected.add(id);
    if (!answered && replies.length > 0) found.push(wrong(`${name} must not be answered, and is`));
    if (answered && replies.length === 0 && !(scars.clockJumped && row.reply === 'none'))
      found.push(lost(`the answer to ${name} is not in the outbox`));
    if (replies.length > 1) found.push(double(`${name} has ${replies.length} answers`));
    if (answered && replies.some(({ recipient }) => recipient !== sender)) found.push(wrong(`the answer to ${name} goes to somebody else`));
    if (replies.some(({ ticket_number }) => ticket_number !== row.ticket_number))
      found.push(wrong(`the answer to ${name} is on another ticket`));
  }
  const others = records.outbox.filter(({ id }) => !expected.has(id));
  return [...found, ...others.map(({ id }) => double(`reply ${id} answers no mail of its own`))];
}

/** Each reply has come to its end, and to the right one. */
export function settledRightly(evidence: Evidence): Violation[] {
  return evidence.records.outbox.flatMap((reply) => {
    const copies = evidence.taken.filter(({ messageId }) => messageId === reply.message_id);
    if (reply.state === 'sent') return copies.length > 0 ? [] : [lost(`reply ${reply.id} is recorded as sent, and no server took it`)];
    return mayEndAs(reply, evidence)
      ? []
      : [wrong(`reply ${reply.id} ended as ${reply.state} after ${reply.attempts} attempts: ${reply.response}`)];
  });
}

function mayEndAs({ state, recipient, message_id }: OutboxRow, { refused, scars }: Evidence): boolean {
  if (state === 'failed') return refused.has(recipient) || scars.spoiltReplies.has(message_id);
  return state === 'dropped' && scars.clockJumped;
}

/** What the SMTP server took stood in the database before, and is what stood there; every copy of it is the same. */
export function onRecordBefore({ taken, records }: Evidence): Violation[] {
  return taken.flatMap((copy) => {
    const { messageId, to, onRecord, bytes } = copy;
    const reply = records.outbox.find(({ message_id }) => message_id === messageId);
    if (reply === undefined) return [wrong(`a mail to ${to} was sent of which nothing is recorded`)];
    const found: Violation[] = [];
    if (onRecord === false) found.push(wrong(`reply ${reply.id} was sent before its ticket was committed`));
    if (to !== reply.recipient) found.push(wrong(`reply ${reply.id} went to somebody else`));
    if (withoutEnd(bytes) !== withoutEnd(reply.bytes)) found.push(wrong(`reply ${reply.id} was not sent as it was queued`));
    return found;
  });
}

/** SMTP ends the last line where a mail does not. */
function withoutEnd(bytes: Buffer): string {
  return bytes.toString('latin1').trimEnd();
}

export interface Repeats {
  violations: Violation[];
  /** Repeated in the documented window, between the server's acceptance and our record of it. */
  excused: number;
  /** Most mails that one death repeated. */
  mostAtOnce: number;
}

/** A reply is sent again only when the life that sent it could not write that down; never when it was written down. */
export function repeatsOf({ taken, lives }: Evidence): Repeats {
  const violations: Violation[] = [];
  const afterLife = new Map<number, number>();
  const byId = Map.groupBy(taken, ({ messageId }) => messageId);
  for (const [messageId, copies] of byId) {
    for (const [i, copy] of copies.entries()) {
      if (lives.get(copy.run)?.settledBefore.has(messageId))
        violations.push(double(`a reply to ${copy.to} was recorded as settled, and sent again`));
      const before = copies[i - 1];
      if (before === undefined) continue;
      if (!couldForget(before, copy, lives))
        violations.push(double(`a reply to ${copy.to} was sent twice without need (runs ${before.run} and ${copy.run})`));
      else afterLife.set(before.run, (afterLife.get(before.run) ?? 0) + 1);
    }
  }
  const counts = [...afterLife.values()];
  return { violations, excused: counts.reduce((sum, count) => sum + count, 0), mostAtOnce: Math.max(0, ...counts) };
}

/**
 * Whoever sent it before did not hear the server's yes, or did not live to write it down; or it was on its way when its sender stood still, and goes
 * on when he wakes up, behind the back of the one that took over.
 */
function couldForget(before: Acceptance, again: Acceptance, lives: Evidence['lives']): boolean {
  const wokeUp = again.run < before.run && lives.get(again.run)?.cutShort === true;
  return !before.told || wokeUp || (before.run !== again.run && lives.get(before.run)?.cutShort === true);
}
