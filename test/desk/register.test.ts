import { expect, test } from '@jest/globals';
import { contractInForce, contractWords, type RegisteredClient, registerAfter } from '../../src/desk/register.ts';
import { type RegisterLine, type RegisterRules, registeredClients } from '../../src/desk/registerFile.ts';

const RULES: RegisterRules = {
  slas: ['oro'],
  isOurAddress: (address) => address === 'soporte@itac.co',
  staffDomain: 'itac.co',
};

function aLine(cells: Partial<RegisterLine> = {}): RegisterLine {
  const plain = {
    line: 2,
    client: 'Cliente S.A.',
    modality: '',
    validUntil: '',
    sla: '',
    domains: '',
    name: '',
    address: 'ana@cliente.example',
    language: '',
  };
  return { ...plain, ...cells };
}

function contractOf(cells: Partial<RegisterLine>) {
  const plan = registeredClients([aLine(cells)], RULES);
  return plan.ok ? plan.clients[0]!.contract : plan.faults[0]!.problem;
}

test.each([
  ['24/7', '24/7'],
  ['24x7', '24/7'],
  ['7 X 24', '24/7'],
  ['8/5', '8/5'],
  ['5×8', '8/5'],
])('the modality %s is understood', (written, modality) => {
  expect(contractOf({ modality: written })).toEqual({ modality, validUntil: null, sla: null });
});

test.each([
  ['2027-01-31', '2027-01-31'],
  ['31/01/2027', '2027-01-31'],
  ['1/2/2027', '2027-02-01'],
])('the last day %s is understood as it is written in Colombia', (written, day) => {
  expect(contractOf({ modality: '8x5', validUntil: written, sla: 'oro' })).toEqual({ modality: '8/5', validUntil: day, sla: 'oro' });
});

test.each<[string, Partial<RegisterLine>, RegExp]>([
  ['a modality that a spreadsheet made a date of', { modality: '8-may' }, /la modalidad "8-may" no se entiende: escriba 24x7 u 8x5/],
  ['a day that does not exist', { modality: '8x5', validUntil: '31/02/2027' }, /la fecha "31\/02\/2027" no se entiende/],
  ['a day in the order of other countries', { modality: '8x5', validUntil: '01/31/2027' }, /no se entiende/],
  ['a last day without a modality', { validUntil: '2027-01-31' }, /falta la modalidad/],
  [
    'a service level that the settings do not have',
    { modality: '8x5', sla: 'plata' },
    /el SLA "plata" no existe; los de clients\.sla son oro/,
  ],
  ['a language that we have no words in', { language: 'fr' }, /el idioma "fr" no se entiende: escriba es, en o pt/],
  ['a name and no address', { name: 'Ana Pérez', address: '' }, /falta el correo del contacto \(Ana Pérez\)/],
  ['no client', { client: '' }, /falta el nombre del cliente/],
  ['two addresses in one cell', { address: 'ana@cliente.example, luis@cliente.example' }, /no es una dirección de correo/],
  ['our own address', { address: 'Soporte@itac.co' }, /es una dirección nuestra/],
  ['a public provider as domain', { domains: 'gmail.com' }, /es de un proveedor público/],
  ['our own domain', { domains: 'itac.co' }, /es nuestro dominio/],
  ['a word as domain', { domains: 'cliente' }, /"cliente" no es un dominio/],
])('a line with %s is a fault', (_title, cells, problem) => {
  expect(contractOf(cells)).toMatch(problem);
});

test('every fault is told with its line, contradictions with the line that they contradict', () => {
  const plan = registeredClients(
    [
      aLine({ line: 2, modality: '8x5', domains: 'cliente.example' }),
      aLine({ line: 3, modality: '24x7', address: 'luis@cliente.example' }),
      aLine({ line: 4, client: 'Otro', domains: 'cliente.example' }),
      aLine({ line: 5, client: 'CLIENTE  s.a.', modality: '8x5', name: 'Otra Ana' }),
    ],
    RULES,
  );

  expect(plan).toEqual({
    ok: false,
    faults: [
      { line: 3, problem: expect.stringContaining('son otros que en la línea 2') },
      { line: 4, problem: expect.stringContaining('el dominio cliente.example ya es de otro cliente en la línea 2') },
      { line: 5, problem: expect.stringContaining('ya está en Cliente S.A. con otro nombre o idioma') },
    ],
  });
});

