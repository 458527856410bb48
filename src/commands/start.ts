import { setTimeout as pause } from 'node:timers/promises';
import { type App, dutiesOf, openApp, openReports, waitForLease, working } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { createDutyRoster } from '../dutyRoster.ts';
import { AppError, reasonOf } from '../errors.ts';
import { countIngested, failed, type Health, newHealth, type StoreGauges, succeeded } from '../http/health.ts';
import { type HttpServer, serveHealth } from '../http/server.ts';
import { createLog, type Log } from '../log.ts';
import { createPatience } from '../patience.ts';
import { createPoll } from '../poll.ts';
import type { Reports } from '../reports.ts';
import { type RunHooks, run } from '../worker.ts';
import type { Command } from './command.ts';

/** After SIGTERM the mail in hand is finished; what takes longer than this is cut off and done again at the next start. */
const GRACE_MS = 9_000;
/** How often a worker that stands by shows that it lives. */
const STANDBY_LOOK_MS = 10_000;
/** After a takeover the address may be held by the worker that was passed over; it is tried again so often. */
const PAGE_RETRY_MS = 30_000;

export const start: Command = {
  name: 'start',
  operands: '',
  summary: 'El servicio: vigila el buzón, recibe y responde, hasta SIGTERM.',
  details:
    'Escribe su bitácora en la salida de errores, una línea JSON por suceso, y su estado en BUZON_HTTP (/healthz, /readyz, /metrics).\n' +
    'Si otro "buzon start" trabaja en la misma carpeta de datos, espera y toma el relevo cuando termine o deje de dar señales de vida.\n' +
    'Con SIGTERM termina el correo que tiene entre manos y sale antes de 10 s.',
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
    const state = statePage(config, log, health, poll.intervalMs);
    opened.defer(() => state.close());

    let waited = false;
    const app = await openPatiently(config, log, health, io.signal, () => {
      waited = true;
      state.open().catch(() => {}); // the other worker may be on this machine and have the address; it is asked for again
    });
    if (app === null) return 0;
    opened.use(app);
    await (waited ? state.openInTheEnd() : state.open());
    state.showStore(opened.adopt(openReports(config), (reports) => reports.close()));
    app.worker.onIngested = ({ trace, receipt }) => {
      health.progressAt = new Date();
      countIngested(health, receipt.outcome, trace.effect.inbound.cause);
    };
    log.info('worker.started', { mailbox: config.mailbox.kind, transport: config.transport.kind });

    const cutOff = () => setTimeout(() => process.exit(1), GRACE_MS).unref();
    io.signal.addEventListener('abort', cutOff, { once: true });
    const duties = createDutyRoster(dutiesOf(config, app, log), log, (name) =>
      health.dutiesFailed.set(name, (health.dutiesFailed.get(name) ?? 0) + 1),
    );
    opened.defer(() => duties.close());
    const hooks: RunHooks = {
      ...healthHooks(health),
      nudge: poll.asked,
      maxWaitMs: poll.intervalMs,
      onCycleStart: () => {
        health.progressAt = new Date();
        poll.cycleBegins();
      },
      onCycleEnd: (result) => {
        if ('mails' in result) {
          succeeded(health.mailbox, new Date());
          void app.learning.look(); // beside the mail, and never in its way
        } else failed(health.mailbox, reasonOf(result.error), result.retryInMs);
        poll.cycleEnds();
      },
    };
    await working(app, () => run(app.worker, io.signal, hooks));
    log.info('worker.stopped', { reason: String(io.signal.reason ?? '') });
    return 0;
  },
};

/**
 * Opens the application as soon as no other worker has the data folder and the world lets it: a worker that stands still may keep the database locked.
 * @param onWaiting told when there is something to wait for
 * @returns null when `signal` aborts before
 */
async function openPatiently(config: Config, log: Log, health: Health, signal: AbortSignal, onWaiting: () => void): Promise<App | null> {
  const patience = createPatience();
  const alive = setInterval(() => {
    health.progressAt = new Date();
  }, STANDBY_LOOK_MS);
  try {
    for (;;) {
      const lease = await waitForLease(config, signal, () => {
        health.standingBy = true;
        log.info('worker.waiting', { because: 'another worker has the data folder' });
        onWaiting();
      });
      if (lease === null) return null;
      health.standingBy = false;
      try {
        return await openApp(config, log, undefined, lease);
      } catch (error) {
        if (!(error instanceof AppError) || !error.temporary) throw error;
        const first = patience.failures === 0;
        const ms = patience.fail();
        failed(health.mailbox, reasonOf(error), ms);
        const { code, remedy = null } = error;
        log[first ? 'error' : 'warn']('cycle.failed', { code, reason: reasonOf(error), remedy, retryInSeconds: Math.round(ms / 1000) });
        onWaiting();
        await pause(ms, undefined, { signal }).catch(() => {});
      }
    }
  } finally {
    clearInterval(alive);
  }
}

function healthHooks(health: Health): Pick<RunHooks, 'onDelivery'> {
  return {
    onDelivery(result) {
      if ('error' in result) return failed(health.outbox, reasonOf(result.error), result.retryInMs);
      health.repliesSent += result.replies;
      if (result.nextHopFailure === null) succeeded(health.outbox, new Date());
      else Object.assign(health.outbox, { failure: result.nextHopFailure, failures: result.failures, retryInMs: result.retryInMs });
    },
  };
}

/** The page of health and metrics; of the store it tells once there is one. */
function statePage(config: Config, log: Log, health: Health, pollMs: number) {
  let reports: Reports | null = null;
  let server: Promise<HttpServer> | null = null;
  let again: NodeJS.Timeout | undefined;
  const gauges = (): StoreGauges | null => {
    if (reports === null) return null;
    const { outbox, quarantined, oldestQueuedAt } = reports.waiting();
    const lastMinute = reports.openedSince(new Date(Date.now() - 60_000));
    return {
      ...{ queued: outbox.queued + outbox.sending, failed: outbox.failed, quarantined, oldestQueuedAt },
      storm: lastMinute >= config.file.limits.newTicketsPerMinute,
      reconciled: reports.reconciled(),
    };
  };
  async function listen(where: { host: string; port: number }): Promise<HttpServer> {
    try {
      const opened = await serveHealth({ ...where, health, pollMs, gauges, now: () => new Date() });
      log.info('http.listening', { host: where.host, port: opened.port });
      return opened;
    } catch (error) {
      server = null;
      throw error;
    }
  }

  return {
    /** Unless it is open already. @throws AppError when the address is taken */
    async open(): Promise<void> {
      if (config.http === null) return;
      server ??= listen(config.http);
      await server;
    },
    /** Now, or as soon as the worker that stands still and has the address is gone: mail does not wait for the page. */
    async openInTheEnd(): Promise<void> {
      try {
        await this.open();
      } catch (error) {
        log.error('http.failed', { reason: reasonOf(error), retryInSeconds: PAGE_RETRY_MS / 1000 });
        again = setTimeout(() => void this.openInTheEnd(), PAGE_RETRY_MS).unref();
      }
    },
    showStore(those: Reports): void {
      reports = those;
    },
    close: async () => {
      reports = null;
      clearTimeout(again);
      await (await server?.catch(() => null))?.close();
    },
  };
}
