import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from '@jest/globals';
import { transportError, withoutAddresses } from '../../src/adapters/smtpErrors.ts';
import { createSmtpTransport, SMTP_TIMING, type SmtpOptions } from '../../src/adapters/smtpTransport.ts';
import { AppError } from '../../src/errors.ts';
import { isPlainAddress } from '../../src/mail/plainAddress.ts';
import type { MailTransport } from '../../src/ports.ts';
import { anOutboundMail } from '../contracts/mailTransport.contract.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { type SmtpPeer, type SmtpPeerOptions, startSmtpServer } from '../support/smtpServer.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function givenAPeer(
  peerOptions: SmtpPeerOptions = {},
  options: Partial<SmtpOptions> = {},
  log = aSilentLog(),
): Promise<{ peer: SmtpPeer; transport: MailTransport }> {
  const peer = await startSmtpServer(peerOptions);
  const encrypted = peerOptions.encryption !== undefined;
  const reach = { host: peer.host, port: peer.port, secure: peerOptions.encryption === 'tls', allowInsecure: !encrypted, auth: null };
  const transport = createSmtpTransport({ ...reach, ...(encrypted ? { ca: peer.ca } : {}), ...options }, log);
  closing.push(
    () => peer.stop(),
    () => transport.close(),
  );
  return { peer, transport };
}

test('O03 the empty envelope sender is sent as the null path, a bounce address as it is', async () => {
  const { peer, transport } = await givenAPeer();

  await transport.send(anOutboundMail({ envelopeFrom: '' }));
  await transport.send(anOutboundMail({ envelopeFrom: 'rebotes@desk.example' }));

  expect(peer.taken.map(({ from, to }) => [from, to])).toEqual([
    ['', ['ana@cliente.example']],
    ['rebotes@desk.example', ['ana@cliente.example']],
  ]);
});

test('many mails go over few connections', async () => {
  const { peer, transport } = await givenAPeer({}, { maxConnections: 2 });

  await Promise.all(Array.from({ length: 40 }, (_, n) => transport.send(anOutboundMail({ messageId: `m${n}@desk.example` }))));

  expect(peer.taken).toHaveLength(40);
  expect(peer.connections()).toBeLessThanOrEqual(2);
});

