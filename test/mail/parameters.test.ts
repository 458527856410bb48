import { expect, test } from '@jest/globals';
import { structured } from '../../src/mail/parameters.ts';

test.each([
  ["attachment; filename*=utf-8''cotizaci%C3%B3n%20final.pdf", 'cotización final.pdf'],
  ['attachment; filename*0*=utf-8\'\'cotizaci%C3; filename*1*=%B3n%20; filename*2="final.pdf"', 'cotización final.pdf'],
  ['attachment; filename*1="final.pdf"; filename*0="informe "', 'informe final.pdf'],
  ['attachment; filename="cotizacion.pdf"; filename*=utf-8\'\'cotizaci%C3%B3n.pdf', 'cotización.pdf'],
  ["attachment; filename*=iso-8859-1''cotizaci%C3%B3n.pdf", 'cotización.pdf'],
  ["attachment; filename*=utf-8'cotizaci%C3%B3n.pdf", 'cotización.pdf'],
  ['attachment; filename*=cotizaci%C3%B3n.pdf', 'cotización.pdf'],
  ["attachment; filename*=d'abril%C3%B3.pdf", "d'abriló.pdf"],
  ['attachment; filename*0="=?utf-8?Q?cotizaci=C3=B3n"; filename*1="_final.pdf?="', 'cotización final.pdf'],
  ['attachment; filename="=?utf-8?Q?cotizaci=C3=B3n?= final.pdf"', 'cotización final.pdf'],
])('P32 in %s the name is read', (field, name) => {
  expect(structured(field).params['filename']).toBe(name);
});

test.each([
  ['attachment; filename="a;b=c.pdf"; size=3', 'a;b=c.pdf'],
  ['attachment; filename="el \\"viejo\\" informe.pdf"', 'el "viejo" informe.pdf'],
  ['attachment; filename="el "viejo" informe.pdf"; size=3', 'el "viejo" informe.pdf'],
  ['attachment; filename="C:\\informes\\mayo.pdf"', 'C:\\informes\\mayo.pdf'],
  ['attachment; filename="abierto.pdf', 'abierto.pdf'],
  ['attachment; filename=Informe de mayo (1).pdf', 'Informe de mayo (1).pdf'],
  ['attachment; filename=mayo.pdf (adjunto)', 'mayo.pdf'],
  ['attachment;; filename = "mayo.pdf" ;', 'mayo.pdf'],
  ['attachment filename="mayo.pdf"', 'mayo.pdf'],
  ['attachment, filename=mayo.pdf', 'mayo.pdf'],
  ['filename="mayo.pdf"', 'mayo.pdf'],
  ['attachment; filename="mayo.pdf"; filename="junio.pdf"', 'mayo.pdf'],
])('P32 a name is read as it was meant in %s', (field, name) => {
  expect(structured(field).params['filename']).toBe(name);
});

test.each([
  ['text/plain; charset=utf-8 format=flowed', 'text/plain', { charset: 'utf-8', format: 'flowed' }],
  ['text/html (de SAP); CHARSET="UTF-8" (Unicode)', 'text/html', { charset: 'UTF-8' }],
  ['multipart/mixed boundary="a b"', 'multipart/mixed', { boundary: 'a b' }],
  ['multipart/mixed; boundary=(c)"a"; x', 'multipart/mixed', { boundary: 'a' }],
  ['multipart/mixed; boundary="a"b; x=1', 'multipart/mixed', { boundary: 'a', x: '1' }],
  ['multipart/mixed; boundary="=?utf-8?Q?a?="', 'multipart/mixed', { boundary: '=?utf-8?Q?a?=' }],
  ['text/html; =?iso-8859-2?Q?charset=3Diso-8859-2?=', 'text/html', { charset: 'iso-8859-2' }],
  ['text/plain; __proto__=1; constructor=2', 'text/plain', { constructor: '2' }],
  ['text/plain', 'text/plain', {}],
  ['', '', {}],
])('in %j value and parameters are told apart', (field, value, params) => {
  const read = structured(field);

  expect(read.value).toBe(value);
  expect(Object.entries(read.params)).toEqual(Object.entries(params));
});

test.each([';', '"', '\\"', 'a="', 'a="\\";', '( ', ' ', "a*='", 'a*1=%', 'a ', 'a=b '])('100 kB of %j are read in linear time', (bait) => {
  const start = performance.now();

  structured(`text/plain; x=${bait.repeat(100_000 / bait.length)}`);

  expect(performance.now() - start).toBeLessThan(500);
});
