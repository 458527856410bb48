import { expect, test } from '@jest/globals';
import { importAliases } from '../../src/aliases.ts';
import { closeTicket, mergeTickets, reopenTicket } from '../../src/staff.ts';
import { runOn } from '../support/cli.ts';
import { aMail, givenADesk, type TestDesk } from '../support/desk.ts';

const LUIS = 'Luis Gómez <luis@cliente.example>';
const EVA = 'Eva <eva@otro.example>';
const DAY = 86_400_000;

function days(desk: TestDesk, count: number): void {
  desk.now = new Date(desk.now.getTime() + count * DAY);
}

function aliases(desk: TestDesk, file: string) {
  return importAliases(Buffer.from(file), desk.desk);
}

test('T29 a reply inside the reopen window reopens a closed ticket', async () => {
  await using desk = await givenADesk({ reopenDays: 30 });
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);
  days(desk, 29);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.tokenOf(number)}`, text: 'Volvió a fallar hoy.' }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(trace.steps.at(-1)?.because).toContain('el ticket se reabre');
  expect(desk.ticket(number)).toMatchObject({ state: 'open', closedAt: null });
});

test('T29 a later reply opens a new ticket, linked to the closed one and without its token in the subject', async () => {
  await using desk = await givenADesk({ reopenDays: 30 });
  const number = await desk.givenTicket({ subject: 'No imprime' });
  await closeTicket(number, 'marta', desk.desk);
  days(desk, 31);

  const { receipt, trace } = await desk.whenMailArrives(
    aMail({ subject: `Re: ${desk.tokenOf(number)} No imprime`, text: 'Volvió a fallar hoy.' }),
  );

  expect(receipt.outcome).toBe('open');
  expect(desk.ticket(receipt.ticketNumber!)).toMatchObject({ linkedTo: number, subject: 'No imprime' });
  expect(desk.ticket(number).state).toBe('closed');
  expect(trace.steps.find(({ rule }) => rule === 'belongsToTicket')?.because).toContain('se cerró hace más de 30 días');
});

test.each([
  ['stays closed', true, 'Muchas gracias, quedo atenta.', 'closed'],
  [
    'stays closed',
    true,
    'Buenas tardes:\r\n\r\nMuchas gracias por la ayuda.\r\n\r\nCordialmente,\r\n\r\nAna Pérez\r\nTel. 601 555 1234',
    'closed',
  ],
  ['is reopened when the policy says so', false, 'Muchas gracias.', 'open'],
  ['is reopened by thanks that say more', true, 'Gracias, pero sigue fallando.', 'open'],
])('T30 a closed ticket %s', async (_title, thanksKeepClosed, text, state) => {
  await using desk = await givenADesk({ thanksKeepClosed });
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(aMail({ subject: `Re: ${desk.tokenOf(number)}`, text }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.ticket(number).state).toBe(state);
});

test('T30 thanks with a file reopen a closed ticket', async () => {
  await using desk = await givenADesk({ thanksKeepClosed: true });
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);
  const head = aMail({ subject: `Re: ${desk.tokenOf(number)}`, text: '' })
    .trimEnd()
    .replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b');
  const file = ['Content-Type: text/plain', 'Content-Disposition: attachment; filename=registro.txt', '', 'ORA-00942', '--b--', ''];

  const { receipt } = await desk.whenMailArrives([head, '', '--b', '', 'Muchas gracias.', '--b', ...file].join('\r\n'));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.ticket(number).state).toBe('open');
});

test('L34 an automatic message with a valid token is put on the closed ticket, which stays closed', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(
    aMail({ subject: `Respuesta automática: ${desk.tokenOf(number)}`, headers: ['Auto-Submitted: auto-replied'] }),
  );

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: number });
  expect(desk.ticket(number).state).toBe('closed');
  expect(desk.entriesOf(number)).toHaveLength(2);
});

test('T31 what is written on a merged ticket reaches the survivor, where its people take part', async () => {
  await using desk = await givenADesk();
  const merged = await desk.givenTicket({ from: LUIS, subject: 'No imprime' });
  const survivor = await desk.givenTicket({ subject: 'Falla la impresora' });
  await mergeTickets(merged, survivor, 'marta', desk.desk);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from: LUIS, subject: `Re: ${desk.tokenOf(merged)} No imprime` }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: survivor });
  expect(trace.steps.at(-1)?.because).toContain(`${desk.tokenOf(merged)} lleva al ticket ${survivor}`);
  expect(desk.ticket(merged)).toMatchObject({ state: 'closed', mergedInto: survivor });
  expect(desk.ticket(survivor)).toMatchObject({ mergedFrom: [merged], participants: ['ana@cliente.example', 'luis@cliente.example'] });
});

test('a bounce of our answer on a merged ticket is noted on the survivor', async () => {
  await using desk = await givenADesk();
  const merged = await desk.givenTicket({ from: LUIS });
  const survivor = await desk.givenTicket();
  const answer = desk.answerIdOf(merged);
  await mergeTickets(merged, survivor, 'marta', desk.desk);
  const report = [
    'From: MAILER-DAEMON@mx.itac.co',
    'To: soporte@itac.co',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.itac.co',
    '',
    'Final-Recipient: rfc822; luis@cliente.example',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${answer}`,
    '',
    '--b--',
    '',
  ];

  const { receipt } = await desk.whenMailArrives(report.join('\r\n'));

  expect(receipt).toMatchObject({ outcome: 'bounce', ticketNumber: survivor });
});

