import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { runOn } from '../support/cli.ts';
import { givenADesk } from '../support/desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'contacts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS = join(folder, 'buzon.yaml');
writeFileSync(SETTINGS, 'clients:\n  sla:\n    oro: { crítica: 1, alta: 2, media: 8, baja: 24 }\n');

const FILE = [
  '\uFEFFCliente;Modalidad;Vigente hasta;SLA;Dominios;Nombre;Teléfono;Correo;Idioma',
  'Cooprobles;8x5;31/12/2099;oro;cooprobles.example coop.example;Lucía Barrera;601 555;lucia@cooprobles.example;pt',
  'Cooprobles;8x5;31/12/2099;oro;;"Gómez, Luis";;luis@cooprobles.example',
  'Transportes;24x7;;;;Rosa;;rosa@transportes.example',
  '',
].join('\r\n');

test('contacts import takes over a spreadsheet, says what changed and which columns it has no use for', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket({ from: 'rosa@transportes.example' });
  const run = (...argv: string[]) => runOn(desk, argv, FILE, { BUZON_CONFIG: SETTINGS });

  const first = await run('contacts', 'import', '-');
  const again = await run('contacts', 'import', '-', '--json');

  expect(first).toMatchObject({
    code: 0,
    err: 'Columnas que no se usan: Teléfono.',
    out: [
      'Clientes nuevos: 2; con cambios: 0; iguales: 0.',
      'Contactos nuevos: 3; con cambios: 0; iguales: 0; retirados: 0.',
      'Tickets que no eran de nadie y ahora son de su cliente: 1.',
    ].join('\n'),
  });
  expect(JSON.parse(again.out)).toEqual({
    clients: { added: 0, changed: 0, unchanged: 2 },
    contacts: { added: 0, changed: 0, removed: 0, unchanged: 3 },
    kept: 0,
    tickets: 0,
  });
});

test('contacts list shows clients, contracts and contacts, as a table and one object a line', async () => {
  await using desk = await givenADesk();
  const run = (...argv: string[]) => runOn(desk, argv, FILE, { BUZON_CONFIG: SETTINGS });
  await run('contacts', 'import', '-');

  const { out } = await run('contacts', 'list');
  const json = await run('contacts', 'list', '--client', 'COOPROBLES', '--json');

  expect(out.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['cliente', 'modalidad', 'vigente hasta', 'SLA', 'dominios', 'contacto', 'idioma', 'correo'],
    Array<unknown>(8).fill(expect.stringMatching(/^─+$/)),
    ['Cooprobles', '8/5', '2099-12-31', 'oro', 'coop.example cooprobles.example', 'Lucía Barrera', 'pt', 'lucia@cooprobles.example'],
    ['Cooprobles', '8/5', '2099-12-31', 'oro', 'coop.example cooprobles.example', 'Gómez, Luis', 'luis@cooprobles.example'],
    ['Transportes', '24/7', 'sin término', 'Rosa', 'rosa@transportes.example'],
  ]);
  expect(json.out.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      client: 'Cooprobles',
      contract: { modality: '8/5', validUntil: '2099-12-31', sla: 'oro' },
      inForce: true,
      domains: ['coop.example', 'cooprobles.example'],
      name: 'Lucía Barrera',
      address: 'lucia@cooprobles.example',
      language: 'pt',
    },
    expect.objectContaining({ address: 'luis@cooprobles.example' }),
  ]);
});

test('a file with faults is told line by line, and nothing of it is imported', async () => {
  await using desk = await givenADesk();
  const file = 'cliente,modalidad,correo\nUno,8x5,ana@uno.example\nDos,nunca,eva@dos.example\nTres,,no es correo\n';

  const { code, out, err } = await runOn(desk, ['contacts', 'import', '-'], file);

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.split('\n')).toEqual([
    expect.stringMatching(/^-, línea 3: la modalidad "nunca" no se entiende/),
    '-, línea 4: "no es correo" no es una dirección de correo; por ejemplo ana@cliente.com',
    'No se importó nada: corrija esas líneas y vuelva a intentarlo.',
  ]);
  expect(await runOn(desk, ['contacts', 'list'])).toMatchObject({ code: 0, out: '', err: 'Ningún cliente registrado.' });
});

