import { mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createImapSource } from '../../src/adapters/imapSource.ts';
import { createMaildirSource } from '../../src/adapters/maildirSource.ts';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { mailSourceContract } from './mailSource.contract.ts';

const MAX_BYTES = 25 * 1024 * 1024;

mailSourceContract('maildirSource', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maildir-'));
  const filesOf = async (...path: string[]) =>
    (await readdir(join(folder, ...path)).catch(() => [])).sort().map((name) => join(folder, ...path, name));
  let delivered = 0;
  return {
    open: ({ maxBytes = MAX_BYTES } = {}) =>
      createMaildirSource({ folder, doneFolder: 'Procesados', quarantineFolder: 'Cuarentena', maxBytes }, aSilentLog()),
    async deliver(...messages) {
      for (const part of ['new', 'cur', 'tmp']) await mkdir(join(folder, part), { recursive: true });
      for (const message of messages) {
        const name = `${1_700_000_000 + delivered}.M1.host`;
        await writeFile(join(folder, 'tmp', name), message);
        await utimes(join(folder, 'tmp', name), 1_700_000_000 + delivered, 1_700_000_000 + delivered);
        await rename(join(folder, 'tmp', name), join(folder, 'new', name));
        delivered += 1;
      }
    },
    async deliverAt(moment, message) {
      for (const part of ['new', 'cur', 'tmp']) await mkdir(join(folder, part), { recursive: true });
      delivered += 1;
      await writeFile(join(folder, 'new', `${delivered}.M1.host`), message);
      await utimes(join(folder, 'new', `${delivered}.M1.host`), moment, moment);
    },
    async personReads(position) {
      const name = (await readdir(join(folder, 'new'))).sort()[position]!;
      await rename(join(folder, 'new', name), join(folder, 'cur', `${name}:2,S`));
    },
    personDeletes: async (position) => unlink((await filesOf('new'))[position]!),
    async contentOf(place) {
      const files = {
        mailbox: async () => [...(await filesOf('new')), ...(await filesOf('cur'))],
        processed: () => filesOf('.Procesados', 'cur'),
        quarantine: () => filesOf('.Cuarentena', 'cur'),
      };
      return Promise.all((await files[place]()).map((file) => readFile(file, 'utf8')));
    },
    folders: async () => (await readdir(folder, { recursive: true })).sort(),
    remove: () => rm(folder, { recursive: true }),
  };
});

if (hasDovecot) {
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot.stop());

  const variants = [
    { name: 'imapSource', host: (server: Dovecot) => server.host },
    { name: 'R28 imapSource on a server without MOVE', host: (server: Dovecot) => server.uidplusHost },
  ];
  for (const { name, host } of variants) {
    mailSourceContract(name, async () => {
      const user = dovecot.aUser();
      const names = { mailbox: 'INBOX', processed: 'Procesados', quarantine: 'Cuarentena' };
      return {
        open: ({ maxBytes = MAX_BYTES } = {}) =>
          createImapSource(
            {
              ...{ host: host(dovecot), port: dovecot.imapsPort, secure: true, ca: dovecot.ca },
              ...{ user, auth: { password: dovecot.password }, mailbox: 'INBOX' },
              ...{ doneFolder: 'Procesados', quarantineFolder: 'Cuarentena', maxBytes },
            },
            aSilentLog(),
          ),
        deliver: (...messages) => dovecot.deliver(user, ...messages),
        deliverAt: (moment, message) => dovecot.deliverAt(user, moment, message),
        personReads: async (position) => {
          const { uid } = (await dovecot.messagesIn(user, 'INBOX'))[position]!;
          await dovecot.doveadm('flags', 'add', '-u', user, '\\Seen', 'mailbox', 'INBOX', 'uid', String(uid));
        },
        personDeletes: async (position) => {
          const { uid } = (await dovecot.messagesIn(user, 'INBOX'))[position]!;
          await dovecot.doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'uid', String(uid));
        },
        contentOf: async (place) => (await dovecot.messagesIn(user, names[place])).map(({ text }) => text),
        folders: async () => (await dovecot.doveadm('mailbox', 'list', '-u', user)).split('\n').sort(),
        remove: async () => {},
      };
    });
  }
} else {
  describe.skip('imapSource', () => test('needs Dovecot', () => {}));
}
