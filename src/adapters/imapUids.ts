import type { MessageRef } from '../mail/message.ts';

/** Ranges in one command: keeps a command line under 8 KB, as servers want (RFC 7162 4). */
const RANGES_PER_COMMAND = 300;

/**
 * UIDs as sequence sets (RFC 9051 4.1.1), few and short: `[3, 4, 5, 9]` is `['3:5,9']`. A range never spans a UID that is not in the list.
 * Order does not matter.
 */
export function uidSets(uids: readonly number[], rangesPerSet = RANGES_PER_COMMAND): string[] {
  const ranges: { first: number; last: number }[] = [];
  for (const uid of [...new Set(uids)].sort((a, b) => a - b)) {
    const latest = ranges.at(-1);
    if (latest?.last === uid - 1) latest.last = uid;
    else ranges.push({ first: uid, last: uid });
  }
  const sets: string[] = [];
  for (let i = 0; i < ranges.length; i += rangesPerSet) {
    const some = ranges.slice(i, i + rangesPerSet);
    sets.push(some.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`)).join(','));
  }
  return sets;
}

/** `imap:INBOX;v=7;uid=4211`: a UID means something with its mailbox and UIDVALIDITY only (RFC 9051 2.3.1.1). */
export function refOf(mailbox: string, validity: string, uid: number): MessageRef {
  return `${refPrefix(mailbox, validity)}${uid}`;
}

/** UIDs of the refs that belong to this mailbox and UIDVALIDITY; the others name messages that are no longer there. */
export function uidsOf(refs: readonly MessageRef[], mailbox: string, validity: string): number[] {
  const prefix = refPrefix(mailbox, validity);
  return refs
    .filter((ref) => ref.startsWith(prefix))
    .map((ref) => Number(ref.slice(prefix.length)))
    .filter((uid) => Number.isSafeInteger(uid) && uid > 0);
}

function refPrefix(mailbox: string, validity: string): string {
  return `imap:${mailbox};v=${validity};uid=`;
}
