import { expect, test } from '@jest/globals';
import { deliveryReportOf } from '../../src/mail/deliveryReport.ts';
import { mailWith, parsed } from '../support/mail.ts';

const ORIGINAL = `Received: from mx.itac.co by mx.cliente.example; Mon, 2 Nov 2026 08:00:00 -0500
From: soporte@itac.co
To: ana@cliente.example
Subject: [ITAC #12-ABC] Informe
Message-ID: <ticket.12.abc@itac.co>

Hola`;

interface Status {
  fields: string;
  original?: string;
  originalType?: string;
  text?: string;
}

/** A report in three parts (RFC 3464). */
function dsn({ fields, original = ORIGINAL, originalType = 'message/rfc822', text = 'No se pudo entregar.' }: Status) {
  return parsed(
    [
      'Return-Path: <>',
      'From: Mail Delivery System <mailer-daemon@mx.cliente.example>',
      'To: soporte@itac.co',
      'Subject: Delivery Status',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      text,
      '--b',
      'Content-Type: message/delivery-status',
      '',
      fields,
      '--b',
      `Content-Type: ${originalType}`,
      '',
      original,
      '--b--',
    ].join('\n'),
  );
}

/** A report that only people can read. */
function told(text: string, fields = 'From: MAILER-DAEMON@mx.cliente.example\nSubject: failure notice') {
  return mailWith(`${fields}\nReturn-Path: <>`, text);
}

test('L26 a whole report tells recipient, action, status, diagnostic and the mail it is about', async () => {
  const mail = await dsn({
    fields:
      'Reporting-MTA: dns; mx.cliente.example\n\nFinal-Recipient: rfc822; ana@Cliente.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such\n user here',
  });

  expect(deliveryReportOf(mail)).toEqual({
    recipients: [
      { address: 'ana@cliente.example', action: 'failed', status: '5.1.1', permanent: true, diagnostic: '550 5.1.1 No such user here' },
    ],
    originalMessageId: 'ticket.12.abc@itac.co',
  });
});

test('L25 a delay is no lasting failure', async () => {
  const mail = await dsn({
    fields: 'Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; ana@cliente.example\nAction: delayed\nStatus: 4.4.1',
  });

  expect(deliveryReportOf(mail)?.recipients).toMatchObject([{ action: 'delayed', status: '4.4.1', permanent: false }]);
});

test.each([
  ['5.2.2', ''],
  ['5.0.0', '552 mailbox quota exceeded'],
  ['5.7.1', 'el buzón del destinatario está lleno'],
])('L27 a full mailbox (%s %s) is not an address that does not exist', async (status, diagnostic) => {
  const mail = await dsn({
    fields: `Final-Recipient: rfc822; ana@cliente.example\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp; ${diagnostic}`,
  });

  expect(deliveryReportOf(mail)?.recipients).toMatchObject([{ action: 'failed', permanent: false }]);
});

test.each([
  ['5.1.10', '', true],
  ['5.2.1', '', true],
  ['5.0.0', '550 User unknown', true],
  ['5.7.1', '550 rejected as spam', null],
  ['5.3.4', '552 message too big', null],
  ['5.1.8', '501 bad sender address', null],
  ['4.2.1', '', false],
])('the address of a failure with %s %p is lost for good: %p', async (status, diagnostic, permanent) => {
  const mail = await dsn({
    fields: `Final-Recipient: rfc822; ana@cliente.example\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp; ${diagnostic}`,
  });

  expect(deliveryReportOf(mail)?.recipients[0]?.permanent).toBe(permanent);
});

test('L28 the mail is known from its headers alone', async () => {
  const mail = await dsn({
    fields: 'Final-Recipient: rfc822; ana@cliente.example\nAction: failed\nStatus: 5.1.1',
    originalType: 'text/rfc822-headers',
    original: 'From: soporte@itac.co\nMessage-Id:\n <ticket.12.abc@itac.co>\nSubject: x',
  });

  expect(deliveryReportOf(mail)?.originalMessageId).toBe('ticket.12.abc@itac.co');
});

