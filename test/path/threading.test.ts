import { expect, test } from '@jest/globals';
import { keysOf } from '../../src/desk/match.ts';
import { providerIdIn } from '../../src/mail/providerId.ts';
import { release } from '../../src/release.ts';
import { aMail, givenADesk, vouchedFor } from '../support/desk.ts';

const LUIS = 'Luis Gómez <luis@cliente.example>';
const EVA = 'Eva <eva@otro.example>';

test('T01 a reply with the plain token of its own requester is put on the ticket', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.plainTokenOf(number)} Error al guardar` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.entriesOf(number)).toHaveLength(2);
});

test.each([
  ['T02', 'RE: RV: Re[2]: AW: RES: ENC: Fwd: TOKEN Error'],
  ['T05', 'Re: TOKEN'],
])('%s the signed token is found among prefixes: %s', async (_id, subject) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: subject.replace('TOKEN', desk.tokenOf(number)) }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T03 a token folded over two header lines is found', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.tokenOf(number).replace(' #', '\r\n #')} Error` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T04 a token cut by two encoded words is read whole', async () => {
  await using desk = await givenADesk();
  for (let i = 0; i < 12; i++) await desk.givenTicket({ subject: `Asunto ${i}` });

  const { receipt } = await desk.whenMailArrives(aMail({ subject: '=?UTF-8?Q?Re:_[ITAC_#1?= =?UTF-8?Q?2]?=' }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: 12 });
});

test('T06 a number without brackets proves nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: `ITAC #${number} otra cosa` }));

  expect(receipt.outcome).toBe('open');
});

test('T06 a number without brackets is enough when the thread is a second proof', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ messageId: 'first@cliente.example' });
  const references = '<first@cliente.example>';

  const both = await desk.whenMailArrives(aMail({ subject: `ITAC #${number} otra cosa`, references }));
  const otherNumber = await desk.whenMailArrives(aMail({ subject: `ITAC #${number + 9} otra cosa`, references }));
  const threadAlone = await desk.whenMailArrives(aMail({ subject: 'Otra cosa', references }));

  expect(both.receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect([otherNumber, threadAlone].map(({ receipt }) => receipt.outcome)).toEqual(['open', 'open']);
});

test.each(['[OTRO #1]', '[Ticket#2024123]', '(ABC-1)', 'pedido #1'])('T07 a foreign token is not ours: %s', async (token) => {
  await using desk = await givenADesk();
  await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: `Re: ${token} consulta` }));

  expect(receipt.outcome).toBe('open');
});

