import { AppError, reasonOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Listed, MessageRef, RawMessage } from '../mail/message.ts';
import type { MailSource, SettledPlace } from '../ports.ts';
import { type Breakers, createBreakers } from './imapBreakers.ts';
import type { ImapClient } from './imapClient.ts';
import { createImapConnection } from './imapConnection.ts';
import { blameFor } from './imapErrors.ts';
import { readMessages, type Use, type Wanted } from './imapFetch.ts';
import { createIdleKeeper } from './imapIdle.ts';
import { type ImapOptions, validateImapOptions } from './imapOptions.ts';
import { probeImap } from './imapProbe.ts';
import { markMessages, moveMessages, unsettledSearch } from './imapSettle.ts';
import { bringBackImap, surveyImap } from './imapSurvey.ts';
import { accountOf, refOf, uidSets, uidsOf } from './imapUids.ts';
import { createWakeUp } from './wakeUp.ts';

/** What is known about the mailbox under its present UIDVALIDITY. */
interface Knowledge {
  validity: string;
  /** Messages of the latest list. */
  listed: Map<number, Wanted>;
  /** Messages that stay in the mailbox and are not offered again by this process. */
  left: Set<number>;
  /** Messages that lie in a folder for settled mail as well, because the server did not let us take them away here. */
  copied: Set<number>;
  /** Every message below this UID is left or gone, and UIDs only grow (RFC 9051 2.3.1.1), so that no search looks there again. */
  first: number;
  breakers: Breakers;
}

/**
 * A mailbox over IMAP. The connection is made by the first call that needs it, and anew after each loss.
 * @throws AppError `CONFIG_INVALID` for options that cannot work.
 */
