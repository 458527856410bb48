import { AppError, reasonOf } from '../errors.ts';
import type { Listed, RawMessage } from '../mail/message.ts';
import { HEADER_ROOM, headerSectionOf } from './headerSection.ts';
import type { Breakers } from './imapBreakers.ts';
import type { ImapClient } from './imapClient.ts';
import { blameFor } from './imapErrors.ts';
import { uidSets } from './imapUids.ts';

/** A message up to this size is read whole, together with others; a larger one piece by piece. Octets. */
const WHOLE_UP_TO = 2 * 1024 * 1024;
const PIECE = 1024 * 1024;
/** What one FETCH brings at most, and so what lies in memory at a time. */
const BATCH = { octets: 2 * 1024 * 1024, messages: 100 };

/** A message of the mailbox that is to be read. */
export interface Wanted extends Listed {
  uid: number;
}

/** Runs a piece of work on the living connection; each call may find another connection. */
export type Use = <T>(work: (client: ImapClient) => Promise<T>) => Promise<T>;

export interface Reading {
  maxBytes: number;
  use: Use;
  /** Told of a message that cannot be read now and is left out; it is offered again. */
  skipped(uid: number, because: string): void;
  /** Told of a message that is not there any more. */
  gone(uid: number): void;
  breakers: Breakers;
}

/**
 * The bytes of the messages, in the order given; vanished ones are left out (RFC 9051 6.4.8: a UID that does not exist is no error), and so are
 * those that the server cannot read, so that they keep back no other. Nothing is marked as read (BODY.PEEK). Each command brings one batch whole, so
 * that other commands have their turn between two; the next batch is on its way while this one is with the reader.
 */
export async function* readMessages(wanted: readonly Wanted[], reading: Reading, signal: AbortSignal): AsyncGenerator<RawMessage> {
  const { maxBytes, use, breakers } = reading;
  const wholeUpTo = Math.min(WHOLE_UP_TO, maxBytes);
  const batches = batchesOf(wanted, (one) => isLarge(one, wholeUpTo) || breakers.isSuspect(one.uid));
  const read = (batch: readonly Wanted[] | undefined) =>
    batch === undefined || isLarge(batch[0]!, wholeUpTo) ? undefined : use((client) => wholeMessages(client, batch, reading));
  let coming = read(batches[0]);
  for (const [position, batch] of batches.entries()) {
    if (signal.aborted) return;
    const bytes = await coming;
    coming = read(batches[position + 1]);
    coming?.catch(() => {}); // reported when its turn comes
    for (const one of batch) {
      const message = bytes === undefined ? await largeMessage(one, reading) : wholeMessage(one, bytes);
      if (message !== null) yield message;
    }
  }
}

function isLarge({ size }: Wanted, wholeUpTo: number): boolean {
  return size > wholeUpTo;
}

function wholeMessage({ uid, ref, receivedAt, size }: Wanted, bytes: Map<number, Buffer>): RawMessage | null {
  const found = bytes.get(uid);
  bytes.delete(uid);
  return found === undefined ? null : { ref, receivedAt, size, chunks: [found], headerOnly: false };
}

/** A message that is not read whole: in pieces, or its header section only. */
async function largeMessage(one: Wanted, reading: Reading): Promise<RawMessage | null> {
  const { maxBytes, use, skipped, gone, breakers } = reading;
  const { uid, ref, receivedAt, size } = one;
  const headerOnly = size > maxBytes;
  let refused = false;
  const start = await use((client) =>
    piece(client, uid, { start: 0, length: headerOnly ? HEADER_ROOM : PIECE }, breakers).catch((error: unknown) => {
      if (blameFor(error) !== 'message') throw error;
      refused = true;
      skipped(uid, reasonOf(error));
      return null;
    }),
  );
  if (start === null) {
    if (!refused) gone(uid);
    return null;
  }
  if (headerOnly) breakers.answered([uid]);
  return { ref, receivedAt, size, headerOnly, chunks: headerOnly ? [headerSectionOf(start)] : inPieces(one, start, reading) };
}

/** Consecutive messages that are read by one command; some are read alone. */
export function batchesOf(wanted: readonly Wanted[], isAlone: (one: Wanted) => boolean, limit = BATCH): Wanted[][] {
  const batches: Wanted[][] = [];
  let octets = Number.POSITIVE_INFINITY;
  for (const one of wanted) {
    const batch = batches.at(-1);
    const alone = isAlone(one);
    octets += one.size;
    if (batch === undefined || alone || octets > limit.octets || batch.length >= limit.messages) {
      batches.push([one]);
      octets = alone ? Number.POSITIVE_INFINITY : one.size;
    } else {
      batch.push(one);
    }
  }
  return batches;
}