test('T08 of two tokens the first on whose ticket the sender may write holds', async () => {
  await using desk = await givenADesk();
  const evas = await desk.givenTicket({ from: EVA });
  const anas = await desk.givenTicket();

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.tokenOf(evas)} ${desk.tokenOf(anas)}` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: anas });
  expect(trace.steps.at(-1)).toMatchObject({ rule: 'belongsToTicket', because: expect.stringContaining(desk.tokenOf(anas)) });
});

test('T08 of two tokens of own tickets the one that stands first holds', async () => {
  await using desk = await givenADesk();
  const [first, second] = [await desk.givenTicket({ subject: 'Uno' }), await desk.givenTicket({ subject: 'Dos' })];

  const written = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.plainTokenOf(second)} y ${desk.plainTokenOf(first)}` }));
  const turned = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.plainTokenOf(first)} y ${desk.plainTokenOf(second)}` }));

  expect([written.receipt.ticketNumber, turned.receipt.ticketNumber]).toEqual([second, first]);
});

test.each([
  ['T09', '[ITAC #99999999999999999999]'],
  ['T10', '[ITAC #4711]'],
  ['T11', '[ITAC #01]'],
])('%s %s leads to no ticket and opens a new one, and the trace says so', async (_id, token) => {
  await using desk = await givenADesk();
  await desk.givenTicket();

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject: `Re: ${token} Error` }));

  expect(receipt.outcome).toBe('open');
  expect(trace.steps.find((step) => step.rule === 'belongsToTicket')?.because).toContain(token);
});

test('T11 wrong check letters are refused, and other proofs are tried', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const forged = desk.tokenOf(number).replace(/-.../, '-AAA');

  const alone = await desk.whenMailArrives(aMail({ subject: `Re: ${forged} hola` }));
  const threaded = await desk.whenMailArrives(aMail({ subject: `Re: ${forged} Error`, inReplyTo: desk.answerIdOf(number) }));

  expect(alone.receipt.outcome).toBe('open');
  expect(threaded.receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T16 a changed subject does not matter when the mail answers our signed Message-ID, and it is noted', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Más datos del problema', inReplyTo: desk.answerIdOf(number) }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)?.flags).toContain('asunto cambiado');
});

test('T17 a changed subject with nothing but an unsigned reference opens a new ticket, linked to the old one', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ messageId: 'first@cliente.example' });

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Otro asunto', references: '<first@cliente.example>' }));

  expect(receipt.outcome).toBe('open');
  expect(desk.ticket(receipt.ticketNumber!).linkedTo).toBe(number);
});

test.each(['< >', '', '<>'])('T18 an empty In-Reply-To joins no two mails: "%s"', async (inReplyTo) => {
  await using desk = await givenADesk();
  const headers = [`In-Reply-To: ${inReplyTo}`, `References: ${inReplyTo}`, `Message-ID: ${inReplyTo}`];
  const number = await desk.givenTicket({ subject: 'Error', messageId: null, headers });

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject: 'RE: Error', messageId: null, headers }));

  expect(receipt.outcome).toBe('open');
  expect(receipt.ticketNumber).not.toBe(number);
  expect(desk.ticket(receipt.ticketNumber!).linkedTo).toBeNull();
  expect(trace.steps.find(({ rule }) => rule === 'belongsToTicket')?.because).toBe('nada señala un ticket nuestro');
});

test('T19 only msg-ids of an In-Reply-To with free text are used', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const inReplyTo = `Message of Tue, 6 Jul 2020 from "Soporte" ${desk.answerIdOf(number)}`;
  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Otro', inReplyTo }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T19 of several ids in In-Reply-To each is tried', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(
    aMail({ subject: 'Otro', inReplyTo: `<a@x.example> <b@x.example>\r\n ${desk.answerIdOf(number)}` }),
  );

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

const FIVE_HUNDRED = Array.from({ length: 500 }, (_, i) => `o${i}@x.example`);

test.each([
  ['first', 0],
  ['newest', 499],
])('T20 of five hundred references the %s leads to its ticket', async (_, at) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'Error', messageId: 'own@cliente.example' });
  const references = FIVE_HUNDRED.with(at, 'own@cliente.example').map((id) => `<${id}>`);

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'RE: Error', references: references.join('\r\n ') }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T20 five hundred references cost no more look-ups than forty', async () => {
  await using desk = await givenADesk();
  const { identity, now, parse } = desk.desk;
  const parsed = await parse({ bytes: Buffer.from(aMail({ references: FIVE_HUNDRED.map((id) => `<${id}>`).join('\r\n ') })) });
  if (!parsed.ok) throw new Error(parsed.because);

  const { references } = keysOf(parsed.mail, [], null, now(), identity);

  expect(references).toHaveLength(40);
  expect([references[0], references[38], references[39]]).toEqual(['o499@x.example', 'o461@x.example', 'o0@x.example']);
});

test('T21 Message-IDs without brackets, with commas and folded are read', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const bare = desk.answerIdOf(number).slice(1, -1);

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Otro', references: `a@b.example,\r\n ${bare}` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T21 a Message-ID that is folded in the middle is read', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Otro', references: desk.answerIdOf(number).replace('@', '\r\n @') }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

const SES = '0100018c5f3a9b2e-1f6d2c3b-4a5e-6f70-8192-a3b4c5d6e7f8-000000';

test.each([
  ['Microsoft 365', '250 2.0.0 OK <a@prod.outlook.com> [Hostname=b]', '<a@prod.outlook.com>'],
  ['Amazon SES in Virginia', `250 Ok ${SES}`, `<${SES}@email.amazonses.com>`],
  ['Amazon SES in São Paulo', `250 Ok ${SES}\r\n`, `<${SES}@sa-east-1.amazonses.com>`],
])('T22 a reply to the Message-ID that %s put in place of ours finds the ticket', async (_, response, inReplyTo) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'No imprime' });
  const [reply] = desk.outbox();
  const providerId = providerIdIn(response, desk.answerIdOf(number).slice(1, -1));
  await desk.desk.store.settleOutbox([{ id: reply!.id, result: { state: 'sent', at: desk.now, response, providerId } }]);

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Re: No imprime', inReplyTo }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T22 a reply to a Message-ID of a provider that nobody told us of finds the ticket by its code', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(
    aMail({ subject: `Re: ${desk.tokenOf(number)}`, inReplyTo: `<${SES}@email.amazonses.com>` }),
  );

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T22 a client whose own mail goes out by Amazon SES is found by its Message-ID as ever', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'No imprime', messageId: `${SES}@email.amazonses.com` });

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Re: No imprime', inReplyTo: `<${SES}@email.amazonses.com>` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test.each([
  ['250 2.0.0 OK <a@prod.provider.example> [Hostname=b]', 'a@prod.provider.example'],
  [`250 Ok ${SES}`, `${SES}@amazonses.com`],
  ['250 queued <ours@itac.co>', null],
  ['250 2.0.0 Ok: queued as 4F3C2', null],
])('T22 the answer "%s" names the provider\'s Message-ID %p', (response, id) => {
  expect(providerIdIn(response, 'ours@itac.co')).toBe(id);
});

test.each([
  ['append', 'pass'],
  ['quarantine', 'none'],
])('T39 a reply with the token from a colleague of ours is a case for %s when authentication says %s', async (outcome, verdict) => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const number = await desk.givenTicket();
  const headers = [`Authentication-Results: mx.itac.co; dmarc=${verdict} header.from=itac.co`];

  const { receipt } = await desk.whenMailArrives(
    aMail({ from: 'Agente <agente@itac.co>', subject: `Re: ${desk.tokenOf(number)}`, headers }),
  );

  expect(receipt.outcome).toBe(outcome);
});

test('T39 what a colleague writes is recorded as staff’s when our server vouches for him, and as not verified when a person lets it in without', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const number = await desk.givenTicket();
  const agent = { from: 'Agente <agente@itac.co>', subject: `Re: ${desk.tokenOf(number)}` };

  const held = await desk.whenMailArrives(aMail({ ...agent, text: 'Sin firma.' }));
  await release(held.receipt.inboundId, { by: 'marta', trust: false }, desk.desk);
  await desk.whenMailArrives(aMail({ ...agent, text: 'Con firma.', headers: vouchedFor('itac.co') }));
  await desk.whenMailArrives(aMail({ subject: agent.subject, text: 'Gracias por la ayuda.', headers: vouchedFor('cliente.example') }));

  expect(desk.entriesOf(number).map(({ newText, verified, flags }) => [newText, verified, flags])).toEqual([
    [expect.any(String), false, []],
    ['Sin firma.', false, []],
    ['Con firma.', true, ['del equipo de soporte']],
    ['Gracias por la ayuda.', true, []],
  ]);
});

test('T23 an answer to the own first mail, written before ours came, is put on the same ticket', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ messageId: 'first@cliente.example', subject: 'No imprime' });

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'RE: No imprime', inReplyTo: '<first@cliente.example>' }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test.each(['RE: [EXTERNO] No imprime', '[EXTERNO] RE: No imprime', 'Re:', ''])(
  'T23 an answer to the own first mail that a gateway has tagged, or that lost its subject, is put on the same ticket: "%s"',
  async (subject) => {
    await using desk = await givenADesk();
    const number = await desk.givenTicket({ messageId: 'first@cliente.example', subject: '[EXTERNO] No imprime' });

    const { receipt } = await desk.whenMailArrives(aMail({ subject, inReplyTo: '<first@cliente.example>' }));

    expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
    expect(desk.ticket(number).subject).toBe('No imprime');
  },
);

test('T24 a person in copy of a verified message may write on the ticket', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const number = await desk.givenTicket({ cc: LUIS, headers: vouchedFor('cliente.example') });

  const { receipt } = await desk.whenMailArrives(aMail({ from: LUIS, subject: `RE: ${desk.tokenOf(number)}` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.ticket(number).participants).toEqual(['ana@cliente.example', 'luis@cliente.example']);
});

test('T24 when two people of one client answer the acknowledgement, both answers are on the ticket, and who was only in copy takes part', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const headers = vouchedFor('cliente.example');
  const number = await desk.givenTicket({ headers });
  const answer = { subject: `RE: ${desk.tokenOf(number)}`, inReplyTo: desk.answerIdOf(number), headers };

  const requesters = await desk.whenMailArrives(aMail({ ...answer, cc: LUIS, text: 'Copio a Luis.' }));
  const copied = await desk.whenMailArrives(aMail({ ...answer, from: LUIS, text: 'Soy Luis.' }));

  expect([requesters, copied].map(({ receipt }) => receipt)).toMatchObject([
    { outcome: 'append', ticketNumber: number },
    { outcome: 'append', ticketNumber: number },
  ]);
  expect(desk.entriesOf(number).map(({ newText }) => newText)).toEqual([expect.any(String), 'Copio a Luis.', 'Soy Luis.']);
  expect(desk.ticket(number).participants).toEqual(['ana@cliente.example', 'luis@cliente.example']);
});

test('T25 a stranger with a valid token is held for review and is not answered', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const before = desk.outbox().length;

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` }));

  expect(receipt.outcome).toBe('quarantine');
  expect(trace.decision).toEqual({ action: 'quarantine', cause: 'stranger-on-ticket' });
  expect(desk.entriesOf(number)).toHaveLength(1);
  expect(desk.outbox()).toHaveLength(before);
});

