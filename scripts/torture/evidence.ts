import type { Lying } from './mailFolders.ts';
import type { Matter } from './matter.ts';
import type { InboundRow, Records } from './records.ts';
import type { Acceptance } from './smtpSink.ts';
import type { StoredFile } from './storedFiles.ts';
import type { Leaving, Scars } from './world.ts';

/** Everything that can be seen from outside when all is quiet. */
export interface Evidence {
  matters: readonly Matter[];
  records: Records;
  /** What lies on the mail server. */
  lying: readonly Lying[];
  messages: readonly StoredFile[];
  attachments: readonly StoredFile[];
  taken: readonly Acceptance[];
  /** Recipients that the SMTP server refused for good. */
  refused: ReadonlySet<string>;
  lives: ReadonlyMap<number, Life>;
  scars: Scars;
  leaving: Leaving;
}

/** One run of the program. */
export interface Life {
  /** It was killed, or ended because the world failed: what it had not written down it could not know any more. */
  cutShort: boolean;
  /** Replies that had come to an end before it, by Message-ID. */
  settledBefore: ReadonlySet<string>;
}

/** What must never be: a mail without a place, something that happened twice, or anything else that is not as it should be. */
export interface Violation {
  kind: 'lost' | 'double' | 'wrong';
  what: string;
}

export const lost = (what: string): Violation => ({ kind: 'lost', what });
export const double = (what: string): Violation => ({ kind: 'double', what });
export const wrong = (what: string): Violation => ({ kind: 'wrong', what });

/** The rows of the ledger for the copies of a matter, oldest first. */
export function rowsOf({ copies }: Matter, { inbound }: Records): InboundRow[] {
  return inbound.filter(({ raw_id }) => raw_id !== null && copies.includes(raw_id));
}

/** The one among them that had the effect. */
export function firstOf(rows: readonly InboundRow[]): InboundRow | undefined {
  return rows.find(({ duplicate_of }) => duplicate_of === null);
}

export function countOf<T>(all: readonly T[], one: T): number {
  return all.filter((each) => each === one).length;
}