test('who closed, reopened and merged a ticket is recorded with the time', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const other = await desk.givenTicket({ from: EVA });

  await closeTicket(number, 'marta', desk.desk);
  await reopenTicket(number, 'pedro', desk.desk);
  await mergeTickets(number, other, 'marta', desk.desk);

  expect(desk.ticket(number).acts).toMatchObject([
    { what: 'close', by: 'marta', at: desk.now, into: null },
    { what: 'reopen', by: 'pedro', at: desk.now, into: null },
    { what: 'merge', by: 'marta', at: desk.now, into: other },
  ]);
});

test('what cannot be done to a ticket is refused with what to do instead, and changes nothing', async () => {
  await using desk = await givenADesk();
  const [open, closed, merged] = [
    await desk.givenTicket({ subject: 'Uno' }),
    await desk.givenTicket({ subject: 'Dos' }),
    await desk.givenTicket({ subject: 'Tres' }),
  ];
  await closeTicket(closed, 'marta', desk.desk);
  await mergeTickets(merged, open, 'marta', desk.desk);
  const before = desk.tickets();

  const refusals = [
    closeTicket(99, 'marta', desk.desk),
    closeTicket(closed, 'marta', desk.desk),
    reopenTicket(open, 'marta', desk.desk),
    reopenTicket(merged, 'marta', desk.desk),
    mergeTickets(open, open, 'marta', desk.desk),
    mergeTickets(open, merged, 'marta', desk.desk),
    mergeTickets(merged, closed, 'marta', desk.desk),
    mergeTickets(open, closed, 'marta', desk.desk),
    mergeTickets(closed, merged, 'marta', desk.desk),
    mergeTickets(open, 99, 'marta', desk.desk),
  ].map((refused) =>
    refused.then(
      () => 'done',
      (error: Error) => error.message,
    ),
  );

  expect(await Promise.all(refusals)).toEqual([
    'no existe el ticket 99',
    'el ticket 2 ya está cerrado',
    'el ticket 1 ya está abierto',
    'el ticket 3 ya está unido al 1',
    'el ticket 1 no se puede unir consigo mismo',
    'el ticket 3 ya está unido al 1',
    'el ticket 3 ya está unido al 1',
    'el ticket 2 está cerrado',
    'el ticket 3 ya está unido al 1',
    'no existe el ticket 99',
  ]);
  expect(desk.tickets()).toEqual(before);
});

test('T12 mail with a former number is put on the ticket of today', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await aliases(desk, `numero_anterior,numero_nuevo\n2020070610000012,${number}\n`);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject: 'RE: [Ticket#2020070610000012] Error al guardar' }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(trace.steps.at(-1)?.because).toContain(`número anterior [Ticket#2020070610000012] lleva al ticket ${number}`);
});

test('T12 whoever writes under a former number is told today’s, once in a day', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await aliases(desk, `871,${number}`);
  const write = (text: string) => desk.whenMailArrives(aMail({ subject: 'RE: [#871] Error al guardar', text }));
  const answers = () => desk.outbox().length;

  await write('Al rato.'); // the acknowledgement of the ticket has just told it
  const soon = answers();
  days(desk, 1);
  const { receipt, trace } = await write('Al otro día.');
  await write('Otra vez.');

  const [notice] = trace.effect.outbox;
  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(notice).toMatchObject({ kind: 'fixed-text', ticketNumber: number, recipient: 'ana@cliente.example' });
  expect(String(notice?.mail.bytes)).toContain(`Subject: ${desk.tokenOf(number)}`);
  expect([soon, answers()]).toEqual([1, 2]);
});