test.each([
  [
    'no empty line between recipients',
    'Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.2.2',
  ],
  [
    'empty lines inside a recipient',
    'Final-Recipient: rfc822; a@x.example\n\nAction: failed\n\nStatus: 5.1.1\n\n\nFinal-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.2.2',
  ],
  [
    'the action before the recipient',
    'Action: failed\nFinal-Recipient: RFC822;<a@x.example>\nStatus: 5.1.1 (bad)\n\nAction: failed\nFinal-Recipient: b@x.example\nStatus: 5.2.2',
  ],
  ['no action', 'Final-Recipient: rfc822; a@x.example\nStatus: 5.1.1\n\nOriginal-Recipient: rfc822; b@x.example\nStatus: 5.2.2'],
])('a damaged report is read: %s', async (_, fields) => {
  expect(deliveryReportOf(await dsn({ fields }))?.recipients).toMatchObject([
    { address: 'a@x.example', action: 'failed', status: '5.1.1', permanent: true },
    { address: 'b@x.example', action: 'failed', status: '5.2.2', permanent: false },
  ]);
});

test('addresses in other scripts are decoded', async () => {
  const mail = await dsn({ fields: 'Final-Recipient: utf-8; \\x{F1}and\\x{FA}@cliente.example\nAction: failed\nStatus: 5.1.1' });

  expect(deliveryReportOf(mail)?.recipients[0]?.address).toBe('ñandú@cliente.example');
});

test.each([
  ['rfc822; "ana perez"@cliente.example', '"ana perez"@cliente.example'],
  ['rfc822; ana@cliente.example.', 'ana@cliente.example'],
  [
    `rfc822;IMCEAEX-_O=CLIENTE_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP_CN=RECIPIENTS_CN=ana@cliente.example`,
    'IMCEAEX-_O=CLIENTE_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP_CN=RECIPIENTS_CN=ana@cliente.example',
  ],
  ['x-local; buzon4411\nOriginal-Recipient: rfc822;ana+2Bventas@cliente.example', 'ana+ventas@cliente.example'],
  ['x-local; buzon4411\nOriginal-Recipient: rfc822;ana+2026@cliente.example', 'ana+2026@cliente.example'],
])('the recipient %s is read whole', async (written, address) => {
  const mail = await dsn({ fields: `Final-Recipient: ${written}\nAction: failed\nStatus: 5.1.1` });

  expect(deliveryReportOf(mail)?.recipients.map((recipient) => recipient.address)).toEqual([address]);
});

test.each([
  ['Action: delay\nStatus: 4.4.7', 'delayed'],
  ['Action: Delayed (will retry)\nStatus: 4.4.7', 'delayed'],
  ['Status: 4.4.1\nWill-Retry-Until: Sat, 7 Nov 2026 08:00:00 -0500', 'delayed'],
  ['Status: 4.4.7', 'failed'],
  ['Action: bounced\nStatus: 5.1.1', 'failed'],
])('L25 what servers make of the action is understood: %j', async (fields, action) => {
  const mail = await dsn({ fields: `Final-Recipient: rfc822; ana@cliente.example\n${fields}` });

  expect(deliveryReportOf(mail)?.recipients).toMatchObject([{ action }]);
});

test.each(['delivered', 'relayed (to non-DSN-aware mailer)', 'expanded'])('a report of success (%s) is no failure', async (action) => {
  expect(
    deliveryReportOf(await dsn({ fields: `Final-Recipient: rfc822; ana@cliente.example\nAction: ${action}\nStatus: 2.0.0` })),
  ).toBeNull();
});

test('of several recipients only those who did not get the mail are told', async () => {
  const mail = await dsn({
    fields:
      'Final-Recipient: rfc822; a@x.example\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.1.1',
  });

  expect(deliveryReportOf(mail)?.recipients.map(({ address }) => address)).toEqual(['b@x.example']);
});

