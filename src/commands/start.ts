import { openApp, openReports } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { reasonOf } from '../errors.ts';
import { type Health, newHealth } from '../http/health.ts';
import { type HttpServer, serveHealth } from '../http/server.ts';
import { createLog } from '../log.ts';
import { createPoll } from '../poll.ts';
import { run } from '../worker.ts';
import type { Command } from './command.ts';

/** After SIGTERM the mail in hand is finished; what takes longer than this is cut off and done again at the next start. */
const GRACE_MS = 9_000;
/** A reply that could not be sent is due again after this at the earliest. */
const FIRST_RETRY_MS = 60_000;

export const start: Command = {
  name: 'start',
  operands: '',
  summary: 'El servicio: vigila el buzón, recibe y responde, hasta SIGTERM.',
  details:
    'Escribe su bitácora en la salida de errores, una línea JSON por suceso, y su estado en BUZON_HTTP (/healthz, /readyz, /metrics).\n' +
    'Con SIGTERM termina el correo que tiene en la mano y sale antes de 10 s.',
  options: {},
  async run(_args, io) {
    const config = loadConfig(io.env);
    const log = createLog(config.file.log.level);
    const health = newHealth(new Date());
    await using opened = new AsyncDisposableStack();
    const poll = createPoll(config.file.mailbox.pollSchedule, (skipped) => {
      health.skippedPolls = skipped;
      log.warn('cycle.skipped', { skipped });
    });
    opened.defer(() => poll.close());
    const { worker, learning } = opened.use(await openApp(config, log));
    worker.onIngested = ({ receipt }) => {
      health.progressAt = new Date();
      health.ingested.set(receipt.outcome, (health.ingested.get(receipt.outcome) ?? 0) + 1);
    };
    if (config.http !== null) {
      const server = await serveState(config, config.http, health, poll.intervalMs, opened);
      log.info('http.listening', { host: config.http.host, port: server.port });
    }
    log.info('worker.started', { mailbox: config.mailbox.kind, transport: config.transport.kind });

    const cutOff = () => setTimeout(() => process.exit(1), GRACE_MS).unref();
    io.signal.addEventListener('abort', cutOff, { once: true });
    await run(worker, io.signal, {
      nudge: poll.asked,
      maxWaitMs: Math.min(poll.intervalMs, FIRST_RETRY_MS),
      onCycleStart: () => {
        health.progressAt = new Date();
        poll.cycleBegins();
      },
      onCycleEnd: (result) => {
        const failed = result instanceof Error;
        health.lastFailure = failed ? reasonOf(result) : null;
        if (!failed) {
          health.lastSuccessAt = new Date();
          health.repliesSent += result.replies;
          void learning.look(); // beside the mail, and never in its way
        }
        poll.cycleEnds();
      },
    });
    log.info('worker.stopped', { reason: String(io.signal.reason ?? '') });
    return 0;
  },
};

async function serveState(
  config: Config,
  where: { host: string; port: number },
  health: Health,
  pollMs: number,
  opened: AsyncDisposableStack,
): Promise<HttpServer> {
  const reports = openReports(config);
  opened.defer(() => reports.close());
  const gauges = () => {
    const { outbox, quarantined, oldestQueuedAt } = reports.summary();
    return { queued: (outbox.queued ?? 0) + (outbox.sending ?? 0), failed: outbox.failed ?? 0, quarantined, oldestQueuedAt };
  };
  const server = await serveHealth({ ...where, health, pollMs, gauges, now: () => new Date() });
  opened.defer(() => server.close());
  return server;
}