/**
 * Whole messages by UID. Rows without a body are passed over: the server sends them unasked when somebody sets a flag, and with NIL for a message
 * that was expunged a moment ago.
 */
async function wholeMessages(client: ImapClient, batch: readonly Wanted[], reading: Reading): Promise<Map<number, Buffer>> {
  const { skipped, gone, breakers } = reading;
  const sizes = new Map(batch.map(({ uid, size }) => [uid, size]));
  const found = new Map<number, Buffer>();
  const asked = [...sizes.keys()];
  let refusal: unknown;
  try {
    for (const set of uidSets(asked)) {
      for await (const { uid, source } of client.imap.fetch(set, { uid: true, source: true }, { uid: true })) {
        if (Buffer.isBuffer(source) && sizes.has(uid)) found.set(uid, source);
      }
    }
  } catch (error) {
    const blame = blameFor(error);
    if (blame === 'connection') {
      const unanswered = asked.filter((uid) => !found.has(uid)).sort((a, b) => a - b);
      breakers.broke(asked, unanswered, reasonOf(error));
    }
    if (blame !== 'message') throw error;
    if (batch.length > 1) return oneByOne(client, batch, reading);
    refusal = error;
  }
  for (const uid of asked.filter((each) => !found.has(each))) {
    if (refusal === undefined) gone(uid);
    else skipped(uid, reasonOf(refusal));
  }
  for (const [uid, bytes] of found) {
    if (bytes.length === sizes.get(uid) || (await endsAt(client, uid, bytes.length, breakers))) continue;
    skipped(uid, cutAfter(bytes.length));
    found.delete(uid);
  }
  breakers.answered(asked);
  return found;
}

/** After the server refused a whole batch: finds the message that it cannot read. */
async function oneByOne(client: ImapClient, batch: readonly Wanted[], reading: Reading): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  for (const one of batch) {
    for (const [uid, bytes] of await wholeMessages(client, [one], reading)) found.set(uid, bytes);
  }
  return found;
}

/**
 * Some servers estimate RFC822.SIZE. When what came differs from it, the message is whole if there is nothing behind it; a server that refuses to
 * say leaves it in doubt, and so not whole.
 */
async function endsAt(client: ImapClient, uid: number, length: number, breakers: Breakers): Promise<boolean> {
  try {
    const rest = await piece(client, uid, { start: length, length: 1 }, breakers);
    return rest === null || rest.length === 0;
  } catch (error) {
    if (blameFor(error) !== 'message') throw error;
    return false;
  }
}

/**
 * A large message, one command for each piece.
 * @throws AppError `MESSAGE_UNREADABLE`, after telling `skipped`, when it vanishes, is refused or is cut before its end; others for a lost connection
 */
async function* inPieces({ uid, size }: Wanted, start: Buffer, { use, skipped, breakers }: Reading): AsyncGenerator<Buffer> {
  const giveUp = (because: string): never => {
    skipped(uid, because);
    throw new AppError('MESSAGE_UNREADABLE', `message with UID ${uid} cannot be read now: ${because}`, { temporary: true });
  };
  const pieceFrom = (octet: number) =>
    use((client) =>
      piece(client, uid, { start: octet, length: PIECE }, breakers).catch((error: unknown) => {
        if (blameFor(error) !== 'message') throw error;
        return giveUp(reasonOf(error));
      }),
    );

  yield start;
  let read = start.length;
  for (let latest = start; latest.length === PIECE && read !== size; read += latest.length) {
    latest = (await pieceFrom(read)) ?? giveUp(cutAfter(read));
    if (latest.length > 0) yield latest;
  }
  const length = read;
  if (length !== size && !(await use((client) => endsAt(client, uid, length, breakers)))) giveUp(cutAfter(length));
  breakers.answered([uid]);
}

/** Some octets of a message, at most `length` of them (a server that ignores this sends the whole); null when it is gone. */
async function piece(
  { imap }: ImapClient,
  uid: number,
  { start, length }: { start: number; length: number },
  breakers: Breakers,
): Promise<Buffer | null> {
  try {
    const row = await imap.fetchOne(uid, { uid: true, source: { start, maxLength: length } }, { uid: true });
    return row !== false && Buffer.isBuffer(row.source) ? row.source : null;
  } catch (error) {
    if (blameFor(error) === 'connection') breakers.broke([uid], [uid], reasonOf(error));
    throw error;
  }
}

function cutAfter(octets: number): string {
  return `it came out cut after ${octets} octets`;
}
