import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { DamagedArchive, TAR_END, tarEntries, tarHeader } from '../../src/adapters/tarArchive.ts';
import { packed, pieces, unpacked } from '../support/archive.ts';

const run = promisify(execFile);
const FILES = [
  { name: 'empty', bytes: Buffer.alloc(0) },
  { name: 'folder/one-block', bytes: Buffer.alloc(512, 'a') },
  { name: 'folder/more', bytes: Buffer.from('¿Qué?'.repeat(1_000)) },
];

test('what is packed comes out again, in its order', async () => {
  expect(await unpacked(packed(FILES))).toEqual(FILES);
});

test('the tar of the system unpacks it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-tar-'));
  await writeFile(join(folder, 'archive.tar'), packed(FILES));

  await run('tar', ['-C', folder, '-xf', join(folder, 'archive.tar')]);

  for (const { name, bytes } of FILES) expect(await readFile(join(folder, name))).toEqual(bytes);
  await rm(folder, { recursive: true });
});

test('a size of more than eleven octal digits is written and read, and the system reads it too', async () => {
  const size = 8 ** 11 + 5;
  const header = tarHeader('huge', size, new Date(0));

  const { value } = await tarEntries(pieces(header)).next();

  expect(value).toMatchObject({ name: 'huge', size });
});

test('an archive that is cut off anywhere is damaged', async () => {
  const whole = packed(FILES);
  const end = whole.length - TAR_END.length;

  for (let length = 0; length < end; length += 97) {
    await expect(unpacked(whole.subarray(0, length))).rejects.toThrow(DamagedArchive);
  }
});

/** A header with some octets changed, and its checksum made right again when asked for. */
function changed(at: number, text: string, { sum = true } = {}): Buffer {
  const header = tarHeader('file', 0, new Date(0));
  header.write(text, at, 'latin1');
  if (sum) {
    header.write(' '.repeat(8), 148);
    header.write(
      `${[...header]
        .reduce((all, each) => all + each, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
  }
  return Buffer.concat([header, TAR_END]);
}

test.each([
  ['a symbolic link', changed(156, '2')],
  ['a hard link', changed(156, '1')],
  ['a folder', changed(156, '5')],
  ['an extended header', changed(156, 'x')],
  ['a long name of GNU', changed(156, 'L')],
  ['no name', changed(0, '\0')],
  ['a wrong checksum', changed(0, 'x', { sum: false })],
  ['another format', changed(257, 'nothing\0')],
  ['a size that is no number', changed(124, '0000000000x')],
  ['a negative size', changed(124, '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff')],
  ['an impossible size', changed(124, '\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff')],
])('an entry with %s is damage', async (_what, archive) => {
  await expect(unpacked(archive)).rejects.toThrow(DamagedArchive);
});