test('L25 a warning that names nobody is a delay as well', async () => {
  const mail = await dsn({
    fields: 'Reporting-MTA: dns; a',
    text: 'THIS IS A WARNING MESSAGE ONLY. Your message has not been delivered yet.',
  });

  expect(deliveryReportOf(mail)?.recipients).toMatchObject([{ address: 'ana@cliente.example', action: 'delayed', permanent: false }]);
});

test('L28 the mail is known from the fields about the report when it is not returned', async () => {
  const mail = await dsn({
    fields: 'X-Original-Message-ID: <ticket.12.abc@itac.co>\n\nFinal-Recipient: rfc822; ana@cliente.example\nAction: failed\nStatus: 5.1.1',
    original: 'To: ana@cliente.example\nSubject: Informe',
  });

  expect(deliveryReportOf(mail)?.originalMessageId).toBe('ticket.12.abc@itac.co');
});

test('a report that names nobody is known from the mail that it returns', async () => {
  const mail = await dsn({ fields: 'Reporting-MTA: dns; a', text: 'Your mail could not be delivered.' });

  expect(deliveryReportOf(mail)?.recipients).toMatchObject([{ address: 'ana@cliente.example', action: 'failed', permanent: null }]);
});

const TOLD: readonly [sort: string, text: string, permanent: boolean | null][] = [
  [
    'qmail',
    `Hi. This is the qmail-send program at mx.\nI wasn't able to deliver your message.\n\n<ana@cliente.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n${ORIGINAL}`,
    true,
  ],
  [
    'Exim',
    `This message was created automatically by mail delivery software.\nA message that you sent could not be delivered. The following address(es) failed:\n\n  ana@cliente.example\n    host mx [192.0.2.1]: 550 5.1.1 unknown user\n\n------ This is a copy of the message. ------\n\n${ORIGINAL}`,
    true,
  ],
  [
    'Postfix',
    `I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\nFor further assistance, please send mail to <postmaster@mx.example>\n\n<ana@cliente.example>: host mx[192.0.2.1] said: 552 5.2.2 Mailbox full\n\n${ORIGINAL}`,
    false,
  ],
  [
    'sendmail',
    `   ----- The following addresses had permanent fatal errors -----\n<ana@cliente.example>\n\n   ----- Transcript of session follows -----\n550 5.1.1 <ana@cliente.example>... User unknown\n\n   ----- Original message follows -----\n\n${ORIGINAL}`,
    true,
  ],
  [
    'Domino',
    `Your message\n\n  Subject: Informe\n\nwas not delivered to:\n\n  ana@cliente.example\n\nbecause:\n\n  User ana (ana@cliente.example) not listed in Domino Directory\n`,
    true,
  ],
  [
    'Exchange',
    `Your message\n\n  To:      mesa@cliente.example\n  Subject: Informe\n\ndid not reach the following recipient(s):\n\nana@cliente.example on Mon, 2 Nov 2026 08:00:00 -0500\n    The recipient name is not recognized\n`,
    true,
  ],
  [
    'L29 Exchange in Spanish',
    'No se pudo entregar a estos destinatarios o grupos:\n\nana@cliente.example<mailto:ana@cliente.example>\nNo se encontró la dirección de correo en el dominio.\n\nServidor: mx\n\nana@cliente.example\n#550 5.1.10 RESOLVER.ADR.RecipientNotFound ##\n',
    true,
  ],
  [
    'Gmail in Spanish',
    '** No se ha encontrado la dirección **\n\nTu mensaje no se ha podido entregar a ana@cliente.example porque no se ha encontrado la dirección.\n\nRespuesta:\n\n550 5.1.1 no such user\n',
    true,
  ],
  [
    'a server in Portuguese',
    'A sua mensagem não pôde ser entregue ao seguinte destinatário:\n\n  ana@cliente.example\n\nMotivo: caixa postal cheia (quota)\n',
    false,
  ],
  ['a server in Japanese', '以下の宛先に送信できませんでした。\n\nana@cliente.example\n', null],
  [
    'SMTP session only',
    '   ----- Transcript of session follows -----\nWhile talking to mx.cliente.example:\n>>> RCPT To:<ana@cliente.example>\n<<< 550 User Unknown\n\n   ----- Unsent message follows -----\n',
    true,
  ],
];

