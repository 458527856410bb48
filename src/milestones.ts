import { channel } from 'node:diagnostics_channel';

/**
 * What a mail on its way in and a reply on its way out pass, in that order. A process may die between any two of them, and the next one must be able
 * to go on from there: `npm run torture` ends the program at each.
 */
export const MILESTONES = [
  'mailbox.listed',
  /** Old mail of the first start is in the ledger. */
  'skipped.recorded',
  /** All bytes of a message are written under a name that means nothing yet. */
  'message.written',
  'message.kept',
  'message.read',
  'transaction.begun',
  'message.examined',
  'message.applied',
  /** Bytes are on the disk, rows are not. */
  'transaction.durable',
  'transaction.committed',
  /** Without MOVE a message lies in two folders for a moment. */
  'message.copied',
  'messages.settled',
  'replies.claimed',
  /** The next hop has said yes, and we have not written it down. */
  'reply.accepted',
  'replies.recorded',
] as const;

export type Milestone = (typeof MILESTONES)[number];

const passed = channel('buzon.milestone');

/** Tells whoever listens on the diagnostics channel `buzon.milestone`; costs nothing while nobody does. */
export function reached(milestone: Milestone): void {
  if (passed.hasSubscribers) passed.publish(milestone);
}
