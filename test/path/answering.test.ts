import { expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { openSqliteStore } from '../../src/adapters/sqliteStore.ts';
import { type Delivery, deliverDue, type NextHop, nothingOutgoing } from '../../src/deliver.ts';
import { AppError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { createPatience } from '../../src/patience.ts';
import type { MailTransport } from '../../src/ports.ts';
import { closeTicket } from '../../src/staff.ts';
import { aLease } from '../support/aLease.ts';
import { aMail, givenADesk, type TestDesk, TODAY, vouchedFor } from '../support/desk.ts';

const VOUCHED = { authservId: 'mx.itac.co' };
const ANA = { headers: vouchedFor('cliente.example') };

function textOf(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/=\r\n/g, '');
}

function aDelivery(desk: TestDesk): Omit<Delivery, 'transport'> {
  const nextHop = { patience: createPatience(), failure: null };
  return { store: desk.desk.store, lease: aLease(), log: createLog('silent'), now: () => desk.now, outgoing: nothingOutgoing(), nextHop };
}

async function deliver(desk: TestDesk, transport: Partial<MailTransport>): Promise<number> {
  const whole: MailTransport = {
    width: 1,
    send: async () => ({ response: '250 ok' }),
    probe: async () => [],
    close: async () => {},
    ...transport,
  };
  return deliverDue({ ...aDelivery(desk), transport: whole }, new AbortController().signal);
}

test('O13 a new ticket of a person gets one acknowledgement, and its follow-ups none', async () => {
  await using desk = await givenADesk(VOUCHED);

  const opened = await desk.whenMailArrives(aMail(ANA));
  await desk.whenMailArrives(aMail({ ...ANA, subject: `Re: ${desk.tokenOf(1)}` }));

  expect(opened.trace.effect.outbox).toHaveLength(1);
  expect(desk.outbox().map(({ kind, recipient }) => ({ kind, recipient }))).toEqual([
    { kind: 'acknowledge', recipient: 'ana@cliente.example' },
  ]);
});

test('O01 O02 O12 the acknowledgement says that it is automatic, threads with the mail and names the platform', async () => {
  await using desk = await givenADesk(VOUCHED);

  const { trace } = await desk.whenMailArrives(aMail({ ...ANA, messageId: 'first@cliente.example', subject: 'No imprime' }));

  const { mail } = trace.effect.outbox[0]!;
  const written = textOf(mail.bytes);
  expect(mail).toMatchObject({ envelopeFrom: '', envelopeTo: 'ana@cliente.example' });
  expect(written).toMatch(/^Auto-Submitted: auto-replied\r$/m);
  expect(written).toMatch(/^X-Auto-Response-Suppress: All\r$/m);
  expect(written).toMatch(/^In-Reply-To: <first@cliente\.example>\r$/m);
  expect(written).toContain(`Subject: ${desk.tokenOf(1)} Re: No imprime`);
  expect(written).toContain('http://soporte.itac.com.co/');
  expect(written).not.toMatch(/^Precedence:/m);
});

test.each([
  ['El sistema no abre desde ayer y muestra un error al guardar.', 'Recibimos su solicitud', 'INCIDENCIA'],
  ['The system does not open since yesterday and shows an error when we save.', 'We received your request', 'INCIDENT'],
  ['O sistema não abre desde ontem e mostra um erro quando salvamos.', 'Recebemos sua solicitação', 'INCIDENTE'],
  ['Приложение не открывается.', 'Recibimos su solicitud', 'Cordial saludo'],
])('O14 "%s" is answered in its language, or in Spanish: %s', async (text, subject, kind) => {
  await using desk = await givenADesk(VOUCHED);

  const { trace } = await desk.whenMailArrives(aMail({ ...ANA, subject: '', text }));

  const answer = await simpleParser(trace.effect.outbox[0]!.mail.bytes);
  expect(answer.subject).toBe(`${desk.tokenOf(1)} ${subject}`);
  expect(answer.text).toContain(kind);
});

test('S18 a sender whom nobody vouches for gets the fixed text, which repeats nothing that was written', async () => {
  await using desk = await givenADesk(VOUCHED);

  const { trace } = await desk.whenMailArrives(aMail({ subject: 'Compre baratísimo', text: 'Visite http://malo.example ahora' }));

  const [reply] = trace.effect.outbox;
  expect(reply?.kind).toBe('fixed-text');
  expect(textOf(reply!.mail.bytes)).not.toMatch(/Compre|malo\.example|Visite/);
  expect(textOf(reply!.mail.bytes)).toContain('http://soporte.itac.com.co/');
});

test('S01 a mail whose sender authentication failed is held, changes nothing and is not answered', async () => {
  await using desk = await givenADesk(VOUCHED);
  const number = await desk.givenTicket(ANA);

  const { receipt, trace } = await desk.whenMailArrives(
    aMail({
      subject: `Re: ${desk.tokenOf(number)}`,
      headers: ['Authentication-Results: mx.itac.co; dmarc=fail header.from=cliente.example'],
    }),
  );

  expect(receipt.outcome).toBe('quarantine');
  expect(trace.decision).toMatchObject({ cause: 'authentication-failed' });
  expect(desk.entriesOf(number)).toHaveLength(1);
});

test.each([
  ['L02', 'open', 'Auto-Submitted: auto-generated'],
  ['L03', 'open', 'Auto-Submitted: auto-notified'],
  ['L09', 'open', 'Precedence: bulk'],
  ['L10', 'open', 'X-Auto-Response-Suppress: All'],
  ['L12', 'open', 'List-Id: <noticias.otro.example>'],
  ['L12', 'open', 'List-Unsubscribe: <https://cliente.example/baja>'],
  ['L13', 'open', 'Feedback-ID: 12:campaign:sender'],
  ['L14', 'open', 'X-Loop: soporte@otro.example'],
  ['L14', 'note', 'X-Autoreply: yes'],
  ['L08', 'open', 'Return-Path: <>'],
  ['L01', 'note', 'Auto-Submitted: auto-replied'],
  ['L30', 'note', 'Content-Type: multipart/report; report-type=disposition-notification; boundary=x'],
])('%s %s without an answer for %s', async (_id, outcome, header) => {
  await using desk = await givenADesk();

  const { receipt } = await desk.whenMailArrives(aMail({ headers: [header] }));

  expect(receipt.outcome).toBe(outcome);
  expect(desk.outbox()).toEqual([]);
});

test.each([
  ['L04', 'Auto-Submitted: no'],
  ['L05', 'auto-submitted: No (sent by hand)'],
  ['L11', 'X-Auto-Response-Suppress: DR, RN'],
])('%s a person with %s is answered', async (_, header) => {
  await using desk = await givenADesk();

  const { receipt } = await desk.whenMailArrives(aMail({ headers: [header] }));

  expect(receipt.outcome).toBe('open');
  expect(desk.outbox()).toHaveLength(1);
});

test.each([
  ['L01', 'Auto-Submitted: auto-replied'],
  ['L34', 'Auto-Submitted: auto-replied (vacation)'],
  ['L34', 'X-Autoreply: yes'],
])('%s what a machine answers with %s is stored on the closed ticket, which stays closed, and not answered', async (_, header) => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(
    aMail({ subject: `Re: ${desk.tokenOf(number)}`, inReplyTo: desk.answerIdOf(number), text: 'Vuelvo el lunes.', headers: [header] }),
  );

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)).toMatchObject({ what: 'automatic', newText: 'Vuelvo el lunes.' });
  expect(desk.ticket(number).state).toBe('closed');
  expect(desk.outbox()).toHaveLength(1);
});

