import { expect, test } from '@jest/globals';
import { PARSE_LIMITS } from '../../src/mail/limits.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { mailOf, multipart, parsed, rawMail, utf8 } from '../support/parsed.ts';

const MIXED = { 'Content-Type': 'multipart/mixed; boundary=m' };
const ALTERNATIVE = { 'Content-Type': 'multipart/alternative; boundary=m' };

test('P01 a Latin-1 body without MIME fields is read with its ñ', async () => {
  const mail = await parsed({}, 'El a\xf1o pasado no fall\xf3.\r\n');

  expect(mail.text).toBe('El año pasado no falló.\n');
});

test.each([
  ['P02 windows-1252 declared as utf-8', 'utf-8', 'No\x92 funciona el a\xf1o', 'No’ funciona el año'],
  ['P03 windows-1252 declared as iso-8859-1', 'iso-8859-1', '\x93Error\x94 \x96 a\xf1o', '“Error” – año'],
  ['P03 the same by another name', 'iso88591', '\x93Error\x94 \x96 a\xf1o', '“Error” – año'],
  ['P03 the same by its whole name', 'ISO_8859-1:1987', '\x93Error\x94 \x96 a\xf1o', '“Error” – año'],
  ['UTF-16 with its mark', 'utf-16', '\xfe\xff\x00a\x00\xf1\x00o', 'año'],
  ['UTF-16 with the other mark', 'utf-16', '\xff\xfea\x00\xf1\x00o\x00', 'año'],
  ['P04 an unknown charset', 'x-unknown', 'a\xf1o', 'año'],
  ['P04 MySQL\u2019s name of UTF-8', 'utf8mb4', utf8('año 😀'), 'año 😀'],
  ['P04 an empty charset', '""', 'a\xf1o', 'año'],
  ['what Outlook calls user-defined', 'x-user-defined', 'a\xf1o', 'año'],
  ['UTF-8 declared as us-ascii', 'us-ascii', utf8('añádelo'), 'añádelo'],
  ['UTF-8 declared as iso-8859-1', 'iso-8859-1', utf8('añádelo'), 'añádelo'],
  ['UTF-7', 'utf-7', 'a+APE-o', 'año'],
  ['ISO-2022-JP, whose octets are all ASCII', 'iso-2022-jp', '\x1b$B%F%9%H\x1b(B', 'テスト'],
  ['ISO-2022-KR', 'iso-2022-kr', '\x1b$)Chola \x0eFX\x0f.', 'hola 팽.'],
  ['windows-1251 with something behind its name', 'windows-1251http-equiv', '\xcf\xf0\xe8\xe2\xe5\xf2', 'Привет'],
  ['EUC-KR under its private name', 'x-euc-kr', '\xb1\xb9', '국'],
  ['HZ', 'hz-gb-2312', '~{O5M3~} a~~b', '系统 a~b'],
  [
    'a footer in Latin-1 below a text in UTF-8',
    'utf-8',
    `${utf8('Sesión única, razón')} \x96 Informaci\xf3n`,
    'Sesión única, razón – Información',
  ],
  [
    'Cyrillic without any charset',
    '',
    Buffer.from([
      0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x20, 0xec, 0xe8, 0xf0, 0x2c, 0x20, 0xea, 0xe0, 0xea, 0x20, 0xe4, 0xe5, 0xeb, 0xe0,
    ]).toString('latin1'),
    'Привет мир, как дела',
  ],
])('%s is read right', async (_, charset, octets, text) => {
  const mail = await parsed({ 'Content-Type': charset === '' ? 'text/plain' : `text/plain; charset=${charset}` }, octets);

  expect(mail.text).toBe(text);
});

test.each([
  [
    'the subject is encoded in another one',
    { Subject: '=?iso-8859-9?Q?Giri=FE?=', 'Content-Type': 'text/plain' },
    'giri\xfe yapam\xfdyoruz',
  ],
  [
    'a text beside it declares one',
    ALTERNATIVE,
    multipart('m', ['\r\ngiri\xfe yapam\xfdyoruz', 'Content-Type: text/html; charset=windows-1254\r\n\r\n<p>giri\xfe yapam\xfdyoruz</p>']),
  ],
  [
    'it is said to be ASCII',
    { Subject: '=?iso-8859-9?Q?Giri=FE?=', 'Content-Type': 'text/plain; charset=us-ascii' },
    'giri\xfe yapam\xfdyoruz',
  ],
])('P01 a text without a charset is read in that of the mail around it when %s', async (_, fields, body) => {
  const mail = await parsed(fields, body);

  expect(mail.text).toBe('giriş yapamıyoruz');
});

