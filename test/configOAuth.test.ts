import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Config, loadConfig } from '../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'buzon-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const DOORS = {
  BUZON_MAILBOX: 'imaps://soporte%40itac.co@outlook.office365.com',
  BUZON_TRANSPORT: 'smtp://soporte%40itac.co@smtp.office365.com',
};
const REFRESH = { BUZON_OAUTH_REFRESH_TOKEN: 'refresh' };
const SECRET = { BUZON_OAUTH_CLIENT_SECRET: 'secret' };

function load(env: Record<string, string>, oauth = ''): Config {
  const path = join(folder, 'buzon.yaml');
  writeFileSync(path, oauth === '' ? '' : `oauth: { ${oauth} }`);
  return loadConfig({ BUZON_CONFIG: path, ...env });
}

/** Each fault of the settings, on a line of its own. */
function faultsOf(env: Record<string, string>, oauth: string): string[] {
  try {
    load(env, oauth);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
}

test('Microsoft with the grant of a person', () => {
  const config = load({ ...DOORS, ...REFRESH }, 'clientId: app, tenant: itac.co');

  expect(config.oauth).toEqual({
    tokenUrl: 'https://login.microsoftonline.com/itac.co/oauth2/v2.0/token',
    clientId: 'app',
    clientSecret: null,
    scope: 'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access',
    refreshToken: 'refresh',
  });
  expect([config.mailbox, config.transport]).toMatchObject([{ password: null }, { password: null }]);
});

test('Microsoft with an application that signs in as itself', () => {
  const { oauth } = load({ ...DOORS, ...SECRET, ...REFRESH }, 'clientId: app, tenant: itac.co, grant: client_credentials');

  expect(oauth).toMatchObject({ clientSecret: 'secret', refreshToken: null, scope: 'https://outlook.office365.com/.default' });
});

test('Google, whose scope is what was granted', () => {
  const { oauth } = load({ ...DOORS, ...SECRET, ...REFRESH }, 'clientId: app, provider: google');

  expect(oauth).toMatchObject({ tokenUrl: 'https://oauth2.googleapis.com/token', scope: null, refreshToken: 'refresh' });
});

test('another provider, and a scope and an address that are written out', () => {
  const { oauth } = load({ ...DOORS, ...REFRESH }, 'clientId: app, provider: other, tokenUrl: "https://id.itac.co/token", scope: mail');

  expect(oauth).toMatchObject({ tokenUrl: 'https://id.itac.co/token', scope: 'mail' });
});

test('secrets come from files as well', () => {
  const fileOf = (name: string) => {
    writeFileSync(join(folder, name), `${name} of a file\n`);
    return join(folder, name);
  };
  const env = { ...DOORS, BUZON_OAUTH_REFRESH_TOKEN_FILE: fileOf('refresh'), BUZON_OAUTH_CLIENT_SECRET_FILE: fileOf('secret') };

  expect(load(env, 'clientId: app, provider: google').oauth).toMatchObject({
    refreshToken: 'refresh of a file',
    clientSecret: 'secret of a file',
  });
});

test('a door that has its password keeps it', () => {
  const { mailbox, transport } = load({ ...DOORS, ...REFRESH, BUZON_TRANSPORT_PASSWORD: 'x' }, 'clientId: app, provider: google');

  expect([mailbox, transport]).toMatchObject([{ password: null }, { password: 'x' }]);
});

const FOREIGN = { ...DOORS, ...REFRESH, BUZON_TRANSPORT: 'smtp://soporte%40itac.co@relay.example' };
const GOOGLE = 'clientId: app, provider: google';

test.each([
  ['the same server', 'mail.itac.co', 'MAIL.itac.co'],
  ['two servers of Microsoft', 'outlook.office365.com', 'smtp-mail.outlook.com'],
  ['two servers of Google', 'imap.gmail.com', 'smtp.gmail.com'],
])('R24 S23 one token opens both doors of %s', (_, imap, smtp) => {
  const env = { ...REFRESH, BUZON_MAILBOX: `imaps://a@${imap}`, BUZON_TRANSPORT: `smtp://a@${smtp}` };

  expect(load(env, GOOGLE)).toMatchObject({ mailbox: { password: null }, transport: { password: null } });
});

test('S23 another server is given the token when the settings name its door', () => {
  expect(load(FOREIGN, `${GOOGLE}, for: [mailbox, transport]`).transport).toMatchObject({ password: null });
});

test.each<[string, Record<string, string>, string, RegExp]>([
  ['another server', FOREIGN, GOOGLE, /TRANSPORT_PASSWORD: falta .*otro que el del buzón.*oauth\.for/],
  [
    'another server under the same public suffix',
    { ...FOREIGN, BUZON_MAILBOX: 'imaps://a@imap.uno.com.co', BUZON_TRANSPORT: 'smtp://a@smtp.dos.com.co' },
    GOOGLE,
    /TRANSPORT_PASSWORD: falta /,
  ],
  [
    'a server that is called like one of the provider',
    { ...FOREIGN, BUZON_MAILBOX: 'imaps://a@imap.gmail.com', BUZON_TRANSPORT: 'smtp://a@smtp.gmail.com.example' },
    GOOGLE,
    /TRANSPORT_PASSWORD: falta /,
  ],
  ['a server beside a mailbox in a folder', { ...FOREIGN, BUZON_MAILBOX: 'maildir:x' }, GOOGLE, /TRANSPORT_PASSWORD: falta /],
  [
    'a door that the settings leave out',
    { ...DOORS, ...REFRESH },
    `${GOOGLE}, for: [mailbox]`,
    /TRANSPORT_PASSWORD: falta .*no nombra transport/,
  ],
  [
    'the mailbox that the settings leave out',
    { ...DOORS, ...REFRESH },
    `${GOOGLE}, for: [transport]`,
    /MAILBOX_PASSWORD: falta .*no nombra mailbox/,
  ],
  [
    'a door whose password is empty',
    { ...DOORS, ...REFRESH, BUZON_TRANSPORT_PASSWORD: '' },
    GOOGLE,
    /TRANSPORT_PASSWORD: la contraseña está vacía/,
  ],
  [
    'a mailbox whose password is empty',
    { ...DOORS, ...REFRESH, BUZON_MAILBOX_PASSWORD: '' },
    GOOGLE,
    /MAILBOX_PASSWORD: la contraseña está vacía/,
  ],
  [
    'a door whose password file is empty',
    { ...DOORS, ...REFRESH, BUZON_TRANSPORT_PASSWORD_FILE: '/dev/null' },
    GOOGLE,
    /TRANSPORT_PASSWORD: .* vacía/,
  ],
  [
    'a door that there is not',
    { ...DOORS, ...REFRESH },
    `${GOOGLE}, for: [smtp]`,
    /oauth\.for.*: se espera una lista con mailbox, transport o ambos/,
  ],
])('S23 %s is given no token: it is a fault, named with its key', (_, env, oauth, expected) => {
  expect(faultsOf(env, oauth)).toEqual([expect.stringMatching(expected)]);
});

test('R24 the login names of mailbox and transport and our address are three settings, as a shared mailbox needs', () => {
  const config = load({
    BUZON_MAILBOX: 'imaps://robot%40itac.onmicrosoft.com@outlook.office365.com/INBOX',
    BUZON_MAILBOX_PASSWORD: 'x',
    BUZON_TRANSPORT: 'smtp://envios%40itac.co@smtp.office365.com',
    BUZON_TRANSPORT_PASSWORD: 'y',
    BUZON_ADDRESS: 'soporte@itac.co',
  });

  expect(config).toMatchObject({
    mailbox: { user: 'robot@itac.onmicrosoft.com' },
    transport: { user: 'envios@itac.co' },
    address: 'soporte@itac.co',
    oauth: null,
  });
});

test.each<[string, Record<string, string>, string, RegExp]>([
  ['no directory', { ...DOORS, ...REFRESH }, 'clientId: app', /oauth\.tenant: falta el directorio de Microsoft; por ejemplo/],
  ['no address', { ...DOORS, ...REFRESH }, 'clientId: app, provider: other', /oauth\.tokenUrl: falta la dirección https/],
  [
    'an address in plain text',
    { ...DOORS, ...REFRESH },
    'clientId: app, tokenUrl: "http://id.itac.co"',
    /oauth\.tokenUrl: se espera .* https: .*secretos/,
  ],
  ['an address that is none', { ...DOORS, ...REFRESH }, 'clientId: app, tokenUrl: id.itac.co', /oauth\.tokenUrl: /],
  ['no refresh token', DOORS, 'clientId: app, provider: google', /BUZON_OAUTH_REFRESH_TOKEN: falta; .*BUZON_OAUTH_REFRESH_TOKEN_FILE/],
  ['no client secret', DOORS, 'clientId: app, tenant: t, grant: client_credentials', /BUZON_OAUTH_CLIENT_SECRET: falta; /],
  [
    'an application of Google as itself',
    { ...DOORS, ...SECRET },
    'clientId: app, provider: google, grant: client_credentials',
    /oauth\.grant: Google/,
  ],
  ['secrets without an application', { ...SECRET }, '', /oauth\.clientId: falta el identificador/],
  [
    'a grant of another kind',
    { ...DOORS, ...REFRESH },
    'clientId: app, grant: password',
    /oauth\.grant: se espera refresh_token o client_credentials/,
  ],
  ['a directory that leads elsewhere', { ...DOORS, ...REFRESH }, 'clientId: app, tenant: a/b', /oauth\.tenant: se espera el identificador/],
])('%s is one fault, named with its key', (_, env, oauth, expected) => {
  expect(faultsOf(env, oauth)).toEqual([expect.stringMatching(expected)]);
});
