import { createServer } from 'node:http';
import { AppError } from '../errors.ts';
import { alarmsOf, type Health, isAlive, metricsText, notReadyBecause, type StoreGauges } from './health.ts';

export interface HttpOptions {
  host: string;
  port: number;
  health: Health;
  pollMs: number;
  /** Null while there is no store to look at. @throws when it cannot be read */
  gauges(): StoreGauges | null;
  now(): Date;
}

export interface HttpServer {
  port: number;
  close(): Promise<void>;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. @throws AppError when the address cannot be listened on */
export async function serveHealth({ host, port, health, pollMs, gauges, now }: HttpOptions): Promise<HttpServer> {
  const answers: Record<string, () => { status: number; body: string }> = {
    '/healthz': () => {
      const alive = isAlive(health, now(), pollMs);
      return { status: alive ? 200 : 503, body: `${alive ? 'ok' : 'no cycle began lately'}\n` };
    },
    '/readyz': () => {
      const because = notReadyBecause(health);
      const lines = [because ?? 'ok', ...alarmsOf(gauges())];
      return { status: because === null ? 200 : 503, body: `${lines.join('\n')}\n` };
    },
    '/metrics': () => ({ status: 200, body: metricsText(health, gauges(), now()) }),
  };
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const answer = request.method === 'GET' || request.method === 'HEAD' ? answers[request.url ?? ''] : undefined;
    const { status, body } = answer ? safely(answer) : { status: 404, body: 'not found\n' };
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject); // stays for what comes later, such as too many open files: that says nothing about the mail
    server.listen(port, host, resolve);
  }).catch((error: unknown) => {
    throw new AppError('HTTP_FAILED', `could not listen on ${host}:${port}`, {
      temporary: false,
      remedy: 'Elija otra dirección en BUZON_HTTP, o déjela vacía para no publicar el estado.',
      cause: error,
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function safely(answer: () => { status: number; body: string }): { status: number; body: string } {
  try {
    return answer();
  } catch {
    return { status: 503, body: 'the store cannot be read\n' };
  }
}
