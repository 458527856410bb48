import { expect, test } from '@jest/globals';
import { languageOf } from '../../src/desk/language.ts';

test.each([
  ['es', '', 'Buenos días, no abre el módulo de nómina.'],
  ['es', '', 'no deja grabar'],
  ['es', 'Error al imprimir', ''],
  ['es', 'Login error 500', 'Buen día, adjunto pantallazo del error. Gracias'],
  ['es', '', 'ERROR'],
  ['es', '', ''],
  ['es', '', 'El deploy de la release falló en staging'],
  ['en', '', 'The report does not load since yesterday.'],
  ['en', 'Export', 'Please add an option to export to Excel'],
  ['en', 'Cannot log in', ''],
  ['en', 'Facturación', 'Hi, the invoices are not being sent. Thanks, Juan Pérez'],
  ['en', '', 'everything is down'],
  ['pt', '', 'Bom dia, não consigo emitir a nota fiscal.'],
  ['pt', 'Relatório de vendas', 'Gostaríamos de um filtro por filial.'],
  ['pt', '', 'O sistema está fora do ar'],
  ['pt', 'Erro ao gerar boleto', ''],
] as const)('the language is %s of "%s" "%s"', (language, subject, newText) => {
  expect(languageOf({ subject, newText })).toBe(language);
});
