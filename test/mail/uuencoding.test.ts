import { expect, test } from '@jest/globals';
import type { PartReader } from '../../src/mail/parts.ts';
import { UuencodedFiles } from '../../src/mail/uuencoding.ts';

/** `Hola mundo` as a file. */
const FILE = 'begin 644 saludo.txt\n*2&]L82!M=6YD;P``\n`\nend\n';

interface Read {
  text: string;
  files: { name: string | null; content: string }[];
  isCut: boolean;
}

/** What is found in a text, in latin1, that comes in chunks of this size. */
async function filesIn(written: string, chunk = written.length): Promise<Read> {
  const read: Read = { text: '', files: [], isCut: false };
  const collect = (take: (content: string) => void): PartReader => ({ write: (octets) => take(octets.toString('latin1')), end: () => {} });
  const reader = new UuencodedFiles(
    collect((content) => {
      read.text += content;
    }),
    (name) => {
      const file = { name, content: '' };
      read.files.push(file);
      return collect((content) => {
        file.content += content;
      });
    },
    () => {
      read.isCut = true;
    },
  );
  for (let at = 0; at < written.length; at += chunk) await reader.write(Buffer.from(written.slice(at, at + chunk), 'latin1'));
  await reader.end();
  return read;
}

test.each([
  ['between paragraphs', `Adjunto.\n\n${FILE}\nGracias\n`, 'Adjunto.\n\n\nGracias\n'],
  ['alone', FILE, ''],
  ['with CRLF', FILE.replaceAll('\n', '\r\n'), ''],
  ['without line end', FILE.trimEnd(), ''],
  ['with blanks for zeros', FILE.replaceAll('`', ' '), ''],
  ['whose blanks were cut', FILE.replace('``', '').replace('`', ''), ''],
  ['with a sign for a checksum', FILE.replace('``', '``8'), ''],
  ['in base64', 'begin-base64 644 saludo.txt\nSG9sYSBtdW5kbw==\n====\nAna\n', 'Ana\n'],
])('a uuencoded file %s is taken out of the text', async (_, written, text) => {
  const read = await filesIn(written);

  expect(read).toEqual({ text, files: [{ name: 'saludo.txt', content: 'Hola mundo' }], isCut: false });
});

test('the same is found in chunks of any size', async () => {
  const written = `Uno, begin\nbegin\n${FILE}dos\n${FILE}begin 64`;

  for (const chunk of [1, 2, 5, 17]) expect(await filesIn(written, chunk)).toEqual(await filesIn(written));
});

test('a file without a name has none, and a name may have blanks', async () => {
  const read = await filesIn(FILE.replace('saludo.txt', '') + FILE.replace('saludo', 'mi saludo'));

  expect(read.files.map(({ name }) => name)).toEqual([null, 'mi saludo.txt']);
});

test.each([
  'begin 644 de la tabla\ny termina\nend\n',
  'begin 2084 with joy\nM\nend\n',
  'begin 644 a.txt\n',
  '> begin 644 a.txt\n> *2&]L82!M=6YD;P``\n> end\n',
  'beginning\n',
])('%j is text', async (written) => {
  const read = await filesIn(written);

  expect(read).toEqual({ text: written, files: [], isCut: false });
});

test('what follows a file that breaks off is text, and that it broke off is told', async () => {
  const read = await filesIn('begin 644 saludo.txt\n*2&]L82!M=6YD;P``\nSaludos de Ana\n');

  expect(read).toEqual({ text: 'Saludos de Ana\n', files: [{ name: 'saludo.txt', content: 'Hola mundo' }], isCut: true });
});

test('a file that begins where another one breaks off is a file', async () => {
  const read = await filesIn(FILE.replace('end\n', '') + FILE);

  expect(read).toEqual({ text: '', files: Array(2).fill({ name: 'saludo.txt', content: 'Hola mundo' }), isCut: true });
});

test.each([
  ['first lines', 'begin 644 a\n'],
  ['files', FILE],
  ['one long line', 'M'],
  ['beginnings', '\nbegin'],
])('P30 a text of nothing but %s takes linear time', async (_, piece) => {
  const start = performance.now();

  await filesIn(piece.repeat(1_000_000 / piece.length), 64 * 1024);

  expect(performance.now() - start).toBeLessThan(3000);
});