test('P03 a charset that the text declares is not overruled by that of its subject', async () => {
  const mail = await parsed({ Subject: '=?koi8-r?B?8NLJ18XU?=', 'Content-Type': 'text/plain; charset=iso-8859-1' }, 'El a\xf1o');

  expect(mail.text).toBe('El año');
});

test('P01 UTF-16 beside it tells nothing about a text without a charset', async () => {
  const body = multipart('m', [
    '\r\nEl a\xf1o',
    'Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n/v8APABwAD4APABwAD4=',
  ]);

  const mail = await parsed(ALTERNATIVE, body);

  expect(mail.text).toBe('El año');
});

test('a charset that was not the declared one is told in a warning', async () => {
  const mail = await parsed({ 'Content-Type': 'text/plain; charset=utf-8' }, 'a\xf1o');

  expect(mail.warnings).toContain('juego de caracteres de text/plain: declara utf-8, se leyó como windows-1252');
});

test('a charset that only the HTML names is used', async () => {
  const mail = await parsed({ 'Content-Type': 'text/html' }, '<meta charset="iso-8859-2"><p>za\xbf\xf3\xb3\xe6</p>');

  expect(mail.text.trim()).toBe('zażółć');
});

test.each(['8-bit', 'utf-8', ''])('P05 with the transfer encoding "%s" the text stays as it is', async (encoding) => {
  const mail = await parsed({ 'Content-Transfer-Encoding': encoding }, 'a=20b a\xf1o');

  expect(mail.text).toBe('a=20b año');
});

test('P05 quoted/printable is taken for what it means', async () => {
  const mail = await parsed({ 'Content-Transfer-Encoding': 'quoted/printable' }, 'a=F1o');

  expect(mail.text).toBe('año');
});

test.each([
  ['with stray characters', 'SG9s!YSBt*dW5kbw==', 'Hola mundo'],
  ['without padding', 'SG9sYSBtdW5kbw', 'Hola mundo'],
  ['with the footer of a list server', 'SG9sYSBtdW5kbw==\r\n_____________\r\nLista de soporte\r\nhttps://lista.example/\r\n', 'Hola mundo'],
  ['in two padded runs', 'SG9sYQ==\r\nSG9sYQ==\r\n', 'HolaHola'],
])('P06 base64 %s is decoded', async (_, octets, text) => {
  const mail = await parsed({ 'Content-Transfer-Encoding': 'base64' }, octets);

  expect(mail.text).toBe(text);
});

test('P09 what the sender garbled stays as it was sent', async () => {
  const mail = await parsed({ 'Content-Type': 'text/plain; charset=utf-8' }, utf8('AcciÃ³n'));

  expect(mail.text).toBe('AcciÃ³n');
});

test.each([
  [
    'text/enriched',
    '<bold>No abre</bold>\r\nel <color><param>red</param>reporte</color> <<x>\r\n\r\nGracias',
    'No abre el reporte <x>\nGracias',
  ],
  ['text/richtext', '<bold>No abre</bold>\r\nel reporte <lt>x><nl>Gracias', 'No abre el reporte <x>\nGracias'],
])('of %s the words are read, and its octets are kept', async (type, body, text) => {
  const mail = await parsed({ 'Content-Type': type }, body);

  expect(mail.text).toBe(text);
  expect(mail.attachments).toMatchObject([{ size: body.length }]);
});

test('P17 of HTML only what people see becomes text', async () => {
  const html = '<style>p{}</style><!--[if mso]><p>mso</p><![endif]--><script>x()</script><p>El reporte sale vac&iacute;o</p>';

  const mail = await parsed({ 'Content-Type': 'text/html; charset=utf-8' }, html);

  expect(mail.text.trim()).toBe('El reporte sale vacío');
  expect(mail.html).toBe(html);
});

test.each([
  ['a doctype', '<!DOCTYPE html>\r\n<html><body><p>No abre la consola</p></body></html>'],
  ['its root', '\r\n<html lang="es">\r\n<head><style>p{}</style></head><body>No abre la consola</body></html>'],
])('P17 a document with %s that a script sends as plain text is read as HTML', async (_, body) => {
  const mail = await parsed({}, body);

  expect(mail.text).toBe('No abre la consola');
  expect(mail.html).toContain('<body>');
});

test.each(['<html> no se muestra en el correo', 'El <html><body> sale vacío', '<p>Hola'])(
  'P17 plain text that begins with %j stays as it is',
  async (text) => {
    const mail = await parsed({}, utf8(text));

    expect(mail).toMatchObject({ text, html: null });
  },
);