test.each(TOLD)('L29 %s: a report without fields for machines is read', async (_, text, permanent) => {
  const report = deliveryReportOf(await told(text));

  expect(report?.recipients).toMatchObject([{ address: 'ana@cliente.example', action: 'failed', permanent }]);
});

const FROM_SERVER = 'From: MAILER-DAEMON@mx.cliente.example';
const FROM_NOBODY = 'From: Filtro <filtro@cliente.example>';

test.each([
  ['es', 'Me temo que no he podido entregar su mensaje.\n\n<ana@cliente.example>:\nLo siento, no hay ningun buzon con ese nombre.\n'],
  ['es', 'El correo enviado a ana@cliente.example fue rechazado: cuenta cancelada.\n'],
  ['pt', 'O e-mail que você enviou para ana@cliente.example não foi entregue.\nMotivo: o usuário não existe.\n'],
  ['ro', 'Mesajul dumneavoastra:\n\n<ana@cliente.example>: host mx said: 550 5.1.1 mailbox unavailable\n'],
])('L29 a server is understood by grammar, or by the codes of its session (%s)', async (_, text) => {
  const report = deliveryReportOf(await told(text, `${FROM_SERVER}\nSubject: Aviso`));

  expect(report?.recipients).toMatchObject([{ address: 'ana@cliente.example', action: 'failed', permanent: true }]);
});

test.each([
  ['es', 'Su mensaje a ana@cliente.example todavía no ha podido ser entregado.\nSe seguirá intentando durante 2 días.\n'],
  ['pt', 'Sua mensagem para ana@cliente.example ainda não foi entregue.\nContinuaremos tentando por mais 4 dias.\n'],
  ['fr', 'La remise de votre message à ana@cliente.example est retardée.\n'],
])('L25 a warning in other languages is a delay (%s)', async (_, text) => {
  const report = deliveryReportOf(await told(text, `${FROM_SERVER}\nSubject: Aviso`));

  expect(report?.recipients).toMatchObject([{ address: 'ana@cliente.example', action: 'delayed', permanent: false }]);
});

test('a server that gave up after a delay failed', async () => {
  const report = deliveryReportOf(
    await told('Your message was delayed for 5 days. We have given up.\n\n<ana@cliente.example>: 421 connection timed out\n'),
  );

  expect(report?.recipients).toMatchObject([{ action: 'failed', permanent: false }]);
});

test('recipients in one list share the reason behind it, and each one keeps a reason of its own', async () => {
  const shared = deliveryReportOf(await told('Delivery failed:\n\n  * a@x.example\n  * b@x.example\n\nReason: 550 5.1.1 User unknown\n'));
  const own = deliveryReportOf(
    await told('Delivery failed:\n\n<a@x.example>:\n  550 5.1.1 User unknown\n<b@x.example>:\n  552 5.2.2 Mailbox full\n'),
  );

  expect(shared?.recipients).toMatchObject([
    { address: 'a@x.example', status: '5.1.1', permanent: true },
    { address: 'b@x.example', status: '5.1.1', permanent: true },
  ]);
  expect(own?.recipients).toMatchObject([
    { address: 'a@x.example', status: '5.1.1', permanent: true },
    { address: 'b@x.example', status: '5.2.2', permanent: false },
  ]);
});

