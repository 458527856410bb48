import { mkdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AccessTokens, createAccessTokens, type OAuthOptions } from '../../src/adapters/oauthToken.ts';
import { refreshTokensIn } from '../../src/adapters/refreshTokenFile.ts';
import { type AppError, reasonOf } from '../../src/errors.ts';
import { granted, type OAuthServer, refused, startOAuthServer } from '../support/oauthServer.ts';

const CLIENT_SECRET = 'the-secret-of-the-application';
const CONFIGURED = 'the-refresh-token-of-the-settings';

let folder: string;
let server: OAuthServer;
let time = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oauth-'));
  time = 0;
  server = await startOAuthServer(() => granted(`access-${server.asked.length}`));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** As a program that was just started makes them. */
function givenTokens({
  configured = CONFIGURED as string | null,
  ...options
}: Partial<OAuthOptions> & { configured?: string | null } = {}): AccessTokens {
  return createAccessTokens({
    ...{ tokenUrl: server.tokenUrl, clientId: 'app', clientSecret: CLIENT_SECRET, scope: null, clock: () => time },
    refreshTokens: configured === null ? null : refreshTokensIn(folder, configured),
    ...options,
  });
}

const usedRefreshTokens = () => server.asked.map((form) => form['refresh_token']);

describe('asking', () => {
  test('a refresh token is sent as RFC 6749 6 says, with the scope when there is one', async () => {
    await givenTokens({ scope: 'a b' }).accessToken();

    expect(server.asked).toEqual([
      { grant_type: 'refresh_token', refresh_token: CONFIGURED, client_id: 'app', client_secret: CLIENT_SECRET, scope: 'a b' },
    ]);
  });

  test('an application that signs in as itself sends its secret only', async () => {
    const token = await givenTokens({ configured: null }).accessToken();

    expect(token).toBe('access-1');
    expect(server.asked).toEqual([{ grant_type: 'client_credentials', client_id: 'app', client_secret: CLIENT_SECRET }]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('an application without a secret sends none', async () => {
    await givenTokens({ clientSecret: null }).accessToken();

    expect(server.asked[0]).not.toHaveProperty('client_secret');
  });
});

describe('keeping', () => {
  test('a token is asked for once until five minutes before its end', async () => {
    const tokens = givenTokens();

    const first = [await tokens.accessToken(), await tokens.accessToken()];
    time = 3_299_000;
    const later = await tokens.accessToken();
    time = 3_300_000;
    const renewed = await tokens.accessToken();

    expect([...first, later, renewed]).toEqual(['access-1', 'access-1', 'access-1', 'access-2']);
  });

  test.each([
    ['a short life', { expires_in: 60 }, 30_000],
    ['a life told as text', { expires_in: '3600' }, 3_300_000],
    ['no life told', { expires_in: undefined }, 300_000],
    ['a life that is no number', { expires_in: 'siempre' }, 300_000],
  ])('a token with %s is replaced in time', async (_, more, goodForMs) => {
    server.reply = () => granted(`access-${server.asked.length}`, more);
    const tokens = givenTokens();
    await tokens.accessToken();

    expect(tokens.validForMs()).toBe(goodForMs);
  });

  test('two doors that ask at the same time get one token', async () => {
    const tokens = givenTokens();

    const both = await Promise.all([tokens.accessToken(), tokens.accessToken()]);

    expect(both).toEqual(['access-1', 'access-1']);
    expect(server.asked).toHaveLength(1);
  });

  test('a token that a server refused is had anew, once for all that had it, unless it is younger than a minute', async () => {
    const tokens = givenTokens();
    const token = await tokens.accessToken();

    const young = await tokens.accessToken(token);
    time = 60_000;
    const renewed = await Promise.all([tokens.accessToken(token), tokens.accessToken(token)]);
    const late = await tokens.accessToken(token);

    expect(young).toBe('access-1');
    expect([...renewed, late]).toEqual(['access-2', 'access-2', 'access-2']);
    expect(server.asked).toHaveLength(2);
  });
});

describe('refresh tokens', () => {
  test('R23 a new refresh token is kept for its owner only before it is used, and used from then on, also after a restart', async () => {
    server.reply = () => granted(`access-${server.asked.length}`, { refresh_token: `refresh-${server.asked.length}` });
    const tokens = givenTokens();

    await tokens.accessToken();
    const file = join(folder, 'oauth-refresh-token');
    const kept = JSON.parse(await readFile(file, 'utf8')) as { refreshToken: string };
    time = 3_600_000;
    await tokens.accessToken();
    await givenTokens().accessToken();

    expect(kept.refreshToken).toBe('refresh-1');
    expect(usedRefreshTokens()).toEqual([CONFIGURED, 'refresh-1', 'refresh-2']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['oauth-refresh-token']);
    expect(await readFile(file, 'utf8')).not.toContain(CONFIGURED);
  });

  test('R23 where no new refresh token comes, the old one stays', async () => {
    await givenTokens().accessToken();
    await givenTokens().accessToken();

    expect(usedRefreshTokens()).toEqual([CONFIGURED, CONFIGURED]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('R23 a refresh token that is new in the settings wins over the kept one', async () => {
    server.reply = () => granted('access', { refresh_token: 'refresh-given' });
    await givenTokens().accessToken();
    server.reply = () => granted('access');

    await givenTokens({ configured: 'set-anew' }).accessToken();
    await givenTokens().accessToken();

    expect(usedRefreshTokens()).toEqual([CONFIGURED, 'set-anew', 'refresh-given']);
  });

  test('R23 a refresh token that cannot be kept is not used before it can, and is not lost', async () => {
    const inTheWay = join(folder, 'oauth-refresh-token');
    server.reply = () => {
      if (server.asked.length > 1) return granted('access-2');
      mkdirSync(inTheWay);
      return granted('access-1', { refresh_token: 'refresh-1' });
    };
    const tokens = givenTokens();

    const unkept = [
      await tokens.accessToken().catch((error: unknown) => error),
      await tokens.accessToken().catch((error: unknown) => error),
    ];
    await rm(inTheWay, { recursive: true });
    const token = await tokens.accessToken();

    expect(unkept).toMatchObject([
      { code: 'STORE_FAILED', temporary: true },
      { code: 'STORE_FAILED', temporary: true },
    ]);
    expect(token).toBe('access-2');
    expect(usedRefreshTokens()).toEqual([CONFIGURED, 'refresh-1']);
  });

  test.each(['', '{', '[]', 'null', '{"configured":1}'])('a kept file that holds %j is passed over', async (content) => {
    await writeFile(join(folder, 'oauth-refresh-token'), content);

    await givenTokens().accessToken();

    expect(usedRefreshTokens()).toEqual([CONFIGURED]);
  });

  test('R23 a data folder that is not there is made for its owner only when there is a new refresh token to keep in it', async () => {
    server.reply = () => granted(`access-${server.asked.length}`, { refresh_token: 'refresh-1' });
    const nowhere = join(folder, 'data');
    const tokens = givenTokens({ refreshTokens: refreshTokensIn(nowhere, CONFIGURED) });

    await tokens.accessToken();
    time = 3_600_000;
    await tokens.accessToken();

    expect(usedRefreshTokens()).toEqual([CONFIGURED, 'refresh-1']);
    expect((await stat(nowhere)).mode & 0o777).toBe(0o700);
    expect(refreshTokensIn(nowhere, CONFIGURED).current()).toBe('refresh-1');
  });

  test('a data folder that is not there is not made without a new refresh token', async () => {
    await givenTokens({ refreshTokens: refreshTokensIn(join(folder, 'data'), CONFIGURED) }).accessToken();

    expect(await readdir(folder)).toEqual([]);
  });

  test('R23 a refresh token that comes in an answer without an access token is kept', async () => {
    server.reply = () => granted('', { refresh_token: 'refresh-1' });
    const tokens = givenTokens();

    await expect(tokens.accessToken()).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });

    expect(refreshTokensIn(folder, CONFIGURED).current()).toBe('refresh-1');
  });
});

describe('refusals and failures', () => {
  const failure = async (tokens = givenTokens()) => (await tokens.accessToken().catch((error: unknown) => error)) as AppError;

  test.each([
    ['invalid_grant', 400, 'BUZON_OAUTH_REFRESH_TOKEN'],
    ['invalid_client', 401, 'BUZON_OAUTH_CLIENT_SECRET'],
    ['unauthorized_client', 400, 'oauth.grant'],
    ['invalid_scope', 400, 'oauth.scope'],
    ['invalid_request', 400, 'oauth'],
  ])('%s is permanent, and its remedy names %s %s', async (error, status, remedy) => {
    server.reply = () => refused(error, status);

    expect(await failure()).toMatchObject({
      ...{ code: 'SOURCE_REFUSED', temporary: false },
      ...{ message: expect.stringContaining(error), remedy: expect.stringContaining(remedy) },
    });
  });

  test('the number that Microsoft gives for the cause is told, and nothing else of its text', async () => {
    server.reply = () =>
      refused('invalid_grant', 400, { error_description: `AADSTS700082: The token of ana@itac.co ${CONFIGURED} expired` });

    expect((await failure()).message).toMatch(/^127\.0\.0\.1:\d+ refused an access token: invalid_grant, AADSTS700082$/);
  });

  test.each([
    ['status 500', { status: 500, body: 'oops' }],
    ['status 503', { status: 503, body: {} }],
    ['too many requests', refused('slow_down', 429)],
    ['a code that passes', refused('temporarily_unavailable')],
    ['a page in place of a token', { status: 200, body: '<html>' }],
    ['an answer without a token', { status: 200, body: { access_token: 7 } }],
    ['a way to another server', { status: 302, body: '', location: 'http://127.0.0.1:1/' }],
    ['silence', null],
  ])('%s is temporary, and the next attempt asks again', async (_, reply) => {
    server.reply = () => reply;
    const tokens = givenTokens({ timeoutMs: 300 });

    const error = await failure(tokens);
    server.reply = () => granted('access');

    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true, remedy: expect.stringContaining('oauth.tokenUrl') });
    expect(await tokens.accessToken()).toBe('access');
  });

  test('a server that is not there is temporary', async () => {
    const gone = await startOAuthServer(() => null);
    await gone[Symbol.asyncDispose]();

    expect(await failure(givenTokens({ tokenUrl: gone.tokenUrl }))).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      temporary: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('S23 the secrets go to no other server, whatever the one that was asked says', async () => {
    await using other = await startOAuthServer(() => granted('access'));
    server.reply = () => ({ status: 307, body: '', location: other.tokenUrl });

    expect(await failure()).toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true });
    expect(other.asked).toEqual([]);
  });

  test('S23 no error holds a secret or a token, whatever the server repeats', async () => {
    const echo = `${CLIENT_SECRET} ${CONFIGURED} access-1`;
    const said: AppError[] = [];
    for (const status of [200, 302, 400, 401, 500]) {
      server.reply = () => ({ status, body: { error: echo, error_description: echo, refresh_token: echo } });
      said.push(await failure());
    }
    await writeFile(join(folder, 'oauth-refresh-token'), `{${echo}`);
    server.reply = () => null;
    said.push(await failure(givenTokens({ timeoutMs: 50 })));

    const whole = said.map((error) => `${reasonOf(error)} ${error.remedy} ${error.stack} ${JSON.stringify(error)}`).join('\n');
    expect(said).toHaveLength(6);
    for (const secret of [CLIENT_SECRET, CONFIGURED, 'access-1']) expect(whole).not.toContain(secret);
  });
});
