import { createHash } from 'node:crypto';
import type { MessageRef } from '../mail/message.ts';
import type { ImapOptions } from './imapOptions.ts';

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

/** A mailbox of one account, under its present UIDVALIDITY. */
export interface Numbering {
  /** As `accountOf` gives it. */
  account: string;
  mailbox: string;
  validity: string;
}

/**
 * A short name for an account on a server, which tells nothing of either. Servers count UIDVALIDITY for each account anew, and many begin with 1:
 * without it the first messages of another account would look like those of this one.
 */
export function accountOf({ user, host }: Pick<ImapOptions, 'user' | 'host'>): string {
  return createHash('sha256').update(`${user}\n${host}`.toLowerCase()).digest('hex').slice(0, 8);
}

/** `imap:INBOX;a=3fa9c1d2;v=7;uid=4211`: a UID means something with its account, mailbox and UIDVALIDITY only (RFC 9051 2.3.1.1). */
export function refOf(numbering: Numbering, uid: number): MessageRef {
  return `${refPrefix(numbering)}${uid}`;
}

/** UIDs of the refs that belong to this numbering; the others name messages that are no longer there. */
export function uidsOf(refs: readonly MessageRef[], numbering: Numbering): number[] {
  const prefix = refPrefix(numbering);
  return refs
    .filter((ref) => ref.startsWith(prefix))
    .map((ref) => Number(ref.slice(prefix.length)))
    .filter((uid) => Number.isSafeInteger(uid) && uid > 0);
}

function refPrefix({ account, mailbox, validity }: Numbering): string {
  return `imap:${mailbox};a=${account};v=${validity};uid=`;
}