describe('what the server refuses', () => {
  test.each([
    [550, 'TRANSPORT_REJECTED', false],
    [553, 'TRANSPORT_REJECTED', false],
    [450, 'TRANSPORT_DEFERRED', true],
    [451, 'TRANSPORT_DEFERRED', true],
    [421, 'TRANSPORT_DEFERRED', true],
  ])('O08 a recipient answered with %i is %s (temporary: %s), in the words of the server', async (code, kind, temporary) => {
    const { peer, transport } = await givenAPeer();
    peer.refuseRecipient = () => ({ code, text: '5.1.1 <ana@cliente.example> palabras del servidor' });

    const sent = transport.send(anOutboundMail());

    await expect(sent).rejects.toMatchObject({ code: kind, temporary, message: expect.stringContaining('palabras del servidor') });
    await expect(transport.send(anOutboundMail())).rejects.not.toMatchObject({ message: expect.stringContaining('ana@') });
    expect(peer.taken).toEqual([]);
  });

  test('one refused recipient does not touch the next mail', async () => {
    const { peer, transport } = await givenAPeer();
    peer.refuseRecipient = (address) => (address.startsWith('nadie') ? { code: 550, text: '5.1.1 no existe' } : null);

    const results = await Promise.allSettled(
      ['nadie@cliente.example', 'ana@cliente.example'].map((envelopeTo) => transport.send(anOutboundMail({ envelopeTo }))),
    );

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  test('O08 a content that is refused after DATA is permanent, or temporary with 4yz', async () => {
    const { peer, transport } = await givenAPeer();
    peer.refuseData = { code: 554, text: '5.7.1 parece spam' };
    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({ code: 'TRANSPORT_REJECTED', temporary: false });
    peer.refuseData = { code: 452, text: '4.3.1 disco lleno' };

    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({ code: 'TRANSPORT_DEFERRED', temporary: true });
  });

  test('a sender that the server does not let us use waits for our settings to be mended', async () => {
    const { peer, transport } = await givenAPeer();
    peer.refuseSender = { code: 550, text: '5.7.1 remitente no permitido' };

    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({
      code: 'TRANSPORT_REFUSED',
      temporary: true,
      remedy: expect.any(String),
    });
  });

  test('O09 a server that takes the mail and hangs up gets it once from us; the outbox repeats it', async () => {
    const { peer, transport } = await givenAPeer();
    peer.hangUpAfterData = true;

    const sent = transport.send(anOutboundMail());

    await expect(sent).rejects.toMatchObject({ code: 'TRANSPORT_UNANSWERED', temporary: true });
    expect(peer.taken).toHaveLength(1);
  });

  test('O07 a server that falls silent is given up', async () => {
    const { peer, transport } = await givenAPeer({}, { timing: { silence: 700 } });
    peer.silentAfterData = true;

    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({ code: 'TRANSPORT_UNANSWERED', temporary: true });
  });

  test('O09 the answer to a mail is waited for as long as a slow server may think about it', () => {
    expect(SMTP_TIMING.silence).toBeGreaterThanOrEqual(10 * 60_000); // RFC 5321 4.5.3.2.6
  });

  test('O07 a connection that breaks before the mail was handed over is not one without an answer', async () => {
    const { peer, transport } = await givenAPeer();
    const proxy = await startTcpProxy(peer);
    closing.push(() => proxy.close());
    const reach = { host: '127.0.0.1', port: proxy.port, secure: false, allowInsecure: true, auth: null };
    const behind = createSmtpTransport(reach, aSilentLog());
    closing.push(() => behind.close());
    proxy.answer = (line) => {
      if (line.startsWith('MAIL FROM')) proxy.drop();
      return line.startsWith('MAIL FROM') ? '' : undefined;
    };

    const broken = behind.send(anOutboundMail());

    await expect(broken).rejects.toMatchObject({ code: 'TRANSPORT_UNREACHABLE', temporary: true });
    expect(await transport.send(anOutboundMail())).toMatchObject({ response: expect.stringMatching(/^250 /) });
  });
});

describe('encryption and login', () => {
  const login = { user: 'soporte', password: 'secret' };

  test.each(['tls', 'starttls'] as const)('a mail goes over %s, after a login', async (encryption) => {
    const { peer, transport } = await givenAPeer({ encryption, login }, { auth: login });

    await transport.send(anOutboundMail());

    expect(peer.taken).toMatchObject([{ user: 'soporte', secure: true }]);
    expect(await transport.probe()).toMatchObject([{ ok: true, what: expect.stringContaining('usuario aceptado') }]);
  });

  test('an access token is asked for and used as login', async () => {
    const accessToken = 'token-1';
    const { peer, transport } = await givenAPeer(
      { login: { user: 'soporte', accessToken } },
      { auth: { user: 'soporte', accessToken: async () => accessToken } },
    );

    await transport.send(anOutboundMail());

    expect(peer.taken).toMatchObject([{ user: 'soporte' }]);
  });

  test('a grant that is refused lets the mail wait, with the remedy, and no connection is made', async () => {
    const refused = new AppError('SOURCE_REFUSED', 'invalid_grant', { temporary: false, remedy: 'vuelva a autorizar' });
    const auth = { user: 'soporte', accessToken: () => Promise.reject(refused) };
    const { peer, transport } = await givenAPeer({ login: { user: 'soporte', accessToken: 'token-1' } }, { auth });

    const expected = { code: 'TRANSPORT_REFUSED', temporary: true, message: 'invalid_grant', remedy: 'vuelva a autorizar' };
    await expect(transport.send(anOutboundMail())).rejects.toMatchObject(expected);
    expect(peer.connections()).toBe(0);
  });

  test('an authorization server that is down lets the mail wait', async () => {
    const auth = { user: 'soporte', accessToken: () => Promise.reject(new AppError('SOURCE_UNREACHABLE', 'down', { temporary: true })) };
    const { transport } = await givenAPeer({ login: { user: 'soporte', accessToken: 'token-1' } }, { auth });

    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({ code: 'TRANSPORT_UNREACHABLE', temporary: true });
  });

  test('an access token that the server refuses is had anew once, for all mails that wait, and each is sent once', async () => {
    let current = 'expired';
    const accessToken = async (refused?: string) => {
      if (refused === 'expired') current = 'token-2';
      return current;
    };
    const { peer, transport } = await givenAPeer(
      { login: { user: 'soporte', accessToken: 'token-2' } },
      { auth: { user: 'soporte', accessToken } },
    );

    await Promise.all([1, 2, 3].map((n) => transport.send(anOutboundMail({ messageId: `m${n}@desk.example` }))));

    expect(peer.taken).toHaveLength(3);
    expect(await transport.probe()).toMatchObject([{ ok: true }]);
  });

  test('where no other access token can be had, the mail waits, and neither error nor remedy holds the token', async () => {
    const { peer, transport } = await givenAPeer(
      { login: { user: 'soporte', accessToken: 'token-2' } },
      { auth: { user: 'soporte', accessToken: async () => 'wrong-token' } },
    );

    const error = await transport.send(anOutboundMail()).catch((thrown: unknown) => thrown as AppError);

    expect(error).toMatchObject({ code: 'TRANSPORT_REFUSED', temporary: true });
    expect(JSON.stringify([error, (error as AppError).message, (error as AppError).remedy])).not.toContain('wrong-token');
    expect(peer.connections()).toBe(1);
  });

  test('a wrong password lets the mail wait, names the remedy and not the password', async () => {
    const { peer, transport } = await givenAPeer({ login }, { auth: { ...login, password: 'equivocada' } });

    const error = await transport.send(anOutboundMail()).catch((thrown: unknown) => thrown as Error);

    expect(error).toMatchObject({ code: 'TRANSPORT_REFUSED', temporary: true, remedy: expect.stringContaining('BUZON_TRANSPORT') });
    expect(JSON.stringify([error, (error as Error).message])).not.toContain('equivocada');
    expect(await transport.probe()).toMatchObject([{ ok: false }]);
    expect(peer.taken).toEqual([]);
  });

  test('S28 a certificate that nobody vouches for is refused, unless a setting allows it, which is logged', async () => {
    const { peer, transport } = await givenAPeer({ encryption: 'tls' }, { ca: '' });
    const log = aSilentLog();
    const lax = createSmtpTransport({ host: peer.host, port: peer.port, secure: true, tlsRejectUnauthorized: false, auth: null }, log);
    closing.push(() => lax.close());

    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({
      code: 'TRANSPORT_REFUSED',
      temporary: true,
      remedy: expect.stringContaining('certificado'),
    });
    await lax.send(anOutboundMail());

    expect(peer.taken).toHaveLength(1);
    expect(log.events.map(({ event }) => event)).toEqual(['tls.unverified']);
  });

  test('nothing is sent in plain text unless a setting allows it', async () => {
    const { peer, transport } = await givenAPeer({}, { allowInsecure: false });

    await expect(transport.send(anOutboundMail())).rejects.toMatchObject({
      code: 'TRANSPORT_REFUSED',
      temporary: true,
      remedy: expect.stringContaining('cifrada'),
    });
    expect(peer.taken).toEqual([]);
  });
});

describe('addresses', () => {
  test('O21 a letter outside of ASCII is sent where the server knows it, and is a permanent refusal elsewhere', async () => {
    const envelopeTo = 'ñandú@cliente.example';
    const knows = await givenAPeer({ smtpUtf8: true });
    const not = await givenAPeer({ smtpUtf8: false });
    not.peer.refuseRecipient = (address) =>
      /[^ -~]/.test(address) ? { code: 553, text: '5.6.7 la dirección no se puede escribir' } : null;

    await knows.transport.send(anOutboundMail({ envelopeTo }));

    expect(knows.peer.taken[0]?.to).toEqual([envelopeTo]);
    await expect(not.transport.send(anOutboundMail({ envelopeTo }))).rejects.toMatchObject({
      code: 'TRANSPORT_REJECTED',
      temporary: false,
    });
  });

  test('S10 words in quotes are one local part on the wire too', async () => {
    const { port, commands } = await givenAServerThatAgrees();
    const transport = createSmtpTransport({ host: '127.0.0.1', port, secure: false, allowInsecure: true, auth: null }, aSilentLog());
    closing.push(() => transport.close());

    await transport.send(anOutboundMail({ envelopeTo: '"ana perez"@cliente.example' }));

    expect(commands.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<"ana perez"@cliente.example>']);
  });

  test('S10 an address that is not one plain address is refused before a connection is made', async () => {
    const { peer, transport } = await givenAPeer();

    const sent = transport.send(anOutboundMail({ envelopeTo: '"ana@desk.example x"@otro.example' }));

    await expect(sent).rejects.toMatchObject({ code: 'TRANSPORT_REJECTED', temporary: false });
    expect(peer.connections()).toBe(0);
  });

  test.each(['ana@cliente.example', 'a.b+c@x.co', "o'neil@x.co", 'ñandú@señal.example', 'a@intranet', 'A_1@1.2.example', '"a b"@x.co'])(
    'S10 %s is a plain address',
    (address) => {
      expect(isPlainAddress(address)).toBe(true);
    },
  );

  test.each([
    ...[
      '',
      'ana',
      '@x.co',
      'ana@',
      'a@b@c.co',
      '"a@b"@x.co',
      '"a,b"@x.co',
      'ana @x.co',
      ' ana@x.co',
      'ana@x.co, eva@y.co',
      'Ana <ana@x.co>',
      'ana@x.co>',
      'a(b)@x.co',
    ],
    ...[
      'a..b@x.co',
      '.a@x.co',
      'a@x..co',
      'a@-x.co',
      'a@x_y.co',
      'a@[127.0.0.1]',
      'a\r\nRCPT TO:<b@x.co>@x.co',
      'a\0@x.co',
      `${'a'.repeat(65)}@x.co`,
      'a;b@x.co',
    ],
  ])('S10 %j is not a plain address', (address) => {
    expect(isPlainAddress(address)).toBe(false);
  });

  test('S20 a long hostile address is judged at once', () => {
    const startedAt = performance.now();

    isPlainAddress(`${'a.'.repeat(200_000)}@${'b.'.repeat(200_000)}`);
    withoutAddresses('a'.repeat(200_000));

    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

test.each([
  [
    { message: 'Message failed', code: 'EMESSAGE', command: 'DATA', responseCode: 552, response: '552 5.3.4 too big' },
    'TRANSPORT_REJECTED',
  ],
  [
    { message: 'Mail command failed', code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 552, response: '552 too big' },
    'TRANSPORT_REJECTED',
  ],
  [
    { message: 'Mail command failed', code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 530, response: '530 login first' },
    'TRANSPORT_REFUSED',
  ],
  [{ message: 'Invalid login', code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 454, response: '454 later' }, 'TRANSPORT_REFUSED'],
  [
    { message: 'Invalid greeting', code: 'EPROTOCOL', command: 'CONN', responseCode: 554, response: '554 you are blocked' },
    'TRANSPORT_REFUSED',
  ],
  [{ message: 'Invalid greeting', code: 'EPROTOCOL', command: 'CONN', responseCode: 421, response: '421 busy' }, 'TRANSPORT_DEFERRED'],
  [{ message: 'getaddrinfo ENOTFOUND', code: 'EDNS' }, 'TRANSPORT_UNREACHABLE'],
  [{ message: 'Invalid recipient "x"', code: 'EENVELOPE', command: 'API' }, 'TRANSPORT_REJECTED'],
  [{ message: 'Message size larger than allowed 1000', code: 'EMESSAGE', command: 'MAIL FROM' }, 'TRANSPORT_REJECTED'],
  [{ message: 'Recipient command failed', code: 'EENVELOPE', command: 'RCPT TO', response: 'what?' }, 'TRANSPORT_UNREACHABLE'],
])('O08 O22 %j is %s, and only what is about the recipient or the mail is permanent', (fault, code) => {
  const error = transportError(fault, 'smtp.example', false);

  expect(error.code).toBe(code);
  expect(error.temporary).toBe(code !== 'TRANSPORT_REJECTED');
});

test('addresses in the words of a server are masked', () => {
  expect(withoutAddresses('550 <ana.perez@cliente.example>: no existe; a las 8 @ 9')).toBe(
    '550 <a***@cliente.example>: no existe; a las 8 @ 9',
  );
});

/** Says yes to every command, however it is written, and remembers them. */
async function givenAServerThatAgrees(): Promise<{ port: number; commands: string[] }> {
  const commands: string[] = [];
  let inMail = false;
  const server = createServer((socket) => {
    socket.write('220 ready\r\n');
    createInterface({ input: socket }).on('line', (line) => {
      if (inMail && line !== '.') return;
      inMail = line === 'DATA';
      commands.push(line);
      socket.write(inMail ? '354 go on\r\n' : '250 yes\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => void server.close());
  return { port: (server.address() as AddressInfo).port, commands };
}