test('T27 a colleague who got our mail forwarded is held, not let in silently', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(
    aMail({ from: 'Jefe <jefe@cliente.example>', subject: `RV: ${desk.tokenOf(number)}`, inReplyTo: desk.answerIdOf(number) }),
  );

  expect(receipt.outcome).toBe('quarantine');
});

const PASSED_ON = [
  'De: Soporte ITAC <soporte@itac.co>',
  'Enviado: lunes, 23 de noviembre de 2026 8:00',
  'Para: Ana Pérez <ana@cliente.example>',
  'Asunto: Re: Error al guardar',
  '',
  'Recibimos su correo y ya quedó registrado.',
].join('\r\n');
const PASSED_ON_BY_GMAIL = [
  '---------- Forwarded message ---------',
  'De: Soporte ITAC <soporte@itac.co>',
  'Date: lun, 23 nov 2026 a las 8:00',
  'Subject: Re: Error al guardar',
  'To: Ana Pérez <ana@cliente.example>',
  '',
  'Recibimos su correo y ya quedó registrado.',
].join('\r\n');

test.each([
  ['RV: ', PASSED_ON],
  ['Fwd: ', PASSED_ON_BY_GMAIL],
  ['ENC: RE: ', '> Recibimos su correo\r\n> y ya quedó registrado.'],
])('T28 a mail of a ticket that is only passed on opens a new one, linked to it: %s', async (prefix, text) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const mail = { subject: `${prefix}${desk.tokenOf(number)} Error al guardar`, inReplyTo: desk.answerIdOf(number), text };

  const { receipt, trace } = await desk.whenMailArrives(aMail(mail));
  const again = await desk.whenMailArrives(aMail(mail));

  expect(receipt.outcome).toBe('open');
  expect(desk.ticket(receipt.ticketNumber!).linkedTo).toBe(number);
  expect(trace.steps.find(({ rule }) => rule === 'belongsToTicket')?.because).toContain('solo lo reenvía');
  expect(again.receipt).toMatchObject({ outcome: 'append', ticketNumber: receipt.ticketNumber });
});

