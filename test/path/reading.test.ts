import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { runOn } from '../support/cli.ts';
import { aMail, givenADesk, type MailParts, type TestDesk, TODAY, vouchedFor } from '../support/desk.ts';

const MINUTE_MS = 60_000;

/** What the trace says of how the mail was read. */
const readingOf = (desk: TestDesk, number: number) =>
  desk.ticket(number).messages[0]?.trace.find(({ rule }) => rule === 'reading')?.because;

/** A mail with this content in place of a plain text. */
function mailOf(type: string, body: string, parts: MailParts = {}): string {
  const head = aMail({ ...parts, text: '' })
    .trimEnd()
    .replace('text/plain; charset=utf-8', type);
  return `${head}\r\n\r\n${body.replaceAll('\n', '\r\n')}\r\n`;
}

async function ticketOf(desk: TestDesk, mail: string): Promise<number> {
  const { receipt } = await desk.whenMailArrives(mail);
  expect(receipt.outcome).toBe('open');
  return receipt.ticketNumber!;
}

test.each([
  ['has none', 'Subject: Error al guardar\r\n', ''],
  ['is blank', 'Subject: Error al guardar', 'Subject:   '],
])('P11 a mail whose subject %s opens a ticket without a subject', async (_, written, instead) => {
  await using desk = await givenADesk();

  const number = await ticketOf(desk, aMail().replace(written, instead));

  expect(desk.ticket(number).subject).toBe('(sin asunto)');
  expect(desk.outbox()).toHaveLength(1);
});

test('P10 what hides or turns letters in a subject is not stored', async () => {
  await using desk = await givenADesk();

  const number = await ticketOf(desk, aMail({ subject: '\ufeffFac\u202etura\u200b \u0000vencida' }));

  expect(desk.ticket(number).subject).toBe('Factura vencida');
});

test('P12 a subject of 5,000 characters is cut on the ticket and whole in the kept message', async () => {
  await using desk = await givenADesk();
  const subject = 'x'.repeat(5000);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject }));

  expect(desk.ticket(receipt.ticketNumber!).subject).toBe('x'.repeat(250));
  expect(await readFile(trace.arrival.path, 'utf8')).toContain(`Subject: ${subject}`);
});

test('P13 of two authors and two subjects the first counts, and the ticket says that the mail is suspicious', async () => {
  await using desk = await givenADesk();

  const number = await ticketOf(desk, `From: Eva <eva@otro.example>\r\nSubject: Primero\r\n${aMail()}`);

  expect(desk.ticket(number)).toMatchObject({ subject: 'Primero', requester: { address: 'eva@otro.example' } });
  expect(desk.entriesOf(number)[0]?.flags).toEqual(['sospechoso: repite From o Subject']);
  expect(readingOf(desk, number)).toBe('2 campos from: vale el primero; 2 campos subject: vale el primero');
});

test.each(['From: Eva <eva@otro.example>', 'Subject: Primero'])('P13 %s on top of another is enough for that', async (field) => {
  await using desk = await givenADesk();

  const number = await ticketOf(desk, `${field}\r\n${aMail()}`);

  expect(desk.entriesOf(number)[0]?.flags).toEqual(['sospechoso: repite From o Subject']);
});

test('P14 of two authors in one field the first counts, Sender does not, and the trace says so', async () => {
  await using desk = await givenADesk();
  const from = '"Pérez, Ana" <ana@cliente.example>, otro@cliente.example';

  const number = await ticketOf(desk, aMail({ from, headers: ['Sender: secretaria@cliente.example'] }));

  expect(desk.ticket(number).requester).toEqual({ name: 'Pérez, Ana', address: 'ana@cliente.example' });
  expect(readingOf(desk, number)).toBe('From nombra a 2 autores: vale el primero');
});