test('T12 today’s code in the subject is answered nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  days(desk, 1);

  const { trace } = await desk.whenMailArrives(aMail({ subject: `RE: ${desk.tokenOf(number)}` }));

  expect(trace.effect.outbox).toEqual([]);
});

test('T12 a machine that writes under a former number is told nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ headers: ['Auto-Submitted: auto-generated'] });
  await aliases(desk, `871,${number}`);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject: 'RE: [#871]', headers: ['Auto-Submitted: auto-generated'] }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(trace.effect.outbox).toEqual([]);
});

test('T12 a former number in the hands of somebody who takes no part opens a new ticket, whose answer shows the new number', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await aliases(desk, `871,${number}`);

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from: EVA, subject: 'RE: [#871] hola' }));

  expect(receipt.outcome).toBe('open');
  expect(String(trace.effect.outbox[0]?.mail.bytes)).toContain(desk.tokenOf(receipt.ticketNumber!));
});

test('T13 a former number that leads to another one, and then to a merged ticket, reaches the survivor', async () => {
  await using desk = await givenADesk();
  const merged = await desk.givenTicket({ subject: 'Uno' });
  const survivor = await desk.givenTicket({ subject: 'Dos' });
  const plan = await aliases(desk, `871;1204\n1204;${merged}\n`);
  await mergeTickets(merged, survivor, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'RE: [#871] Uno' }));

  expect(plan.ok).toBe(true);
  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: survivor });
});

test('T14 former numbers in a circle are refused by line, and nothing of the file is taken', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const plan = await aliases(desk, `870,${number}\n50,60\n60,50\n`);

  expect(plan).toEqual({
    ok: false,
    faults: [
      { line: 2, problem: 'los números dan vueltas en círculo: 50 → 60 → 50' },
      { line: 3, problem: 'los números dan vueltas en círculo: 60 → 50 → 60' },
    ],
  });
  expect(desk.reading((reports) => reports.aliases())).toEqual([]);
});

test('T14 a circle that is in the store all the same is held, with the numbers in the trace', async () => {
  await using desk = await givenADesk();
  await desk.desk.store.transaction((tx) =>
    tx.recordAliases([
      { formerNumber: '5', nextFormerNumber: '6' },
      { formerNumber: '6', nextFormerNumber: '5' },
    ]),
  );

  const { trace } = await desk.whenMailArrives(aMail({ subject: 'RE: [#5] hola' }));

  expect(trace.decision).toEqual({ action: 'quarantine', cause: 'alias-cycle' });
  expect(trace.steps.at(-1)?.because).toContain('5 → 6 → 5');
});

test('T15 where old and new numbers overlap, the form of the token says which one is meant', async () => {
  await using desk = await givenADesk();
  const [one, two] = [await desk.givenTicket({ subject: 'Uno' }), await desk.givenTicket({ subject: 'Dos' })];
  await aliases(desk, `${one},${two}\n${two},${one}`);

  const old = await desk.whenMailArrives(aMail({ subject: `RE: [#${one}] hola` }));
  const today = await desk.whenMailArrives(aMail({ subject: `RE: ${desk.plainTokenOf(one)} hola` }));

  expect(old.receipt.ticketNumber).toBe(two);
  expect(old.trace.steps.at(-1)?.because).toContain(`número anterior [#${one}] lleva al ticket ${two}`);
  expect(today.receipt.ticketNumber).toBe(one);
  expect(today.trace.steps.at(-1)?.because).toContain(`código sin firma [ITAC #${one}] lleva al ticket ${one}`);
});

test('a file of former numbers names each line at fault and is taken whole or not at all', async () => {
  await using desk = await givenADesk();
  const [one, two] = [await desk.givenTicket({ subject: 'Uno' }), await desk.givenTicket({ subject: 'Dos' })];
  await aliases(desk, `700,${one}`);

  const plan = await aliases(
    desk,
    ['Número anterior;Número nuevo', `870;${one}`, `871;${one}`, `871;${two}`, '872;99', 'abc;1', '873', `700;${two}`, ''].join('\r\n'),
  );

  expect(plan).toEqual({
    ok: false,
    faults: [
      { line: 4, problem: `el número anterior 871 ya lleva al ${one} en la línea 3` },
      { line: 5, problem: 'no existe el ticket 99' },
      { line: 6, problem: 'se esperan dos números, numero_anterior y numero_nuevo; por ejemplo 2020070610000012,1204' },
      { line: 7, problem: 'se esperan dos números, numero_anterior y numero_nuevo; por ejemplo 2020070610000012,1204' },
      { line: 8, problem: `el número anterior 700 ya lleva al ${one}, importado antes` },
    ],
  });
  expect(desk.reading((reports) => reports.aliases())).toHaveLength(1);
});

