import { expect, test } from '@jest/globals';
import { staffDomainOf } from '../../src/desk/publicMail.ts';
import { release } from '../../src/release.ts';
import { aMail, givenADesk, type MailParts, type TestDesk, TODAY, vouchedFor } from '../support/desk.ts';

const DAY_MS = 86_400_000;
const VOUCHED = { authservId: 'mx.itac.co' };
const ANA = { headers: vouchedFor('cliente.example') };

async function whatBecomesOf(desk: TestDesk, parts: MailParts) {
  const { trace, receipt } = await desk.whenMailArrives(aMail(parts));
  return { ...trace.decision, ticketNumber: receipt.ticketNumber, inboundId: receipt.inboundId };
}

test('S06 whoever Reply-To names is not the author: it opens no door, gets no answer, and the ticket tells of it', async () => {
  await using desk = await givenADesk(VOUCHED);
  const number = await desk.givenTicket(ANA);

  const intruder = await whatBecomesOf(desk, {
    from: 'eva@otro.example',
    headers: [...vouchedFor('otro.example'), 'Reply-To: ana@cliente.example'],
    subject: `Re: ${desk.tokenOf(number)}`,
  });
  const other = await desk.givenTicket({
    from: 'luis@tercero.example',
    subject: 'Otro asunto',
    headers: [...vouchedFor('tercero.example'), 'Reply-To: ana@cliente.example, soporte@itac.co'],
  });

  expect(intruder).toMatchObject({ action: 'quarantine', cause: 'stranger-on-ticket' });
  expect(desk.ticket(other)).toMatchObject({ requester: { address: 'luis@tercero.example' }, participants: ['luis@tercero.example'] });
  expect(desk.entriesOf(other)[0]?.flags).toEqual(['pide responder a otra dirección']);
  expect(desk.outbox().map(({ recipient }) => recipient)).toEqual(['ana@cliente.example', 'luis@tercero.example']);
});

test('S06 a Reply-To that is the author again is no oddity', async () => {
  await using desk = await givenADesk();

  const number = await desk.givenTicket({ headers: ['Reply-To: "Ana" <Ana+web@Cliente.example>'] });

  expect(desk.entriesOf(number)[0]?.flags).toEqual([]);
});

test.each([
  ['another ending', 'ana@cliente.exampIe'],
  ['a digit for a letter', 'ana@c1iente.example'],
  ['a Cyrillic letter in the domain', 'ana@сliente.example'],
  ['a Cyrillic letter in the name', 'аna@cliente.example'],
  ['punycode', 'ana@xn--liente-95d.example'],
  ['a domain below', 'ana@cliente.example.malo.example'],
  ['the address as a name', '"ana@cliente.example" <x@malo.example>'],
  ['the address as a quoted local part', '"ana@cliente.example"@malo.example'],
])('S07 S08 with %s in place of the participant, a valid code opens no door', async (_, from) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const decision = await whatBecomesOf(desk, { from, subject: `Re: ${desk.tokenOf(number)} soy Ana` });

  expect(decision).toMatchObject({ action: 'quarantine', cause: 'stranger-on-ticket' });
  expect(desk.entriesOf(number)).toHaveLength(1);
});

test('S09 capitals never make another person', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const decision = await whatBecomesOf(desk, { from: 'ANA@Cliente.EXAMPLE', subject: `Re: ${desk.tokenOf(number)} hola` });

  expect(decision).toMatchObject({ action: 'append', ticketNumber: number });
});

test.each(['ana+otra@cliente.example', 'a.na@cliente.example', 'ana.@cliente.example'])(
  'S09 a +tag or a dot makes another person, who is held with a code until somebody vouches: %s',
  async (from) => {
    await using desk = await givenADesk();
    const number = await desk.givenTicket();

    const decision = await whatBecomesOf(desk, { from, subject: `Re: ${desk.tokenOf(number)} hola` });

    expect(decision).toMatchObject({ action: 'quarantine', cause: 'stranger-on-ticket' });
  },
);

