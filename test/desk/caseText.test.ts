import { expect, test } from '@jest/globals';
import { caseTextOf } from '../../src/desk/caseText.ts';

function read(subject: string, newText: string): string {
  const { subject: head, text } = caseTextOf({ subject, newText });
  return [...head, ...text].map((word) => word.text).join(' ');
}

test.each([
  ['RE: RV: [ITAC #12-K7Q] No abre', '', 'no abre'],
  ['[Ticket#2020070610000012] Pagos', '', 'pagos'],
  ['[Facturación] Pagos', '', 'facturacion pagos'],
  ['Reporte: sin datos', '', 'reporte . sin datos'],
  ['', 'No abre.\n> Sí abre\n>> Quizás', 'no abre .'],
  ['', 'No abre.\n-- \nAna Pérez\nIncidencias', 'no abre .'],
  ['', 'No abre.\n\nCordialmente,\nAna Pérez\nJefe de Incidencias', 'no abre .'],
  ['', 'Atentamente le solicito un filtro', 'atentamente le solicito un filtro'],
  ['', 'No abre.\nEste mensaje y sus anexos son confidenciales y no funcionan', 'no abre .'],
  ['', 'Ver abajo\n---------- Mensaje reenviado ----------\nDe: Ana\nAsunto: sin datos\nNo carga', 'ver abajo . sin datos . no carga'],
  ['', 'Escriba a ana@cliente.example o vea https://a.example/x?y=1', 'escriba a @ o vea url'],
  ['', 'Son 2.450,50 pesos; it can’t open', 'son 0 pesos . it cant open'],
  ['', 'o botão não está no portal', 'o botao nao esta em portal'],
])('of "%s" and "%s" the words "%s" are read', (subject, newText, words) => {
  expect(read(subject, newText)).toBe(words);
});

test('a line that a mail program wrapped goes on, a line that its writer ended does not', () => {
  const wrapped = 'Cuando entramos a la pantalla de pagos y la consulta de saldos\nno aparece nada';
  const ended = 'Buenas tardes\nno aparece nada';

  expect(read('', wrapped)).not.toContain('.');
  expect(read('', ended)).toBe('buenas tardes . no aparece nada');
});

test('a text that is nothing but a quote is read all the same', () => {
  expect(read('', '> no abre')).toBe('no abre');
});

test('spans point into the text as it was given', () => {
  const newText = '> cita\nNo abre la Facturación electrónica';

  const { text } = caseTextOf({ subject: '', newText });

  expect(text.map(({ start, end }) => newText.slice(start, end))).toEqual(['No', 'abre', 'la', 'Facturación', 'electrónica']);
});
