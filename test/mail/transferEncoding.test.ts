import { expect, test } from '@jest/globals';
import { transferDecoder } from '../../src/mail/transferEncoding.ts';

/** The octets that were sent, in latin1. */
function decoded(encoding: string, text: string, chunk = text.length || 1): string {
  const decoder = transferDecoder(encoding);
  const octets: Buffer[] = [];
  for (let at = 0; at < text.length; at += chunk) octets.push(decoder.write(Buffer.from(text.slice(at, at + chunk), 'latin1')));
  octets.push(decoder.end());
  return Buffer.concat(octets).toString('latin1');
}

test.each([
  ['lines of any length', 'aG9s\r\nYSBt\r\ndW5kbw==\r\n', 'hola mundo'],
  ['lines that part the groups of four', 'aG9sYS\r\nBtdW5k\r\nbw==\r\n', 'hola mundo'],
  ['no padding', 'aG9sYSBtdW5kbw', 'hola mundo'],
  ['two texts with a padding each', 'aG9sYQ==\r\nIG11bmRv\r\n', 'hola mundo'],
  ['two texts on one line', 'aG9sYQ==IG11bmRv\r\n', 'hola mundo'],
  ['stray characters', 'aG9s!YSB*tdW5\xf1kbw==\r\n', 'hola mundo'],
  ['characters of another alphabet', 'aG9s-YSBt_dW5kbw==', 'hola mundo'],
  ['a footer of a server', 'aG9sYQ==\r\n\r\nEste mensaje fue revisado\r\n', 'hola'],
  ['a footer above which nothing is padded', 'aG9sIG11bmRv\r\nrevisado por x\r\n', 'hol mundo'],
  ['what is not encoded at all', 'Buenos dias, no abre.\r\nGracias\r\n', 'Buenos dias, no abre.\r\nGracias\r\n'],
  ['markup', '<p>Hola</p>', '<p>Hola</p>'],
])('base64 with %s is read', (_, text, octets) => {
  expect(decoded('base64', text)).toBe(octets);
});

test.each([
  ['soft line breaks', 'hola =\r\nmundo', 'hola mundo'],
  ['blanks at line ends', 'hola \t\r\nmundo', 'hola\r\nmundo'],
  ['an escape over a line break', 'a=C3==\r\nB1o\r\n', 'a\xc3\xb1o\r\n'],
  ['small letters in escapes', 'a=f1o', 'a\xf1o'],
  ['escapes that are none', '100 % = 1=G0=', '100 % = 1=G0'],
  ['raw octets, of which one is a no-break space in latin1', 'ser\xc3\xa0\r\n', 'ser\xc3\xa0\r\n'],
])('quoted-printable with %s is read', (_, text, octets) => {
  expect(decoded('quoted-printable', text)).toBe(octets);
});

test.each(['x-uuencode', 'uuencode', 'x-uue'])('%s is decoded, with its first and last line or without them', (encoding) => {
  const line = '*2&]L82!M=6YD;P``';

  expect(decoded(encoding, `begin 644 a.txt\r\n${line}\r\n\`\r\nend\r\n`)).toBe('Hola mundo');
  expect(decoded(encoding, `${line}\r\n`)).toBe('Hola mundo');
});

test.each(['base64', 'quoted-printable'])('%s gives the same octets in chunks of any size', (encoding) => {
  const text = encoding === 'base64' ? `${'QUJD\r\n'.repeat(50)}QQ==\r\n` : 'a=F1o nuevo =\r\nsigue\r\n'.repeat(20);

  for (const chunk of [1, 3, 7, 64]) expect(decoded(encoding, text, chunk)).toBe(decoded(encoding, text));
});

test.each([
  ['base64', 'QUJD'.repeat(500_000)],
  ['base64', 'Q=U='.repeat(60_000)],
  ['quoted-printable', `${' '.repeat(1_000_000)}x`],
  ['quoted-printable', '=\r\n'.repeat(500_000)],
])('P30 %s on hostile input takes linear time', (encoding, text) => {
  const start = performance.now();

  decoded(encoding, text, 64 * 1024);

  expect(performance.now() - start).toBeLessThan(2000);
});