test('S16 a sign-up mail of a third service reaches nobody: no answer, nobody in copy takes part, and it joins no ticket that was prepared for it', async () => {
  await using desk = await givenADesk(VOUCHED);
  const subject = 'Confirme su cuenta';
  const prepared = await desk.givenTicket({ from: 'no-reply@servicio.example', cc: 'atacante@malo.example', subject });

  const { receipt, trace } = await desk.whenMailArrives(
    aMail({
      from: 'Servicio <no-reply@servicio.example>',
      headers: [...vouchedFor('servicio.example'), 'Reply-To: atacante@malo.example'],
      ...{ subject, text: 'Su enlace: https://servicio.example/confirmar?clave=1234' },
    }),
  );

  expect(receipt).toMatchObject({ outcome: 'open' });
  expect(receipt.ticketNumber).not.toBe(prepared);
  expect(trace.decision).toMatchObject({ reply: { kind: 'none' } });
  expect(desk.entriesOf(prepared)).toHaveLength(1);
  expect(desk.ticket(prepared).participants).toEqual(['no-reply@servicio.example']);
  expect(desk.outbox()).toEqual([]);
});

test('S29 an old genuine mail under a new Message-ID is known by its words and its date, and held', async () => {
  await using desk = await givenADesk(VOUCHED);
  const text = 'Por favor borren el usuario de pruebas.';
  await desk.givenTicket({ ...ANA, text });
  desk.now = new Date(TODAY.getTime() + 20 * DAY_MS);

  const again = await whatBecomesOf(desk, { ...ANA, text, messageId: 'nuevo@cliente.example' });
  const released = await release(again.inboundId, { by: 'marta', trust: false }, desk.desk);

  expect(again).toMatchObject({ action: 'quarantine', cause: 'replayed' });
  expect(released.receipt).toMatchObject({ outcome: 'open' });
});

test.each([
  ['the same words with a date of their own', 'Sun, 13 Dec 2026 10:00:00 -0500', 20],
  ['the same words and date within a day, sent twice', 'Mon, 23 Nov 2026 09:58:00 -0500', 0.5],
  ['the same words with a date between the two arrivals, queued for more than a day', 'Tue, 24 Nov 2026 05:00:00 -0500', 3],
  ['the words of a device whose clock never ran', 'Thu, 1 Jan 1970 00:00:00 +0000', 20],
])('S29 %s are no replay', async (_, date, days) => {
  await using desk = await givenADesk();
  const parts = { text: 'Alarma: el servicio no responde.', date };
  await desk.givenTicket(parts);
  desk.now = new Date(TODAY.getTime() + days * DAY_MS);

  expect(await whatBecomesOf(desk, parts)).toMatchObject({ action: 'open' });
});

const STUB = [
  "The server couldn't retrieve the following message:",
  '',
  'Subject: "Error al facturar"',
  'From: "Ana Pérez" ("/O=CLIENTE/CN=ANA")',
  'Sent date: 11/23/2026 9:58:00 AM',
  '',
  "The message hasn't been deleted. You might be able to view it using either Outlook or Outlook Web App.",
].join('\r\n');

test.each<[string, MailParts]>([
  ['Exchange', { from: 'Microsoft Exchange Server <microsoft@unknown>', text: STUB }],
  [
    'its subject only',
    { from: 'microsoft@unknown', subject: 'Retrieval using the IMAP4 protocol failed for the following message: 752', text: '' },
  ],
  ['Exchange in Spanish', { from: 'servidor@localhost', text: 'El servidor no pudo recuperar el siguiente mensaje:\r\n\r\nAsunto: "x"' }],
  ['nobody at all', { from: 'Microsoft Exchange', text: STUB }],
])('R30 a notice of the server in place of a message is held, also when a person lets it out: %s', async (_, parts) => {
  await using desk = await givenADesk();

  const decision = await whatBecomesOf(desk, parts);
  const released = release(decision.inboundId, { by: 'marta', trust: true }, desk.desk);

  expect(decision).toMatchObject({ action: 'quarantine', cause: 'server-stub' });
  await expect(released).rejects.toMatchObject({ code: 'REFUSED', remedy: expect.stringContaining('correo web') });
  expect(desk.tickets()).toEqual([]);
});

