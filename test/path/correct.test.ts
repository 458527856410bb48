import { expect, test } from '@jest/globals';
import { TicketKind } from '../../src/desk/ticket.ts';
import { correctTicket, mergeTickets } from '../../src/staff.ts';
import { runOn } from '../support/cli.ts';
import { aMail, givenADesk } from '../support/desk.ts';

const TEXT = 'El despacho sigue sin vitrina en la bodega de Funza.';
const EVA = 'Eva <eva@otro.example>';

test('a corrected ticket is what was said, waits for no review, and tells who said it', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ text: 'Gracias', subject: '' });
  expect(desk.ticket(number)).toMatchObject({ kind: 'incidencia', review: true });

  await correctTicket(number, TicketKind.requirement, 'marta', desk.desk);

  expect(desk.ticket(number)).toMatchObject({ kind: 'requerimiento', review: false });
  expect(desk.ticket(number).acts).toMatchObject([{ what: 'correct', by: 'marta', to: 'requerimiento', at: desk.now }]);
});

test('a correction keeps the words as they were classified, and whose client wrote them', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'RE: Despacho', text: TEXT });

  await correctTicket(number, TicketKind.requirement, 'marta', desk.desk);

  expect(desk.reading((reports) => reports.corrections())).toEqual([
    { subject: 'RE: Despacho', newText: TEXT, kind: 'requerimiento', client: 'cliente.example' },
  ]);
});

test('the same words again, from whoever, get the corrected kind at once, and the trace says why', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'Error al guardar', text: TEXT });
  await correctTicket(number, TicketKind.requirement, 'marta', desk.desk);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from: EVA, subject: 'Error al guardar', text: TEXT }));

  expect(desk.ticket(receipt.ticketNumber!)).toMatchObject({ kind: 'requerimiento', review: false });
  expect(desk.ticket(receipt.ticketNumber!).classification).toMatchObject({ confidence: 0.99, band: 'sure' });
  expect(desk.ticket(receipt.ticketNumber!).classification.evidence[0]).toMatchObject({ term: 'corregido antes' });
  expect(trace.steps.at(-1)?.because).toContain(`corregido antes en el ticket ${number}`);
});

test('words that nobody corrected are left to the classifier', async () => {
  await using desk = await givenADesk();
  await correctTicket(await desk.givenTicket({ text: TEXT }), TicketKind.requirement, 'marta', desk.desk);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from: EVA, text: 'No abre la aplicación, error 500.' }));

  expect(desk.ticket(receipt.ticketNumber!).kind).toBe('incidencia');
  expect(trace.steps.at(-1)?.because).not.toContain('corregido');
});

test('correcting again replaces what was said before', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'Despacho', text: TEXT });
  await correctTicket(number, TicketKind.requirement, 'marta', desk.desk);
  await correctTicket(number, TicketKind.incident, 'luis', desk.desk);

  const { receipt } = await desk.whenMailArrives(aMail({ from: EVA, subject: 'Despacho', text: TEXT }));

  expect(desk.ticket(receipt.ticketNumber!).kind).toBe('incidencia');
  expect(desk.reading((reports) => reports.corrections())).toHaveLength(1);
  expect(desk.ticket(number).acts.map(({ by }) => by)).toEqual(['marta', 'luis']);
});

test('of two tickets of the same words the one that was corrected last counts', async () => {
  await using desk = await givenADesk();
  const [one, other] = [await desk.givenTicket({ text: TEXT }), await desk.givenTicket({ from: EVA, text: TEXT })];
  await correctTicket(other, TicketKind.incident, 'marta', desk.desk);
  await correctTicket(one, TicketKind.requirement, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(aMail({ from: 'Iván <ivan@tercero.example>', text: TEXT }));

  expect(desk.ticket(receipt.ticketNumber!).kind).toBe('requerimiento');
});

test('saying the kind that it has already confirms it, and is learned from all the same', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ text: 'No abre la aplicación, error 500.' });

  await correctTicket(number, TicketKind.incident, 'marta', desk.desk);

  expect(desk.reading((reports) => reports.learning())).toMatchObject({ corrections: 1, last: null });
});

test('a ticket that was united with another one, or that does not exist, is not corrected', async () => {
  await using desk = await givenADesk();
  const [one, other] = [await desk.givenTicket(), await desk.givenTicket({ from: EVA })];
  await mergeTickets(one, other, 'marta', desk.desk);

  await expect(correctTicket(one, TicketKind.incident, 'marta', desk.desk)).rejects.toMatchObject({ code: 'REFUSED' });
  await expect(correctTicket(99, TicketKind.incident, 'marta', desk.desk)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the command corrects, says what it did, and shows it with the ticket', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ text: TEXT });

  const done = await runOn(desk, ['correct', String(number), 'Requerimiento', '--by', 'Marta', '--json']);
  const shown = await runOn(desk, ['ticket', String(number)]);

  expect(JSON.parse(done.out)).toMatchObject({ did: 'correct', ticket: number, to: 'requerimiento', by: 'Marta' });
  expect(shown.out).toContain('requerimiento, según Marta (el clasificador dijo ');
  expect(shown.out).toContain('es requerimiento, dijo Marta');
});

test.each([[['12']], [['12', 'consulta']], [['doce', 'incidencia']], [['1', '2', 'incidencia']]])(
  'the command refuses %j with an example',
  async (operands) => {
    await using desk = await givenADesk();

    expect(await runOn(desk, ['correct', ...operands, '--by', 'Marta'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('por ejemplo'),
    });
  },
);
