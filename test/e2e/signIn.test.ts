import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aMail } from '../support/desk.ts';
import { type Dovecot, hasDovecot, startDovecot } from '../support/dovecot.ts';
import { givenAnInstallation } from '../support/installation.ts';
import { granted, refused, startOAuthServer } from '../support/oauthServer.ts';
import { startSmtpServer } from '../support/smtpServer.ts';

jest.setTimeout(60_000);

const SENDER = 'envios@itac.co';
const SECRETS = { BUZON_OAUTH_REFRESH_TOKEN: 'refresh-of-the-settings', BUZON_OAUTH_CLIENT_SECRET: 'secret-of-the-application' };

(hasDovecot ? describe : describe.skip)('signing in by OAuth2', () => {
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot.stop());

  /** A shared mailbox: one name reads, another one sends, and neither is the address that clients write to. One token opens both doors. */
  async function givenASharedMailbox() {
    await using opened = new AsyncDisposableStack();
    const oauth = opened.use(await startOAuthServer(() => refused('invalid_grant')));
    const login = { user: SENDER, accessToken: '' };
    const smtp = opened.adopt(await startSmtpServer({ encryption: 'tls', login }), (peer) => peer.stop());
    const { tokenUrl } = oauth;
    const installation = opened.use(
      await givenAnInstallation(dovecot, smtp, {
        settings: { oauth: { clientId: 'app', provider: 'other', tokenUrl } },
        env: {
          ...{ ...SECRETS, BUZON_ADDRESS: 'soporte@itac.co' },
          BUZON_TRANSPORT: `smtps://${encodeURIComponent(SENDER)}@${smtp.host}:${smtp.port}`,
        },
      }),
    );
    delete installation.env['BUZON_MAILBOX_PASSWORD'];
    delete installation.env['BUZON_TRANSPORT_PASSWORD'];
    login.accessToken = dovecot.tokenOf(installation.user);
    const owned = opened.move();
    return { oauth, smtp, installation, token: login.accessToken, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  test('R23 R24 a shared mailbox is read and answered with one token under two names, and the newest refresh token is used after a restart', async () => {
    await using share = await givenASharedMailbox();
    const { oauth, smtp, installation, token } = share;
    oauth.reply = () => granted(token, { refresh_token: `refresh-${oauth.asked.length}` });
    await dovecot.deliver(installation.user, Buffer.from(aMail()));

    const first = await installation.run('once');
    const second = await installation.run('once');

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(smtp.taken).toMatchObject([{ user: SENDER, to: ['ana@cliente.example'] }]);
    expect(smtp.taken[0]?.bytes.toString()).toMatch(/^From: .*<soporte@itac\.co>\r$/m);
    expect(oauth.asked.map((form) => form['refresh_token'])).toEqual(['refresh-of-the-settings', 'refresh-1']);
    const file = join(installation.dataFolder, 'oauth-refresh-token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('refresh-2');
    const printed = [first, second].map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const secret of [...Object.values(SECRETS), token, 'refresh-1', 'refresh-2']) expect(printed).not.toContain(secret);
  });

  test('doctor says how each door signs in, and that a token could be had', async () => {
    await using share = await givenASharedMailbox();
    const { oauth, installation, token } = share;
    oauth.reply = () => granted(token);

    const { code, stdout } = await installation.run('doctor');

    expect(code).toBe(0);
    expect(stdout).toContain(`✓ ingreso al buzón: ${installation.user}, con OAuth2 (refresh_token)`);
    expect(stdout).toContain(`✓ ingreso al envío: ${SENDER}, con OAuth2 (refresh_token)`);
    expect(stdout).toContain('✓ OAuth2: el servidor de autorización dio un token, válido 55 minutos más');
    expect(oauth.asked).toHaveLength(1);
  });

  test('a grant that was taken back is a problem that doctor names with its remedy, and that stops the first start', async () => {
    await using share = await givenASharedMailbox();
    const { installation } = share;

    const doctor = await installation.run('doctor');
    const start = await installation.run('start');

    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/✗ OAuth2: .*invalid_grant\)\n {4}Remedio: .*BUZON_OAUTH_REFRESH_TOKEN/);
    expect(start.code).toBe(1);
    expect(start.stderr).toContain('BUZON_OAUTH_REFRESH_TOKEN');
  });
});