test('P19 that text and HTML say different things is in the trace', async () => {
  await using desk = await givenADesk();
  const plain = 'Por favor revisen la factura del mes de julio adjunta';
  const html = '<p>Ingrese su clave para confirmar todos sus datos bancarios</p>';

  const number = await ticketOf(
    desk,
    mailOf('multipart/alternative; boundary=m', `--m\n\n${plain}\n--m\nContent-Type: text/html\n\n${html}\n--m--`),
  );

  expect(readingOf(desk, number)).toBe('el texto y el HTML dicen cosas distintas');
});

test.each([
  ['P37', 'application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m', 'MIIB', 'cifrado (S/MIME)', ['smime.p7m']],
  ['P37', 'application/pkcs7-mime; smime-type=signed-data; name=smime.p7m', 'MIIB', 'firmado (S/MIME)', ['smime.p7m']],
  ['P37', 'application/octet-stream; name=smime.p7m', 'MIIB', 'cifrado (S/MIME)', ['smime.p7m']],
  [
    'P37',
    'multipart/signed; protocol="application/pkcs7-signature"; boundary=m',
    '--m\n\nNo abre.\n--m\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nMIIB\n--m--',
    'firmado (S/MIME)',
    [],
  ],
  [
    'P38',
    'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=m',
    '--m\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--m\nContent-Type: application/octet-stream; name=a.asc\n\nx\n--m--',
    'cifrado (PGP)',
    ['a.asc'],
  ],
  ['P38', 'text/plain', '-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----', 'cifrado (PGP)', []],
])('%s a mail of %s opens a ticket that says how it is protected', async (_, type, body, flag, files) => {
  await using desk = await givenADesk();

  const number = await ticketOf(desk, mailOf(type, body));

  const [entry] = desk.entriesOf(number);
  expect(entry?.flags).toEqual([flag]);
  expect(entry?.attachments.filter(({ inline }) => !inline).map(({ filename }) => filename)).toEqual(files);
});

test.each([
  ['P30', 'too-deep', Array.from({ length: 100 }, (_, n) => `--b${n}\nContent-Type: multipart/mixed; boundary=b${n + 1}\n\n`).join('')],
  ['P30', 'too-many-parts', '--b0\n\nx\n'.repeat(10_000)],
  ['P31', 'header-too-large', `--b0\nX-Largo: ${'a'.repeat(1024 * 1024 + 1)}\n\nx\n--b0--`],
])('%s a mail that is %s is held with that cause, whole, and the next one is taken', async (_, cause, body) => {
  await using desk = await givenADesk();
  const mail = mailOf('multipart/mixed; boundary=b0', body);

  const [held, next] = await desk.whenMailsArrive([mail, aMail()]);

  expect(held?.trace.decision).toEqual({ action: 'quarantine', cause });
  expect(await readFile(held!.trace.arrival.path, 'utf8')).toBe(mail);
  expect(next?.receipt.outcome).toBe('open');
});

test('P35 what the first octets of a file say is stored beside what its sender declared', async () => {
  await using desk = await givenADesk();
  const file = 'Content-Type: application/pdf; name=factura.pdf\nContent-Disposition: attachment\n\nMZ\u0090';

  const number = await ticketOf(desk, mailOf('multipart/mixed; boundary=m', `--m\n\nVer factura.\n--m\n${file}\n--m--`));

  expect(desk.entriesOf(number)[0]?.attachments).toMatchObject([
    { filename: 'factura.pdf', contentType: 'application/pdf', sniffedType: 'application/vnd.microsoft.portable-executable' },
  ]);
  expect((await runOn(desk, ['ticket', String(number)])).out).toContain(
    'factura.pdf (application/pdf, pero por su contenido es application/vnd.microsoft.portable-executable,',
  );
});

