import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Draw, Fault, Strike } from './fault.ts';
import type { World } from './world.ts';

/** UIDs that are not what they were end the cycle; messages that are gone are passed over. */
const CHANGED = /^(?:source\.lost|source\.note|cycle\.failed)$/;
const CODES = [0, 1];
const BODY = /^\S+ UID FETCH .*BODY\.PEEK/;
const LEAVING = /^\S+ UID (?:MOVE|COPY) /;
const ASIDE = 'Revisar';

/** While the program waits for the answer to this command, somebody does something to the mailbox. */
const whileAsked = (command: RegExp, act: (world: World) => Promise<void>): Strike => ({
  before(world) {
    world.imap.trouble = { at: command, nth: 1, after: { from: 'server', octets: 0 }, act: () => act(world) };
  },
  struck: ({ imap }) => imap.struck,
});

export const PEOPLE_FAULTS: readonly Fault[] = [
  {
    name: 'mailbox:uidvalidity',
    does: 'the server numbers the messages anew in the middle of the work',
    needs: { clear: true },
    says: CHANGED,
    codes: CODES,
    plan: (at) =>
      whileAsked(at(0, 1) === 0 ? BODY : LEAVING, async ({ dovecot, user }) => {
        await dovecot.doveadm('mailbox', 'update', '-u', user, '--uid-validity', String(at(2, 9_999_999)), 'INBOX');
      }),
  },
  {
    name: 'mailbox:rebuilt',
    does: 'the mail server loses what it knew of the mailbox in the middle of the work: other UIDs, another UIDVALIDITY, a lost connection',
    needs: { clear: true },
    says: CHANGED,
    codes: CODES,
    plan: (at) => whileAsked(at(0, 1) === 0 ? BODY : LEAVING, rebuild),
  },
  {
    name: 'mailbox:moved-and-back',
    does: 'another program moves half of the messages away in the middle of the work, and back afterwards',
    needs: { clear: true },
    says: CHANGED,
    codes: CODES,
    plan: movedAndBack,
  },
  {
    name: 'mailbox:deleted',
    does: 'a person deletes messages between the list and the fetch: nobody need know of them',
    needs: { clear: true },
    says: CHANGED,
    codes: CODES,
    plan: (at) => whileAsked(BODY, (world) => deleteSome(world, at(1, 2))),
  },
  {
    name: 'mailbox:read',
    does: 'a person reads and marks the messages in the middle of the work',
    needs: { clear: true },
    says: CHANGED,
    codes: CODES,
    plan: () =>
      whileAsked(BODY, async ({ dovecot, user }) => {
        await dovecot.doveadm('flags', 'add', '-u', user, '\\Seen \\Flagged', 'mailbox', 'INBOX', 'ALL');
      }),
  },
];

async function rebuild({ dovecot, user, maildir }: World): Promise<void> {
  for (const name of readdirSync(maildir)) if (/^dovecot[.-]/.test(name)) rmSync(join(maildir, name)); // dovecot-uidlist, dovecot.index.log; not cur
  await dovecot.doveadm('kick', user);
}

function movedAndBack(at: Draw): Strike {
  const odd = at(0, 1);
  return {
    ...whileAsked(BODY, async ({ dovecot, user }) => {
      const uids = (await inbox(dovecot, user)).map(({ uid }) => uid).filter((_uid, i) => i % 2 === odd);
      await dovecot.doveadm('mailbox', 'create', '-u', user, ASIDE).catch(() => {}); // of an earlier time
      if (uids.length > 0) await dovecot.doveadm('move', '-u', user, ASIDE, 'mailbox', 'INBOX', 'uid', uids.join(','));
    }),
    async after({ dovecot, user, imap }) {
      if (imap.struck) await dovecot.doveadm('move', '-u', user, 'INBOX', 'mailbox', ASIDE, 'ALL');
    },
  };
}

async function deleteSome({ dovecot, user, senders }: World, count: number): Promise<void> {
  const known = (await inbox(dovecot, user)).flatMap(({ uid, name }) => {
    const matter = senders.matters.get(name);
    return matter === undefined || matter.outcome === null ? [] : [{ uid, matter }];
  });
  for (const { uid, matter } of known.slice(-count)) {
    await dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'uid', uid);
    matter.deleted += 1;
  }
}

/** Messages of the INBOX, oldest first, by UID and by the name that the sender gave them. */
async function inbox(dovecot: World['dovecot'], user: string): Promise<{ uid: string; name: string }[]> {
  const table = await dovecot.doveadm('-f', 'json', 'fetch', '-u', user, 'uid hdr.x-test', 'mailbox', 'INBOX', 'ALL');
  const rows = JSON.parse(table.trim() === '' ? '[]' : table) as { uid: string; 'hdr.x-test': string }[];
  return rows.map((row) => ({ uid: row.uid, name: row['hdr.x-test'] }));
}
