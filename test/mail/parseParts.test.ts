import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { PARSE_LIMITS } from '../../src/mail/limits.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { mailOf, multipart, parsed, rawMail } from '../support/parsed.ts';

const MIXED = { 'Content-Type': 'multipart/mixed; boundary=m' };

const names = (mail: { attachments: { filename: string }[] }) => mail.attachments.map(({ filename }) => filename);
const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

function attached(fields: string, content = 'x'): string {
  return multipart('m', ['\r\nVer adjunto', `Content-Disposition: attachment\r\n${fields}\r\n\r\n${content}`]);
}

test.each([
  ['the closing boundary is missing', '--m\r\n\r\nhola\r\n--m\r\nContent-Type: text/html\r\n\r\n<p>mundo</p>'],
  ['the boundary never appears', 'hola\r\n\r\nmundo\r\n'],
  ['another boundary appears', multipart('otro-limite', ['\r\nhola', '\r\nmundo'])],
  ['a nested message has a header section only', '--m\r\n\r\nhola mundo\r\n--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: x'],
])('P29 the text is found when %s', async (_, body) => {
  const mail = await parsed(MIXED, body);

  expect(mail.text).toContain('hola');
  expect(mail.text).toContain('mundo');
});

test('a multipart without a boundary parameter keeps its text', async () => {
  const mail = await parsed({ 'Content-Type': 'multipart/mixed' }, 'hola');

  expect(mail.text).toBe('hola');
  expect(mail.warnings).toContain('multipart/mixed sin su delimitador: se leyó lo que se pudo');
});

const TWO_PARTS = ['\r\nhola', 'Content-Type: application/pdf; name=a.pdf\r\n\r\nabc'];

test.each([
  ['is in apostrophes', "multipart/mixed; boundary='q'", multipart('q', TWO_PARTS)],
  ['has other capitals', 'multipart/mixed; boundary=Q', multipart('q', TWO_PARTS)],
  ['has dashes too many', 'multipart/mixed; boundary=--q', multipart('q', TWO_PARTS)],
  ['is left out', 'multipart/mixed', multipart('q "x"', TWO_PARTS)],
  ['is on a text', 'text/plain; boundary=q', multipart('q', TWO_PARTS)],
])('P29 text and attachment are found when the boundary parameter %s', async (_, type, body) => {
  const mail = await parsed({ 'Content-Type': type }, body);

  expect([mail.text, names(mail)]).toEqual(['hola', ['a.pdf']]);
  expect(mail.attachments).toMatchObject([{ sha256: sha256('abc') }]);
});

test('P29 text and attachment are found when the boundaries of all levels are wrong', async () => {
  const inner = `Content-Type: multipart/alternative; boundary=n\r\n\r\n${multipart('otro-2', ['\r\nhola', 'Content-Type: text/html\r\n\r\n<p>hola</p>'])}`;

  const mail = await parsed(MIXED, multipart('otro-1', [inner, TWO_PARTS[1]!]));

  expect([mail.text, mail.html, names(mail)]).toEqual(['hola', '<p>hola</p>', ['a.pdf']]);
});

test('P29 multiparts without boundaries inside each other end in linear time', async () => {
  const levels = Array.from({ length: 20_000 }, (_, n) => `--nivel-${n}\r\nContent-Type: multipart/mixed\r\n\r\n`);
  const start = performance.now();

  await parseMail(rawMail({ 'Content-Type': 'multipart/mixed' }, levels.join('')));

  expect(performance.now() - start).toBeLessThan(2000);
});

test.each(['\r\r\n', '\n', '\r\n'])('P47 parts and attachments are found with the line end %j', async (lineEnd) => {
  const raw = rawMail({ ...MIXED, Subject: 'Uno\r\n dos' }, multipart('m', TWO_PARTS)).toString('latin1');

  const mail = mailOf(await parseMail(Buffer.from(raw.replaceAll('\r\n', lineEnd), 'latin1')));

  expect([mail.subject, mail.text, names(mail)]).toEqual(['Uno dos', 'hola', ['a.pdf']]);
  expect(mail.attachments).toMatchObject([{ sha256: sha256('abc') }]);
});

test('P29 a multipart that is encoded as a whole is decoded', async () => {
  const body = Buffer.from(multipart('m', TWO_PARTS)).toString('base64');

  const mail = await parsed({ ...MIXED, 'Content-Transfer-Encoding': 'base64' }, body);

  expect([mail.text, names(mail)]).toEqual(['hola', ['a.pdf']]);
});