test('the reason stands above a recipient as well as below', async () => {
  const report = deliveryReportOf(
    await told('This message was undeliverable:\n\nThe account is temporarily over quota.\n\n<ana@cliente.example>\n'),
  );

  expect(report?.recipients).toMatchObject([{ diagnostic: 'The account is temporarily over quota.', permanent: false }]);
});

test('a session tells the failure and not what went well before it; an address for help is no recipient', async () => {
  const report = deliveryReportOf(
    await told(
      'The message had permanent fatal errors.\n\n<-- 250 2.1.0 <soporte@itac.co> Sender ok\n--> RCPT To:<ana@cliente.example>\n<-- 550 5.1.1 User unknown\n\nHelp: ayuda@mx.example or 555 0100\n',
    ),
  );

  expect(report?.recipients).toMatchObject([{ address: 'ana@cliente.example', status: '5.1.1', permanent: true }]);
  expect(report?.recipients).toHaveLength(1);
});

test.each([
  ['a subject that begins as reports do', 'Su correo no pudo ser entregado', 'Su correo a ana@cliente.example: usuario inexistente.'],
  ['the mail that it returns', 'Aviso', `DATA failed.\n\n550 5.1.1 <ana@cliente.example>\n\n---\n${ORIGINAL}`],
])('L07 words with a null return path are a report together with %s', async (_, subject, text) => {
  const report = deliveryReportOf(await told(text, `${FROM_NOBODY}\nTo: soporte@itac.co\nSubject: ${subject}`));

  expect(report?.recipients.map(({ address }) => address)).toEqual(['ana@cliente.example']);
});

test('L28 the mail is known from the text that quotes its headers', async () => {
  expect(deliveryReportOf(await told(TOLD[0]![1]))?.originalMessageId).toBe('ticket.12.abc@itac.co');
});

test('L25 a warning in words is a delay', async () => {
  const report = deliveryReportOf(
    await told(
      'THIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n     ana@cliente.example\n\nMessage will be retried for 2 more day(s)\n',
    ),
  );

  expect(report?.recipients).toMatchObject([{ address: 'ana@cliente.example', action: 'delayed', permanent: false }]);
});

test('L29 the field X-Failed-Recipients names the recipients', async () => {
  const report = deliveryReportOf(
    await told(
      'Su correo no se entregó.',
      'From: correo@proveedor.example\nSubject: No se puede entregar: Informe\nX-Failed-Recipients: ana@cliente.example,\n eva@cliente.example',
    ),
  );

  expect(report?.recipients.map(({ address }) => address)).toEqual(['ana@cliente.example', 'eva@cliente.example']);
});

const SES = { From: 'AWS <no-reply@sns.amazonaws.com>', Subject: 'AWS Notification Message' };
const sesMail = (json: object) =>
  told(
    `${JSON.stringify(json).replace(',"status"', ',!\n "status"')}\n\n--\nIf you wish to stop receiving`,
    `From: ${SES.From}\nSubject: ${SES.Subject}`,
  );

test('L29 a notification of Amazon SES is read, also when its long line was broken', async () => {
  const recipient = {
    emailAddress: 'ana@cliente.example',
    action: 'failed',
    status: '5.1.1',
    diagnosticCode: 'smtp; 550 5.1.1 user unknown',
  };
  const mail = await sesMail({
    notificationType: 'Bounce',
    bounce: { bounceType: 'Permanent', bouncedRecipients: [recipient] },
    mail: { messageId: 'x', commonHeaders: { messageId: '<ticket.12.abc@itac.co>' } },
  });

  expect(deliveryReportOf(mail)).toEqual({
    recipients: [
      { address: 'ana@cliente.example', action: 'failed', status: '5.1.1', permanent: true, diagnostic: '550 5.1.1 user unknown' },
    ],
    originalMessageId: 'ticket.12.abc@itac.co',
  });
});