test('R30 a person who asks about such a notice opens a ticket', async () => {
  await using desk = await givenADesk();

  expect(await whatBecomesOf(desk, { text: STUB })).toMatchObject({ action: 'open' });
});

test.each([true, false])(
  'L17 a web form that writes under our own address for somebody else is held; let in, it is the ticket of that one, without an answer (trust: %s)',
  async (trust) => {
    await using desk = await givenADesk();

    const decision = await whatBecomesOf(desk, { from: 'Formulario <soporte@itac.co>', headers: ['Reply-To: Ana <ana@cliente.example>'] });
    const { receipt } = await release(decision.inboundId, { by: 'marta', trust }, desk.desk);

    expect(decision).toMatchObject({ action: 'quarantine', cause: 'own-address' });
    expect(receipt).toMatchObject({ outcome: 'open' });
    expect(desk.ticket(receipt.ticketNumber!)).toMatchObject({ requester: { name: 'Ana', address: 'ana@cliente.example' } });
    expect(desk.entriesOf(receipt.ticketNumber!)[0]?.flags).toEqual(['autor tomado de Reply-To']);
    expect(desk.outbox()).toEqual([]);
  },
);

test('L17 a client’s mail that a group of ours passes on under our own address is held, and let in it is the client’s', async () => {
  await using desk = await givenADesk();
  const headers = [
    'Reply-To: Ana Pérez <ana@cliente.example>',
    'List-ID: <soporte.itac.co>',
    'Precedence: list',
    'X-Original-Sender: ana@cliente.example',
  ];

  const decision = await whatBecomesOf(desk, { from: "'Ana Pérez' via Soporte <soporte@itac.co>", headers });
  const { receipt } = await release(decision.inboundId, { by: 'marta', trust: false }, desk.desk);

  expect(decision).toMatchObject({ action: 'quarantine', cause: 'own-address' });
  expect(receipt).toMatchObject({ outcome: 'open' });
  expect(desk.ticket(receipt.ticketNumber!).requester).toEqual({ name: 'Ana Pérez', address: 'ana@cliente.example' });
});

test.each([
  ['is answered to ourselves', ['Reply-To: Soporte+web@ITAC.co']],
  ['is answered to another address of our domain', ['Reply-To: ventas@ITAC.co']],
  ['is answered to a machine', ['Reply-To: no-reply@formularios.example']],
  ['says that a machine wrote it', ['Reply-To: ana@cliente.example', 'Auto-Submitted: auto-replied']],
  ['names nobody to answer to', []],
])('L17 our own mail that %s is ignored as before', async (_, headers) => {
  await using desk = await givenADesk();

  expect(await whatBecomesOf(desk, { from: 'soporte@itac.co', headers })).toMatchObject({ action: 'ignore', cause: 'own' });
});

test('L19 our own answer that comes back with a Reply-To is ignored as before', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const messageId = desk.answerIdOf(number).slice(1, -1);

  const decision = await whatBecomesOf(desk, { from: 'soporte@itac.co', headers: ['Reply-To: ana@cliente.example'], messageId });

  expect(decision).toMatchObject({ action: 'ignore', cause: 'own' });
});

test.each([
  ['soporte@itac.co', 'itac.co'],
  ['Soporte@ITAC.co', 'itac.co'],
  ['soporte.itac@gmail.com', null],
  ['soporte.itac@Hotmail.com', null],
])('with %s as our address the domain of our staff is %s: people of a public provider are strangers', (address, domain) => {
  expect(staffDomainOf(address)).toBe(domain);
});

test('T39 where our address is at a public provider, a valid code opens no door to its people', async () => {
  await using desk = await givenADesk({ ...VOUCHED, staffDomain: staffDomainOf('soporte.itac@gmail.com') });
  const number = await desk.givenTicket();

  const decision = await whatBecomesOf(desk, {
    ...{ from: 'eva@gmail.com', headers: vouchedFor('gmail.com') },
    subject: `Re: ${desk.tokenOf(number)} soy del equipo`,
  });

  expect(decision).toMatchObject({ action: 'quarantine', cause: 'stranger-on-ticket' });
});
