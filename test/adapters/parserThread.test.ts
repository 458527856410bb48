import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createParser, type Parser } from '../../src/adapters/parserThread.ts';
import { AppError } from '../../src/errors.ts';
import { PARSE_LIMITS } from '../../src/mail/limits.ts';
import { mailOf, multipart, rawMail } from '../support/parsed.ts';

let folder: string;
let attachmentsFolder: string;
let parser: Parser;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buzon-parser-'));
  attachmentsFolder = join(folder, 'attachments');
  parser = createParser({ limits: PARSE_LIMITS, timeoutMs: 20_000, maxMemoryMb: 256, attachmentsFolder });
});

afterEach(async () => {
  await parser.close();
  await rm(folder, { recursive: true });
});

function withAttachment(content: string, subject = 'Consulta'): Buffer {
  const parts = [
    '\r\nVer adjunto',
    `Content-Type: image/png; name=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}`,
  ];
  return rawMail({ 'Content-Type': 'multipart/mixed; boundary=m', Subject: subject }, multipart('m', parts));
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

test('messages are read from bytes and from files, several at a time', async () => {
  const path = join(folder, 'a.eml');
  await writeFile(path, rawMail({ Subject: 'de un archivo' }, 'x'));

  const results = await Promise.all([parser.parse({ path }), parser.parse({ bytes: rawMail({ Subject: 'de octetos' }, 'x') })]);

  expect(results.map((result) => mailOf(result).subject)).toEqual(['de un archivo', 'de octetos']);
});

test('P42 the same logo in two mails is stored once, under its hash, for the owner only', async () => {
  await parser.parse({ bytes: withAttachment('logo', 'uno') });
  await parser.parse({ bytes: withAttachment('logo', 'dos') });

  const name = sha256('logo');
  const path = join(attachmentsFolder, name.slice(0, 2), name);
  expect(await readFile(path, 'utf8')).toBe('logo');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(attachmentsFolder)).mode & 0o777).toBe(0o700);
  expect(await readdir(join(attachmentsFolder, 'tmp'))).toEqual([]);
});

test('P43 an attachment of 40 MB is kept whole', async () => {
  const content = Buffer.alloc(40 * 1024 * 1024, 'Buzón');
  const head =
    'From: a@b.example\r\nContent-Type: application/zip\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const path = join(folder, 'large.eml');
  await writeFile(path, [head, content.toString('base64').replace(/.{76}/g, '$&\r\n')]);

  const mail = mailOf(await parser.parse({ path }));

  const name = sha256(content);
  expect(mail.attachments).toMatchObject([{ size: content.length, sha256: name }]);
  expect(sha256(await readFile(join(attachmentsFolder, name.slice(0, 2), name)))).toBe(name);
}, 60_000);

test('a refused message leaves no file', async () => {
  const parts = `--m\r\nContent-Type: image/png\r\n\r\n${'x'.repeat(600_000)}\r\n${'--m\r\n\r\nx\r\n'.repeat(2000)}`;

  const result = await parser.parse({ bytes: rawMail({ 'Content-Type': 'multipart/mixed; boundary=m' }, parts) });

  expect(result).toMatchObject({ ok: false, cause: 'too-many-parts' });
  expect(await readdir(join(attachmentsFolder, 'tmp'))).toEqual([]);
});

test('a message that takes too long is refused', async () => {
  await parser.close();
  parser = createParser({ limits: PARSE_LIMITS, timeoutMs: 1, maxMemoryMb: 256, attachmentsFolder: null });
  const slow = rawMail({ 'Content-Type': 'text/html' }, '<p>x</p>'.repeat(400_000));

  expect(await parser.parse({ bytes: slow })).toMatchObject({ ok: false, cause: 'parse-timeout' });
});

test('a thread that cannot be started is a temporary error of the world', async () => {
  await parser.close();
  const notCloneable = { ...PARSE_LIMITS, maxTextChars: (() => 1) as unknown as number };
  parser = createParser({ limits: notCloneable, timeoutMs: 1000, maxMemoryMb: 256, attachmentsFolder: null });

  const parsed = parser.parse({ bytes: rawMail({ Subject: 'x' }, 'x') });

  await expect(parsed).rejects.toMatchObject({ code: 'PARSER_FAILED', temporary: true });
});

test('a file that is not there is an error of the world', async () => {
  const error = await parser.parse({ path: join(folder, 'none.eml') }).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'STORE_FAILED', temporary: true });
});