test('L29 a notification of Amazon SES is read inside the wrapping of SNS, and without its short form of the headers', async () => {
  const notification = {
    eventType: 'Bounce',
    bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'Ana <ana@cliente.example>' }] },
    mail: { headers: [{ name: 'Message-ID', value: '<ticket.12.abc@itac.co>' }] },
  };

  const report = deliveryReportOf(await sesMail({ Type: 'Notification', Message: JSON.stringify(notification) }));

  expect(report).toEqual({
    recipients: [{ address: 'ana@cliente.example', action: 'failed', status: null, permanent: true, diagnostic: null }],
    originalMessageId: 'ticket.12.abc@itac.co',
  });
});

test.each([
  { delivery: { recipients: ['ana@cliente.example'] } },
  { complaint: { complainedRecipients: [{ emailAddress: 'ana@cliente.example' }] } },
  { bounce: 'x' },
])('a notification of Amazon SES about something else is no failure: %j', async (json) => {
  expect(deliveryReportOf(await sesMail(json))).toBeNull();
});

test('fields for machines in a text are read', async () => {
  const report = deliveryReportOf(
    await told(
      'Technical report:\n\nReporting-MTA: dns; a\n\nAction: failed\nFinal-Recipient: rfc822; ana@cliente.example\nStatus: 5.1.1\n',
    ),
  );

  expect(report?.recipients).toMatchObject([{ address: 'ana@cliente.example', status: '5.1.1', permanent: true }]);
});

test.each([
  [
    'L08 a person whose mail lost its return path',
    'From: Ana <ana@cliente.example>\nSubject: Informe',
    'Los pedidos no se entregaron: the mail could not be delivered to eva@cliente.example.',
  ],
  [
    'a person who asks about a report',
    'From: Ana <ana@cliente.example>\nSubject: RV: Undelivered Mail Returned to Sender',
    'I got this: could not be delivered\n\n<eva@cliente.example>: 550 User unknown',
  ],
  [
    'a person with a failure of their own',
    'From: Ana <ana@cliente.example>\nSubject: Error en la entrega de pedidos',
    'El sistema dice: no se pudo entregar, user unknown.',
  ],
  [
    'L15 a vacation notice',
    'From: Ana <ana@cliente.example>\nSubject: Fuera de la oficina',
    'Estoy de vacaciones; escriba a eva@cliente.example.',
  ],
  [
    'L08 a person with a matter of mail whose mail lost its return path',
    'From: Ana <ana@cliente.example>\nSubject: Mensajes devueltos por el sistema',
    'Los mensajes que envía el sistema son devueltos: usuario desconocido.',
  ],
  [
    'L08 a person whose mail lost its return path and who quotes ours',
    'From: Ana <ana@cliente.example>\nSubject: RE: [ITAC #12-ABC] Informe',
    'No llegó a eva@cliente.example: 550 5.1.1 user unknown.\n\nFrom: Soporte <soporte@itac.co>\nTo: ana@cliente.example\nSubject: Informe',
  ],
  [
    'news of a mail that arrived after all',
    'From: Mail Delivery System <mailer-daemon@mx.example>\nSubject: Message delivered after delay',
    'Your message to ana@cliente.example, which had been delayed, has now been delivered.',
  ],
  [
    'a letter of an abuse desk',
    'From: postmaster@mx.example\nSubject: Complaints',
    'Some of your messages were blocked by our users. Please investigate.',
  ],
  ['a warning about our own mailbox', 'From: postmaster@itac.co\nSubject: Su buzón', 'El buzón soporte@itac.co está casi lleno.'],
  [
    'a newsletter of a mail server’s owner',
    'From: postmaster@cliente.example\nSubject: Mantenimiento el sábado',
    'El servidor de correo se apaga a las 22:00.',
  ],
])('%s is no delivery report', async (_, fields, text) => {
  expect(deliveryReportOf(await told(text, fields))).toBeNull();
});