test.each([
  ['is empty', ''],
  ['says that HTML cannot be shown', 'Su cliente de correo no puede mostrar HTML.'],
])('P18 the HTML is used when the text form %s', async (_, plain) => {
  const mail = await parsed(
    ALTERNATIVE,
    multipart('m', [`\r\n${plain}`, 'Content-Type: text/html\r\n\r\n<p>La factura de julio sale en cero</p>']),
  );

  expect(mail.text).toMatch(/^La factura de julio sale en cero/);
});

test('P19 a text form and an HTML form that differ are both kept, and that they differ is told', async () => {
  const plain = 'Por favor revisen la factura del mes de julio adjunta';
  const html = '<p>Ingrese aquí su contraseña para confirmar todos sus datos bancarios</p>';

  const mail = await parsed(ALTERNATIVE, multipart('m', [`\r\n${plain}`, `Content-Type: text/html; charset=utf-8\r\n\r\n${utf8(html)}`]));

  expect(mail.text).toContain('factura del mes');
  expect(mail.html).toContain('contraseña');
  expect(mail.warnings).toContain('el texto y el HTML dicen cosas distintas');
});

test('P20 what stands before the html element is kept', async () => {
  const mail = await parsed(
    { 'Content-Type': 'text/html' },
    'Ya lo probé y sigue igual<br><html><body><p>Enviado</p></body></html>'.replace('é', '&eacute;'),
  );

  expect(mail.text).toContain('Ya lo probé y sigue igual');
});

test('P26 flowed lines are joined, with delsp without the blank', async () => {
  const flowed = { 'Content-Type': 'text/plain; format=flowed' };
  const delSp = { 'Content-Type': 'text/plain; format=flowed; delsp=yes' };

  expect((await parsed(flowed, 'El reporte \r\nsale vacio.\r\n-- \r\nAna\r\n')).text).toBe('El reporte sale vacio.\n-- \nAna\n');
  expect((await parsed(delSp, 'impo \r\nsible\r\n')).text).toBe('imposible\n');
});

test('P27 a line of 1 MB and a text of 10 MB are read in bounded time and the cut is told', async () => {
  const start = performance.now();

  const line = await parsed({}, 'x'.repeat(1024 * 1024));
  const long = await parsed({}, 'El sistema no responde.\r\n'.repeat(400_000));

  expect(line.text).toContain('xxxx');
  expect(long.text).toContain('[Texto recortado: el mensaje completo está en el original.]');
  expect(long.text.length).toBeLessThan(PARSE_LIMITS.maxTextChars + 100);
  expect(performance.now() - start).toBeLessThan(5000);
});

test.each(['\r', '\r ', '\0', '\t', '~{', '\x0e', '<<', '\x1b$B'])('P27 a text of 1 MB of %j is read in linear time', async (bait) => {
  const start = performance.now();

  await parsed({}, `hola\r\n${bait.repeat((1024 * 1024) / bait.length)}`);

  expect(performance.now() - start).toBeLessThan(3000);
});

test('P47 a CR alone is a line end, several before an LF are one', async () => {
  const mail = await parsed({}, 'uno\rdos\r\r\ntres\r\n');

  expect(mail.text).toBe('uno\ndos\ntres\n');
});

test('P28 HTML nested 100,000 deep or with 5,000 links is read in bounded time', async () => {
  const start = performance.now();

  const deep = await parsed({ 'Content-Type': 'text/html' }, `${'<div>'.repeat(100_000)}fondo`);
  const links = await parsed({ 'Content-Type': 'text/html' }, '<a href="http://a.example/x">enlace</a> '.repeat(5000));

  expect(deep.text).toContain('fondo');
  expect(links.text).toContain('enlace');
  expect(performance.now() - start).toBeLessThan(5000);
});

test('P47 lone line feeds and mixed line ends give the same mail', async () => {
  const body = multipart('m', ['\r\nuna\r\nfrase', 'Content-Type: text/html\r\n\r\n<p>x</p>']);
  const raw = rawMail(MIXED, body).toString('latin1');

  const crlf = mailOf(await parseMail(Buffer.from(raw, 'latin1')));
  const lf = mailOf(await parseMail(Buffer.from(raw.replaceAll('\r\n', '\n'), 'latin1')));
  const mixed = mailOf(
    await parseMail(
      Buffer.from(
        raw.replace(/\r\n/g, (end, at: number) => (at % 2 === 0 ? '\n' : end)),
        'latin1',
      ),
    ),
  );

  expect(lf).toEqual(crlf);
  expect(mixed.text).toBe(crlf.text);
});

test('NULs and lone controls in a text are removed', async () => {
  const mail = await parsed({}, 'El\0 sistema\x07 no abre');

  expect(mail.text).toBe('El sistema no abre');
});
