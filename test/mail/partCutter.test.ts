import { expect, test } from '@jest/globals';
import { PARSE_LIMITS } from '../../src/mail/limits.ts';
import { type CutPart, PartCutter } from '../../src/mail/partCutter.ts';

interface Piece extends CutPart {
  parent: Piece | null;
  head: string;
  content: string;
  children: Piece[];
}

function pieceOf(head: string, parent: Piece | null): Piece {
  const boundary = /boundary=(\S+)/.exec(head)?.[1];
  return { head, parent, boundary: boundary === undefined ? null : Buffer.from(boundary), content: '', children: [] };
}

/** What `body` is cut into, as `[head, content, ...children]`; the content of multiparts is left out. */
async function cut(body: string, { root = 'boundary=m', chunk = body.length || 1 } = {}): Promise<unknown[]> {
  const whole = pieceOf(root, null);
  const cutter = new PartCutter<Piece>(whole, PARSE_LIMITS.maxHeaderBytes, {
    begin(head, parent) {
      const piece = pieceOf(head.toString('latin1'), parent);
      parent.children.push(piece);
      return piece;
    },
    content(piece, octets) {
      piece.content += octets.toString('latin1');
    },
  });
  for (let at = 0; at < body.length; at += chunk) await cutter.write(Buffer.from(body.slice(at, at + chunk), 'latin1'));
  await cutter.end();
  const shown = (piece: Piece): unknown[] => [piece.head.trim(), piece.boundary ? '' : piece.content, ...piece.children.map(shown)];
  return whole.boundary ? whole.children.map(shown) : [whole.content];
}

const lines = (...all: string[]) => all.join('\r\n');

test('parts are cut at their delimiters, whose line end is part of them', async () => {
  const body = lines('preamble', '--m', 'A: 1', '', 'uno', '', '--m', '', 'dos', '--m--', 'epilogue', '--m', '', 'no part', '');

  expect(await cut(body)).toEqual([
    ['A: 1', 'uno\r\n'],
    ['', 'dos'],
  ]);
});

test.each([
  ['blanks stand behind the delimiter', lines('--m  \t', '', 'uno', '--m-- ', '')],
  ['the line ends are doubled CRs', '--m\r\r\n\r\nuno\r\n--m--\r\r\n'],
  ['the line ends are LF', '--m\n\nuno\n--m--\n'],
  ['the last line end is missing', lines('--m', '', 'uno', '--m--')],
  ['the end of all stands above the first part too', lines('--m--', '--m', '', 'uno', '--m--')],
])('a part is found when %s', async (_, body) => {
  expect(await cut(body)).toEqual([['', 'uno']]);
});

test.each(['--mm', '--m-', '--m-x', '-- m', ' --m', '--m x', `--m${' '.repeat(1100)}`, '--'])(
  'the line %j is content, not a delimiter',
  async (line) => {
    expect(await cut(lines('--m', '', 'uno', line, 'dos', '--m--'))).toEqual([['', lines('uno', line, 'dos')]]);
  },
);

test('the delimiter of an outer multipart ends what is open inside it, a header section too', async () => {
  const body = lines('--m', 'boundary=n', '', '--n', '', 'uno', '--n', 'A: 1', '--m', '', 'dos', '--n', 'tres', '--m--', '');

  expect(await cut(body)).toEqual([
    ['boundary=n', '', ['', 'uno'], ['A: 1', '']],
    ['', lines('dos', '--n', 'tres')],
  ]);
});

test('a message without parts is passed on as it is', async () => {
  expect(await cut('--m\r\n\r\nuno\r\n', { root: '' })).toEqual(['--m\r\n\r\nuno\r\n']);
});

test('a part that never ends keeps its line end', async () => {
  expect(await cut('--m\r\n\r\nuno\r\n')).toEqual([['', 'uno\r\n']]);
});

test.each([1, 2, 3, 5, 8, 13])('chunks of %d octets give the same parts', async (chunk) => {
  const body = lines(
    ...[
      '',
      '--m',
      'boundary=n',
      '',
      'x',
      '--n',
      'A: 1',
      '',
      '-',
      '--',
      '--n-',
      '\r',
      '-- ',
      '',
      '--n',
      '',
      '',
      '--n--',
      'y',
      '--m',
      '',
      'dos\r',
      '-',
      '--m--',
    ],
  );

  expect(await cut(body, { chunk })).toEqual(await cut(body));
});

test.each([
  ['lines that begin like delimiters', '\n--'.repeat(500_000)],
  ['line ends', '\r\n'.repeat(1_000_000)],
  ['dashes', '-'.repeat(2_000_000)],
  ['delimiters of another multipart', '\n--n'.repeat(400_000)],
])('P30 a body of %s is cut in linear time', async (_, content) => {
  const start = performance.now();

  await cut(`--m\r\n\r\n${content}`, { chunk: 64 * 1024 });

  expect(performance.now() - start).toBeLessThan(2000);
});
