import { expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { automaticAnswerHeaders, composeReply, type OutgoingReply } from '../../src/mail/compose.ts';
import { isPlainAddress } from '../../src/mail/plainAddress.ts';

const OUR_ID = 'ticket.12.a1b2c3.r5w8c2kdjh@itac.co';

function compose(reply: Partial<OutgoingReply> = {}) {
  return composeReply({
    from: { name: 'Soporte ITAC', address: 'soporte@itac.co' },
    to: 'ana@cliente.example',
    subject: '[ITAC #12-K7Q] Recibimos su solicitud',
    text: 'Señora Ana:\nrecibido.\n',
    html: '<p>Señora Ana:</p>\n<p>recibido.</p>\n',
    messageId: OUR_ID,
    inReplyTo: 'primero@cliente.example',
    references: [],
    date: new Date('2026-11-23T14:00:00Z'),
    envelopeFrom: '',
    headers: automaticAnswerHeaders('soporte@itac.co'),
    ...reply,
  });
}

/** Field names in order of appearance, in lower case. */
function fieldNames(bytes: Buffer): string[] {
  const [head] = bytes.toString('latin1').split('\r\n\r\n');
  return head!
    .split('\r\n')
    .filter((line) => !line.startsWith(' '))
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
}

test('O01 an automatic answer says that it is one and is not marked as bulk', async () => {
  const { bytes } = await compose();

  const { headers } = await simpleParser(bytes);
  expect(headers.get('auto-submitted')).toBe('auto-replied');
  expect(headers.get('x-auto-response-suppress')).toBe('All');
  expect(headers.get('x-loop')).toBe('soporte@itac.co');
  expect(headers.has('precedence')).toBe(false);
});

test('O02 the answer refers to the mail it answers, and to ten ids at most, the first of the thread among them', async () => {
  const references = Array.from({ length: 40 }, (_, i) => `${i}.${'x'.repeat(60)}@cliente.example`);

  const { bytes } = await compose({ references });

  const mail = await simpleParser(bytes);
  const ids = mail.references as string[];
  expect(mail.inReplyTo).toBe('<primero@cliente.example>');
  expect(ids).toHaveLength(10);
  expect(ids[0]).toBe(`<${references[0]}>`);
  expect(ids.slice(1, 9)).toEqual(references.slice(-8).map((id) => `<${id}>`));
  expect(ids[9]).toBe('<primero@cliente.example>');
});

test.each([
  ['each id once', ['a@x', 'a@x', 'primero@cliente.example'], ['<a@x>', '<primero@cliente.example>']],
  ['ids with spaces, brackets or controls are left out', ['a b@x', '<a@x>', 'a\r\nBcc: x@y', 'ñ@x'], ['<primero@cliente.example>']],
])('O02 references: %s', async (_title, references, expected) => {
  const { bytes } = await compose({ references });

  expect([(await simpleParser(bytes)).references].flat()).toEqual(expected);
});

test('O02 no line is longer than 998 octets, whatever ids, subject and text are like', async () => {
  const { bytes } = await compose({
    subject: `[ITAC #12-K7Q] Re: ${'x'.repeat(5000)}`,
    references: ['y'.repeat(900), 'z'.repeat(901), 'w'.repeat(5000)],
    inReplyTo: 'v'.repeat(900),
    text: 'a'.repeat(100_000),
    html: `<p>${'ñ'.repeat(50_000)}</p>`,
    headers: { 'X-Long': 'l'.repeat(5000) },
  });

  expect(
    Math.max(
      ...bytes
        .toString('latin1')
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(998);
});

test('O03 the envelope has the null path unless another one is given', async () => {
  expect(await compose()).toMatchObject({ envelopeFrom: '', envelopeTo: 'ana@cliente.example', messageId: OUR_ID });
  expect(await compose({ envelopeFrom: 'rebotes@itac.co' })).toMatchObject({ envelopeFrom: 'rebotes@itac.co' });
});

test('O06 a subject with accents and 200 characters is encoded and keeps the token in front', async () => {
  const subject = `[ITAC #12-K7Q] Re: ${'Facturación año '.repeat(13).slice(0, 200).trim()}`;

  const { bytes } = await compose({ subject });

  const field = /^Subject: .*$/m.exec(bytes.toString('latin1'))![0];
  expect(field).toMatch(/^Subject: =\?UTF-8\?Q\?=5BITAC_=2312-K7Q=5D/);
  expect((await simpleParser(bytes)).subject).toBe(subject);
});

test('O06 a subject that is too long is cut at its end, between characters', async () => {
  const { bytes } = await compose({ subject: `[ITAC #12-K7Q] Re: ${'😀'.repeat(400)}` });

  expect((await simpleParser(bytes)).subject).toMatch(/^\[ITAC #12-K7Q\] Re: (?:😀){230}…$/u);
});

test('O11 O12 the answer comes from our address and holds text and HTML', async () => {
  const { bytes } = await compose();

  const mail = await simpleParser(bytes);
  expect(mail.from!.value).toEqual([{ name: 'Soporte ITAC', address: 'soporte@itac.co' }]);
  expect(mail.text).toBe('Señora Ana:\nrecibido.\n');
  expect(mail.html).toBe('<p>Señora Ana:</p>\n<p>recibido.</p>\n');
  expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' });
});

test('O11 the answer speaks for our domain alone, and holds nothing that a relay would write anew, so that its signature holds', async () => {
  const { bytes, messageId, envelopeFrom } = await compose({
    from: { name: 'Atención de Señora Ñáñez', address: 'soporte@itac.co' },
    subject: `[ITAC #12-K7Q] Re: ${'Facturación año '.repeat(30)}`,
    text: `Señora Ñáñez:\n${'ñ'.repeat(3000)}\n.\nFrom aquí\n`,
  });

  const lines = bytes.toString('latin1').split('\r\n');
  const unfolded = lines.join('\n').replaceAll('\n ', ' ');
  const domains = [/^From: .*<[^@>]+@([^>]+)>$/m, /^Message-ID: <[^@>]+@([^>]+)>$/m].map((field) => field.exec(unfolded)?.[1]);
  expect(domains).toEqual(['itac.co', 'itac.co']);
  expect(fieldNames(bytes).filter((name) => ['from', 'sender', 'return-path', 'dkim-signature'].includes(name))).toEqual(['from']);
  expect({ messageId, envelopeFrom }).toEqual({ messageId: OUR_ID, envelopeFrom: '' });
  expect(bytes.every((octet) => octet < 0x80)).toBe(true); // not to be recoded for a server without 8BITMIME (RFC 6376 5.3)
  expect(lines.filter((line) => /[\r\n\t]| $/.test(line) || line.length > 998)).toEqual([]);
});

test('O09 equal input gives equal bytes, with CRLF line ends only', async () => {
  const mixed = { text: 'uno\ndos\r\ntres\rcuatro', html: '<p>uno</p>\n<p>dos</p>\r\n' };

  const [first, second] = [await compose(mixed), await compose(mixed)];

  expect(first.bytes.equals(second.bytes)).toBe(true);
  expect(first.bytes.toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});

test('O10 the answer goes to one address and nobody is in copy', async () => {
  const { bytes } = await compose();

  expect(fieldNames(bytes).filter((name) => ['to', 'cc', 'bcc', 'reply-to'].includes(name))).toEqual(['to']);
});

test.each([
  ['ana.maria+soporte@cliente.com.co', true],
  ["o'hara_1@xn--nandu-rta.example", true],
  ['"a@itac.co x"@evil.example', false],
  ['"ana perez"@cliente.example', true],
  ['"ana..perez"@cliente.example', true],
  ['" ana"@cliente.example', false],
  ['"ana "@cliente.example', false],
  ['"ana  perez"@cliente.example', false],
  ['"ana\\" x"@cliente.example', false],
  ['"ana,eva"@cliente.example', false],
  ['"ana<x>"@cliente.example', false],
  ['"ana\tperez"@cliente.example', false],
  ['""@cliente.example', false],
  ['ana perez@cliente.example', false],
  ['x"ana perez"@cliente.example', false],
  ['a@b@cliente.example', false],
  ['ana@cliente.example,eva@otro.example', false],
  ['ana@cliente.example\r\nBcc: eva@otro.example', false],
  ['Ana <ana@cliente.example>', false],
  ['(x)ana@cliente.example', false],
  ['.ana@cliente.example', false],
  ['ana..b@cliente.example', false],
  ['ana@localhost', false],
  ['ana@[127.0.0.1]', false],
  ['ana@cliente.example.', false],
  ['ana@-cliente.example', false],
  ['año@cliente.example', true],
  [`${'a'.repeat(65)}@cliente.example`, false],
  ['@cliente.example', false],
  ['', false],
])('S10 %j is a plain address: %j', async (address, plain) => {
  expect(isPlainAddress(address)).toBe(plain);
  if (!plain) await expect(compose({ to: address })).rejects.toThrow(RangeError);
});

test.each([
  '\r\nBcc: eva@otro.example',
  '\nBcc: eva@otro.example',
  '\rBcc: x',
  '\r\n\r\n<b>',
  '\u2028Bcc: x',
  '\0\x1b\x7f',
  '\ud800',
  ' =?utf-8?Q?=0D=0ABcc:_eva?=',
  ' =?utf-8?B?DQpCY2M6IHg=?=',
])('S11 %j in subject, name, ids or another field makes no header', async (attack) => {
  const clean = await compose();

  const attacked = await compose({
    subject: `[ITAC #12-K7Q] Re: a${attack}`,
    from: { name: `Soporte${attack}`, address: 'soporte@itac.co' },
    inReplyTo: `primero@cliente.example${attack}`,
    references: [`a@x${attack}`, 'b@x'],
    headers: { ...automaticAnswerHeaders('soporte@itac.co'), 'X-Note': `a${attack}` },
  });

  const names = fieldNames(attacked.bytes).filter((name) => name !== 'x-note');
  expect(names).toEqual(expect.arrayContaining(fieldNames(clean.bytes).filter((name) => !['in-reply-to', 'references'].includes(name))));
  expect(names).not.toContain('bcc');
  expect(new Set(names).size).toBe(names.length);
  const mail = await simpleParser(attacked.bytes);
  expect(mail.subject).not.toMatch(/\p{Cc}/u);
  expect(mail.from!.value).toHaveLength(1);
});

test('S11 a header name that is none is a fault of the program', async () => {
  await expect(compose({ headers: { 'X-A: b\r\nBcc': 'x' } })).rejects.toThrow(RangeError);
});

test('S22 text that names a file or an address is only text', async () => {
  const { bytes } = await compose({ text: '/etc/hostname', html: 'http://127.0.0.1/' });

  const mail = await simpleParser(bytes);
  expect(mail.text).toContain('/etc/hostname');
  expect(mail.attachments).toEqual([]);
});
