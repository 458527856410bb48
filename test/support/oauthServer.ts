import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the authorization server says: a status and its answer, JSON unless it is text; null says nothing at all. */
export type TokenReply = { status: number; body: object | string; location?: string } | null;

/** An authorization server on the loopback address (RFC 6749 3.2). */
export interface OAuthServer extends AsyncDisposable {
  tokenUrl: string;
  /** The forms that were sent, in order. */
  asked: Record<string, string>[];
  reply: (form: Record<string, string>) => TokenReply;
}

/** A token that is good for an hour, unless it is said otherwise. */
export function granted(accessToken: string, more: object = {}): TokenReply {
  return { status: 200, body: { token_type: 'Bearer', access_token: accessToken, expires_in: 3600, ...more } };
}

export function refused(error: string, status = 400, more: object = {}): TokenReply {
  return { status, body: { error, ...more } };
}

export async function startOAuthServer(reply: OAuthServer['reply']): Promise<OAuthServer> {
  const server = createServer((request, response) => {
    let form = '';
    request.on('data', (piece) => {
      form += piece;
    });
    request.on('end', () => {
      const asked = Object.fromEntries(new URLSearchParams(form));
      oauth.asked.push(asked);
      const said = oauth.reply(asked);
      if (said === null) return;
      const { status, body, location } = said;
      response.writeHead(status, { 'content-type': 'application/json', ...(location === undefined ? {} : { location }) });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const oauth: OAuthServer = {
    tokenUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked: [],
    reply,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return oauth;
}
