import { expect, test } from '@jest/globals';
import { automaticOf } from '../../src/mail/automatic.ts';
import { mailWith, parsed } from '../support/mail.ts';

const OURS = {
  isOurAddress: (address: string) => /^soporte(?:\+[^@]*)?@itac\.co$/i.test(address),
  isOurMessageId: (id: string) => id === 'ticket.12.abc.signature1@itac.co',
};
const A_PERSON = { kind: null, evidence: [], bySubjectOnly: false, suppress: [] };
const seenIn = async (fields: string, text?: string) => automaticOf(await mailWith(fields, text), OURS);
const kindOf = async (fields: string, text?: string) => (await seenIn(fields, text)).kind;

test('a plain mail is a person’s and nothing forbids an answer', async () => {
  expect(await seenIn('')).toEqual(A_PERSON);
});

test.each([
  ['L01', 'Auto-Submitted: auto-replied', 'auto-reply'],
  ['L02', 'Auto-Submitted: auto-generated', 'notification'],
  ['L03', 'Auto-Submitted: auto-notified', 'notification'],
  ['L04', 'Auto-Submitted: no', null],
  ['L05', 'auto-submitted: No (sent by hand)', null],
  ['L06', 'Auto-Submitted: auto-replied; owner-email="x@y.co"', 'auto-reply'],
  ['L06', 'Auto-Submitted: (really) Auto-Replied (vacation)', 'auto-reply'],
  ['L14', 'X-Autoreply: yes', 'auto-reply'],
  ['L14', 'X-Autorespond: Fuera', 'auto-reply'],
  ['L14', 'X-Mail-Autoreply: 1', 'auto-reply'],
  ['L14', 'X-Autoresponder-Version: 1.0', 'auto-reply'],
  ['L14', 'X-Otro-Auto-Reply: yes', 'auto-reply'],
  ['L14', 'Delivered-To: Autoresponder', 'auto-reply'],
  ['L14', 'Delivered-To: autoresponder@cliente.example', null],
  ['L14', 'X-Autoreply: no', null],
  ['L02', 'X-Jenkins-Job: app', 'notification'],
  ['L14', 'X-POST-MessageClass: 9; Autoresponder', 'auto-reply'],
  ['L12', 'List-Id: Avisos <avisos.cliente.example>', 'list'],
  ['L12', 'List-Post: <mailto:avisos@cliente.example>', 'list'],
])('%s %s tells kind %p', async (_, field, kind) => {
  expect(await kindOf(field)).toBe(kind);
});

test.each([
  ['L09', 'Precedence: bulk'],
  ['L09', 'Precedence: Bulk '],
  ['L09', 'Precedence: junk'],
  ['L09', 'Precedence: list'],
  ['L09', 'Precedence: auto_reply'],
  ['L10', 'X-Auto-Response-Suppress: All'],
  ['L11', 'X-Auto-Response-Suppress: OOF, DR'],
  ['L11', 'X-Auto-Response-Suppress: DR,RN,NRN,AutoReply'],
  ['L12', 'List-Unsubscribe: <https://cliente.example/baja>'],
  ['L13', 'Feedback-ID: 12:campaign:sender'],
  ['L14', 'X-Loop: soporte@otro.example'],
  ['L14', 'X-OTRS-Loop: yes'],
  ['L09', 'X-Precedence: auto_reply'],
  ['L09', 'Preference: auto_reply'],
  ['L08', 'Return-Path: <>'],
])('%s %s forbids an answer to a person and does not make a machine of them', async (_, field) => {
  const { kind, suppress } = await seenIn(field);

  expect(kind).toBeNull();
  expect(suppress).toHaveLength(1);
});

test.each([
  'X-MS-Exchange-Inbox-Rules-Loop: ana@cliente.example',
  'Precedence: normal',
  'Precedence: first-class',
  'X-Auto-Response-Suppress: DR, RN, NRN',
  'X-Auto-Response-Suppress: None',
])('L11 %s forbids nothing', async (field) => {
  expect(await seenIn(field)).toEqual(A_PERSON);
});