test('L02 an alert of a monitoring system that goes on about a closed ticket does not reopen it', async () => {
  await using desk = await givenADesk();
  const headers = ['Auto-Submitted: auto-generated'];
  const number = await desk.givenTicket({ subject: 'Disco lleno', messageId: 'alert@cliente.example', headers });
  await closeTicket(number, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'Disco lleno', references: '<alert@cliente.example>', headers }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.ticket(number).state).toBe('closed');
  expect(desk.outbox()).toEqual([]);
});

test('L33 a filter that asks whether we are a person is noted on the ticket, opens none and is not answered', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const text =
    'Your message is waiting. Please verify that you are a real person: click https://filter.example/abc to prove that you are human.';

  const { receipt } = await desk.whenMailArrives(
    aMail({ from: 'antispam@cliente.example', subject: 'Please confirm your message', inReplyTo: desk.answerIdOf(number), text }),
  );

  expect(receipt.outcome).toBe('note');
  expect(desk.tickets()).toHaveLength(1);
  expect(desk.outbox()).toHaveLength(1);
});

test('L35 the answer to an invitation is an event on its ticket, reopens nothing and is not answered', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);
  const head = aMail({ subject: `Aceptada: ${desk.tokenOf(number)} Revisión`, text: '' })
    .trimEnd()
    .replace('text/plain; charset=utf-8', 'text/calendar; charset=utf-8; method=REPLY');
  const calendar = ['BEGIN:VCALENDAR', 'METHOD:REPLY', 'BEGIN:VEVENT', 'SUMMARY:Revisión', 'END:VEVENT', 'END:VCALENDAR', ''];

  const { receipt } = await desk.whenMailArrives([head, '', ...calendar].join('\r\n'));

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)).toMatchObject({ what: 'automatic', newText: 'Invitación de calendario: Revisión' });
  expect(desk.ticket(number).state).toBe('closed');
  expect(desk.outbox()).toHaveLength(1);
});

test('L30 a read receipt is stored on the ticket of the mail that it speaks of, opens none and is not answered', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const answers = desk.outbox().length;
  const head = aMail({ subject: 'Leído: Recibimos su correo', text: '' })
    .trimEnd()
    .replace('text/plain; charset=utf-8', 'multipart/report; report-type=disposition-notification; boundary=r');
  const fields = [
    'Reporting-UA: pc.cliente.example; Outlook',
    'Final-Recipient: rfc822; ana@cliente.example',
    `Original-Message-ID: ${desk.answerIdOf(number)}`,
    'Disposition: manual-action/MDN-sent-manually; displayed',
  ];
  const parts = ['--r', '', 'Se ha leído.', '--r', 'Content-Type: message/disposition-notification', '', ...fields, '', '--r--', ''];

  const { receipt } = await desk.whenMailArrives([head, '', ...parts].join('\r\n'));

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)).toMatchObject({ what: 'automatic', newText: 'Se ha leído.' });
  expect(desk.tickets()).toHaveLength(1);
  expect(desk.outbox()).toHaveLength(answers);
});