test.each([
  ['words on top of it', 'RV: ', `Volvió a pasar hoy a las 10.\r\n\r\n${PASSED_ON}`],
  ['a prefix of a reply', 'RE: ', PASSED_ON],
  ['a reply on top of a forward', 'RE: RV: ', PASSED_ON],
])('T28 a mail of a ticket with %s is put on the ticket', async (_title, prefix, text) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: `${prefix}${desk.tokenOf(number)} Error al guardar`, text }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T28 a file that is passed on with a mail of a ticket is put on the ticket', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const head = aMail({ subject: `RV: ${desk.tokenOf(number)}`, text: '' })
    .trimEnd()
    .replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b');

  const { receipt } = await desk.whenMailArrives(
    `${head}\r\n\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF-\r\n--b--\r\n`,
  );

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('T27 T28 a stranger who only passes on a mail of a ticket is held like any other stranger', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ from: EVA, subject: `RV: ${desk.tokenOf(number)}`, text: PASSED_ON }));

  expect(receipt.outcome).toBe('quarantine');
});

test('T32 the same mail in two mailboxes is one ticket', async () => {
  await using desk = await givenADesk();
  const mail = aMail();

  const first = await desk.whenMailArrives(`Delivered-To: soporte@itac.co\r\n${mail}`, { ref: 'imap:INBOX;v=1;uid=1' });
  const second = await desk.whenMailArrives(`Delivered-To: ventas@itac.co\r\n${mail}`, { ref: 'imap:Ventas;v=9;uid=7' });

  expect(first.receipt.outcome).toBe('open');
  expect(second.receipt).toMatchObject({ outcome: 'duplicate', ticketNumber: first.receipt.ticketNumber });
  expect(desk.tickets()).toHaveLength(1);
});