test.each([
  ['commas', Buffer.from('numero_anterior,numero_nuevo\n871,1\n')],
  ['semicolons, quotes and CRLF', Buffer.from('"numero_anterior";"numero_nuevo"\r\n"871";"1"\r\n')],
  ['a byte order mark', Buffer.from('\ufeffnumero_anterior,numero_nuevo\n871,1\n')],
  ['windows-1252 and its columns the other way round', Buffer.from('n\xfamero_nuevo;n\xfamero_anterior\n1;871\n', 'latin1')],
  ['no header', Buffer.from('#871 , 1')],
])('a file of former numbers is read with %s', async (_title, file) => {
  await using desk = await givenADesk();
  await desk.givenTicket();

  const plan = await importAliases(file, desk.desk);

  expect(plan).toEqual({ ok: true, aliases: [{ formerNumber: '871', ticketNumber: 1 }], unchanged: 0 });
});

test.each([
  ['an open quote', '871,1\n"872,1\n873,1\n', 2, 'las comillas no están bien puestas'],
  ['a quote inside a cell', '871,1\n872,1\n8"73,1\n', 3, 'las comillas no están bien puestas'],
  ['a header of other columns', 'ticket,cliente\n1,2\n', 1, 'la primera línea debe nombrar las columnas'],
  ['nothing in it', '\n\n', 1, 'el archivo está vacío'],
])('a file of former numbers with %s is refused', async (_title, file, line, problem) => {
  await using desk = await givenADesk();
  await desk.givenTicket();

  const plan = await aliases(desk, file);

  expect(plan).toEqual({ ok: false, faults: [{ line, problem: expect.stringContaining(problem) }] });
});

test('a file of former numbers may be imported twice', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  await aliases(desk, '871,1\n872,871');

  const again = await aliases(desk, '871,1\n872,871\n873,1');

  expect(again).toEqual({ ok: true, aliases: [{ formerNumber: '873', ticketNumber: 1 }], unchanged: 2 });
});

test('the commands of staff say what was done, by whom, and end with 1 when refused and 2 when misused', async () => {
  await using desk = await givenADesk();
  const [one, two] = [await desk.givenTicket({ subject: 'Uno' }), await desk.givenTicket({ subject: 'Dos' })];

  const closed = await runOn(desk, ['close', String(one), '--json']);
  const again = await runOn(desk, ['close', String(one)]);
  const reopened = await runOn(desk, ['reopen', String(one), '--by', 'Pedro Díaz']);
  const merged = await runOn(desk, ['merge', String(one), String(two)]);
  const misused = await runOn(desk, ['merge', String(one)]);

  expect(JSON.parse(closed.out)).toEqual({ did: 'close', ticket: one, by: 'marta', at: expect.any(String) });
  expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`el ticket ${one} ya está cerrado`) });
  expect([closed.code, reopened.code, merged.code, misused.code]).toEqual([0, 0, 0, 2]);
  expect(desk.ticket(one).acts.map(({ what, by }) => `${what} ${by}`)).toEqual(['close marta', 'reopen Pedro Díaz', 'merge marta']);
});

test('aliases import reads standard input, and aliases list shows where each number leads', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();

  const refused = await runOn(desk, ['aliases', 'import', '-'], '871,99\n');
  const imported = await runOn(desk, ['aliases', 'import', '-', '--json'], '871,1\n872,871\n');
  const listed = await runOn(desk, ['aliases', 'list', '--json']);

  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('línea 1: no existe el ticket 99') });
  expect(JSON.parse(imported.out)).toEqual({ imported: 2, unchanged: 0 });
  expect(listed.out.split('\n').map((line) => JSON.parse(line))).toMatchObject([
    { formerNumber: '871', ticketNumber: 1 },
    { formerNumber: '872', nextFormerNumber: '871' },
  ]);
});

test('a command with parts names them when the part is missing or unknown', async () => {
  await using desk = await givenADesk();

  const missing = await runOn(desk, ['aliases']);
  const unknown = await runOn(desk, ['aliases', 'erase']);
  const help = await runOn(desk, ['aliases', '--help']);

  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('falta decir qué hacer con "aliases"') });
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('no existe la orden "aliases erase"') });
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('aliases import ARCHIVO.csv') });
});