test.each([
  ['No entregado: pedido 4211', 'El pedido 4211 aparece como no entregado en el sistema aunque ya se entregó.'],
  ['Correo devuelto: facturas', 'Las facturas a luis@otro.example no se pudieron entregar, dice 550 User unknown. ¿Qué hacemos?'],
  ['Undeliverable: orders keep this status', 'Orders for luis@otro.example could not be delivered according to the platform.'],
])(
  'L29 a person’s mail that reads like a bounce of a mail that is not ours opens a ticket, without an answer: %s',
  async (subject, text) => {
    await using desk = await givenADesk();

    const sent = await desk.whenMailArrives(aMail({ subject, text, headers: ['Return-Path: <ana@cliente.example>'] }));
    const untold = await desk.whenMailArrives(aMail({ subject: `${subject} bis`, text }));

    expect(sent.receipt.outcome).toBe('open');
    expect(sent.trace.found?.report).toBeNull();
    expect(untold.receipt.outcome).toBe('open');
    expect([sent, untold].map(({ trace }) => trace.decision)).toMatchObject([{ reply: { kind: 'none' } }, { reply: { kind: 'none' } }]);
  },
);

test.each(['Return-Path: <>', 'X-Failed-Recipients: luis@otro.example', 'Auto-Submitted: auto-replied'])(
  'L29 with %s such a mail is a bounce that changes nothing',
  async (header) => {
    await using desk = await givenADesk();

    const { receipt } = await desk.whenMailArrives(
      aMail({ subject: 'No entregado: pedido 4211', text: 'No se pudo entregar a luis@otro.example.', headers: [header] }),
    );

    expect(receipt).toMatchObject({ outcome: 'bounce', ticketNumber: null });
    expect(desk.tickets()).toEqual([]);
  },
);

test('L15 a person’s answer in a thread on absences that we were not in opens a ticket too', async () => {
  await using desk = await givenADesk();

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'RV: Ausencia: no se registra', inReplyTo: '<jefe@cliente.example>' }));

  expect(receipt.outcome).toBe('open');
});

test('L15 a person’s answer on a ticket about absences is a message on it', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket({ subject: 'Ausencia: no se registra', messageId: 'first@cliente.example' });

  const { receipt } = await desk.whenMailArrives(aMail({ subject: 'RE: Ausencia: no se registra', inReplyTo: '<first@cliente.example>' }));

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)?.what).toBe('message');
});

test.each([
  ['Vacaciones: el saldo sale en cero', 'Al liquidar vacaciones el sistema calcula cero días.'],
  ['Ausencia - no se registra', 'La ausencia de los empleados no queda en nómina.'],
  ['Respuesta automática: no llega a los usuarios', 'La que configuramos en la plataforma no llega desde el lunes.'],
  ['Férias - cálculo errado', 'O cálculo de férias está errado no sistema.'],
  ['Vacation: wrong balance', 'The balance in the portal is wrong since the last release.'],
])('L15 a first mail that only its subject makes a machine’s opens a ticket for review, without an answer: %s', async (subject, text) => {
  await using desk = await givenADesk();

  const { receipt, trace } = await desk.whenMailArrives(aMail({ subject, text }));

  expect(receipt.outcome).toBe('open');
  expect(trace.decision).toMatchObject({ classification: { review: true }, reply: { kind: 'none' } });
  expect(trace.steps.find(({ rule }) => rule === 'automaticMessage')?.because).toContain('puede ser de una persona');
});

test.each([
  ['answers a mail', { subject: 'Respuesta automática: Informe', inReplyTo: '<informe@itac.co>' }],
  ['names the thread', { subject: 'Ausencia', references: '<informe@itac.co>' }],
  ['has a field that says so', { subject: 'Ausencia', headers: ['Precedence: bulk'] }],
])('L15 an automatic answer that %s is a note, and opens nothing', async (_, parts) => {
  await using desk = await givenADesk();

  const { receipt } = await desk.whenMailArrives(aMail(parts));

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: null });
  expect(desk.tickets()).toEqual([]);
  expect(desk.outbox()).toEqual([]);
});

test('L15 an automatic answer without any field that keeps our code is noted on its ticket', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(
    aMail({ subject: `Respuesta automática: ${desk.tokenOf(number)} Error`, text: 'Vuelvo el lunes.' }),
  );

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: number });
  expect(desk.tickets()).toHaveLength(1);
});

test.each(['soporte@itac.co', 'Soporte@ITAC.co', 'soporte+x@itac.co'])('L17 L18 mail from our own address %s is ignored', async (from) => {
  await using desk = await givenADesk();

  const { receipt, trace } = await desk.whenMailArrives(aMail({ from }));

  expect(receipt.outcome).toBe('ignore');
  expect(trace.decision).toEqual({ action: 'ignore', cause: 'own' });
});