test.each([
  ['Respuesta automática: Informe', 'auto-reply'],
  ['RE: Respuesta automatica', 'auto-reply'],
  ['Automatic reply: Informe', 'auto-reply'],
  ['Resposta automática: Relatório', 'auto-reply'],
  ['Auto-Reply - gracias por escribirnos', 'auto-reply'],
  ['Réponse automatique : Rapport', 'auto-reply'],
  ['Automatische Antwort: Bericht', 'auto-reply'],
  ['Fuera de la oficina', 'vacation'],
  ['Fuera de oficina Re: Informe', 'vacation'],
  ['Ausencia', 'vacation'],
  ['Ausencia: Informe', 'vacation'],
  ['Vacaciones hasta el 4 de mayo', 'vacation'],
  ['Out of Office: Report', 'vacation'],
  ['I am out of the office until Monday', 'vacation'],
  ['AUTO: Pérez, Ana is out of the office (returning 05/01/2026)', 'vacation'],
  ['Fora do escritório', 'vacation'],
  ['Notificación automática: disco lleno', 'notification'],
  ['Férias até 10 de janeiro', 'vacation'],
  ['Abwesenheitsnotiz: Bericht', 'vacation'],
  ['Fuera de la oficina hasta el 4 de mayo', 'vacation'],
  ['Fuera de oficina del 5 al 10 de diciembre', 'vacation'],
  ['Me encuentro en vacaciones', 'vacation'],
  ['Periodo de vacaciones', 'vacation'],
  ['Ana Perez/BOG/Cliente está fuera de la oficina.', 'vacation'],
  ['AUTO: Ana Pérez se encuentra fuera de la oficina (regresa 30/11/2026)', 'vacation'],
  ['AUTO: Ana Souza está ausente do escritório (retorno 30/11/2026)', 'vacation'],
  ['Out of office AutoReply: Report', 'vacation'],
  ['[EXTERNO] Respuesta automática: Informe', 'auto-reply'],
])('L15 a subject that begins with %p tells kind %p without any field', async (subject, kind) => {
  const found = await seenIn(`Subject: ${subject}`);

  expect(found).toMatchObject({ kind, bySubjectOnly: true });
  expect(found.evidence[0]).toMatch(/^el asunto comienza con "/);
});

test.each([
  'Re: Cómo configurar la respuesta automática',
  'Respuesta automática no llega a los clientes',
  'Respuesta automática de la aplicación no sale',
  'Ausencia de datos en el informe',
  'Vacaciones no se calculan bien',
  'Reporte de vacaciones: error',
  'Férias não calculadas no sistema',
  'Automatic reply does not work',
  'Vacation module fails',
  'Auto: la póliza no se imprime',
  'Error: fuera de la oficina no hay acceso',
  'Fuera de la oficina no puedo entrar a la VPN',
  'No estoy en la oficina y necesito acceso remoto',
  'Estoy de vacaciones y no puedo aprobar facturas',
  'El campo NIT está ausente en el formulario',
  'Out of office messages are not sent by your server',
  'I am out of disk space',
  'Estou fora do sistema desde ontem',
  'Leave requests are lost',
  'Error en la entrega de pedidos',
  'Mail delivery is slow since today',
  'Warning: message queue delayed',
])('L16 %p is a person’s subject', async (subject) => {
  expect(await seenIn(`Subject: ${subject}`)).toEqual(A_PERSON);
});

test.each(['In-Reply-To: <a@itac.co>', 'X-Mailer: Outlook'])('L15 %s makes a subject no surer', async (field) => {
  expect(await seenIn(`Subject: Ausencia\n${field}`)).toMatchObject({ kind: 'vacation', bySubjectOnly: true });
});

test.each(['Auto-Submitted: auto-replied', 'Precedence: bulk', 'Return-Path: <>'])(
  'L15 with %s more than the subject tells',
  async (field) => {
    expect(await seenIn(`Subject: Ausencia\n${field}`)).toMatchObject({ kind: 'vacation', bySubjectOnly: false });
  },
);

test.each(['soporte@itac.co', 'Soporte@ITAC.co', '"Ana" <soporte+x@itac.co>'])('L17 L18 mail from %s is our own', async (from) => {
  expect(await kindOf(`From: ${from}\nAuto-Submitted: auto-replied`)).toBe('own');
});

test('L19 our own mail that comes back under another From is our own by its Message-ID', async () => {
  expect(await kindOf('From: buzon@cliente.example\nMessage-ID: <ticket.12.abc.signature1@itac.co>')).toBe('own');
});

test.each([
  'MAILER-DAEMON@mx.cliente.example',
  'postmaster@cliente.example',
  'noreply@cliente.example',
  'no-reply@cliente.example',
  'no_responder@cliente.example',
  'notificaciones@cliente.example',
  'ventas-noreply@cliente.example',
  'No.Reply+123@cliente.example',
  'nao-responda@cliente.example',
  'por-favor-no-contestar@cliente.example',
  'alertas@cliente.example',
  'root@srv1.cliente.example',
  'wordpress@cliente.example',
  'escaner@cliente.example',
])('L20 nobody reads what is sent to %s', async (from) => {
  expect(await kindOf(`From: ${from}`)).toBe('notification');
});

test.each([
  'noreplyton@cliente.example',
  'notificacion.judicial@cliente.example',
  'bounceur@cliente.example',
  'nora@cliente.example',
  'rootes@cliente.example',
])('L20 %s is a person', async (from) => {
  expect(await kindOf(`From: ${from}`)).toBeNull();
});

test('L07 a delivery report is a bounce', async () => {
  const mail = await parsed(`
    Return-Path: <>
    From: Mail Delivery System <mailer-daemon@mx.cliente.example>
    To: soporte@itac.co
    Subject: Undelivered Mail Returned to Sender
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary=b

    --b
    Content-Type: text/plain

    The mail could not be delivered.
    --b
    Content-Type: message/delivery-status

    Reporting-MTA: dns; mx.cliente.example

    Final-Recipient: rfc822; ana@cliente.example
    Action: failed
    Status: 5.1.1
    --b--
  `);

  expect(automaticOf(mail, OURS).kind).toBe('bounce');
});

test.each([
  ['Delivered: Informe', 'receipt'],
  ['RV: Delivered: Informe', null],
])('a report of success under the subject %p tells kind %p: a forward is a person’s', async (subject, kind) => {
  const mail = await parsed(`
    Return-Path: <ana@cliente.example>
    From: Ana <ana@cliente.example>
    To: soporte@itac.co
    Subject: ${subject}
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary=b

    --b
    Content-Type: text/plain

    Texto.
    --b
    Content-Type: message/delivery-status

    Final-Recipient: rfc822; eva@cliente.example
    Action: delivered
    --b--
  `);

  expect(automaticOf(mail, OURS).kind).toBe(kind);
});

test.each([
  ['L30', 'disposition-notification', 'receipt'],
  ['L31', 'feedback-report', 'notification'],
])('%s a report of %s tells kind %p', async (_, sort, kind) => {
  const mail = await parsed(`
    From: Ana <ana@cliente.example>
    To: soporte@itac.co
    Subject: Informe
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=${sort}; boundary=b

    --b
    Content-Type: text/plain

    Texto.
    --b
    Content-Type: message/${sort}

    Original-Message-ID: <m1@itac.co>
    --b--
  `);

  expect(automaticOf(mail, OURS)).toMatchObject({ kind, evidence: [`informe de ${sort}`, `parte de un informe ${sort}`] });
});

test.each([
  ['method=REPLY', 'METHOD:REPLY', 'calendar'],
  ['charset=utf-8', 'METHOD:REPLY', 'calendar'],
  ['method=COUNTER', 'METHOD:COUNTER', 'calendar'],
  ['method=CANCEL', 'METHOD:CANCEL', null],
  ['method=REQUEST', 'METHOD:REQUEST', null],
])('L35 a calendar part with %s and %s tells kind %p', async (parameter, line, kind) => {
  const mail = await parsed(`
    From: Ana <ana@cliente.example>
    To: soporte@itac.co
    Subject: Aceptada: Reunión
    MIME-Version: 1.0
    Content-Type: multipart/alternative; boundary=b

    --b
    Content-Type: text/plain

    Ana aceptó.
    --b
    Content-Type: text/calendar; ${parameter}

    BEGIN:VCALENDAR
    ${line}
    END:VCALENDAR
    --b--
  `);

  expect(automaticOf(mail, OURS).kind).toBe(kind);
});

test('L33 a filter that asks whether the sender is a person is a machine', async () => {
  const text = 'Your message is waiting. To complete its delivery, please verify that you are a real person: https://filter.example/abc';

  expect(await seenIn('Subject: Please confirm your message', text)).toMatchObject({
    kind: 'auto-reply',
    evidence: ['pide "verify that you are a real"'],
  });
});

test('L33 a person who writes about such a filter is a person', async () => {
  const text = 'El portal pide un captcha para confirmar que no es un robot y no avanza. It says "verify that you are a real person".';

  expect(await kindOf('Subject: El captcha no avanza', text)).toBeNull();
});

test('L30 a read notice in plain text is a receipt', async () => {
  const text = 'Su mensaje\n\n   Para: Ana Pérez\n   Asunto: Informe\n\nfue leído el lunes, 23 de noviembre de 2026 10:05.';

  expect(await seenIn('Subject: Leído: Informe', text)).toMatchObject({ kind: 'receipt', evidence: ['el texto es un aviso de lectura'] });
});

test('a text that asks not to be answered forbids an answer and does not make a machine of its writer', async () => {
  const text = 'Su solicitud quedó radicada con el número 2026-1234. Por favor no responda a este correo.';

  expect(await seenIn('Subject: Hemos recibido su solicitud', text)).toMatchObject({
    kind: null,
    suppress: ['el texto dice "no responda a este"', 'el texto dice "Hemos recibido su solicitud"'],
  });
});

test.each(['RV: Respuesta automática: Caso', 'Fwd: Out of Office: Report', 'RV: Alerta automática: disco lleno'])(
  'L16 who passes on %p is a person',
  async (subject) => {
    expect(await seenIn(`Subject: ${subject}`)).toEqual(A_PERSON);
  },
);

test('the subject of a delivery report on a mail that is none forbids an answer; a reply to one does not', async () => {
  expect((await seenIn('Subject: Undelivered Mail Returned to Sender', 'Hola')).suppress).toEqual(['asunto de un informe de entrega']);
  expect((await seenIn('Subject: RV: Undelivered Mail Returned to Sender', '¿Qué significa este correo?')).suppress).toEqual([]);
});

test('every sign that was seen is in the evidence', async () => {
  const { kind, evidence, suppress } = await seenIn(
    'Auto-Submitted: auto-replied\nPrecedence: bulk\nSubject: Fuera de la oficina\nX-Loop: a',
  );

  expect(kind).toBe('vacation');
  expect(evidence).toEqual(['el asunto comienza con "Fuera de la oficina"', 'Auto-Submitted: auto-replied']);
  expect(suppress).toEqual(['precedence: bulk', 'x-loop: a']);
});

test.each([
  'Re: ',
  'auto',
  'fuera de ',
  'out of ',
  '(',
  'delivery ',
  'verify ',
  'your message to ',
  'a ',
  '[',
  '\t',
  'respuesta automática ',
  'por favor no responda ',
  'este es un mensaje ',
  'Su mensaje\n',
])('S20 signs are looked for in 100 kB of %p in linear time', async (bait) => {
  const long = bait.repeat(100_000 / bait.length);
  const mail = await mailWith('Return-Path: <>\nFrom: postmaster@cliente.example\nPrecedence: a\nAuto-Submitted: a');
  const headers = mail.headers.map((field) => ({ ...field, value: long }));
  const start = process.hrtime.bigint();

  automaticOf({ ...mail, subject: long, text: long, newText: long, signature: long, headers }, OURS);

  expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(500);
});
