import { expect, test } from '@jest/globals';
import { importContacts } from '../../src/contacts.ts';
import { closeTicket } from '../../src/staff.ts';
import { aMail, givenADesk, type TestDesk, vouchedFor } from '../support/desk.ts';

const HEAD = 'cliente,modalidad,vigente_hasta,dominios,nombre,correo';
const REGISTER = [
  HEAD,
  'Cliente S.A.,8x5,2027-12-31,cliente.example,Ana Pérez,ana@cliente.example',
  'Cliente S.A.,8x5,2027-12-31,,Luis Gómez,luis@consultor.example',
  'Transportes,24x7,,transportes.example,Rosa,rosa@transportes.example',
  'Vencidos Ltda.,24x7,2025-12-31,vencidos.example,Leo,leo@vencidos.example',
  'Sin Contrato,,,,Eva,eva@sincontrato.example',
].join('\n');
const LUIS = 'Luis Gómez <luis@consultor.example>';
const JEFE = 'Jefe <jefe@cliente.example>';
/** A Sunday in Bogotá. */
const SUNDAY = new Date('2026-11-22T15:00:00.000Z');

async function givenClients(desk: TestDesk, file = REGISTER): Promise<void> {
  const result = await importContacts(Buffer.from(file), { replace: true, slas: [] }, desk.desk);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
}

function stepOf({ trace }: Awaited<ReturnType<TestDesk['whenMailArrives']>>, rule: string): string | undefined {
  return trace.steps.find((step) => step.rule === rule)?.because;
}

test('a ticket belongs to the client whose registered contact writes, and the trace says so', async () => {
  await using desk = await givenADesk();
  await givenClients(desk);

  const ingested = await desk.whenMailArrives(aMail({ from: 'ANA@Cliente.example' }));

  expect(desk.ticket(1).client).toMatchObject({
    name: 'Cliente S.A.',
    contract: { modality: '8/5', validUntil: '2027-12-31', sla: null },
  });
  expect(stepOf(ingested, 'clientInForce')).toBe('contacto registrado de Cliente S.A., contrato 8/5 hasta 2027-12-31');
  expect(desk.entriesOf(1)[0]!.flags).toEqual([]);
});

test('T24 T26 a registered contact of the same client writes on its ticket from another company’s address', async () => {
  await using desk = await givenADesk();
  await givenClients(desk);
  const number = await desk.givenTicket();

  const ingested = await desk.whenMailArrives(aMail({ from: LUIS, subject: `RE: ${desk.plainTokenOf(number)}` }));

  expect(ingested.receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(stepOf(ingested, 'belongsToTicket')).toContain('el remitente es contacto registrado de Cliente S.A., como el ticket');
});

test('T26 T27 somebody of the client’s registered domain writes on its ticket with a signed code, marked and not verified', async () => {
  await using desk = await givenADesk();
  await givenClients(desk);
  const number = await desk.givenTicket();

  const ingested = await desk.whenMailArrives(
    aMail({ from: JEFE, cc: 'Otro <otro@cliente.example>', subject: `RE: ${desk.tokenOf(number)}` }),
  );

  expect(ingested.receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(stepOf(ingested, 'belongsToTicket')).toContain('el dominio del remitente está registrado para Cliente S.A., como el ticket');
  expect(desk.entriesOf(number)[1]).toMatchObject({
    verified: false,
    flags: ['no es contacto registrado: escribe desde un dominio de Cliente S.A.'],
  });
  expect(desk.ticket(number).participants).toEqual(['ana@cliente.example']);
});

test('T26 our server’s word about the domain lets its people write with a code without letters, and takes them in', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  await givenClients(desk);
  const number = await desk.givenTicket({ headers: vouchedFor('cliente.example') });

  const { receipt } = await desk.whenMailArrives(
    aMail({ from: JEFE, subject: `RE: ${desk.plainTokenOf(number)}`, headers: vouchedFor('cliente.example') }),
  );

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.ticket(number).participants).toContain('jefe@cliente.example');
});

test('T26 a domain that anybody may claim proves nothing with a number that anybody may guess', async () => {
  await using desk = await givenADesk();
  await givenClients(desk);
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(aMail({ from: JEFE, subject: `RE: ${desk.plainTokenOf(number)}` }));

  expect(receipt.outcome).toBe('open');
  expect(desk.entriesOf(number)).toHaveLength(1);
});

