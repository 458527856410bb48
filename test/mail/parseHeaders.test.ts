import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { parseMail } from '../../src/mail/parse.ts';
import { mailOf, parsed, rawMail, utf8 } from '../support/parsed.ts';

test.each([
  ['P07 raw UTF-8', utf8('Acción inválida'), 'Acción inválida'],
  ['P07 raw Latin-1', 'Acci\xf3n inv\xe1lida', 'Acción inválida'],
  ['P07 blanks inside an encoded word', '=?iso-8859-1?Q?Acci=F3n no v=E1lida?=', 'Acción no válida'],
  ['raw octets inside an encoded word', '=?iso-8859-1?Q?Acci\xf3n_v=E1lida?=', 'Acción válida'],
  ['P08 a letter cut between two Q words', '=?utf-8?Q?Acci=C3?= =?utf-8?Q?=B3n?=', 'Acción'],
  ['P08 a letter cut between two B words', '=?utf-8?B?QWNjacM=?=\r\n =?utf-8?B?s24=?=', 'Acción'],
  ['P08 a letter cut between a Q and a B word', '=?utf-8?Q?Acci=C3?= =?utf-8?B?s24=?=', 'Acción'],
  ['two words in ISO-2022-JP', '=?ISO-2022-JP?B?GyRCJUYlORsoQg==?= =?ISO-2022-JP?B?GyRCJUgbKEI=?=', 'テスト'],
  ['a question mark inside an encoded word', '=?utf-8?Q?=C2=BFQu=C3=A9_pasa??=', '¿Qué pasa?'],
  ['an encoded word with a language', '=?utf-8*es?Q?Acci=C3=B3n?=', 'Acción'],
  ['an encoded word without charset', '=??Q?Acci=F3n?=', 'Acción'],
  ['blanks inside a word in base64', '=?utf-8?B?QWNj acOzbg==?=', 'Acción'],
  ['a last word that was cut', 'Error =?utf-8?Q?ca=C3=ADdo', 'Error caído'],
  ['a word that was cut before another', '=?utf-8?Q?Uno =?utf-8?B?ZG9z?=', '=?utf-8?Q?Uno dos'],
  ['text between encoded words', '=?utf-8?Q?Uno?= y =?utf-8?Q?dos?=', 'Uno y dos'],
  ['P10 controls, direction marks and signs without width', utf8('Fac\u202etura\u200b \u0000\ufeff 12'), 'Factura 12'],
  ['a fold', 'Error en\r\n  la   consola', 'Error en la consola'],
])('%s in the subject', async (_, written, read) => {
  const mail = await parsed({ Subject: written }, 'x');

  expect(mail.subject).toBe(read);
});

test.each(['=?a?Q?x ', '=?a?Q?', '=?utf-8?B?QUFB ', '=?', '=?utf-8?Q?a?b'])(
  'S20 a subject of %j again and again is read in linear time',
  async (bait) => {
    const start = performance.now();

    await parsed({ Subject: bait.repeat(500_000 / bait.length) }, 'x');

    expect(performance.now() - start).toBeLessThan(2000);
  },
);

test('raw 8-bit fields are read in the charset that the text declares', async () => {
  const mail = await parsed({ Subject: '\xcf\xf0\xe8\xe2\xe5\xf2', 'Content-Type': 'text/plain; charset=windows-1251' }, 'x');

  expect(mail.subject).toBe('Привет');
});

test.each([null, '   '])('P11 a subject of %p is the empty one', async (subject) => {
  const mail = await parsed({ Subject: subject }, 'x');

  expect(mail.subject).toBe('');
});

test('P12 a subject of 5,000 characters stays whole', async () => {
  const mail = await parsed({ Subject: 'a'.repeat(5000) }, 'x');

  expect(mail.subject).toHaveLength(5000);
});