test('T33 two different mails under one Message-ID are both kept, and the second one is flagged', async () => {
  await using desk = await givenADesk();
  const messageId = 'reused@cliente.example';

  const first = await desk.whenMailArrives(aMail({ messageId, subject: 'Uno', text: 'La impresora no responde.' }));
  const second = await desk.whenMailArrives(aMail({ messageId, subject: 'Dos', text: 'El reporte sale vacío.' }));

  expect([first.receipt.outcome, second.receipt.outcome]).toEqual(['open', 'open']);
  expect(desk.entriesOf(1)).toMatchObject([{ newText: 'La impresora no responde.', flags: [] }]);
  expect(desk.entriesOf(2)).toMatchObject([{ newText: 'El reporte sale vacío.', flags: ['repite el Message-ID de otro correo'] }]);
});

test('T33 an answer under a Message-ID that was used before is on its ticket, flagged', async () => {
  await using desk = await givenADesk();
  const messageId = 'reused@cliente.example';
  const number = await desk.givenTicket({ messageId });

  const { receipt } = await desk.whenMailArrives(aMail({ messageId, subject: `Re: ${desk.tokenOf(number)}`, text: 'Sigue igual.' }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)).toMatchObject({ newText: 'Sigue igual.', flags: ['repite el Message-ID de otro correo'] });
});

test('T34 a mail sent twice with two Message-IDs is one ticket with two entries', async () => {
  await using desk = await givenADesk();
  const text = 'El sistema no deja facturar desde esta mañana.';

  const first = await desk.whenMailArrives(aMail({ text }));
  const second = await desk.whenMailArrives(aMail({ text }));

  expect(second.receipt).toMatchObject({ outcome: 'append', ticketNumber: first.receipt.ticketNumber });
  expect(desk.outbox()).toHaveLength(1);
});

test('T35 a mail without Message-ID that comes twice is one ticket', async () => {
  await using desk = await givenADesk();
  const mail = aMail({ messageId: null });

  const [first, second] = await desk.whenMailsArrive([mail, mail]);

  expect([first?.receipt.outcome, second?.receipt.outcome]).toEqual(['open', 'duplicate']);
});

test('T35 an alarm without Message-ID and Date is a new matter when it is sent again another day, and a duplicate when it only comes twice', async () => {
  await using desk = await givenADesk();
  const alarm = (sentAt: string) => {
    const hops = [`Received: from mx.itac.co by store.itac.co; ${sentAt}`, `Received: from nas (10.0.0.7) by mx.itac.co id 7F; ${sentAt}`];
    return [...hops, aMail({ from: 'nas@cliente.example', messageId: null, text: 'Disco lleno' }).replace(/^Date: .*\r\n/m, '')].join(
      '\r\n',
    );
  };
  const monday = alarm('Mon, 23 Nov 2026 09:58:00 -0500');
  const copy = monday.replace('store.itac.co', 'otra.itac.co');

  const first = await desk.whenMailsArrive([monday, monday, copy]);
  desk.now = new Date(desk.now.getTime() + 86_400_000);
  const tuesday = await desk.whenMailArrives(alarm('Tue, 24 Nov 2026 09:58:00 -0500'));

  expect(first.map(({ receipt }) => receipt.outcome)).toEqual(['open', 'duplicate', 'duplicate']);
  expect(tuesday.receipt).toMatchObject({ outcome: 'open', ticketNumber: 2 });
});

