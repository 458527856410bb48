import { expect, test } from '@jest/globals';
import { noAnswerWantedIn } from '../../src/mail/noAnswerWanted.ts';

const wordsIn = (newText: string, subject = 'Informe', signature = '') => noAnswerWantedIn({ subject, newText, signature });

test.each([
  ['Su solicitud fue radicada con el número 2026-1234. Por favor no responda a este correo.', 'no responda a este'],
  ['Hemos recibido su mensaje.\nFavor no responder\n', 'Favor no responder'],
  ['Por favor\nno lo responda.', 'favor no lo responda'],
  ['Le agradecemos no contestar al presente correo electrónico.', 'no contestar al presente'],
  ['Absténgase de responder; use el portal.', 'Absténgase de responder'],
  ['Recebemos sua mensagem. Não responda este e-mail.', 'Não responda este'],
  ['We got it. Please do not reply to this message.', 'do not reply to this'],
  ["Please don't respond", "Please don't respond"],
  ['Este es un mensaje automático.', 'Este es un mensaje automático'],
  ['Caso 4211\n\n* Este correo ha sido generado de manera automática *', '* Este correo ha sido generado de manera automática'],
  ['Esta é uma mensagem gerada automaticamente.', 'Esta é uma mensagem gerada automaticamente'],
  ['Ticket created. This is an automated message.', 'This is an automated message'],
])('a mail that says %j wants no answer', (text, words) => {
  expect(wordsIn(text)).toBe(words);
});

test.each([
  'Los servidores no responden a esta hora.',
  'La consola no responde a este comando.',
  'El correo que envía la plataforma dice "no responda a este correo": ¿lo pueden quitar?',
  'El mensaje automático no llega a los usuarios.',
  'Este mensaje automático sale a cada rato en la consola.',
  'Este correo electrónico ha sido generado automáticamente por el antivirus de Cliente.',
  'El sistema muestra un mensaje generado automáticamente al guardar.',
  'Si usted no es el destinatario, por favor no responda este mensaje y elimínelo.',
  'Si lo recibió por error, no responda a este correo.',
  'If you are not the intended recipient, do not reply to this message.',
  'We do not reply to calls on Sundays.',
])('a mail that says %j may be answered', (text) => {
  expect(wordsIn(text)).toBeNull();
});

test('what a signature asks counts, and what somebody passes on does not', () => {
  const request = 'Por favor no responda a este correo.';

  expect(wordsIn('Su pago fue aplicado.', 'Pago', request)).toBe('no responda a este');
  expect(wordsIn(`¿Esto es de ustedes?\n\n${request}`, 'RV: Pago')).toBeNull();
});