test('P13 of two subjects and two authors the first counts, and that there are two is told', async () => {
  const raw = rawMail({}, 'x').toString('latin1');

  const mail = mailOf(await parseMail(Buffer.from(`From: Uno <uno@a.example>\r\nSubject: Primero\r\n${raw}`, 'latin1')));

  expect(mail.from.address).toBe('uno@a.example');
  expect(mail.subject).toBe('Primero');
  expect(mail.warnings).toEqual(expect.arrayContaining(['2 campos from: vale el primero', '2 campos subject: vale el primero']));
});

test('P14 of two authors in From the first counts, and the sender is kept', async () => {
  const mail = await parsed({ From: '"Perez, Ana" <ana@x.example>, otro@y.example', Sender: 'secretaria@x.example' }, 'x');

  expect(mail.from).toEqual({ name: 'Perez, Ana', address: 'ana@x.example' });
  expect(mail.sender?.address).toBe('secretaria@x.example');
  expect(mail.warnings).toContain('From nombra a 2 autores: vale el primero');
});

test.each([
  ['is missing', null],
  ['is no address', 'undisclosed'],
])('P15 a mail whose From %s and that names no other author is marked as such', async (_, from) => {
  const mail = await parsed({ From: from }, 'x');

  expect(mail.fromField).toBe('none');
  expect(mail.from.address).not.toContain('@');
  expect(mail.warnings).toContain('ningún campo trae la dirección de un autor');
});

test.each([
  ['sender', { Sender: 'b@x.example', 'Return-Path': '<d@x.example>' }, 'b@x.example'],
  ['reply-to', { 'Reply-To': 'c@x.example', 'Return-Path': '<d@x.example>' }, 'c@x.example'],
  ['return-path', { 'Return-Path': '<d@x.example>' }, 'd@x.example'],
])('P15 without From the author is taken from %s, and that is marked', async (field, fields, address) => {
  const mail = await parsed({ From: null, ...fields }, 'x');

  expect(mail.from.address).toBe(address);
  expect(mail.fromField).toBe(field);
});

test('P16 groups and undisclosed recipients give no invalid address', async () => {
  const mail = await parsed({ To: 'undisclosed-recipients:;', Cc: 'Equipo: a@x.example, "B" <b@x.example>;, c@x.example' }, 'x');

  expect(mail.to).toEqual([]);
  expect(mail.cc.map(({ address }) => address)).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
});

test.each([
  ['S07 a display name that is an address', '"soporte@itac.co" <x@evil.example>', 'x@evil.example'],
  ['S10 a quoted local part that holds an address', '"a@itac.co x"@evil.example', '"a@itac.co x"@evil.example'],
  ['a local part that is quoted without need', '"ana"@x.example', 'ana@x.example'],
  ['a local part whose quotes are needed', 'Ana <"ana perez"@x.example>', '"ana perez"@x.example'],
  ['a quoted name with a comma', '"Perez, Ana" <ana@x.example>', 'ana@x.example'],
  ['a name with an address in brackets', '"Ana <a@itac.co>" <x@evil.example>', 'x@evil.example'],
  ['a domain in capitals', 'Ana@X.EXAMPLE', 'Ana@x.example'],
  ['a domain with the dot of the root', 'ana@x.example.', 'ana@x.example'],
  ['such a domain behind a name', '"Perez, Ana" <ana@X.Example.>', 'ana@x.example'],
  ['a domain with two dots at its end, which is none', 'ana@x.example..', 'ana@x.example..'],
  ['an address without brackets after its name', 'Ana ana@x.example', 'ana@x.example'],
  ['an address with mailto:', '<mailto:ana@x.example>', 'ana@x.example'],
  ['an address in quotes', "'ana@x.example'", 'ana@x.example'],
  ['a bracket that never closes', 'Ana <ana@x.example', 'ana@x.example'],
  ['a field that is encoded whole in the other encoding', '=?utf-8?Q?Ana_<ana@x.example>?=', 'ana@x.example'],
  ['an address with smtp:', 'Ana <SMTP:ana@x.example>', 'ana@x.example'],
  ['a name with escaped signs', 'Ana \\(ventas\\) <ana@x.example>', 'ana@x.example'],
  ['an address with a sign without width', utf8('Ana <ana@x.example\u200b>'), 'ana@x.example'],
  ['an address as Exchange writes it', 'Ana [SMTP:ana@x.example]', 'ana@x.example'],
  ['a quote that never closes', '"Ana <ana@x.example>', 'ana@x.example'],
  ['a field that is encoded whole', '=?utf-8?B?QW5hIDxhbmFAeC5leGFtcGxlPg==?=', 'ana@x.example'],
])('%s does not change whose address it is', async (_, from, address) => {
  const mail = await parsed({ From: from }, 'x');

  expect(mail.from.address).toBe(address);
});