test('L19 our own answer coming back through a forwarding rule is ignored', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const answer = desk.answerIdOf(1).slice(1, -1);

  const { trace } = await desk.whenMailArrives(aMail({ from: 'reenvio@cliente.example', messageId: answer }));

  expect(trace.decision).toEqual({ action: 'ignore', cause: 'own' });
});

test('L21 the third answer to one address inside an hour is not sent, the ticket is made', async () => {
  await using desk = await givenADesk();

  const done = await desk.whenMailsArrive([1, 2, 3].map((n) => aMail({ subject: `Asunto ${n}` })));

  expect(done.map(({ receipt }) => receipt.outcome)).toEqual(['open', 'open', 'open']);
  expect(desk.outbox()).toHaveLength(2);
});

test('L21 addresses that differ by a +tag only are one address', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 2, repliesPerDomainPerHour: 30, newTicketsPerMinute: 60 } });

  await desk.whenMailsArrive([1, 2, 3, 4].map((n) => aMail({ from: `victima+${n}@gmail.com` })));

  expect(desk.tickets()).toHaveLength(4);
  expect(desk.outbox()).toHaveLength(2);
});

test('L22 the answers to one domain are limited as well', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 3, repliesPerDomainPerHour: 4, newTicketsPerMinute: 60 } });

  await desk.whenMailsArrive(Array.from({ length: 10 }, (_, n) => aMail({ from: `r${n}@robots.example` })));

  expect(desk.tickets()).toHaveLength(10);
  expect(desk.outbox()).toHaveLength(4);
});

test('S17 in a storm of new tickets nobody is answered any more', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 3, repliesPerDomainPerHour: 30, newTicketsPerMinute: 5 } });

  await desk.whenMailsArrive(Array.from({ length: 20 }, (_, n) => aMail({ from: `a@d${n}.example` })));

  expect(desk.tickets()).toHaveLength(20);
  expect(desk.outbox()).toHaveLength(5);
});

test('L23 the same words five times in ten minutes are one ticket with four more entries and one answer, from one sender only', async () => {
  await using desk = await givenADesk();
  const alarm = { text: 'Alarma: el servicio no responde.' };

  const outcomes: string[] = [];
  for (const minute of [0, 2, 4, 7, 9.9]) {
    desk.now = new Date(TODAY.getTime() + minute * 60_000);
    outcomes.push((await desk.whenMailArrives(aMail(alarm))).receipt.outcome);
  }
  const others = await desk.whenMailArrives(aMail({ ...alarm, from: 'eva@otro.example' }));

  expect(outcomes).toEqual(['open', 'append', 'append', 'append', 'append']);
  expect(desk.entriesOf(1)).toHaveLength(5);
  expect(others.receipt).toMatchObject({ outcome: 'open', ticketNumber: 2 });
  expect(desk.outbox().map(({ recipient }) => recipient)).toEqual(['ana@cliente.example', 'eva@otro.example']);
});

test('L24 limits survive a restart', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 1, repliesPerDomainPerHour: 30, newTicketsPerMinute: 60 } });
  await desk.whenMailArrives(aMail({ subject: 'Uno' }));

  const other = await openSqliteStore({ folder: desk.folder, now: () => desk.now });
  const known = await other.transaction((tx) =>
    tx.lookUp({
      ...{ fingerprint: 'new', sender: 'ana@cliente.example', numbers: [], formerNumbers: [], references: [], messageId: null },
      ...{ contentHash: 'new', caseHash: null, reportedMessageId: null, receivedAt: desk.now },
    }),
  );
  await other.close();

  expect(known.replies.toAddressLastHour).toBe(1);
});

test('R12 O19 old mail gets its ticket but no answer', async () => {
  await using desk = await givenADesk();

  const { receipt, trace } = await desk.whenMailArrives(aMail(), { receivedAt: new Date(TODAY.getTime() - 25 * 3_600_000) });

  expect(receipt.outcome).toBe('open');
  expect(trace.decision).toMatchObject({ reply: { kind: 'none' } });
});

test('S10 an address with an address in its quoted local part is never answered', async () => {
  await using desk = await givenADesk();

  const { receipt } = await desk.whenMailArrives(aMail({ from: '"a@itac.co x"@evil.example' }));

  expect(['open', 'quarantine']).toContain(receipt.outcome);
  expect(desk.outbox()).toEqual([]);
});

