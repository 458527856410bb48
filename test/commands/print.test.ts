import { expect, test } from '@jest/globals';
import { fileLine, table, wrapped } from '../../src/commands/print.ts';

const HEAD = ['N.º', 'estado', 'solicitante', 'asunto'];
const ROWS = [
  ['1', 'abierto', 'ana@cliente.example', 'No deja guardar las historias clínicas desde ayer por la tarde'],
  ['12', 'cerrado', 'temporal.compras@cliente.example', 'Nuevo campo'],
];

test('a table is as wide as its cells where nothing limits it', () => {
  const lines = table(HEAD, ROWS, Number.POSITIVE_INFINITY);

  expect(lines).toEqual([
    'N.º  estado   solicitante                       asunto',
    '───  ───────  ────────────────────────────────  ──────────────────────────────────────────────────────────────',
    '1    abierto  ana@cliente.example               No deja guardar las historias clínicas desde ayer por la tarde',
    '12   cerrado  temporal.compras@cliente.example  Nuevo campo',
  ]);
});

test('a narrow terminal cuts the last columns, the widest first, and no other', () => {
  const lines = table(HEAD, ROWS, 60);

  expect(lines).toEqual([
    'N.º  estado   solicitante             asunto',
    '───  ───────  ──────────────────────  ──────────────────────',
    '1    abierto  ana@cliente.example     No deja guardar las h…',
    '12   cerrado  temporal.compras@clie…  Nuevo campo',
  ]);
});

test.each([10, 20, 30, 47, 80, 160])('no row is wider than a terminal of %i columns', (columns) => {
  for (const line of table(HEAD, ROWS, columns)) expect([...line].length).toBeLessThanOrEqual(columns);
});

test('text is broken between words, and a line that fits or a word that is too long stays whole', () => {
  const text = 'uno dos tres cuatro\n\n- cinco\nhttp://soporte.example/largo seis';

  expect(wrapped(text, 12)).toBe('uno dos tres\ncuatro\n\n- cinco\nhttp://soporte.example/largo\nseis');
});

test('the type that a sender gives a file does nothing to the terminal, like its name', () => {
  const file = { filename: 'a\u001b[31m.pdf', contentType: 'application/\u001b]0;x\u0007pdf', sniffedType: null, size: 8 };

  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(fileLine(file)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