test('P29 attachments of some megabytes survive a wrong boundary', async () => {
  const content = 'a'.repeat(5_000_000);

  const mail = await parsed(MIXED, multipart('otro-limite', ['\r\nhola', `Content-Type: application/pdf\r\n\r\n${content}`]));

  expect(mail.attachments).toMatchObject([{ size: content.length, sha256: sha256(content) }]);
});

test.each(['text / html; charset=utf-8', 'Content-Type: text/html; charset=utf-8', 'application/xhtml+xml'])(
  'a text of the type "%s" is HTML',
  async (type) => {
    const mail = await parsed({ 'Content-Type': type }, '<p>hola</p>');

    expect(mail.text).toBe('hola');
  },
);

test.each(['constructor', '__proto__', 'toString'])('the name "%s" is no type, charset or encoding', async (name) => {
  const mail = await parsed({ 'Content-Type': `${name}; charset=${name}; ${name}=1`, 'Content-Transfer-Encoding': name }, 'a\xf1o');

  expect([mail.text, mail.contentType.type]).toEqual(['año', 'text/plain']);
});

test('a uuencoded file in a text is an attachment', async () => {
  const mail = await parsed({}, 'Adjunto.\r\n\r\nbegin 644 saludo.txt\r\n*2&]L82!M=6YD;P``\r\n`\r\nend\r\n');

  expect([mail.text.trim(), names(mail)]).toEqual(['Adjunto.', ['saludo.txt']]);
  expect(mail.attachments).toMatchObject([{ sha256: sha256('Hola mundo'), inline: false }]);
});

test('P30 a thousand parts without a name are named in linear time', async () => {
  const body = multipart('m', Array<string>(PARSE_LIMITS.maxParts - 1).fill('Content-Type: image/png\r\n\r\nx'));
  const start = performance.now();

  const mail = await parsed(MIXED, body);

  expect([names(mail)[0], new Set(names(mail)).size]).toEqual(['imagen-1.png', PARSE_LIMITS.maxParts - 1]);
  expect(performance.now() - start).toBeLessThan(1000);
});

test('P34 an image that the HTML names with escapes is inline', async () => {
  const body = multipart('m', [
    'Content-Type: text/html\r\n\r\n<img src="cid:logo%40x">',
    'Content-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\nuno',
  ]);

  const mail = await parsed({ 'Content-Type': 'multipart/related; boundary=m' }, body);

  expect(mail.attachments.map(({ inline }) => inline)).toEqual([true]);
});