test.each([
  ['Unicode text, as Excel calls it', Buffer.from('\uFEFFcliente\tnombre\tcorreo\r\nCafé\tÑáñez\tana@cafe.example\r\n', 'utf16le')],
  ['a first line that names the separator', Buffer.from('sep=;\r\ncliente;nombre;correo\r\nCafé;Ñáñez;ana@cafe.example\r\n')],
  ['windows-1252', Buffer.from('cliente;nombre;correo\r\nCafé;Ñáñez;ana@cafe.example\r\n', 'latin1')],
])('a spreadsheet that was saved as %s is understood', async (title, bytes) => {
  await using desk = await givenADesk();
  const file = join(folder, `${title.length}.csv`);
  writeFileSync(file, bytes);

  const { code } = await runOn(desk, ['contacts', 'import', file]);

  expect(code).toBe(0);
  expect(desk.reading((reports) => reports.clients())).toMatchObject([
    { name: 'Café', contacts: [{ name: 'Ñáñez', address: 'ana@cafe.example' }] },
  ]);
});

test.each([
  ['nothing in it', '\n', 'el archivo está vacío'],
  ['columns and no client', 'cliente,correo\n,\n', 'no trae ningún cliente'],
  [
    'no column for addresses',
    'cliente,nombre\nUno,Ana\n',
    'falta la columna correo; la primera línea nombra las columnas: cliente, modalidad',
  ],
  ['a column twice', 'cliente,correo,Correo\nUno,a@b.example,c@d.example\n', 'la columna correo está dos veces'],
  ['quotes that are never closed', 'cliente,correo\n"Uno,ana@uno.example\n', 'las comillas no están bien puestas'],
])('a file with %s is refused', async (_title, file, problem) => {
  await using desk = await givenADesk();

  const { code, err } = await runOn(desk, ['contacts', 'import', '-'], file);

  expect(code).toBe(1);
  expect(err).toContain(problem);
});

test('contacts that a file does not name stay, and with --replace they leave', async () => {
  await using desk = await givenADesk();
  const both = 'cliente,correo\nUno,ana@uno.example\nUno,eva@uno.example\n';
  const one = 'cliente,correo\nUno,ana@uno.example\n';
  await runOn(desk, ['contacts', 'import', '-'], both);

  const kept = await runOn(desk, ['contacts', 'import', '-'], one);
  const replaced = await runOn(desk, ['contacts', 'import', '-', '--replace'], one);

  expect(kept.out).toContain('Contactos que no están en el archivo y se conservan (con --replace dejan de serlo): 1.');
  expect(replaced.out).toContain('Contactos nuevos: 0; con cambios: 0; iguales: 1; retirados: 1.');
});

test('an export that came out empty does not empty the register', async () => {
  await using desk = await givenADesk();
  await runOn(desk, ['contacts', 'import', '-'], FILE, { BUZON_CONFIG: SETTINGS });

  const { code } = await runOn(desk, ['contacts', 'import', '-', '--replace'], FILE.split('\r\n')[0]!);

  expect(code).toBe(1);
  expect((await runOn(desk, ['contacts', 'list'])).out).toContain('lucia@cooprobles.example');
});

test('doctor says how many clients and contacts there are', async () => {
  await using desk = await givenADesk();
  await runOn(desk, ['contacts', 'import', '-'], 'cliente,modalidad,correo\nUno,8x5,ana@uno.example\nDos,,\n');

  const { out } = await runOn(desk, ['doctor']);

  expect(out).toContain('✓ clientes: 2, con 1 contacto; sin contrato vigente: 1');
});

test('tickets are found by the client’s name, and a ticket says whose it is and what its service level means', async () => {
  await using desk = await givenADesk();
  const run = (...argv: string[]) => runOn(desk, argv, FILE, { BUZON_CONFIG: SETTINGS });
  await run('contacts', 'import', '-');
  await desk.givenTicket({ from: 'lucia@cooprobles.example' });
  await desk.givenTicket({ from: 'rosa@transportes.example' });

  const listed = await run('tickets', '--client', 'cooprobles', '--json');
  const shown = await run('ticket', '1');

  expect(listed.out.split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { number: 1, client: { name: 'Cooprobles', contract: { modality: '8/5', validUntil: '2099-12-31', sla: 'oro' } } },
  ]);
  expect(shown.out).toMatch(
    /^ {2}cliente: Cooprobles, contrato 8\/5 hasta 2099-12-31, SLA oro: \d+ h si la criticidad \p{L}+ se confirma$/mu,
  );
});