test('T36 an answer that overtakes its original is joined with it', async () => {
  await using desk = await givenADesk();

  const answer = await desk.whenMailArrives(aMail({ subject: 'Re: No imprime', inReplyTo: '<late@cliente.example>', cc: LUIS }));
  const original = await desk.whenMailArrives(aMail({ subject: 'No imprime', messageId: 'late@cliente.example' }));

  expect(answer.receipt.outcome).toBe('open');
  expect(original.receipt).toMatchObject({ outcome: 'append', ticketNumber: answer.receipt.ticketNumber });
});

test('T36 a colleague’s answer that overtakes the original is joined with it through References', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const headers = vouchedFor('cliente.example');

  const answer = await desk.whenMailArrives(
    aMail({
      from: LUIS,
      cc: 'Ana <ana@cliente.example>',
      subject: 'Re: No imprime',
      references: '<other@x.example> <late@cliente.example>',
      headers,
    }),
  );
  const original = await desk.whenMailArrives(aMail({ subject: 'No imprime', messageId: 'late@cliente.example', headers }));

  expect(answer.receipt.outcome).toBe('open');
  expect(original.receipt).toMatchObject({ outcome: 'append', ticketNumber: answer.receipt.ticketNumber });
});

test('T37 an equal Thread-Index joins nothing', async () => {
  await using desk = await givenADesk();
  const headers = ['Thread-Index: AdZ0h1vOJ5b0QkQxRkS1m8c2l3o4pQ=='];

  await desk.whenMailArrives(aMail({ headers, subject: 'Uno' }));
  const { receipt } = await desk.whenMailArrives(aMail({ headers, subject: 'Dos' }));

  expect(receipt.outcome).toBe('open');
});

test('T38 equal subjects of two clients are two tickets', async () => {
  await using desk = await givenADesk();

  await desk.givenTicket({ subject: 'Error' });
  const { receipt } = await desk.whenMailArrives(aMail({ from: EVA, subject: 'Error' }));

  expect(receipt.outcome).toBe('open');
});

test('T40 a token that stands only in the quoted text is not used', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ from: EVA, text: `Hola\r\n> ${desk.tokenOf(number)} Recibimos su solicitud` }));

  expect(receipt.outcome).toBe('open');
});

test('P40 the token in the subject of an attached message drives nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const head = aMail({ from: EVA, subject: 'Le reenvío esto' })
    .split('\r\n\r\n')[0]!
    .replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b');
  const inner = aMail({ subject: `Re: ${desk.tokenOf(number)}`, inReplyTo: desk.answerIdOf(number) });

  const { receipt } = await desk.whenMailArrives(`${head}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--b--\r\n`);

  expect(receipt.outcome).toBe('open');
});

test('S15 people in copy of a message that nobody vouches for do not become participants', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const number = await desk.givenTicket({ cc: EVA });

  const { receipt } = await desk.whenMailArrives(
    aMail({ from: EVA, subject: `Re: ${desk.tokenOf(number)}`, headers: vouchedFor('otro.example') }),
  );

  expect(desk.ticket(number).participants).toEqual(['ana@cliente.example']);
  expect(receipt.outcome).toBe('quarantine');
});

test('S27 a guessed Message-ID of ours matches nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(
    aMail({ from: EVA, inReplyTo: `<ticket.${number}.abcdef.aaaaaaaaaa@itac.co>`, subject: 'Consulta' }),
  );

  expect(receipt.outcome).toBe('open');
});

test('S26 control headers of ours in incoming mail mean nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ from: EVA, headers: [`X-ITAC-Ticket: ${number}`] }));

  expect(receipt.outcome).toBe('open');
});
