import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createFileTransport, fileNameOf } from '../../src/adapters/fileTransport.ts';
import { createSmtpTransport } from '../../src/adapters/smtpTransport.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { startSmtpServer } from '../support/smtpServer.ts';
import { anOutboundMail, mailTransportContract } from './mailTransport.contract.ts';

mailTransportContract('smtpTransport', async () => {
  const peer = await startSmtpServer();
  const transport = createSmtpTransport({ host: peer.host, port: peer.port, secure: false, allowInsecure: true, auth: null }, aSilentLog());
  return {
    transport,
    taken: async () => peer.taken.map(({ bytes }) => bytes),
    breakDown: () => peer.stop(),
    remove: () => peer.stop(),
  };
});

mailTransportContract('fileTransport', async () => {
  const above = await mkdtemp(join(tmpdir(), 'outbox-'));
  const folder = join(above, 'outbox');
  const taken = async () => {
    const names = await readdir(join(folder, 'new')).catch(() => []);
    return Promise.all(names.map((name) => readFile(join(folder, 'new', name))));
  };
  return {
    transport: createFileTransport({ folder }),
    taken,
    async breakDown() {
      await rm(folder, { recursive: true, force: true });
      await writeFile(folder, 'a file in the way');
    },
    remove: () => rm(above, { recursive: true }),
  };
});

test('S25 a mail is written where only its owner can read it, and its name comes from the Message-ID', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  const transport = createFileTransport({ folder });

  const { response } = await transport.send(anOutboundMail({ messageId: 'a.b@desk.example' }));

  const file = await stat(join(folder, 'new', 'a.b@desk.example.eml'));
  expect(response).toBe('archivo a.b@desk.example.eml');
  expect([file.mode & 0o777, (await stat(join(folder, 'new'))).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  await rm(folder, { recursive: true });
});

test('a mail whose file cannot be written leaves no draft behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  await mkdir(join(folder, 'new', 'a@desk.example.eml'), { recursive: true });

  const sent = createFileTransport({ folder }).send(anOutboundMail({ messageId: 'a@desk.example' }));

  await expect(sent).rejects.toMatchObject({ code: 'TRANSPORT_UNREACHABLE', temporary: true });
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  await rm(folder, { recursive: true });
});

test.each([
  ['a.b-1@desk.example', /^a\.b-1@desk\.example\.eml$/],
  ['../../etc/passwd', /^_[A-Za-z0-9@._+=-]+-[0-9a-f]{16}\.eml$/],
  ['a/b@x', /^a_b@x-[0-9a-f]{16}\.eml$/],
  ['a_b@x', /^a_b@x\.eml$/],
  ['x'.repeat(500), /^x{100}-[0-9a-f]{16}\.eml$/],
  ['', /\.eml$/],
])('P33 the Message-ID %s becomes a plain file name', (messageId, name) => {
  expect(fileNameOf(messageId)).toMatch(name);
});
