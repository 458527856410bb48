import type { Place, Surveyed } from '../desk/reconcile.ts';
import { firstField, messageIdOf, readFields } from '../mail/headers.ts';
import type { MessageRef } from '../mail/message.ts';
import { connectImap, type ImapClient } from './imapClient.ts';
import { sourceError } from './imapErrors.ts';
import { type ImapOptions, type ImapTiming, levelsOf } from './imapOptions.ts';
import { expungesOwn, moveMessages, SETTLED_KEYWORD, unmarkMessages } from './imapSettle.ts';
import { accountOf, refOf, uidSets, uidsOf } from './imapUids.ts';

/** Messages that one command searches and one describes: answers are read in one go, and everybody else waits meanwhile. */
const SEARCHED = 2_000;
const DESCRIBED = 100;
const DAY_MS = 86_400_000;

/**
 * What lies in the mailbox and in the folders for settled mail, on a connection of its own and read-only (EXAMINE, BODY.PEEK). The mailbox comes last:
 * a message that is settled meanwhile is missed rather than seen twice. @throws AppError
 */
export async function* surveyImap(options: ImapOptions, timing: ImapTiming, since: Date, signal: AbortSignal): AsyncGenerator<Surveyed> {
  const client = await connectImap(options, timing, true, () => {}, signal);
  const account = accountOf(options);
  try {
    for (const [place, folder] of placesOf(options)) {
      const opened = await within(client, timing, `open ${folder}`, options, () => open(client, folder, true));
      if (opened === null) continue;
      const marked = settledMark(place, opened.flags, options);
      let lowest = Number.POSITIVE_INFINITY;
      for (let last = countOf(client); last > 0; last = Math.min(last - SEARCHED, countOf(client))) {
        const uids = await within(client, timing, `search ${folder}`, options, () => search(client, last, since));
        const fresh = uids.filter((uid) => uid < lowest);
        lowest = Math.min(lowest, ...fresh);
        for (let i = 0; i < fresh.length; i += DESCRIBED) {
          const batch = fresh.slice(i, i + DESCRIBED);
          const rows = await within(client, timing, `look through ${folder}`, options, () => describe(client, batch));
          for (const { uid, flags, ...row } of rows) {
            if (row.receivedAt < since) continue;
            yield { ...row, place, ref: refOf({ account, mailbox: folder, validity: opened.validity }, uid), settled: marked(flags) };
          }
        }
      }
    }
  } finally {
    await logOut(client, timing);
  }
}

/**
 * Moves messages into the mailbox, without the mark of settled ones. Also those that lie there already are moved, and so get a UID above all others: a
 * worker that has them behind it looks there. @returns how many were still where the survey found them. @throws AppError
 */
export async function bringBackImap(
  options: ImapOptions,
  timing: ImapTiming,
  messages: readonly { place: Place; ref: MessageRef }[],
  signal: AbortSignal,
): Promise<number> {
  const client = await connectImap(options, timing, false, () => {}, signal);
  let brought = 0;
  try {
    for (const [place, folder] of placesOf(options)) {
      const refs = messages.filter((each) => each.place === place).map(({ ref }) => ref);
      if (refs.length === 0) continue;
      await within(client, timing, `bring messages back from ${folder}`, options, async () => {
        const opened = await open(client, folder, false);
        if (opened === null) return;
        const uids = await present(client, uidsOf(refs, { account: accountOf(options), mailbox: folder, validity: opened.validity }));
        await unmarkMessages(client, uids);
        await moveMessages(client, uids, options.mailbox);
        brought += uids.length;
      });
    }
  } finally {
    await logOut(client, timing);
  }
  return brought;
}

function placesOf({ doneFolder, quarantineFolder, mailbox }: ImapOptions): [Place, string][] {
  const places: [Place, string | null][] = [
    ['processed', doneFolder],
    ['quarantine', quarantineFolder],
    ['mailbox', mailbox],
  ];
  return places.filter((place): place is [Place, string] => place[1] !== null);
}

interface Opened {
  validity: string;
  /** Keywords among them. */
  flags: ReadonlySet<string>;
}