test.each([
  ['another client', 'Rosa <rosa@transportes.example>'],
  ['another client’s domain', 'Nadie <nadie@transportes.example>'],
  ['a look-alike of the domain (S08)', 'Ana <ana@cIiente.example>'],
  ['a subdomain', 'Ana <ana@correo.cliente.example>'],
])('T25 a valid code in the hands of %s is held', async (_title, from) => {
  await using desk = await givenADesk();
  await givenClients(desk);
  const number = await desk.givenTicket();

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from, subject: `RE: ${desk.tokenOf(number)}` }));

  expect(receipt.outcome).toBe('quarantine');
  expect(trace.decision).toMatchObject({ cause: 'stranger-on-ticket' });
});

test('a registered contact gets the acknowledgement though nobody vouches for the sender; a colleague of the domain gets the fixed text', async () => {
  await using desk = await givenADesk();
  await givenClients(desk);

  const contact = await desk.whenMailArrives(aMail());
  const colleague = await desk.whenMailArrives(aMail({ from: JEFE }));

  expect(contact.trace.effect.outbox.map(({ kind }) => kind)).toEqual(['acknowledge']);
  expect(colleague.trace.effect.outbox.map(({ kind }) => kind)).toEqual(['fixed-text']);
  expect(desk.ticket(2)).toMatchObject({ client: { name: 'Cliente S.A.' } });
  expect(desk.entriesOf(2)[0]!.flags).toEqual(['no es contacto registrado: escribe desde un dominio de Cliente S.A.']);
});

test('S01 a registered contact whose authentication failed is held like anybody', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  await givenClients(desk);

  const { trace } = await desk.whenMailArrives(
    aMail({ headers: ['Authentication-Results: mx.itac.co; dmarc=fail header.from=cliente.example'] }),
  );

  expect(trace.decision).toEqual({ action: 'quarantine', cause: 'authentication-failed' });
});

test.each([
  ['C13 a contract that has ended', 'leo@vencidos.example', 'sin contrato vigente (venció el 2025-12-31)'],
  ['C13 no contract', 'eva@sincontrato.example', 'sin contrato registrado'],
])('%s opens a marked ticket, and the answer promises nothing', async (_title, from, flag) => {
  await using desk = await givenADesk();
  await givenClients(desk);
  desk.now = SUNDAY;

  const ingested = await desk.whenMailArrives(aMail({ from, date: 'Sun, 22 Nov 2026 09:58:00 -0500' }));

  expect(ingested.receipt.outcome).toBe('open');
  expect(desk.entriesOf(1)[0]!.flags).toEqual([flag]);
  expect(stepOf(ingested, 'clientInForce')).toContain(flag);
  expect(await answerTo(ingested, desk)).not.toMatch(/Su contrato es/);
});