function bounceOf(messageId: string, status: string, action = 'failed', recipient = 'ana@cliente.example'): string {
  return [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.cliente.example',
    'To: soporte@itac.co',
    'Subject: Undelivered Mail Returned to Sender',
    'Date: Mon, 23 Nov 2026 10:01:00 -0500',
    `Message-ID: <bounce-${status}-${action}@mx.cliente.example>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=r',
    '',
    '--r',
    'Content-Type: text/plain',
    '',
    'Your mail could not be delivered.',
    '--r',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.cliente.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    'Diagnostic-Code: smtp; 550 no',
    '',
    '--r',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    'Subject: Recibimos su solicitud',
    '',
    '--r--',
    '',
  ].join('\r\n');
}

test('L07 L26 L28 a report that our answer failed is recorded on its ticket, and the address gets no more answers', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(bounceOf(desk.answerIdOf(number), '5.1.1'));
  const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(receipt).toMatchObject({ outcome: 'bounce', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)?.what).toBe('bounce');
  expect(later.trace.decision).toMatchObject({
    action: 'open',
    reply: { kind: 'none', because: expect.stringContaining('fueron devueltas') },
  });
  expect(desk.outbox()).toHaveLength(1);
});

test.each([
  ['Gmail', 'mailer-daemon@googlemail.com', 'No se pudo entregar el mensaje: Recibimos su correo', true],
  ['Exchange', 'postmaster@cliente.example', 'No se puede entregar: Recibimos su correo', false],
])(
  'L29 a bounce in Spanish by %s that is no report is recorded on the ticket, marks its address and is never answered',
  async (_, from, subject, named) => {
    await using desk = await givenADesk();
    const number = await desk.givenTicket();
    const text = 'No se pudo entregar el mensaje a estos destinatarios:\r\n\r\nana@cliente.example\r\n550 5.1.1 La dirección no existe.';
    const headers = ['Return-Path: <>', ...(named ? ['X-Failed-Recipients: ana@cliente.example'] : [])];

    const { receipt } = await desk.whenMailArrives(aMail({ from, subject, headers, text, inReplyTo: desk.answerIdOf(number) }));
    const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

    expect(receipt).toMatchObject({ outcome: 'bounce', ticketNumber: number });
    expect(desk.entriesOf(number).at(-1)?.what).toBe('bounce');
    expect(later.trace.decision).toMatchObject({ action: 'open', reply: { kind: 'none' } });
    expect(desk.outbox()).toHaveLength(1);
  },
);

test('L27 O20 a full mailbox is not an address that does not exist', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  await desk.whenMailArrives(bounceOf(desk.answerIdOf(number), '5.2.2'));
  const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(later.trace.decision).toMatchObject({ action: 'open', reply: { kind: 'fixed-text' } });
});

test.each([
  ['Tesoreria+caja@Cliente.example', 'tesoreria@cliente.example'],
  ['ana@otro.example', 'otro.example'],
  ['ana@ventas.otro.example', 'otro.example'],
])(
  'O20 mail from %s, which the list of the unanswered covers, opens its ticket and gets no answer, and the trace says why',
  async (from, entry) => {
    await using desk = await givenADesk({ neverAnswer: ['tesoreria@cliente.example', 'otro.example'] });

    const { receipt, trace } = await desk.whenMailArrives(aMail({ from }));

    expect(receipt.outcome).toBe('open');
    expect(desk.outbox()).toEqual([]);
    expect(trace.decision).toMatchObject({ reply: { kind: 'none', because: `${entry} está en gate.neverAnswer` } });
    expect(trace.steps.at(-1)?.because).toContain(`${entry} está en gate.neverAnswer`);
  },
);

test.each(['ana@cliente.example', 'ana@notro.example', 'otro.example@cliente.example', 'tesoreria@cliente.example.co'])(
  'O20 %s, which looks like somebody on the list of the unanswered, is answered',
  async (from) => {
    await using desk = await givenADesk({ neverAnswer: ['tesoreria@cliente.example', 'otro.example'] });

    await desk.whenMailArrives(aMail({ from }));

    expect(desk.outbox()).toMatchObject([{ recipient: from }]);
  },
);

test('L32 a report about somebody behind the address that we wrote to does not silence that address', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(bounceOf(desk.answerIdOf(number), '5.1.1', 'failed', 'retirado@cliente.example'));
  const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(receipt).toMatchObject({ outcome: 'bounce', ticketNumber: number });
  expect(later.trace.effect.outbox).toHaveLength(1);
});

test('L25 a delay is noted and changes neither the state of the ticket nor what its address gets', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);

  const { receipt } = await desk.whenMailArrives(bounceOf(desk.answerIdOf(number), '4.4.1', 'delayed'));
  const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(receipt).toMatchObject({ outcome: 'note', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)?.what).toBe('automatic');
  expect(desk.ticket(number).state).toBe('closed');
  expect(later.trace.effect.outbox).toHaveLength(1);
});

test('L32 a forged report about a mail that we did not send changes nothing', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { receipt } = await desk.whenMailArrives(bounceOf(`<ticket.${number}.aaaaaa.bbbbbbbbbb@itac.co>`, '5.1.1'));
  const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(receipt).toMatchObject({ outcome: 'bounce', ticketNumber: null });
  expect(desk.entriesOf(number)).toHaveLength(1);
  expect(later.trace.effect.outbox).toHaveLength(1);
});

test('O07 a reply waits while the server will not take it, and keeps its bytes', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const sent: string[] = [];
  const full = new AppError('TRANSPORT_DEFERRED', '452 4.2.2 mailbox full', { temporary: true });

  await deliver(desk, { send: () => Promise.reject(full) });
  const tooEarly = await deliver(desk, {});
  desk.now = new Date(TODAY.getTime() + 61_000);
  await deliver(desk, { send: async (mail) => ({ response: `250 ${sent.push(mail.messageId)}` }) });

  expect(tooEarly).toBe(0);
  expect(sent).toEqual([desk.answerIdOf(1).slice(1, -1)]);
  expect(desk.outbox()[0]).toMatchObject({ state: 'sent', attempts: 2 });
});

test('O07 a reply that could not be sent in time is dropped, not sent days later', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();

  desk.now = new Date(TODAY.getTime() + 25 * 3_600_000);
  const sent = await deliver(desk, {});

  expect(sent).toBe(0);
  expect(desk.outbox()[0]?.state).toBe('dropped');
});

test('O08 a recipient that the server rejects for good is not tried again, and is marked', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const rejected = new AppError('TRANSPORT_REJECTED', '550 5.1.1 no such user', { temporary: false });

  await deliver(desk, { send: () => Promise.reject(rejected) });
  const later = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(desk.outbox()[0]?.state).toBe('failed');
  expect(later.trace.effect.outbox).toEqual([]);
});

test('O09 a reply whose sending cannot be recorded is not sent again, and is recorded later', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const { store } = desk.desk;
  let accepted = 0;
  const full = new AppError('STORE_FULL', 'disk full', { temporary: true });
  const delivery = {
    ...aDelivery(desk),
    store: { ...store, settleOutbox: () => Promise.reject(full) },
    transport: { width: 5, send: async () => ({ response: `250 ${++accepted}` }), probe: async () => [], close: async () => {} },
  };
  const { signal } = new AbortController();

  await expect(deliverDue(delivery, signal)).rejects.toBe(full);
  await expect(deliverDue(delivery, signal)).rejects.toBe(full);
  await deliverDue({ ...delivery, store }, signal);

  expect(accepted).toBe(1);
  expect(desk.outbox()[0]).toMatchObject({ state: 'sent', attempts: 1, response: '250 1' });
});

const DOWN = new AppError('TRANSPORT_UNREACHABLE', 'connection refused', { temporary: true });
const RATE_LIMIT = new AppError('TRANSPORT_DEFERRED', '451 4.7.500 server busy, try again', { temporary: true });

test.each([
  ['is away', DOWN],
  ['limits the rate', RATE_LIMIT],
])(
  'O07 O22 while the server %s it is asked with one mail at a time, after growing pauses, and all goes out in the end',
  async (_how, trouble) => {
    await using desk = await givenADesk({
      limits: { repliesPerAddressPerHour: 3, repliesPerDomainPerHour: 1000, newTicketsPerMinute: 1000 },
    });
    for (let n = 0; n < 30; n += 1) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
    let clock = 0;
    const nextHop: NextHop = {
      patience: createPatience(
        () => 0.5,
        () => clock,
      ),
      failure: null,
    };
    const asked: number[] = [];
    const took: string[] = [];
    let away = true;
    const transport: MailTransport = {
      width: 5,
      send: async ({ envelopeTo }) => {
        asked[asked.length - 1]! += 1;
        if (away) throw trouble;
        took.push(envelopeTo);
        return { response: '250 ok' };
      },
      probe: async () => [],
      close: async () => {},
    };
    const look = () => {
      asked.push(0);
      desk.now = new Date(TODAY.getTime() + 1_000 + clock);
      return deliverDue({ ...aDelivery(desk), nextHop, transport }, new AbortController().signal);
    };

    const sent = [await look(), await look()];
    const pauses: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      pauses.push(nextHop.patience.left());
      clock += nextHop.patience.left();
      sent.push(await look());
    }
    away = false;
    clock += nextHop.patience.left();
    desk.now = new Date(TODAY.getTime() + 10 * 60_000);
    sent.push(await look());

    expect(asked.slice(0, 6)).toEqual([5, 0, 1, 1, 1, 1]); // what was on its way; nothing in the pause; one by one
    expect(pauses).toEqual([1000, 2000, 5000, 10_000]);
    expect(sent).toEqual([0, 0, 0, 0, 0, 0, 30]);
    expect(nextHop.failure).toBeNull();
    const inOrder = Array.from({ length: 30 }, (_, n) => `p${n}@c${n}.example`);
    expect(took.toSorted(byNumber)).toEqual(inOrder);
    if (trouble === RATE_LIMIT) expect(took).toEqual(inOrder);
  },
);

function byNumber(a: string, b: string): number {
  return Number(/\d+/.exec(a)) - Number(/\d+/.exec(b));
}

test('O22 a server that takes only some of the mails at a time gets them one by one after its pauses, in their order', async () => {
  await using desk = await givenADesk({
    limits: { repliesPerAddressPerHour: 3, repliesPerDomainPerHour: 1000, newTicketsPerMinute: 1000 },
  });
  for (let n = 0; n < 12; n += 1) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
  let clock = 0;
  const patience = createPatience(
    () => 0.5,
    () => clock,
  );
  const nextHop: NextHop = { patience, failure: null };
  const asked: string[][] = [];
  let allowed = 0;
  const took: string[] = [];
  const transport: MailTransport = {
    width: 1,
    send: async ({ envelopeTo }) => {
      asked.at(-1)!.push(envelopeTo);
      if (allowed === 0) throw RATE_LIMIT;
      allowed -= 1;
      took.push(envelopeTo);
      return { response: '250 ok' };
    },
    probe: async () => [],
    close: async () => {},
  };

  for (let window = 0; took.length < 12 && window < 20; window += 1) {
    allowed = 4;
    asked.push([]);
    desk.now = new Date(TODAY.getTime() + 1_000 + clock);
    await deliverDue({ ...aDelivery(desk), nextHop, transport }, new AbortController().signal);
    clock += patience.left();
  }

  expect(took).toEqual(Array.from({ length: 12 }, (_, n) => `p${n}@c${n}.example`));
  expect(asked.map(({ length }) => length)).toEqual([5, 5, 4]); // one too many in each of its windows
});

test('O09 no more mails than the transport sends at a time wait for their record, however many are due', async () => {
  await using desk = await givenADesk({
    limits: { repliesPerAddressPerHour: 3, repliesPerDomainPerHour: 1000, newTicketsPerMinute: 1000 },
  });
  for (let n = 0; n < 30; n += 1) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
  const { store } = desk.desk;
  let waiting = 0;
  let most = 0;
  const transport: MailTransport = {
    width: 3,
    send: async () => {
      waiting += 1;
      most = Math.max(most, waiting);
      return { response: '250 ok' };
    },
    probe: async () => [],
    close: async () => {},
  };
  const slowStore = {
    ...store,
    async settleOutbox(results: Parameters<typeof store.settleOutbox>[0]) {
      await new Promise(setImmediate);
      await store.settleOutbox(results);
      waiting -= results.length;
    },
  };

  const sent = await deliverDue({ ...aDelivery(desk), store: slowStore, transport }, new AbortController().signal);

  expect({ sent, most }).toEqual({ sent: 30, most: 3 });
});

test('R32 a worker that is asked to stop finishes what is on its way and leaves the rest for the next one', async () => {
  await using desk = await givenADesk({
    limits: { repliesPerAddressPerHour: 3, repliesPerDomainPerHour: 1000, newTicketsPerMinute: 1000 },
  });
  for (let n = 0; n < 10; n += 1) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
  const stop = new AbortController();
  const transport: MailTransport = {
    width: 2,
    send: async () => {
      stop.abort();
      return { response: '250 ok' };
    },
    probe: async () => [],
    close: async () => {},
  };

  const sent = await deliverDue({ ...aDelivery(desk), transport }, stop.signal);

  expect(sent).toBe(2);
  expect(
    desk
      .outbox()
      .map(({ state, attempts }) => `${state} ${attempts}`)
      .toSorted(),
  ).toEqual([...Array.from({ length: 8 }, () => 'queued 0'), ...Array.from({ length: 2 }, () => 'sent 1')]);
});

test('O22 a mail that alone is told to come later does not keep the others out for ever', async () => {
  await using desk = await givenADesk();
  for (const n of [0, 1]) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
  let clock = 0;
  const patience = createPatience(
    () => 0.5,
    () => clock,
  );
  const nextHop: NextHop = { patience, failure: null };
  const asked: string[] = [];
  const transport: MailTransport = {
    width: 1,
    send: async ({ envelopeTo }) => {
      asked.push(envelopeTo);
      if (envelopeTo === 'p0@c0.example') throw RATE_LIMIT;
      return { response: '250 ok' };
    },
    probe: async () => [],
    close: async () => {},
  };

  while (asked.at(-1) !== 'p1@c1.example' && asked.length < 20) {
    desk.now = new Date(TODAY.getTime() + 1_000 + clock);
    await deliverDue({ ...aDelivery(desk), nextHop, transport }, new AbortController().signal);
    clock += patience.left();
  }

  expect(asked).toEqual([...Array<string>(10).fill('p0@c0.example'), 'p1@c1.example']);
});

/** Takes every mail at once but that for `p0@c0.example`, whose answer comes when the test says so. */
function aServerSlowAtOne() {
  const answer = Promise.withResolvers<{ response: string }>();
  const took: string[] = [];
  const transport: MailTransport = {
    width: 2,
    async send({ envelopeTo }) {
      took.push(envelopeTo);
      return envelopeTo === 'p0@c0.example' ? answer.promise : { response: '250 ok' };
    },
    probe: async () => [],
    close: async () => {},
  };
  return { transport, took, answer };
}

test('a reply whose answer takes long keeps no other one waiting, is not sent twice, and is recorded when the answer comes', async () => {
  await using desk = await givenADesk();
  for (const n of [0, 1, 2]) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
  const { transport, took, answer } = aServerSlowAtOne();
  const delivery = { ...aDelivery(desk), transport, outgoing: nothingOutgoing(20) };
  const { signal } = new AbortController();

  const sent = [await deliverDue(delivery, signal)];
  await desk.whenMailArrives(aMail({ from: 'p3@c3.example' }));
  sent.push(await deliverDue(delivery, signal));
  const meanwhile = desk.outbox().map(({ state }) => state);
  answer.resolve({ response: '250 at last' });
  await Promise.all(delivery.outgoing.slow);
  sent.push(await deliverDue(delivery, signal));

  expect(took).toEqual(['p0@c0.example', 'p1@c1.example', 'p2@c2.example', 'p3@c3.example']);
  expect(meanwhile).toEqual(['sending', 'sent', 'sent', 'sent']);
  expect(desk.outbox()[0]).toMatchObject({ state: 'sent', attempts: 1, response: '250 at last' });
  expect(sent).toEqual([2, 1, 1]);
});

test('while every connection waits for an answer nothing more is taken in hand', async () => {
  await using desk = await givenADesk();
  for (const n of [0, 1]) await desk.whenMailArrives(aMail({ from: `p${n}@c${n}.example` }));
  const { transport, took, answer } = aServerSlowAtOne();
  const delivery = { ...aDelivery(desk), transport: { ...transport, width: 1 }, outgoing: nothingOutgoing(20) };
  const { signal } = new AbortController();

  await deliverDue(delivery, signal);
  await deliverDue(delivery, signal);
  const meanwhile = desk.outbox().map(({ state }) => state);
  answer.resolve({ response: '250 ok' });
  await Promise.all(delivery.outgoing.slow);
  await deliverDue(delivery, signal);

  expect(meanwhile).toEqual(['sending', 'queued']);
  expect(took).toEqual(['p0@c0.example', 'p1@c1.example']);
});

test('whoever is asked to stop waits for the answers that are still to come, and what a broken store did not take is kept', async () => {
  await using desk = await givenADesk();
  await desk.whenMailArrives(aMail({ from: 'p0@c0.example' }));
  const { transport, answer } = aServerSlowAtOne();
  const { store } = desk.desk;
  let broken = false;
  const full = new AppError('STORE_FULL', 'disk full', { temporary: true });
  const settleOutbox: typeof store.settleOutbox = (results) => (broken ? Promise.reject(full) : store.settleOutbox(results));
  const delivery = { ...aDelivery(desk), store: { ...store, settleOutbox }, transport, outgoing: nothingOutgoing(20) };
  await deliverDue(delivery, new AbortController().signal);
  broken = true;

  let stopped = false;
  const stopping = deliverDue(delivery, AbortSignal.abort()).then(() => {
    stopped = true;
  });
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  const early = stopped;
  answer.resolve({ response: '250 ok' });
  await stopping;
  const unrecorded = desk.outbox()[0]?.state;
  broken = false;
  await deliverDue(delivery, AbortSignal.abort());

  expect(early).toBe(false);
  expect([unrecorded, desk.outbox()[0]?.state]).toEqual(['sending', 'sent']);
});

test('O22 a recipient that is greylisted keeps no other one waiting', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const greylisted = new AppError('TRANSPORT_DEFERRED', '450 4.7.1 <a***@cliente.example>: Recipient address rejected: Greylisted', {
    temporary: true,
  });
  const nextHop: NextHop = { patience: createPatience(), failure: null };
  const transport: MailTransport = { width: 1, send: () => Promise.reject(greylisted), probe: async () => [], close: async () => {} };

  await deliverDue({ ...aDelivery(desk), nextHop, transport }, new AbortController().signal);

  expect({ failure: nextHop.failure, left: nextHop.patience.left() }).toEqual({ failure: null, left: 0 });
  expect(desk.outbox()).toMatchObject([{ state: 'queued', attempts: 1 }]);
});

test('R14 a worker that was passed over sends nothing more', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const lease = { ...aLease(), lost: false };
  let sent = 0;
  const transport: MailTransport = {
    width: 1,
    send: async () => ({ response: `250 ${++sent}` }),
    probe: async () => [],
    close: async () => {},
  };
  lease.assertHeld = () => {
    throw new AppError('LEASE_LOST', 'another worker', { temporary: false });
  };

  const sending = deliverDue({ ...aDelivery(desk), lease, transport }, new AbortController().signal);

  await expect(sending).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(sent).toBe(0);
  expect(desk.outbox()).toMatchObject([{ state: 'queued', attempts: 0 }]); // the one that took over finds it
});

test('O09 nothing is sent that could not be taken in hand', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const busy = new AppError('STORE_BUSY', 'locked', { temporary: true });
  let accepted = 0;

  const sending = deliverDue(
    {
      ...aDelivery(desk),
      store: { ...desk.desk.store, claim: () => Promise.reject(busy) },
      transport: { width: 5, send: async () => ({ response: `250 ${++accepted}` }), probe: async () => [], close: async () => {} },
    },
    new AbortController().signal,
  );

  await expect(sending).rejects.toBe(busy);
  expect(accepted).toBe(0);
});

test('O09 what a worker had in hand when it ended is due again for the next one', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  const { store } = desk.desk;
  const [item] = await store.due(desk.now, 1);
  await store.claim([item!.id], aLease());

  const whileInHand = await store.due(desk.now, 1);
  const requeued = await store.requeue();

  expect(whileInHand).toEqual([]);
  expect(requeued).toBe(1);
  expect(await store.due(desk.now, 1)).toMatchObject([{ id: item!.id }]);
});
