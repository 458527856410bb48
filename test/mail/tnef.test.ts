import { expect, test } from '@jest/globals';
import { readTnef } from '../../src/mail/tnef.ts';
import { multipart, parsed } from '../support/parsed.ts';

const latin1 = (octets: Buffer) => octets.toString('latin1');

const u32 = (...values: number[]) => {
  const octets = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    octets.writeUInt32LE(value, 4 * i);
  });
  return octets;
};

function attribute(level: 1 | 2, id: number, octets: Buffer): Buffer {
  return Buffer.concat([Buffer.from([level]), u32(id, octets.length), octets, Buffer.from([0, 0])]);
}

/** One property with its value, padded to four. */
function property(type: number, id: number, octets: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (octets.length % 4)) % 4);
  return Buffer.concat([u32((id << 16) | type), u32(1, octets.length), octets, padding]);
}

const properties = (...all: Buffer[]) => Buffer.concat([u32(all.length), ...all]);
const winmail = (...attributes: Buffer[]) => Buffer.concat([u32(0x223e9f78), Buffer.from([1, 0]), ...attributes]);
const ascii = (text: string) => Buffer.from(`${text}\0`, 'latin1');
const utf16 = (text: string) => Buffer.from(`${text}\0`, 'utf16le');

const LONG = u32(0x0e210003, 7);
const NAMED = Buffer.concat([
  u32(0x8001001e),
  Buffer.alloc(16),
  u32(1, 6),
  utf16('ab'),
  Buffer.alloc(2),
  u32(1, 2),
  ascii('x'),
  Buffer.alloc(2),
]);
const MANY = Buffer.concat([u32(0x66001003, 2, 1, 2)]);

const WHOLE = winmail(
  attribute(1, 0x00069003, properties(property(0x1f, 0x1000, utf16('Ver adjuntos, año 2026')))),
  attribute(2, 0x00069002, Buffer.alloc(14)),
  attribute(2, 0x00018010, ascii('COTIZA~1.PDF')),
  attribute(2, 0x0006800f, Buffer.from('%PDF-1.7 uno')),
  attribute(
    2,
    0x00069005,
    properties(LONG, NAMED, MANY, property(0x1f, 0x3707, utf16('cotización.pdf')), property(0x1e, 0x370e, ascii('Application/PDF'))),
  ),
  attribute(2, 0x00069002, Buffer.alloc(14)),
  attribute(2, 0x00018010, ascii('nota.txt')),
  attribute(2, 0x0006800f, Buffer.from('dos')),
);

test('P36 the text and the files of a winmail.dat are read, with their long names and types', () => {
  expect(readTnef(WHOLE, latin1)).toEqual({
    text: 'Ver adjuntos, año 2026',
    files: [
      { filename: 'cotización.pdf', contentType: 'application/pdf', contentId: null, octets: Buffer.from('%PDF-1.7 uno') },
      { filename: 'nota.txt', contentType: null, contentId: null, octets: Buffer.from('dos') },
    ],
  });
});

test('P36 the files of a winmail.dat become attachments beside it, its text that of a mail without other text', async () => {
  const part = `Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n${WHOLE.toString('base64')}`;

  const mail = await parsed({ 'Content-Type': 'multipart/mixed; boundary=m' }, multipart('m', [part]));

  expect(mail.attachments.map(({ filename, contentType, size }) => [filename, contentType, size])).toEqual([
    ['winmail.dat', 'application/ms-tnef', WHOLE.length],
    ['cotización.pdf', 'application/pdf', 12],
    ['nota.txt', 'application/octet-stream', 3],
  ]);
  expect(mail.text).toBe('Ver adjuntos, año 2026');
  expect(mail.warnings).toContain('adjunto TNEF (winmail.dat) abierto; archivos: 2');
});

test('what is no winmail.dat is not read as one', () => {
  expect(readTnef(Buffer.from('PK\x03\x04 something'), latin1)).toBeNull();
  expect(readTnef(Buffer.alloc(0), latin1)).toBeNull();
});

test('a winmail.dat cut anywhere is read as far as it goes', () => {
  for (let length = 6; length < WHOLE.length; length++) {
    expect(readTnef(WHOLE.subarray(0, length), latin1)!.files.length).toBeLessThanOrEqual(2);
  }
});

test.each([
  ['lengths that lie', Buffer.alloc(1_000_000, 0xff)],
  ['empty attributes', Buffer.alloc(2_000_000)],
  ['files without end', Buffer.concat(Array.from({ length: 100_000 }, () => attribute(2, 0x00069002, Buffer.alloc(0))))],
  ['properties of many values', attribute(1, 0x00069003, Buffer.concat([u32(0xffffffff), Buffer.alloc(2_000_000, 0x10)]))],
])('P30 a winmail.dat of %s is read in linear time', (_, content) => {
  const start = performance.now();

  expect(readTnef(winmail(content), latin1)!.files.length).toBeLessThanOrEqual(200);

  expect(performance.now() - start).toBeLessThan(1000);
});
