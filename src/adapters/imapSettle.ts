import { AppError } from '../errors.ts';
import { reached } from '../milestones.ts';
import type { ImapClient } from './imapClient.ts';
import { levelsOf } from './imapOptions.ts';
import { uidSets } from './imapUids.ts';

/** Set on settled messages that stay in the mailbox; a sender cannot set it. */
export const SETTLED_KEYWORD = '$BuzonSettled';
/** Few enough for one command, so that it is known which ones a refused one leaves uncopied. */
const COPIED_AT_ONCE = 300;

/**
 * Which messages are still to be settled, as a SEARCH from UID `first` on. A set that ends in `*` always names the newest message, so the answer
 * may hold a UID below `first` (RFC 9051 6.4.8).
 */
export function unsettledSearch(client: ImapClient, first: number): Parameters<ImapClient['imap']['search']>[0] {
  return {
    all: true,
    ...(keepsKeywords(client) ? { unKeyword: SETTLED_KEYWORD } : {}),
    ...(first > 1 ? { uid: `${first}:*` } : {}),
    ...(expungesOwn(client) ? {} : { deleted: false }),
  };
}

/**
 * Takes messages out of the mailbox, into `folder`, which is made when it is missing. Messages that are gone already are no error.
 * Without MOVE (RFC 6851): COPY, `\Deleted`, UID EXPUNGE of exactly these (RFC 4315); without that too, they stay behind with `\Deleted`, because
 * a plain EXPUNGE would take away what other people marked.
 * @param copied remembers, without MOVE, what was copied and could not be taken away: it is not copied again
 * @throws AppError `SOURCE_FAILED`, temporary, with the server's reason.
 */
export async function moveMessages(client: ImapClient, uids: readonly number[], folder: string, copied = new Set<number>()): Promise<void> {
  if (has(client, 'MOVE')) {
    for (const set of uidSets(uids)) await bring(client, 'messageMove', set, folder);
    return;
  }
  const missing = uids.filter((uid) => !copied.has(uid));
  for (let i = 0; i < missing.length; i += COPIED_AT_ONCE) {
    const some = missing.slice(i, i + COPIED_AT_ONCE);
    for (const set of uidSets(some)) await bring(client, 'messageCopy', set, folder);
    for (const uid of some) copied.add(uid);
  }
  reached('message.copied');
  for (const set of uidSets(uids)) {
    const mark = () => client.imap.messageFlagsAdd(set, ['\\Deleted'], { uid: true, silent: true });
    const away = has(client, 'UIDPLUS') ? client.imap.messageDelete(set, { uid: true }) : mark();
    if (!(await away)) throw refused(client, 'remove copied messages');
  }
  for (const uid of uids) copied.delete(uid);
}

/**
 * Leaves messages where they are, marked as settled; only processed ones count as read. A mailbox that keeps no keywords gets none.
 * @throws AppError `SOURCE_FAILED`, temporary.
 */
export async function markMessages(client: ImapClient, uids: readonly number[], place: 'processed' | 'quarantine'): Promise<void> {
  const flags = [...(keepsKeywords(client) ? [SETTLED_KEYWORD] : []), ...(place === 'processed' ? ['\\Seen'] : [])];
  if (flags.length === 0) return;
  for (const set of uidSets(uids)) {
    if (!(await client.imap.messageFlagsAdd(set, flags, { uid: true, silent: true }))) throw refused(client, 'mark messages as settled');
  }
}

/** Takes the mark of settled ones away. @throws AppError `SOURCE_FAILED`, temporary */
export async function unmarkMessages(client: ImapClient, uids: readonly number[]): Promise<void> {
  for (const set of uidSets(uids)) {
    if (!(await client.imap.messageFlagsRemove(set, [SETTLED_KEYWORD], { uid: true, silent: true }))) {
      throw refused(client, 'take the mark of settled messages away');
    }
  }
}

/** False where a message that was moved away stays behind with `\Deleted`, because no command takes away just that one. */
export function expungesOwn(client: ImapClient): boolean {
  return has(client, 'MOVE') || has(client, 'UIDPLUS');
}

/** PERMANENTFLAGS with `\*`: new keywords can be made (RFC 9051 7.1). */
function keepsKeywords({ imap }: ImapClient): boolean {
  const kept = imap.mailbox ? imap.mailbox.permanentFlags : undefined;
  return kept === undefined || kept.has('\\*') || kept.has(SETTLED_KEYWORD);
}

/** Into a folder that is made when the server says no. @throws AppError */
async function bring(client: ImapClient, how: 'messageMove' | 'messageCopy', set: string, folder: string): Promise<void> {
  const target = levelsOf(folder);
  if (await client.imap[how](set, target, { uid: true })) return;
  const reason = client.lastRefusal();
  await makeFolder(client, target);
  if (!(await client.imap[how](set, target, { uid: true }))) throw refused(client, `move messages to ${folder}`, reason);
}

/** Creates and subscribes a folder; that it cannot be created shows in the next command, with a better reason. */
async function makeFolder(client: ImapClient, target: string[]): Promise<void> {
  await client.imap.mailboxCreate(target).catch(() => {});
}

function has({ imap }: ImapClient, capability: string): boolean {
  return imap.capabilities.has(capability);
}

function refused(client: ImapClient, doing: string, earlier?: string): AppError {
  const reason = client.lastRefusal() || earlier || 'the connection was lost';
  return new AppError('SOURCE_FAILED', `could not ${doing}: ${reason}`, {
    temporary: true,
    remedy: `El servidor no dejó guardar el correo ya atendido (${reason}): revise el espacio y los permisos del buzón. El correo no se pierde.`,
  });
}