export function createImapSource(options: ImapOptions, log: Log): MailSource {
  validateImapOptions(options);
  if (options.tlsRejectUnauthorized === false || options.allowInsecure) log.warn('tls.unverified', { door: 'mailbox' });
  const { mailbox, maxBytes } = options;
  const account = accountOf(options);
  const numbering = (validity: string) => ({ account, mailbox, validity });
  const wakeUp = createWakeUp();
  const idle = createIdleKeeper();
  const knowNothing = (validity: string): Knowledge => ({
    ...{ validity, listed: new Map(), left: new Set(), copied: new Set(), first: 1 },
    breakers: createBreakers((uid, { times, minutes, because }) => {
      const reason = `message with UID ${uid} stays in ${mailbox} and is left alone for ${minutes} min, after ${times} breaks: ${because}`;
      log.warn('source.note', { reason });
    }),
  });
  let known = knowNothing('');

  const connection = createImapConnection(options, log, {
    onClient({ imap, validity }) {
      if (known.validity !== validity) known = knowNothing(validity);
      imap.on('exists', ({ count, prevCount }) => {
        if (count > prevCount) wakeUp.wake();
      });
    },
    onLost: wakeUp.wake,
  });

  /** Lets the server tell of changes (RFC 9051 6.1.2), unless it just did: a search may else look at the mailbox of a while ago. */
  async function refresh({ imap }: ImapClient): Promise<void> {
    if (wakeUp.forget()) return;
    await imap.noop();
    wakeUp.forget();
  }

  /** UIDs of unsettled messages, in ascending order. */
  async function search(client: ImapClient): Promise<number[]> {
    const answer = await client.imap.search(unsettledSearch(client, known.first), { uid: true });
    if (!answer) throw new AppError('SOURCE_FAILED', `the mailbox could not be searched: ${client.lastRefusal()}`, { temporary: true });
    const present = answer.filter((uid) => uid >= known.first).sort((a, b) => a - b);
    const unsettled = present.filter((uid) => !known.left.has(uid));
    known.first = unsettled[0] ?? (present.at(-1) ?? known.first - 1) + 1;
    for (const uid of known.left) if (uid < known.first) known.left.delete(uid);
    return unsettled;
  }

  /** When a message arrived: now, when the server does not say it or says what is no date, so that the message is not passed over. */
  function arrivalOf(uid: number, internalDate: string | Date | undefined): Date {
    const arrival = new Date(internalDate ?? Number.NaN);
    if (!Number.isNaN(arrival.getTime())) return arrival;
    log.warn('source.note', { reason: `the server tells no time of arrival of the message with UID ${uid}: taken as arrived now` });
    return new Date();
  }

  /** Size and time of arrival of new messages, before any body is read. */
  async function describe(client: ImapClient, uids: number[]): Promise<void> {
    const { isSuspect } = known.breakers;
    await describeTogether(
      client,
      uids.filter((uid) => !isSuspect(uid)),
    );
    for (const uid of uids.filter(isSuspect)) await describeTogether(client, [uid]);
  }

  async function describeTogether(client: ImapClient, uids: number[]): Promise<void> {
    const { breakers, listed } = known;
    try {
      for (const set of uidSets(uids)) {
        for await (const { uid, size, internalDate } of client.imap.fetch(
          set,
          { uid: true, size: true, internalDate: true },
          { uid: true },
        )) {
          if (size === undefined) continue; // somebody's change of a flag, sent unasked
          listed.set(uid, { uid, size, receivedAt: arrivalOf(uid, internalDate), ref: refOf(numbering(client.validity), uid) });
        }
      }
    } catch (error) {
      const unanswered = uids.filter((uid) => !listed.has(uid));
      if (blameFor(error) !== 'server') breakers.broke(uids, unanswered, reasonOf(error));
      throw error;
    }
  }

  return {
    async list(signal) {
      if (signal.aborted) return [];
      return connection.use(`list ${mailbox}`, async (client) => {
        await refresh(client);
        const { inOrder, rests } = known.breakers;
        const uids = inOrder(await search(client)).filter((uid) => !rests(uid));
        await describe(
          client,
          uids.filter((uid) => !known.listed.has(uid)),
        );
        const found = uids.map((uid) => known.listed.get(uid)).filter((one) => one !== undefined);
        known.listed = new Map(found.map((one) => [one.uid, one]));
        return found.map(({ ref, receivedAt, size }): Listed => ({ ref, receivedAt, size }));
      });
    },

    async *fetch(listed, signal): AsyncGenerator<RawMessage> {
      const { validity, breakers } = known;
      const wanted = listed.flatMap((one): Wanted[] => uidsOf([one.ref], numbering(validity)).map((uid) => ({ ...one, uid })));
      const use: Use = (work) =>
        connection.use(`read ${mailbox}`, (client) => {
          if (client.validity === validity) return work(client);
          throw new AppError('SOURCE_FAILED', `the UIDs of ${mailbox} have changed meanwhile`, { temporary: true });
        });
      const skipped = (uid: number, because: string) =>
        log.warn('source.note', { reason: `message with UID ${uid} stays in ${mailbox}: ${because}` });
      const gone = (uid: number) => log.info('source.note', { reason: `message with UID ${uid} is not in ${mailbox} any more` });
      yield* readMessages(wanted, { maxBytes, use, skipped, gone, breakers }, signal);
    },

    async waitForMail(signal, maxMs) {
      const client = connection.current();
      if (client === null) {
        await wakeUp.sleep(signal, Math.min(maxMs, connection.pauseLeft()));
        return;
      }
      await idle.during(client, wakeUp.sleep(signal, maxMs));
    },

    async settle(refs: readonly MessageRef[], place: SettledPlace) {
      if (place === 'left') {
        for (const uid of uidsOf(refs, numbering(known.validity))) known.left.add(uid);
        return;
      }
      if (refs.length === 0) return;
      await connection.use(`settle messages of ${mailbox}`, async (client) => {
        const uids = uidsOf(refs, numbering(client.validity));
        const folder = place === 'processed' ? options.doneFolder : options.quarantineFolder;
        if (folder !== null) return moveMessages(client, uids, folder, known.copied);
        await markMessages(client, uids, place);
        for (const uid of uids) known.left.add(uid);
      });
    },

    survey: (since, signal) => surveyImap(options, connection.timing, since, signal),

    bringBack: (messages, signal) => bringBackImap(options, connection.timing, messages, signal),

    probe: () => probeImap(options, connection.timing),

    async close() {
      wakeUp.end();
      await connection.close();
    },
  };
}