/** Null when there is no such folder: it is made with the first message that is moved there. */
async function open({ imap }: ImapClient, folder: string, readOnly: boolean): Promise<Opened | null> {
  try {
    const opened = await imap.mailboxOpen(levelsOf(folder), { readOnly });
    return { validity: String(opened.uidValidity), flags: opened.flags ?? new Set() };
  } catch (error) {
    if ((error as { mailboxMissing?: boolean }).mailboxMissing) return null;
    throw error;
  }
}

/** As of now: what is expunged meanwhile is told between two commands. */
function countOf({ imap }: ImapClient): number {
  return imap.mailbox ? imap.mailbox.exists : 0;
}

/**
 * UIDs of what arrived since, among the messages up to sequence number `last`. Numbers sink when a message is expunged: who goes from the highest one
 * down passes nothing over, but may see a message again.
 *
 * SINCE compares dates without time and zone, those of the server's own zone (RFC 9051 6.4.4), which may be a day behind; YOUNGER, which takes its
 * place where there is one (RFC 5032), counts from the server's clock. One day more is asked for, and the exact time looked at afterwards.
 */
async function search(client: ImapClient, last: number, since: Date): Promise<number[]> {
  const seq = `${Math.max(last - SEARCHED + 1, 1)}:${last}`;
  const day = new Date(Math.max(since.getTime() - DAY_MS, 0));
  const uids = await client.imap.search({ seq, since: day, ...(expungesOwn(client) ? {} : { deleted: false }) }, { uid: true });
  if (!uids) throw new Error(`the search was refused: ${client.lastRefusal()}`);
  return uids;
}

async function present(client: ImapClient, uids: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (const uid of uidSets(uids)) found.push(...((await client.imap.search({ uid }, { uid: true })) || []));
  return found;
}

interface Described {
  uid: number;
  size: number;
  receivedAt: Date;
  messageId: string | null;
  flags: ReadonlySet<string>;
}

async function describe({ imap }: ImapClient, uids: readonly number[]): Promise<Described[]> {
  const rows: Described[] = [];
  const query = { uid: true, size: true, internalDate: true, flags: true, headers: ['message-id'] };
  for (const set of uidSets(uids)) {
    for await (const { uid, size, internalDate, flags = new Set<string>(), headers } of imap.fetch(set, query, { uid: true })) {
      if (size === undefined || !Buffer.isBuffer(headers)) continue; // somebody's change of a flag, sent unasked
      const arrival = new Date(internalDate ?? Number.NaN);
      const receivedAt = Number.isNaN(arrival.getTime()) ? new Date() : arrival; // as the worker takes it
      rows.push({ uid, size, receivedAt, flags, messageId: messageIdOf(firstField(readFields(headers), 'message-id')) });
    }
  }
  return rows;
}

/** Messages may be settled without a mark where the mailbox keeps none: it shows in the keywords of the mailbox whether one was ever set. */
function settledMark(
  place: Place,
  keywords: ReadonlySet<string>,
  { doneFolder, quarantineFolder }: ImapOptions,
): (flags: ReadonlySet<string>) => boolean | null {
  if (place !== 'mailbox') return () => true;
  const telling = keywords.has(SETTLED_KEYWORD) || (doneFolder !== null && quarantineFolder !== null);
  return (flags) => (flags.has(SETTLED_KEYWORD) ? true : telling ? false : null);
}

async function within<T>(client: ImapClient, timing: ImapTiming, doing: string, { host }: ImapOptions, work: () => Promise<T>): Promise<T> {
  const watchdog = setTimeout(() => client.imap.close(), timing.command);
  try {
    return await work();
  } catch (error) {
    throw sourceError(error, doing, host);
  } finally {
    clearTimeout(watchdog);
  }
}

async function logOut({ imap }: ImapClient, timing: ImapTiming): Promise<void> {
  const limit = setTimeout(() => imap.close(), timing.logout);
  await imap.logout().catch(() => {});
  clearTimeout(limit);
  imap.close();
}