test.each(['=?utf-8?Q?Soporte:_Ana,_B=C3=A1?= <ana@x.example>', '=?utf-8?Q?Soporte:_Ana,_B=C3=A1?=\r\n <ana@x.example>'])(
  'an encoded name may hold the signs that part addresses: %j',
  async (from) => {
    const mail = await parsed({ From: from }, 'x');

    expect(mail.from).toEqual({ name: 'Soporte: Ana, Bá', address: 'ana@x.example' });
  },
);

test.each([
  ['blanks', 'a@x.example  b@x.example\r\n c@x.example'],
  ['semicolons', 'A <a@x.example>; B <b@x.example>; c@x.example'],
  ['nothing', 'A <a@x.example> "B" <b@x.example> C <c@x.example>'],
  ['commas, behind a quote that is open', '"A <a@x.example>, B <b@x.example>, c@x.example'],
])('P16 addresses with %s between them are all read', async (_, to) => {
  const mail = await parsed({ To: to }, 'x');

  expect(mail.to.map(({ address }) => address)).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
});

test.each(['>', '"', '[smtp:', 'a@b ', '<a@b> a', '"<a@b>,', '> ', 'a@'])(
  'S20 an address field of %j again and again is read in linear time',
  async (bait) => {
    const start = performance.now();

    await parsed({ To: bait.repeat(200_000 / bait.length) }, 'x');

    expect(performance.now() - start).toBeLessThan(3000);
  },
);

test('direction marks in a display name are removed', async () => {
  const mail = await parsed({ From: utf8('"Ana \u202eoc.cati" <ana@x.example>') }, 'x');

  expect(mail.from.name).toBe('Ana oc.cati');
});

test.each([
  ['<>', ''],
  ['<rebotes@x.example>', 'rebotes@x.example'],
  [null, null],
])('a Return-Path %p is the envelope sender %p', async (written, read) => {
  const mail = await parsed({ 'Return-Path': written }, 'x');

  expect(mail.returnPath).toBe(read);
});

test('msg-ids lose brackets and folds, bare ones count, free text does not', async () => {
  const mail = await parsed(
    { 'In-Reply-To': 'Message of Tue, 7 Jul <a.1@\r\n x.example>', References: 'b@x.example,c@x.example', 'Message-ID': 'd@x.example' },
    'x',
  );

  expect(mail.inReplyTo).toEqual(['a.1@x.example']);
  expect(mail.references).toEqual(['b@x.example', 'c@x.example']);
  expect(mail.messageId).toBe('d@x.example');
});

test('of 500 references the first and the newest are kept', async () => {
  const ids = Array.from({ length: 500 }, (_, n) => `<${n}@x.example>`);

  const mail = await parsed({ References: ids.join(' ') }, 'x');

  expect(mail.references).toHaveLength(100);
  expect([mail.references[0], mail.references[99]]).toEqual(['0@x.example', '499@x.example']);
});

test.each([
  ['Mon, 6 Jul 2020 10:00:00 -0500 (COT)', '2020-07-06T15:00:00.000Z'],
  ['Thu, 1 Jan 1970 00:00:00 +0000', '1970-01-01T00:00:00.000Z'],
  ['Mon, 6 Jul 2020 10.00.00 -0500', '2020-07-06T15:00:00.000Z'],
  ['jue, 6 ago 2020 10:00:00 -0500', '2020-08-06T15:00:00.000Z'],
  ['Fri, 21 Nov 1997 09(comentario): 55 : 06 -0600', '1997-11-21T15:55:06.000Z'],
])('P46 the date %s is read', async (written, iso) => {
  const mail = await parsed({ Date: written }, 'x');

  expect(mail.date?.toISOString()).toBe(iso);
});

