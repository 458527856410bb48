import { Server } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { newHealth } from '../../src/http/health.ts';
import { serveHealth } from '../../src/http/server.ts';

const NOW = new Date('2026-11-23T15:00:00.000Z');

test('a server that cannot accept a connection for a while lives on', async () => {
  const listen = jest.spyOn(Server.prototype, 'listen');
  const served = await serveHealth({
    ...{ host: '127.0.0.1', port: 0, pollMs: 60_000 },
    ...{ health: newHealth(NOW), gauges: () => null, now: () => NOW },
  });
  const server = listen.mock.contexts[0] as Server;
  const tooManyFiles = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });

  for (let again = 0; again < 3; again += 1) server.emit('error', tooManyFiles);
  const { status } = await fetch(`http://127.0.0.1:${served.port}/healthz`);

  expect(status).toBe(200);
  await served.close();
  listen.mockRestore();
});