const QUOTED =
  '¿Qué es esto?\n\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\n\nYour message could not be delivered.\n\n<eva@cliente.example>: 550 5.1.1 User unknown';

test.each([
  ['Undelivered Mail Returned to Sender', 'Ana <ana@cliente.example>', 'ana@cliente.example'],
  ['Undeliverable: pedidos', 'Ana <ana@cliente.example>', 'ana@cliente.example'],
  ['Delivery failure', 'Luis (Postmaster de Cliente) <luis@cliente.example>', 'luis@cliente.example'],
  ['Correos rechazados', 'Mail Administrator <sistemas@cliente.example>', 'sistemas@cliente.example'],
  ['Cambio de servidor', 'Postmaster <postmaster@cliente.example>', 'postmaster@cliente.example'],
  ['Relay', 'Mail Delivery Service <correo@cliente.example>', 'correo@cliente.example'],
])('who writes %p from a mailbox (%s) and quotes a report is a person', async (subject, from, path) => {
  const mail = await mailWith(`Return-Path: <${path}>\nFrom: ${from}\nSubject: ${subject}`, QUOTED);

  expect(deliveryReportOf(mail)).toBeNull();
});

test('a report that a list passed on to its owner is one', async () => {
  const mail = await mailWith(
    'Return-Path: <lista-admin@lista.example>\nFrom: Mail Delivery Service <correo@mx.example>\nSubject: Delivery Status Notification (Failure)',
    'Your message could not be delivered:\n\n<ana@cliente.example>: 550 5.1.1 User unknown',
  );

  expect(deliveryReportOf(mail)?.recipients).toMatchObject([{ address: 'ana@cliente.example', permanent: true }]);
});

test('a person who passes on a whole report, its type included, does not make one', async () => {
  const mail = await dsn({ fields: 'Final-Recipient: rfc822; ana@cliente.example\nAction: failed' });
  const passedOn = {
    ...mail,
    from: { name: 'Ana', address: 'ana@cliente.example' },
    returnPath: 'ana@cliente.example',
    subject: 'RV: Delivery',
  };

  expect(deliveryReportOf(passedOn)).toBeNull();
  expect(deliveryReportOf({ ...passedOn, subject: 'Delivery' })).not.toBeNull();
});

test.each(['disposition-notification', 'feedback-report'])('L30 L31 a report of %s is no delivery report', async (sort) => {
  const mail = await dsn({ fields: 'Final-Recipient: rfc822; ana@cliente.example' });

  expect(deliveryReportOf({ ...mail, contentType: { type: 'multipart/report', params: { 'report-type': sort } } })).toBeNull();
});

test('a person who passes on the parts of a report does not make one', async () => {
  const mail = await dsn({ fields: 'Final-Recipient: rfc822; ana@cliente.example\nAction: failed' });
  const person = {
    ...mail,
    from: { name: 'Ana', address: 'ana@cliente.example' },
    returnPath: 'ana@cliente.example',
    contentType: { type: 'multipart/mixed', params: {} },
  };

  expect(deliveryReportOf({ ...person, subject: 'RV: Delivery Status' })).toBeNull();
});

const BAITS = [
  ...['<', 'a', 'a@', '"', 'a@b.co ', '* a@b.co\n', '550 ', '5.1.', '\\x{', ' \n', '> ', 'Final-Recipient: ', 'From: ', 'Message-ID: <'],
  ...[
    'delivery to ',
    'not been able to be ',
    'could not a b c ',
    "n't a ",
    'mailbox ',
    'no se ha podido ',
    'mensaje ',
    'entrega ',
    'não foi ser ',
  ],
];

test.each(BAITS)('S20 100 kB of %p are read in linear time', async (bait) => {
  const text = bait.repeat(100_000 / bait.length);
  const mail = await dsn({ fields: text, text });
  const start = process.hrtime.bigint();

  deliveryReportOf(mail);
  deliveryReportOf({ ...mail, reports: [] });

  expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(600);
});