test.each([null, 'ayer', 'Wed, 4 Jun 207777777777777777777714 17:50:46 0'])('P46 a date %p is no date', async (written) => {
  const mail = await parsed({ Date: written }, 'x');

  expect(mail.date).toBeNull();
});

test.each([
  ['a type is declared above', 'Content-Type: text/plain\r\n', 'Content-Type: text/html\r\n\r\n<p>hola</p>'],
  ['they are followed by text', '', 'Content-Type: es el campo que falta.\r\nNo lo veo.\r\n\r\nAna'],
  ['no type is among them', '', 'Content-Language: es\r\n\r\nhola'],
])('a text that begins like MIME fields stays text when %s', async (_, above, body) => {
  const mail = mailOf(await parseMail(Buffer.from(`From: a@x.example\r\n${above}\r\n${body}`)));

  expect(mail.text).toBe(body.replaceAll('\r\n', '\n'));
});

test.each([1, 7, 10_000])('MIME fields below an empty line too many are fields, in chunks of %d octets', async (size) => {
  const raw = 'From: a@x.example\r\nSubject: x\r\n\r\nMIME-Version: 1.0\r\nContent-Type: text/html;\r\n charset=utf-8\r\n\r\n<p>hola</p>';
  const chunks = Array.from({ length: Math.ceil(raw.length / size) }, (_, n) => Buffer.from(raw.slice(n * size, (n + 1) * size)));

  const mail = mailOf(await parseMail(Readable.from(chunks)));

  expect([mail.subject, mail.text, mail.contentType.type]).toEqual(['x', 'hola', 'text/html']);
});

test('P48 an mbox line and blanks on top are skipped', async () => {
  const raw = rawMail({}, 'hola');

  const mail = mailOf(await parseMail(Buffer.concat([Buffer.from('\r\nFrom ana@x.example Mon Jul  6 10:00:00 2020\r\n'), raw])));

  expect(mail.subject).toBe('Consulta');
  expect(mail.text).toBe('hola');
});

test('P48 a byte order mark on top does not hide the first field', async () => {
  const mail = mailOf(await parseMail(Buffer.concat([Buffer.from('\ufeff'), rawMail({}, 'hola')])));

  expect(mail.from.address).toBe('ana@cliente.example');
  expect(mail.fingerprint).toBe((await parsed({}, 'hola')).fingerprint);
});

test('text that follows the last field without an empty line is the body', async () => {
  const mail = mailOf(await parseMail(Buffer.from('From: ana@x.example\r\nSubject: x\r\nNo abre la consola\r\ndesde ayer\r\n')));

  expect(mail.subject).toBe('x');
  expect(mail.text).toBe('No abre la consola\ndesde ayer\n');
});

test('what has no header section is unreadable', async () => {
  const result = await parseMail(Buffer.from('Hola, esto es solo texto.\r\n'));

  expect(result).toMatchObject({ ok: false, cause: 'unreadable' });
});

test.each([
  ['I \u2764\ufe0f ITAC', 'I \u2764\ufe0f ITAC'],
  ['\ud83d\udc69\ud83c\udffd\u200d\ud83d\udcbb no abre', '\ud83d\udc69\ud83c\udffd\u200d\ud83d\udcbb no abre'],
  ['\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
  ['[ITAC #1\u200d2-K\ufe0f7Q]\u200b', '[ITAC #12-K7Q]'],
  ['factu\u00adra \u202eoc', 'factura oc'],
])('of the signs without width in the subject %j those stay that make one sign of several', async (written, shown) => {
  const mail = await parsed({ Subject: utf8(written) }, 'x');

  expect(mail.subject).toBe(shown);
});