test('P30 multiparts nested 100 deep are too deep', async () => {
  const levels = Array.from({ length: 100 }, (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`);

  const result = await parseMail(rawMail({ 'Content-Type': 'multipart/mixed; boundary=b0' }, levels.join('')));

  expect(result).toMatchObject({ ok: false, cause: 'too-deep' });
});

test('P30 10,000 parts are too many', async () => {
  const result = await parseMail(rawMail(MIXED, '--m\r\n\r\nx\r\n'.repeat(10_000)));

  expect(result).toMatchObject({ ok: false, cause: 'too-many-parts' });
});

test('P30 parts count wherever they stand, in multiparts without their boundary too', async () => {
  const within = `--otro-limite\r\n\r\nx\r\n`.repeat(600);
  const body = `--m\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n${within}`.repeat(2);

  const result = await parseMail(rawMail(MIXED, body));

  expect(result).toMatchObject({ ok: false, cause: 'too-many-parts' });
});

test('P30 the files in all texts together are as many as parts may be, the others stay text', async () => {
  const files = `Content-Type: text/plain\r\n\r\n${'begin 644 a\r\n#86)C\r\nend\r\n'.repeat(600)}`;

  const mail = await parsed(MIXED, multipart('m', [files, files]));

  expect(mail.attachments).toHaveLength(PARSE_LIMITS.maxParts);
  expect(mail.text.match(/begin 644 a/g)).toHaveLength(200);
});

test.each([
  ['of the message', rawMail({ 'X-Largo': 'a'.repeat(1024 * 1024) }, 'x')],
  ['of a part', rawMail(MIXED, `--m\r\nX-Largo: ${'a'.repeat(1024 * 1024 + 1)}\r\n\r\nx\r\n--m--`)],
])('P31 a header section %s above 1 MiB is refused with that cause', async (_, raw) => {
  expect(await parseMail(raw)).toMatchObject({ ok: false, cause: 'header-too-large' });
});

test('a body above the limit is refused with that cause', async () => {
  const limits = { ...PARSE_LIMITS, maxBytes: 1000 };

  expect(await parseMail(rawMail({}, 'x'.repeat(1001)), { limits })).toMatchObject({ ok: false, cause: 'too-large' });
});

test.each([
  ['above a limit', rawMail({}, 'x'.repeat(1001))],
  ['without a header section', Buffer.from('x '.repeat(1001))],
])('a message %s is not read on, and its stream is closed', async (_, raw) => {
  const stream = Readable.from([raw, raw, raw]);

  const result = await parseMail(stream, { limits: { ...PARSE_LIMITS, maxBytes: 1000 } });

  expect(result.ok).toBe(false);
  expect(stream.destroyed).toBe(true);
});

test.each([
  ["Content-Disposition: attachment; filename*0*=utf-8''cotizaci%C3%B3n; filename*1=.pdf", 'cotización.pdf'],
  ['Content-Disposition: attachment; filename="=?utf-8?B?Y290aXphY2nDs24ucGRm?="', 'cotización.pdf'],
  ['Content-Type: application/pdf; name="cotizaci\xf3n.pdf"', 'cotización.pdf'],
  ["Content-Disposition: attachment; filename*=iso-8859-1''a%F1o.pdf", 'año.pdf'],
  ['Content-Disposition: attachment; filename=""mayo.pdf""', 'mayo.pdf'],
])('P32 the name in %s is read', async (fields, name) => {
  const mail = await parsed(MIXED, multipart('m', ['\r\nVer adjunto', `${fields}\r\n\r\nx`]));

  expect(names(mail)).toEqual([name]);
});

test.each([
  ['../../etc/passwd', '../../etc/passwd'],
  ['C:\\\\x\\\\y.txt', 'C:\\x\\y.txt'],
  ['con.txt', 'con.txt'],
  [`${'a'.repeat(300)}.pdf`, `${'a'.repeat(251)}.pdf`],
])('P33 the name %s stays data, and the attachment is stored under its hash', async (written, name) => {
  const mail = await parsed(MIXED, attached(`Content-Type: application/octet-stream; name="${written}"`, 'abc'));

  expect(mail.attachments).toMatchObject([{ filename: name, sha256: sha256('abc'), size: 3 }]);
});

test.each([
  ['informe de mayo.pdf', 'informe de mayo.pdf'],
  ['=?utf-8?Q?cotizaci=C3=B3n.pdf?=', 'cotización.pdf'],
  ['El informe de mayo', 'documento-1.pdf'],
])('P34 a file that only its description %j names is called %j', async (description, name) => {
  const mail = await parsed(MIXED, attached(`Content-Type: application/pdf\r\nContent-Description: ${description}`));

  expect(names(mail)).toEqual([name]);
});

test('P37 the signature of a program that knows no type for it is not a real attachment', async () => {
  const body = multipart('m', ['\r\nhola', 'Content-Type: application/octet-stream; name=smime.p7s\r\n\r\nx']);

  const mail = await parsed({ 'Content-Type': 'multipart/signed; protocol="application/pkcs7-signature"; boundary=m' }, body);

  expect(mail.attachments).toMatchObject([{ filename: 'smime.p7s', inline: true }]);
});

test('P33 marks that turn the direction of a name are removed', async () => {
  const mail = await parsed(MIXED, attached("Content-Type: image/png; name*=utf-8''foto%E2%80%AEgpj.exe"));

  expect(names(mail)).toEqual(['fotogpj.exe']);
});

test('P34 parts without a name get one, an image that the HTML shows is inline', async () => {
  const body = multipart('m', [
    'Content-Type: text/html\r\n\r\n<img src="cid:logo@x">',
    'Content-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\nuno',
    'Content-Type: image/png\r\n\r\ndos',
    'Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny',
    'Content-Type: application/x-raro\r\n\r\nz',
  ]);

  const mail = await parsed({ 'Content-Type': 'multipart/related; boundary=m' }, body);

  expect(names(mail)).toEqual(['imagen-1.png', 'imagen-2.png', 'mensaje-1.eml', 'adjunto-1.bin']);
  expect(mail.attachments.map(({ inline }) => inline)).toEqual([true, false, false, false]);
});

test.each([
  ['%PDF-1.7', 'application/octet-stream', 'application/pdf'],
  ['MZ\x90\0', 'application/pdf', 'application/vnd.microsoft.portable-executable'],
  ['PK\x03\x04', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', null],
  ['a,b\n', 'text/csv', null],
])('P35 what begins with %j and says it is %s is found to be %p', async (content, declared, found) => {
  const mail = await parsed(MIXED, attached(`Content-Type: ${declared}; name=a.bin`, content));

  expect(mail.attachments).toMatchObject([{ contentType: declared, sniffedType: found }]);
});

test('P36 a winmail.dat is kept and told', async () => {
  const mail = await parsed(MIXED, attached('Content-Type: application/ms-tnef; name=winmail.dat', 'x\x9f>"abc'));

  expect(names(mail)).toEqual(['winmail.dat']);
  expect(mail.warnings).toContain('adjunto TNEF (winmail.dat) guardado sin abrir');
});

test.each([
  [
    'P37 opaque S/MIME',
    { 'Content-Type': 'application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m' },
    'x',
    'smime-encrypted',
    ['smime.p7m'],
  ],
  [
    'P37 opaque signed S/MIME',
    { 'Content-Type': 'application/pkcs7-mime; smime-type=signed-data; name=smime.p7m' },
    'x',
    'smime-signed',
    ['smime.p7m'],
  ],
  [
    'P37 signed S/MIME',
    { 'Content-Type': 'multipart/signed; protocol="application/pkcs7-signature"; boundary=m' },
    multipart('m', ['\r\nhola', 'Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx']),
    'smime-signed',
    [],
  ],
  [
    'P38 PGP/MIME encrypted',
    { 'Content-Type': 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=m' },
    multipart('m', [
      'Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1',
      'Content-Type: application/octet-stream; name=msg.asc\r\n\r\nx',
    ]),
    'pgp-encrypted',
    ['msg.asc'],
  ],
  [
    'P38 PGP/MIME signed',
    { 'Content-Type': 'multipart/signed; protocol="application/pgp-signature"; boundary=m' },
    multipart('m', ['\r\nhola', 'Content-Type: application/pgp-signature\r\n\r\nx']),
    'pgp-signed',
    [],
  ],
  ['P38 inline PGP', {}, '-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----\r\n', 'pgp-encrypted', []],
])('%s is marked and its content kept', async (_, fields, body, protection, attachments) => {
  const mail = await parsed(fields, body);

  expect(mail.protection).toBe(protection);
  expect(mail.attachments.filter(({ inline }) => !inline).map(({ filename }) => filename)).toEqual(attachments);
});

test('P39 an invitation is an attachment, a report with its method, and a line in the text', async () => {
  const calendar =
    'BEGIN:VCALENDAR\r\nSUMMARY:Revision del\r\n  despliegue\\, fase 2\r\nDTSTART;TZID=America/Bogota:20200706T100000\r\nEND:VCALENDAR\r\n';

  const mail = await parsed(MIXED, multipart('m', ['\r\nNos vemos', `Content-Type: text/calendar; method=REQUEST\r\n\r\n${calendar}`]));

  expect(names(mail)).toEqual(['invitacion-1.ics']);
  expect(mail.reports).toMatchObject([{ contentType: 'text/calendar', params: { method: 'REQUEST' } }]);
  expect(mail.text).toContain('Invitación de calendario: Revision del despliegue, fase 2, 2020-07-06 10:00');
});

test('P40 P41 a nested message is kept whole, readable as a report, and its fields are not those of the mail', async () => {
  const inner =
    'From: Eva <eva@otro.example>\r\nSubject: [ITAC #12] viejo\r\nMessage-ID: <dentro@otro.example>\r\n\r\nTexto de adentro\r\n';

  const mail = await parsed(MIXED, multipart('m', ['\r\nReenvio', `Content-Type: message/rfc822; name=correo.eml\r\n\r\n${inner}`]));

  expect(mail.subject).toBe('Consulta');
  expect(mail.messageId).toBe('uno@cliente.example');
  expect(mail.text).toBe('Reenvio');
  expect(mail.attachments).toMatchObject([{ filename: 'correo.eml', size: inner.length, sha256: sha256(inner) }]);
  expect(mail.reports).toMatchObject([{ contentType: 'message/rfc822', text: expect.stringContaining('eva@otro.example') }]);
});

test('P43 an empty attachment and 300 attachments are all listed', async () => {
  const parts = Array.from({ length: 300 }, (_, n) => `Content-Type: application/pdf; name=${n}.pdf\r\n\r\n`);

  const mail = await parsed(MIXED, multipart('m', parts));

  expect(mail.attachments).toHaveLength(300);
  expect(mail.attachments[0]).toMatchObject({ size: 0, sha256: sha256('') });
});

test('P44 a file keeps its octets whatever its charset', async () => {
  const csv = 'a\xf1o;\xcf\xf0\xe8\r\n1;2';

  const mail = await parsed(MIXED, attached('Content-Type: text/csv; charset=windows-1251; name=datos.csv', csv));

  expect(mail.attachments).toMatchObject([{ size: csv.length, sha256: sha256(csv) }]);
});

test('a named text is an attachment, and is the text of a mail that has no other', async () => {
  const named = 'Content-Type: text/plain; name=registro.log\r\nContent-Disposition: inline\r\n\r\nERROR 500';

  const besideText = await parsed(MIXED, multipart('m', ['\r\nVer registro', named]));
  const alone = await parsed(MIXED, multipart('m', [named]));

  expect([besideText.text, names(besideText)]).toEqual(['Ver registro', ['registro.log']]);
  expect([alone.text, names(alone)]).toEqual(['ERROR 500', ['registro.log']]);
});

test('P45 a mail whose only content is an attachment has no text', async () => {
  const mail = await parsed(MIXED, multipart('m', ['Content-Type: application/pdf; name=a.pdf\r\n\r\nx']));

  expect(mail.text).toBe('');
  expect(names(mail)).toEqual(['a.pdf']);
});

test('texts around an attachment are joined in order', async () => {
  const mail = await parsed(MIXED, multipart('m', ['\r\nantes', 'Content-Type: image/png; name=a.png\r\n\r\nx', '\r\ndespues']));

  expect(mail.text).toBe('antes\ndespues');
});

test('a delivery report gives its parts', async () => {
  const body = multipart('m', [
    '\r\nNo se pudo entregar',
    'Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed',
    'Content-Type: text/rfc822-headers\r\n\r\nSubject: hola',
  ]);

  const mail = await parsed({ 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=m' }, body);

  expect(mail.contentType).toMatchObject({ type: 'multipart/report', params: { 'report-type': 'delivery-status' } });
  expect(mail.reports.map(({ contentType }) => contentType)).toEqual(['message/delivery-status', 'text/rfc822-headers']);
  expect(mail.attachments).toEqual([]);
});

test('two deliveries of one mail have one fingerprint, mails that share a Message-ID have two', async () => {
  const raw = rawMail({}, 'hola\r\nmundo\r\n').toString('latin1');
  const fingerprint = async (text: string) => mailOf(await parseMail(Buffer.from(text, 'latin1'))).fingerprint;

  const first = await fingerprint(`Received: from a\r\nDelivered-To: a@x.example\r\n${raw}`);
  const again = await fingerprint(`Received: from b\r\n${raw}\r\n`.replaceAll('\r\n', '\n'));
  const other = await fingerprint(raw.replace('mundo', 'otro mundo'));

  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('a mail without Message-ID has a fingerprint too', async () => {
  const one = await parsed({ 'Message-ID': null }, 'hola');
  const same = await parsed({ 'Message-ID': null, Received: 'from a' }, 'hola');
  const other = await parsed({ 'Message-ID': null }, 'adios');

  expect(same.fingerprint).toBe(one.fingerprint);
  expect(other.fingerprint).not.toBe(one.fingerprint);
});

test.each([
  ['lacks the empty line that ends its header section', 'Content-Type: text/plain\r\nhola\r\n\r\nmundo'],
  ['begins without header section and empty line', 'hola\r\n\r\nmundo'],
  [
    'is a multipart whose parameter lacks its semicolon',
    'Content-Type: multipart/alternative boundary=n\r\n\r\n--n\r\n\r\nhola mundo\r\n--n--',
  ],
])('the text of a part that %s is not lost', async (_, part) => {
  const mail = await parsed(MIXED, multipart('m', [part]));

  expect(mail.text).toContain('hola');
  expect(mail.text).toContain('mundo');
});

test('reports of many embedded messages take no more than a few megabytes', async () => {
  const message = `Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n${'a'.repeat(200_000)}`;

  const mail = await parsed(
    MIXED,
    multipart(
      'm',
      Array.from({ length: 50 }, () => message),
    ),
  );

  expect(mail.attachments).toHaveLength(50);
  expect(mail.reports.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(2 * 1024 * 1024);
});

test('the HTML is left out when nobody asks for it, and its text is not', async () => {
  const result = await parseMail(rawMail({ 'Content-Type': 'text/html' }, '<p>hola</p>'), { keepHtml: false });

  expect(mailOf(result)).toMatchObject({ text: 'hola', html: null });
});