test('P36 a winmail.dat that cannot be opened is kept, and the trace says so', async () => {
  await using desk = await givenADesk();
  const file = 'Content-Type: application/ms-tnef; name=winmail.dat\nContent-Disposition: attachment\n\nx';

  const number = await ticketOf(desk, mailOf('multipart/mixed; boundary=m', `--m\n\nVer adjunto.\n--m\n${file}\n--m--`));

  expect(desk.entriesOf(number)[0]).toMatchObject({ newText: 'Ver adjunto.', attachments: [{ filename: 'winmail.dat' }] });
  expect(readingOf(desk, number)).toBe('adjunto TNEF (winmail.dat) guardado sin abrir');
});

test('P41 of a mail that a colleague passes on as a file the trace says whose it is, and nothing in it is the mail’s', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const inner = 'From: Ana Pérez <ana@cliente.example>\nSubject: [ITAC #7] Error\n\nFrom: eva@otro.example\nNo abre.';
  const agent = { from: 'Agente <agente@itac.co>', subject: 'RV: Error', headers: vouchedFor('itac.co') };

  const number = await ticketOf(
    desk,
    mailOf('multipart/mixed; boundary=m', `--m\n\nPor favor abrir caso.\n--m\nContent-Type: message/rfc822\n\n${inner}\n--m--`, agent),
  );

  expect(readingOf(desk, number)).toBe('trae adjunto un correo de ana@cliente.example');
  expect(desk.ticket(number).requester.address).toBe('agente@itac.co');
});

test('a trace stays short, whatever a sender attaches or makes of a header', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const attached = (n: number) => `--m\nContent-Type: message/rfc822\n\nFrom: p${n}@otro.example\nSubject: x\n\nx\n`;
  const parts = Array.from({ length: 90 }, (_, n) => attached(n)).join('');
  const headers = [`Authentication-Results: mx.itac.co${'; dkim=neutral header.d=otro.example'.repeat(500)}`];

  const number = await ticketOf(desk, mailOf('multipart/mixed; boundary=m', `--m\n\nHola\n${parts}--m--`, { headers }));

  const { trace } = desk.ticket(number).messages[0]!;
  expect(readingOf(desk, number)).toMatch(/p4@otro\.example; y 85 más$/);
  expect(Math.max(...trace.map(({ because }) => because.length))).toBe(2_000);
});

test('of a mail without oddities the trace says nothing of how it was read', async () => {
  await using desk = await givenADesk();

  const number = await desk.givenTicket();

  expect(readingOf(desk, number)).toBeUndefined();
  expect(desk.entriesOf(number)[0]?.flags).toEqual([]);
});

test('P46 whatever its Date says, a mail counts from its arrival, and contributions stand in order of arrival', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ date: 'Fri, 1 Jan 2099 00:00:00 +0000' });
  const dates = ['Thu, 1 Jan 1970 00:00:00 +0000', 'ayer', 'Mon, 23 Nov 2026 08:00:00 -0500'];

  for (const [index, date] of dates.entries()) {
    const mail = aMail({ subject: `Re: ${desk.tokenOf(number)}`, date, text: `Dato ${index + 1}.` });
    await desk.whenMailArrives(mail, { receivedAt: new Date(TODAY.getTime() + (index + 1) * MINUTE_MS) });
  }
  const without = aMail({ subject: `Re: ${desk.tokenOf(number)}`, text: 'Dato 4.' }).replace(/^Date: .*\r\n/m, '');
  await desk.whenMailArrives(without, { receivedAt: new Date(TODAY.getTime() + 4 * MINUTE_MS) });

  expect(desk.ticket(number).openedAt).toEqual(TODAY);
  expect(desk.outbox()).toHaveLength(1);
  expect(desk.entriesOf(number).map(({ newText, enteredAt }) => [newText, enteredAt.getTime() - TODAY.getTime()])).toEqual([
    [expect.stringContaining('La aplicación'), 0],
    ['Dato 1.', MINUTE_MS],
    ['Dato 2.', 2 * MINUTE_MS],
    ['Dato 3.', 3 * MINUTE_MS],
    ['Dato 4.', 4 * MINUTE_MS],
  ]);
});
