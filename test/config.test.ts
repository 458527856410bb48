import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Config, type FileSettings, loadConfig } from '../src/config.ts';

const SHIPPED = resolve(import.meta.dirname, '../config/buzon.yaml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'buzon-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Settings from these variables and this file, an empty one by default. */
function load(env: Record<string, string> = {}, yaml = ''): Config {
  return loadConfig({ BUZON_CONFIG: fileOf('buzon.yaml', yaml), ...env });
}

/** What is said about faulty settings, one fault a line. */
function faultsOf(env: Record<string, string>, yaml = ''): string[] {
  try {
    load(env, yaml);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', temporary: false, remedy: expect.stringContaining('corrija') });
    const [headline, ...lines] = (error as Error).message.split('\n');
    expect(headline).toBe(`la configuración tiene ${lines.length === 1 ? 'un error' : `${lines.length} errores`}:`);
    return lines.map((line) => line.trim());
  }
  throw new Error('the settings were taken');
}

describe('without any setting', () => {
  test('everything works in folders beside the program, with no server and no password', () => {
    expect(load()).toMatchObject({
      mailbox: { kind: 'maildir', folder: './data/mailbox', doneFolder: 'Procesados', quarantineFolder: 'Cuarentena' },
      transport: { kind: 'file', folder: './data/outbox' },
      dataFolder: './data',
      address: 'soporte@itac.co',
      platformUrl: 'http://soporte.itac.com.co/',
      secret: null,
      ca: null,
      http: { host: '127.0.0.1', port: 8025 },
    });
  });

  test('the defaults are what the commented file of the project says, key by key', () => {
    const shipped = parse(readFileSync(SHIPPED, 'utf8')) as Record<keyof FileSettings, object>;
    const defaults = load().file;

    const keysOf = (settings: object) => Object.entries(settings).map(([section, keys]) => [section, Object.keys(keys as object).sort()]);
    expect(Object.fromEntries(keysOf(shipped))).toEqual(Object.fromEntries(keysOf(defaults)));
    expect(loadConfig({ BUZON_CONFIG: SHIPPED }).file).toEqual(defaults);
  });
});

test.each([
  [
    'imaps://soporte%40itac.co@mail.itac.co/INBOX',
    { host: 'mail.itac.co', port: 993, secure: true, user: 'soporte@itac.co', mailbox: 'INBOX' },
  ],
  ['imap://soporte@mail.itac.co:1143', { port: 1143, secure: false, user: 'soporte', mailbox: 'INBOX' }],
  ['imaps://soporte@[::1]/Soporte/Entrada%20nueva', { host: '::1', mailbox: 'Soporte/Entrada nueva' }],
])('the mailbox %s', (BUZON_MAILBOX, expected) => {
  expect(load({ BUZON_MAILBOX, BUZON_MAILBOX_PASSWORD: 'x' }).mailbox).toMatchObject({ kind: 'imap', password: 'x', ...expected });
});

test.each([
  ['smtps://soporte%40itac.co@smtp.itac.co', { host: 'smtp.itac.co', port: 465, secure: true, user: 'soporte@itac.co' }],
  ['smtp://smtp.itac.co', { port: 587, secure: false, user: null }],
  ['smtp://smtp.itac.co:2525', { port: 2525 }],
])('the transport %s', (BUZON_TRANSPORT, expected) => {
  expect(load({ BUZON_TRANSPORT, BUZON_TRANSPORT_PASSWORD: 'x' }).transport).toMatchObject({ kind: 'smtp', ...expected });
});

test('secrets come from files as well, without the line end that editors add', () => {
  const env = {
    BUZON_MAILBOX: 'imaps://soporte@mail.itac.co',
    BUZON_MAILBOX_PASSWORD_FILE: fileOf('mailbox', 'uno\n'),
    BUZON_TRANSPORT: 'smtps://soporte@mail.itac.co',
    BUZON_TRANSPORT_PASSWORD_FILE: fileOf('transport', 'dos\n'),
    BUZON_SECRET_FILE: fileOf('secret', 'tres tres tres tres\n'),
  };

  expect(load(env)).toMatchObject({ mailbox: { password: 'uno' }, transport: { password: 'dos' }, secret: 'tres tres tres tres' });
});

test('the certificate of an authority is read from its file', () => {
  const pem = fileOf('ca.pem', '-----BEGIN CERTIFICATE-----\n');

  expect(load({}, `tls: { caFile: ${pem} }`).ca).toBe('-----BEGIN CERTIFICATE-----\n');
});

const IMAP = { BUZON_MAILBOX: 'imaps://soporte@mail.itac.co/INBOX', BUZON_MAILBOX_PASSWORD: 'x' };

test.each<[string, Record<string, string>, string, RegExp]>([
  ['an unknown variable', { BUZON_MAILBOXX: 'x' }, '', /^BUZON_MAILBOXX: no existe tal variable; las que hay son BUZON_CONFIG, /],
  ['a mailbox of another kind', { BUZON_MAILBOX: 'pop3://a@b' }, '', /^BUZON_MAILBOX: se espera imaps:\/\/usuario@servidor\/INBOX, /],
  ['a mailbox without a user', { ...IMAP, BUZON_MAILBOX: 'imaps://mail.itac.co' }, '', /^BUZON_MAILBOX: se espera imaps/],
  ['a missing password', { BUZON_MAILBOX: IMAP.BUZON_MAILBOX }, '', /^BUZON_MAILBOX_PASSWORD: falta .*BUZON_MAILBOX_PASSWORD_FILE$/],
  ['a mailbox that cannot be decoded', { ...IMAP, BUZON_MAILBOX: 'imaps://a%zz@mail.itac.co' }, '', /^BUZON_MAILBOX: se espera imaps/],
  ['an empty password', { ...IMAP, BUZON_MAILBOX_PASSWORD: '' }, '', /^BUZON_MAILBOX_PASSWORD: la contraseña está vacía; .*_FILE/],
  ['a transport of another kind', { BUZON_TRANSPORT: 'http://x' }, '', /^BUZON_TRANSPORT: se espera smtps:/],
  ['a missing transport password', { BUZON_TRANSPORT: 'smtps://a@b.co' }, '', /^BUZON_TRANSPORT_PASSWORD: falta /],
  ['an address that is none', { BUZON_ADDRESS: 'soporte' }, '', /^BUZON_ADDRESS: se espera una dirección de correo; por ejemplo/],
  ['a platform that is no web address', { BUZON_PLATFORM_URL: 'ftp://x' }, '', /^BUZON_PLATFORM_URL: se espera una dirección web/],
  ['a state address without a port', { BUZON_HTTP: 'localhost' }, '', /^BUZON_HTTP: se espera dirección:puerto, /],
  ['a port that is too high', { BUZON_HTTP: '127.0.0.1:70000' }, '', /^BUZON_HTTP: /],
  ['a short secret', { BUZON_SECRET: 'corto' }, '', /^BUZON_SECRET: se esperan al menos 16 caracteres; /],
  [
    'a secret twice',
    { ...IMAP, BUZON_MAILBOX_PASSWORD_FILE: 'package.json' },
    '',
    /^BUZON_MAILBOX_PASSWORD: está también BUZON_MAILBOX_PASSWORD_FILE; /,
  ],
  ['a secret file that is not there', { BUZON_SECRET_FILE: '/nowhere' }, '', /^BUZON_SECRET_FILE: el archivo no se puede leer; /],
  [
    'a configuration file that is not there',
    { BUZON_CONFIG: '/nowhere.yaml' },
    '',
    /^\/nowhere\.yaml: no existe ese archivo; .*BUZON_CONFIG/,
  ],
  ['text that is no YAML', {}, 'limits: [', /buzon\.yaml: no es YAML válido \(línea 1, columna 10\); .*sangría/],
  [
    'a schedule that is none',
    {},
    'mailbox: { pollSchedule: cada minuto }',
    /mailbox\.pollSchedule: se espera un horario cron; por ejemplo/,
  ],
  [
    'a negative retention time',
    {},
    'quarantine: { retentionDays: -1 }',
    /quarantine\.retentionDays: se espera un número entero de días de 0 a 3650; por ejemplo 90, o 0 para siempre \(llegó un número\)$/,
  ],
  [
    'a digest for nobody that can be written to',
    {},
    'digest: { to: [mesa] }',
    /digest\.to\.0: se espera una dirección de correo; por ejemplo/,
  ],
  [
    'a list of the unanswered that names nobody',
    {},
    "gate: { neverAnswer: ['@cliente.co'] }",
    /gate\.neverAnswer\.0: se espera una dirección de correo o un dominio; por ejemplo alertas@cliente\.co o cliente\.co \(llegó texto\)$/,
  ],
  ['a list that is none', {}, 'gate: { neverAnswer: ana@x.co }', /gate\.neverAnswer: se espera una lista entre corchetes \(llegó texto\)$/],
  [
    'a service level of no time',
    {},
    'clients: { sla: { oro: { crítica: 0, alta: 2, media: 8, baja: 24 } } }',
    /clients\.sla\.oro\.crítica: se espera un número de horas mayor que 0; por ejemplo 4 \(llegó un número\)$/,
  ],
  [
    'a service level without one of its times',
    {},
    'clients: { sla: { oro: { crítica: 1, alta: 2, media: 8 } } }',
    /clients\.sla\.oro\.baja: se espera un número de horas/,
  ],
  [
    'a service level without a name',
    {},
    "clients: { sla: { '': { crítica: 1, alta: 2, media: 8, baja: 24 } } }",
    /clients\.sla\.: se espera un nombre; por ejemplo oro/,
  ],
  [
    'a digest for the mailbox that is watched',
    {},
    'digest: { to: [mesa@itac.co, Soporte+x@itac.co] }',
    /^digest\.to: una de las direcciones es la del buzón/,
  ],
  ['a digest at no time', {}, "digest: { schedule: 'a las 7' }", /digest\.schedule: se espera un horario cron; por ejemplo/],
  [
    'a comparison of no days',
    {},
    'reconcile: { days: 0 }',
    /reconcile\.days: se espera un número entero de días de 1 a 3650; por ejemplo 30/,
  ],
  ['an address for bounces that is none', {}, 'answer: { bounceAddress: foo }', /bounceAddress: se espera una dirección para los rebotes/],
  ['hours that end before they begin', {}, "hours: { opensAt: '18:00', closesAt: '08:00' }", /^hours\.closesAt: debe ser más tarde/],
  ['one folder for two ends', {}, 'mailbox: { doneFolder: X, quarantineFolder: X }', /^mailbox\.quarantineFolder: debe ser otra carpeta/],
  ['an unknown key', {}, 'limits: { repliesPerHour: 3 }', /: limits\.repliesPerHour: no existe tal clave; /],
  ['an unknown section', {}, 'limites: {}', /: limites: no existe tal clave; /],
  ['a section that is none', {}, 'limits: 3', /: limits: se espera una sección con claves \(llegó un número\)$/],
  [
    'a number as text',
    {},
    'limits: { maxMessageBytes: 25 MB }',
    /limits\.maxMessageBytes: se espera un número entero de octetos de 65536 a 1073741824; escriba 167772160 para 160 MiB \(llegó texto\)$/,
  ],
  ['a number that is too low', {}, 'answer: { maxAgeHours: 0 }', /answer\.maxAgeHours: se espera un número entero de horas de 1 a 720; /],
  ['yes as text', {}, 'tls: { verify: "yes" }', /tls\.verify: se espera sí o no; escriba true o false \(llegó texto\)$/],
  [
    'a date that is none',
    {},
    'mailbox: { since: ayer }',
    /mailbox\.since: se espera una fecha ISO; por ejemplo 2026-11-01 \(llegó texto\)$/,
  ],
  [
    'a time of day that YAML takes for a number',
    {},
    'hours: { opensAt: 8.30 }',
    /hours\.opensAt: se espera una hora entre comillas; por ejemplo "08:00" \(llegó un número\)$/,
  ],
  ['a weekday that does not exist', {}, 'hours: { weekdays: [0] }', /hours\.weekdays\.0: se espera un día de la semana/],
  [
    'a pattern with two groups',
    {},
    String.raw`tickets: { legacyPatterns: ['(a)(\d+)'] }`,
    /tickets\.legacyPatterns\.0: se espera una expresión regular con un solo grupo/,
  ],
  ['a pattern that is none', {}, "tickets: { legacyPatterns: ['('] }", /tickets\.legacyPatterns\.0: se espera una expresión regular/],
  ['an authority file that is not there', {}, 'tls: { caFile: /nowhere.pem }', /^tls\.caFile: el archivo no se puede leer; /],
  [
    'R26 a done folder that is the mailbox',
    IMAP,
    'mailbox: { doneFolder: inbox }',
    /^mailbox\.doneFolder: inbox es el mismo buzón que se lee; elija otra/,
  ],
  [
    'R26 a quarantine folder that is the mailbox',
    { ...IMAP, BUZON_MAILBOX: 'imaps://a@b.co/A/B' },
    'mailbox: { quarantineFolder: A//B/ }',
    /^mailbox\.quarantineFolder: /,
  ],
  [
    'a Maildir without a done folder',
    {},
    'mailbox: { doneFolder: null }',
    /^mailbox\.doneFolder, mailbox\.quarantineFolder: con maildir: /,
  ],
])('%s is named with its key, its shape and what to write', (_what, env, yaml, expected) => {
  const faults = faultsOf(env, yaml);

  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(expected);
});

test('all faults are named at once', () => {
  const yaml = 'limits: { repliesPerAddressPerHour: -1, foo: 1 }\nanswer: { fromName: "" }';

  const faults = faultsOf({ BUZON_ADDRESS: 'x', BUZON_HTTP: 'y', BUZON_MAILBOX: 'imaps://a@b.co' }, yaml);

  const keys = faults.map((line) => /(?:[a-zA-Z]+\.)+[a-zA-Z]+(?=: )|^BUZON_[A-Z_]+/.exec(line.replace(/^.*\.yaml: /, ''))?.[0]);
  expect(keys.toSorted()).toEqual([
    'BUZON_ADDRESS',
    'BUZON_HTTP',
    'BUZON_MAILBOX_PASSWORD',
    'answer.fromName',
    'limits.foo',
    'limits.repliesPerAddressPerHour',
  ]);
});

test('S23 no fault repeats a value, which might be a secret in the wrong place', () => {
  const secret = 'Xk3-very-secret';
  const env = {
    BUZON_MAILBOX: `imaps://soporte:${secret}@mail.itac.co`,
    BUZON_TRANSPORT: `smtps://soporte:${secret}@mail.itac.co`,
    BUZON_HTTP: secret,
    BUZON_ADDRESS: secret,
    BUZON_SECRET: 'Xk3-very',
    BUZON_PLATFORM_URL: secret,
  };

  const faults = faultsOf(env, `log: { level: ${secret} }\ntickets: { prefix: ${secret}, legacyPatterns: ["(${secret}"] }`);

  expect(faults.length).toBeGreaterThan(7);
  expect(faults.join('\n')).not.toContain('Xk3');
});

test('values of our own take the place of the defaults, the rest stays', () => {
  const { file } = load({}, 'limits: { newTicketsPerMinute: 5 }\nhours: { opensAt: "07:30" }\nmailbox: { since: 2026-11-01 }');

  expect(file.limits).toMatchObject({ newTicketsPerMinute: 5, repliesPerAddressPerHour: 2 });
  expect(file.hours).toMatchObject({ opensAt: 450, closesAt: 1080 });
  expect(file.mailbox.since).toBe('2026-11-01');
});

test('O20 who is never answered is taken in lower case, addresses and domains', () => {
  expect(load({}, 'gate: { neverAnswer: [Alertas@Cliente.CO, Otro.co] }').file.gate.neverAnswer).toEqual(['alertas@cliente.co', 'otro.co']);
});

test('an empty state address turns the endpoint off', () => {
  expect(load({ BUZON_HTTP: '' }).http).toBeNull();
});
