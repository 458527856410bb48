import { AppError, codeOf } from '../errors.ts';
import { isCertificateProblem } from './certificates.ts';
import type { RefreshTokens } from './refreshTokenFile.ts';

/** How access tokens are had from an authorization server (RFC 6749). */
export interface OAuthOptions {
  /** The token endpoint (RFC 6749 3.2). */
  tokenUrl: string;
  clientId: string;
  /** Null for an application that has none (a public client, RFC 6749 2.1). */
  clientSecret: string | null;
  /** Null: what was granted when the refresh token was. */
  scope: string | null;
  /** Null: the application signs in as itself (grant `client_credentials`, RFC 6749 4.4). */
  refreshTokens: RefreshTokens | null;
  /** Milliseconds until a request is given up. */
  timeoutMs?: number;
  /** Milliseconds, monotonic: a clock that is set must not make an old token young. */
  clock?: () => number;
}

export interface AccessTokens {
  /**
   * An access token that is valid now; two doors that ask at once get the same one. `refused` is one that a server did not accept: another one is
   * had in its place, unless it is too young to have ended.
   * @throws AppError `SOURCE_REFUSED` when the grant is refused, `SOURCE_UNREACHABLE` when it may work later, `STORE_FAILED`; never with a secret
   */
  accessToken(refused?: string): Promise<string>;
  /** Milliseconds for which the token in hand is good; 0 when there is none. */
  validForMs(): number;
}

const TIMEOUT_MS = 8_000;
/** A token is replaced so long before it ends, or after half of its life when that is shorter. */
const EARLY_MS = 300_000;
/** Lifetime of a token whose server does not tell (RFC 6749 5.1 recommends that it does), in seconds. */
const UNTOLD_LIFETIME = 600;
/** A token younger than this is not what a server's refusal is about. */
const YOUNG_MS = 60_000;

interface HeldToken {
  token: string;
  since: number;
  until: number;
}

interface TokenAnswer {
  access_token?: unknown;
  expires_in?: unknown;
  refresh_token?: unknown;
  error?: unknown;
  error_description?: unknown;
}

export function createAccessTokens(options: OAuthOptions): AccessTokens {
  const { clock = () => performance.now(), refreshTokens } = options;
  let held: HeldToken | null = null;
  let fetching: Promise<HeldToken> | null = null;

  async function fetchToken(): Promise<HeldToken> {
    const used = refreshTokens?.current() ?? null;
    const since = clock();
    const answer = await requestToken(options, used);
    const { access_token: token, expires_in: lifetime, refresh_token: next } = answer;
    if (refreshTokens && typeof next === 'string' && next !== '' && next !== used) refreshTokens.replace(next); // first: the used one may have ended
    if (typeof token !== 'string' || token === '') throw unexpected(options.tokenUrl, 'the answer holds no token');
    const lifetimeMs = (Number(lifetime) > 0 ? Number(lifetime) : UNTOLD_LIFETIME) * 1000;
    return { token, since, until: since + lifetimeMs - Math.min(EARLY_MS, lifetimeMs / 2) };
  }

  return {
    async accessToken(refused) {
      if (held && held.token === refused && clock() - held.since >= YOUNG_MS) held = null;
      if (held && clock() < held.until) return held.token;
      fetching ??= fetchToken().finally(() => {
        fetching = null;
      });
      held = await fetching;
      return held.token;
    },
    validForMs: () => Math.max(0, held === null ? 0 : held.until - clock()),
  };
}

async function requestToken(options: OAuthOptions, refreshToken: string | null): Promise<TokenAnswer> {
  const { tokenUrl, clientId, clientSecret, scope } = options;
  const form = new URLSearchParams({
    ...(refreshToken === null ? { grant_type: 'client_credentials' } : { grant_type: 'refresh_token', refresh_token: refreshToken }),
    client_id: clientId,
    ...(clientSecret === null ? {} : { client_secret: clientSecret }),
    ...(scope === null ? {} : { scope }),
  });
  let status: number;
  let answer: TokenAnswer;
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: form,
      redirect: 'error', // the secrets go nowhere else
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    });
    status = response.status;
    answer = answerIn(await response.text());
  } catch (error) {
    throw unreachable(tokenUrl, error);
  }
  if (status === 200) return answer;
  const code = errorCodeOf(answer);
  const passing = status >= 500 || status === 429 || status === 408 || code === 'temporarily_unavailable' || code === 'server_error';
  throw passing ? unexpected(tokenUrl, `status ${status}`) : refusal(tokenUrl, status, code, answer);
}

function answerIn(text: string): TokenAnswer {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

/** RFC 6749 5.2; `''` for what is no such code. Matches `invalid_grant`; not `Invalid: x`. */
function errorCodeOf({ error }: TokenAnswer): string {
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : '';
}

/** Microsoft's number for the cause: `AADSTS700082` of `AADSTS700082: The refresh token has expired`; the rest names accounts. */
function causeNumberIn({ error_description: text }: TokenAnswer): string {
  return (typeof text === 'string' && /^AADSTS\d{1,9}(?=:)/.exec(text)?.[0]) || '';
}

/** What a person can do about each code. */
const REMEDIES: Record<string, string> = {
  invalid_grant:
    'El permiso para entrar al buzón venció o fue retirado: vuelva a autorizar la aplicación y ponga el nuevo valor en BUZON_OAUTH_REFRESH_TOKEN.',
  invalid_client: 'La aplicación no fue reconocida: revise oauth.clientId y BUZON_OAUTH_CLIENT_SECRET (los secretos de Microsoft vencen).',
  unauthorized_client: 'La aplicación no puede pedir este permiso: revise oauth.grant y lo que el administrador le concedió.',
  invalid_scope: 'El servidor de autorización no conoce ese permiso: revise oauth.scope.',
};

function refusal(tokenUrl: string, status: number, code: string, answer: TokenAnswer): AppError {
  const said = [code === '' ? `status ${status}` : code, causeNumberIn(answer)].filter((part) => part !== '').join(', ');
  return new AppError('SOURCE_REFUSED', `${hostOf(tokenUrl)} refused an access token: ${said}`, {
    temporary: false,
    remedy: REMEDIES[code] ?? 'El servidor de autorización no dio un token: revise la sección oauth de la configuración.',
  });
}

function unexpected(tokenUrl: string, what: string): AppError {
  return new AppError('SOURCE_UNREACHABLE', `${hostOf(tokenUrl)} gave no access token: ${what}`, {
    temporary: true,
    remedy: `El servidor de autorización ${hostOf(tokenUrl)} no respondió como debía; se intentará de nuevo. Si sigue así, revise oauth.tokenUrl.`,
  });
}

/** The library's own text is left out: it may quote the request. */
function unreachable(tokenUrl: string, error: unknown): AppError {
  const host = hostOf(tokenUrl);
  const code = codeOf((error as Error).cause) || (error as Error).name;
  if (isCertificateProblem(code)) {
    return new AppError('SOURCE_REFUSED', `could not reach ${host}: ${code}`, {
      temporary: false,
      remedy: `El certificado TLS de ${host} no es de confianza (${code}): corríjalo, o indique la autoridad que lo firma en NODE_EXTRA_CA_CERTS.`,
    });
  }
  return new AppError('SOURCE_UNREACHABLE', `could not reach ${host}: ${code}`, {
    temporary: true,
    remedy: `No hay conexión con el servidor de autorización ${host}: revise oauth.tokenUrl y la red.`,
  });
}

function hostOf(tokenUrl: string): string {
  return new URL(tokenUrl).host;
}