test('rows of one client, however its name is written, are one client with all their domains and contacts', () => {
  const plan = registeredClients(
    [
      aLine({ domains: 'Cliente.example; @cliente.com.co', name: 'Ana' }),
      aLine({
        line: 3,
        client: 'CLIENTE S.A.',
        domains: 'cliente.example',
        address: 'LUIS@cliente.example',
        name: 'Luis',
        language: 'Inglés',
      }),
      aLine({ line: 4, client: 'Solo', address: '' }),
    ],
    RULES,
  );

  expect(plan).toEqual({
    ok: true,
    clients: [
      {
        name: 'Cliente S.A.',
        contract: null,
        domains: ['cliente.example', 'cliente.com.co'],
        contacts: [
          { address: 'ana@cliente.example', name: 'Ana', language: null },
          { address: 'luis@cliente.example', name: 'Luis', language: 'en' },
        ],
      },
      { name: 'Solo', contract: null, domains: [], contacts: [] },
    ],
  });
});

test('a contract holds through its last day in Bogotá', () => {
  const client = { contract: { modality: '8/5', validUntil: '2026-11-23', sla: null } } as const;

  expect(contractInForce(client, new Date('2026-11-24T04:59:00Z'))).toEqual(client.contract);
  expect(contractInForce(client, new Date('2026-11-24T05:00:00Z'))).toBeNull();
  expect(contractWords(client, new Date('2026-11-24T05:00:00Z'))).toBe('sin contrato vigente (venció el 2026-11-23)');
});

const ANA = { address: 'ana@cliente.example', name: 'Ana', language: null };
const LUIS = { address: 'luis@cliente.example', name: 'Luis', language: null };

function aClient(name: string, parts: Partial<RegisteredClient> = {}): RegisteredClient {
  return { name, contract: null, domains: [], contacts: [], ...parts };
}

test('a file says all about the clients and addresses that it names, and nothing about the others', () => {
  const before = [aClient('A', { contacts: [ANA, LUIS], domains: ['a.example'] }), aClient('B'), aClient('C', { domains: ['c.example'] })];
  const file = [aClient('b', { contacts: [ANA], domains: ['a.example'] }), aClient('D')];

  const { clients, changes } = registerAfter(before, file, false);

  expect(clients).toEqual([
    aClient('A', { contacts: [LUIS] }),
    aClient('b', { contacts: [ANA], domains: ['a.example'] }),
    aClient('C', { domains: ['c.example'] }),
    aClient('D'),
  ]);
  expect(changes).toEqual({
    clients: { added: 1, changed: 2, unchanged: 1 },
    contacts: { added: 1, changed: 0, removed: 1, unchanged: 1 },
    kept: 1,
  });
});

test('with replace the file is the whole register; who is not in it stays a client without contract, domains and contacts', () => {
  const contract = { modality: '24/7', validUntil: null, sla: null } as const;
  const before = [aClient('A', { contract, contacts: [ANA, LUIS], domains: ['a.example'] }), aClient('B', { contacts: [LUIS] })];

  const { clients, changes } = registerAfter(before, [aClient('B', { contacts: [{ ...LUIS, name: 'Luis G.' }] })], true);

  expect(clients).toEqual([aClient('A'), aClient('B', { contacts: [{ ...LUIS, name: 'Luis G.' }] })]);
  expect(changes).toEqual({
    clients: { added: 0, changed: 1, unchanged: 1 },
    contacts: { added: 0, changed: 1, removed: 2, unchanged: 0 },
    kept: 0,
  });
});