test('C13 by the settings a new matter without a contract in force is held; answers on its tickets still come in', async () => {
  await using desk = await givenADesk({ withoutContract: 'quarantine' });
  const leo = 'leo@vencidos.example';
  const number = await desk.givenTicket({ from: leo });
  await givenClients(desk);

  const fresh = await desk.whenMailArrives(aMail({ from: leo, subject: 'Otra cosa' }));
  const answer = await desk.whenMailArrives(aMail({ from: leo, subject: `RE: ${desk.tokenOf(number)}` }));

  expect(fresh.trace.decision).toEqual({ action: 'quarantine', cause: 'no-contract' });
  expect(fresh.trace.effect.outbox).toEqual([]);
  expect(answer.receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test.each([
  ['C15 a 24/7 client', 'rosa@transportes.example', 'Su contrato es 24/7. Si es urgente, no espere: use la plataforma o la línea celular'],
  ['C14 an 8/5 client', 'ana@cliente.example', 'Su contrato es 8/5: su caso se atiende en ese mismo horario.'],
  ['somebody unknown', 'otra@desconocida.example', 'Si la falla es urgente y su contrato es 24/7'],
])('%s is told on a Sunday what that means', async (_title, from, words) => {
  await using desk = await givenADesk({ unauthenticated: 'acknowledge' });
  await givenClients(desk);
  desk.now = SUNDAY;

  const ingested = await desk.whenMailArrives(aMail({ from, text: 'La aplicación no abre, error 500 en producción.' }));

  const text = await answerTo(ingested, desk);
  expect(text).toContain(words);
  expect(text).toContain('volvemos a atenderlo el lunes 23 de noviembre a las 8:00 a. m.');
});

test('O14 a contact is answered in the language that the register says, whatever the mail is written in', async () => {
  await using desk = await givenADesk();
  await givenClients(desk, 'cliente,correo,idioma\nNorthbridge,karen@northbridge.example,en\n');

  const spanish = await desk.whenMailArrives(aMail({ from: 'karen@northbridge.example', text: 'La aplicación no abre desde las ocho.' }));

  expect(await answerTo(spanish, desk)).toContain('Please register and follow your cases on the support platform');
});

test('C16 somebody of two clients opens a ticket of neither, marked with both, and writes on the tickets of either', async () => {
  await using desk = await givenADesk();
  await givenClients(desk, [REGISTER, 'Transportes,24x7,,,Luis Gómez,luis@consultor.example'].join('\n'));
  const ofAna = await desk.givenTicket();
  const ofRosa = await desk.givenTicket({ from: 'rosa@transportes.example' });

  const opening = await desk.whenMailArrives(aMail({ from: LUIS }));
  const onAnas = await desk.whenMailArrives(aMail({ from: LUIS, subject: desk.tokenOf(ofAna) }));
  const onRosas = await desk.whenMailArrives(aMail({ from: LUIS, subject: desk.tokenOf(ofRosa) }));

  const opened = desk.ticket(opening.receipt.ticketNumber!);
  expect(opened.client).toBeNull();
  expect(opened.contributions[0]!.flags).toEqual(['contacto de Cliente S.A. y de Transportes']);
  expect(stepOf(opening, 'clientInForce')).toContain('ninguno se prefiere');
  expect(onAnas.receipt).toMatchObject({ outcome: 'append', ticketNumber: ofAna });
  expect(onRosas.receipt).toMatchObject({ outcome: 'append', ticketNumber: ofRosa });
});

test('C17 a contact who left the register is as unknown, and the tickets stay the client’s', async () => {
  await using desk = await givenADesk();
  await givenClients(desk);
  const number = await desk.givenTicket({ from: LUIS });
  const ofAna = await desk.givenTicket();
  await givenClients(desk, [HEAD, 'Cliente S.A.,8x5,2027-12-31,,Ana Pérez,ana@cliente.example'].join('\n'));

  const own = await desk.whenMailArrives(aMail({ from: LUIS, subject: desk.tokenOf(number) }));
  const foreign = await desk.whenMailArrives(aMail({ from: LUIS, subject: desk.tokenOf(ofAna) }));
  const fresh = await desk.whenMailArrives(aMail({ from: LUIS, subject: 'Otra cosa' }));

  expect(own.receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(foreign.trace.decision).toMatchObject({ cause: 'stranger-on-ticket' });
  expect(fresh.trace.effect.outbox.map(({ kind }) => kind)).toEqual(['fixed-text']);
  expect(desk.ticket(number).client?.name).toBe('Cliente S.A.');
});

test('tickets of before the register become the client’s, by their requester', async () => {
  await using desk = await givenADesk();
  const open = await desk.givenTicket();
  const closed = await desk.givenTicket({ from: LUIS });
  await closeTicket(closed, 'marta', desk.desk);
  const nobodys = await desk.givenTicket({ from: 'otra@desconocida.example' });

  const result = await importContacts(Buffer.from(REGISTER), { replace: false, slas: [] }, desk.desk);

  expect(result).toMatchObject({ ok: true, tickets: 2 });
  expect([open, closed, nobodys].map((number) => desk.ticket(number).client?.name)).toEqual(['Cliente S.A.', 'Cliente S.A.', undefined]);
});

/** The text of the answer to a mail, decoded. */
async function answerTo({ trace }: Awaited<ReturnType<TestDesk['whenMailArrives']>>, { desk }: TestDesk): Promise<string> {
  const parsed = await desk.parse({ bytes: trace.effect.outbox[0]!.mail.bytes });
  return parsed.ok ? parsed.mail.text : '';
}
