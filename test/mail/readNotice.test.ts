import { expect, test } from '@jest/globals';
import { isReadNotice } from '../../src/mail/readNotice.ts';

const notice = (first: string, fate: string) =>
  `\n${first}\n\n   Para: Ana Pérez\n   Asunto: [ITAC #12-K7Q] Re: Informe\n   Enviado: lunes, 23 de noviembre de 2026 10:00 a. m. (UTC-05:00)\n\n${fate}\n`;

test.each([
  ['Su mensaje', ' fue leído el lunes, 23 de noviembre de 2026 10:05 a. m.'],
  ['Su mensaje', 'se eliminó sin leer el lunes, 23 de noviembre de 2026 10:05 a. m.'],
  ['A sua mensagem', 'foi lida em segunda-feira, 23 de novembro de 2026 10:05.'],
  ['Your message', 'was read on Monday, November 23, 2026 10:05:00 AM.'],
  ['Your message', 'was deleted without being read on Monday, November 23, 2026 10:05:00 AM.'],
])('L30 %j, what was sent, and %j is a notice that a mail was read', (first, fate) => {
  expect(isReadNotice({ text: notice(first, fate) })).toBe(true);
});

test.each([
  ['a person who quotes one', notice('Nos llega esto:\n\nSu mensaje', 'fue leído el lunes')],
  ['a person whose text begins alike', notice('Su mensaje no abre', 'fue leído el lunes')],
  ['a notice of a bounce', notice('Su mensaje', 'no llegó a los siguientes destinatarios')],
  ['nothing', ''],
])('L30 %s is none', (_, text) => {
  expect(isReadNotice({ text })).toBe(false);
});
