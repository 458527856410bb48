import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { MailStream } from '../support/mailStream.ts';
import { ROOT, runProgram } from '../support/program.ts';

jest.setTimeout(60_000);

const SAMPLES = join(ROOT, 'config', 'demo');

interface Explained {
  file: string;
  ok: boolean;
  error?: string;
  message: { subject: string; newText: string };
  classification: { kind: string } | null;
  decision: { action: string; cause: string | null; reply: string; ticket: number | null; trace: { rule: string; because: string }[] };
}

interface Folder extends AsyncDisposable {
  path: string;
}

async function aFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'buzon-e2e-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function linesOf(stdout: string): Explained[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Explained);
}

/** The table of `config/demo/README.md`: file, and what must be decided. */
async function promised(): Promise<[file: string, what: string][]> {
  const rows = (await readFile(join(SAMPLES, 'README.md'), 'utf8')).matchAll(/^\| `([^`]{1,80})` \| [^|]{1,200} \| ([^|]{1,200}) \|$/gm);
  return [...rows].map(([, file, what]) => [`${file}.eml`, what!.trim()]);
}

/** What the table's words mean, told by the words that decide. */
function expectedOf(what: string): Record<string, unknown> {
  const number = /ticket (\d{1,3})/.exec(what)?.[1];
  const ticket = number === undefined ? {} : { number: Number(number) };
  if (/^abrir|abrir el ticket/.test(what)) {
    const kind = /incidencia|requerimiento/.exec(what)?.[0];
    const reply = what.includes('texto fijo') ? 'fixed-text' : 'acknowledge';
    return { action: 'open', reply, number: Number(/abrir el ticket (\d{1,3})/.exec(what)![1]), ...(kind ? { kind } : {}) };
  }
  if (what.startsWith('agregar')) return { action: 'append', reply: 'none', ...ticket };
  if (what.startsWith('nota')) return { action: 'note', reply: 'none', ...ticket };
  if (what.startsWith('rebote')) return { action: 'bounce', reply: 'none', ...ticket };
  if (what.startsWith('cuarentena')) return { action: 'quarantine', reply: 'none', cause: /`([a-z-]{1,40})`/.exec(what)![1] };
  if (what.startsWith('ignorar')) return { action: 'ignore', reply: 'none', cause: /`([a-z-]{1,40})`/.exec(what)![1] };
  if (what === 'nunca se responde') return { reply: 'none' };
  throw new Error(`the table says something new: ${what}`);
}

test('demo decides what the table beside its mails promises', async () => {
  await using folder = await aFolder();
  const table = await promised();

  const { code, stdout, stderr } = await runProgram(['demo', '--json'], { env: { TMPDIR: folder.path }, cwd: folder.path });

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const done = new Map(linesOf(stdout).map((line) => [line.file, line]));
  expect([...done.keys()].sort()).toEqual(table.map(([file]) => file));
  let opened = 0;
  const found = table.map(([file]) => {
    const { decision, classification } = done.get(file)!;
    const number = decision.action === 'open' ? ++opened : decision.ticket;
    return [file, { action: decision.action, reply: decision.reply, cause: decision.cause, number, kind: classification?.kind ?? null }];
  });
  expect(Object.fromEntries(found)).toMatchObject(Object.fromEntries(table.map(([file, what]) => [file, expectedOf(what)])));
});

test('demo shows a person what came in, the tickets, a whole answer and where everything lies, and its data can be looked at afterwards', async () => {
  await using folder = await aFolder();
  const options = { env: { TMPDIR: folder.path }, cwd: folder.path };

  const { code, stdout } = await runProgram(['demo'], options);
  const data = /BUZON_DATA=(\S{1,300})/.exec(stdout)?.[1] ?? '';
  const ticket = await runProgram(['ticket', '1'], { ...options, env: { ...options.env, BUZON_DATA: data } });
  const list = await runProgram(['tickets', '--json', '--kind', 'requerimiento'], {
    ...options,
    env: { ...options.env, BUZON_DATA: data },
  });

  expect(code).toBe(0);
  expect(stdout).toMatch(/01-incidencia-produccion-caida[\s\S]*Auto-Submitted: auto-replied[\s\S]*http:\/\/soporte\.itac\.com\.co\//i);
  expect(ticket).toMatchObject({ code: 0, stderr: '' });
  expect(ticket.stdout).toMatch(/^Ticket 1: [\s\S]*Traza[\s\S]*opensTicket/);
  const kinds = list.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(new Set(kinds)).toEqual(new Set(['requerimiento']));
});

test('explain prints one line for each file in their order, goes on after one that cannot be read, and reads standard input', async () => {
  await using folder = await aFolder();
  const [one, two] = ['01-incidencia-produccion-caida.eml', '02-requerimiento-nuevo-reporte.eml'].map((name) => join(SAMPLES, name));
  const empty = join(folder.path, 'empty.eml');
  await writeFile(empty, '');

  const { code, stdout, stderr } = await runProgram(['explain', '--json', one!, '/nowhere.eml', folder.path, empty, '-', two!], {
    cwd: folder.path,
    stdin: await readFile(one!),
  });

  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines.map(({ file, ok }) => [file, ok])).toEqual([
    [one, true],
    ['/nowhere.eml', false],
    [folder.path, false],
    [empty, false],
    ['-', true],
    [two, true],
  ]);
  expect(lines[1]?.error).toContain('no such file');
  expect(lines[4]?.message).toEqual(lines[0]?.message);
  expect(lines[0]).toMatchObject({ classification: { kind: 'incidencia' }, decision: { action: 'open', ticket: null } });
});

test('explain without --json is for people', async () => {
  const { code, stdout, stderr } = await runProgram(['explain', join(SAMPLES, '11-rebote-de-nuestra-respuesta.eml')]);

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/escrito por +una máquina \(rebote\)[\s\S]*decisión +rebote[\s\S]*traza\n +alreadyIngested/);
});

test('S14 S21 explain of fifty mails leaves no file behind', async () => {
  await using folder = await aFolder();
  const [mails, temporary] = [join(folder.path, 'mails'), join(folder.path, 'tmp')];
  await mkdir(mails);
  await mkdir(temporary);
  const stream = new MailStream(50, { attachmentEvery: 3 });
  const files = await Promise.all(
    stream.firstMails(50).map(async ({ bytes }, i) => {
      const file = join(mails, `${i}.eml`);
      await writeFile(file, bytes);
      return file;
    }),
  );

  const { code, stdout } = await runProgram(['explain', '--json', ...files], { env: { TMPDIR: temporary }, cwd: folder.path });

  expect(linesOf(stdout)).toHaveLength(50);
  expect(code).toBe(linesOf(stdout).every(({ ok }) => ok) ? 0 : 1);
  expect(await readdir(folder.path)).toEqual(['mails', 'tmp']);
  expect(await readdir(temporary)).toEqual([]);
});

test('help goes to standard output with exit code 0, wrong usage to standard error with 2', async () => {
  const [help, wrong] = await Promise.all([runProgram(['once', '--help']), runProgram(['once', '--fast'])]);

  expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^buzon once/), stderr: '' });
  expect(wrong).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^buzon: once: la opción --fast .*\n {2}Remedio: .*--help/),
  });
});

const run = promisify(execFile);

/** A Node.js of the system that is too old for us; null when there is none. */
async function oldNode(): Promise<string | null> {
  const { stdout } = await run('which', ['-a', 'node']).catch(() => ({ stdout: '' }));
  for (const node of new Set(stdout.split('\n').filter((line) => line !== ''))) {
    const { stdout: version } = await run(node, ['--version']);
    if (Number(/^v(\d{1,3})\./.exec(version)?.[1]) < 24) return node;
  }
  return null;
}

test('an old Node.js is told so in one sentence with the way out', async () => {
  const node = await oldNode();
  if (node === null) return console.warn('SKIPPED, the launcher under an old Node.js: there is none in PATH');

  const failure = await run(node, [join(ROOT, 'bin', 'buzon.js'), 'demo']).then(
    () => null,
    (error: { code: number; stderr: string }) => error,
  );

  expect(failure).toMatchObject({ code: 2 });
  expect(failure?.stderr).toMatch(/^buzon needs Node\.js 24 or newer; this is v\d.*\nIn a checkout run "npm ci/);
});
