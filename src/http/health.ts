/** How the worker is doing, as health checks and metrics tell it. The worker's hooks write, the endpoint reads. */
export interface Health {
  startedAt: Date;
  /** When a cycle began or a mail was taken in: a long backlog is no stop. */
  progressAt: Date;
  /** When mailbox and outbox were last gone through without an error. */
  lastSuccessAt: Date | null;
  /** Why the last cycle failed, without client text; null when it did not. */
  lastFailure: string | null;
  /** Polls that found a cycle still running. */
  skippedPolls: number;
  /** Mails by what became of them, since the start. */
  ingested: Map<string, number>;
  repliesSent: number;
}

export function newHealth(now: Date): Health {
  return {
    startedAt: now,
    progressAt: now,
    lastSuccessAt: null,
    lastFailure: null,
    skippedPolls: 0,
    ingested: new Map(),
    repliesSent: 0,
  };
}

/** Alive: a cycle began, or went on, less than three polls ago. */
export function isAlive(health: Health, now: Date, pollMs: number): boolean {
  return now.getTime() - health.progressAt.getTime() < 3 * pollMs;
}

/** Ready: the last cycle reached the mailbox, the store and the transport. */
export function isReady(health: Health): boolean {
  return health.lastSuccessAt !== null && health.lastFailure === null;
}

/** What the store holds, for the gauges. */
export interface StoreGauges {
  queued: number;
  failed: number;
  quarantined: number;
  oldestQueuedAt: Date | null;
}

/** Prometheus text exposition format, version 0.0.4. */
export function metricsText(health: Health, gauges: StoreGauges, now: Date): string {
  const seconds = (since: Date | null) => (since === null ? 0 : Math.max(0, (now.getTime() - since.getTime()) / 1000));
  const lines: string[] = [];
  const metric = (name: string, type: 'counter' | 'gauge', help: string, values: [labels: string, value: number][]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values.map(([labels, value]) => `${name}${labels} ${value}`));
  };
  metric(
    'mail_ingested_total',
    'counter',
    'Mails by what became of them.',
    [...health.ingested].map(([action, count]) => [`{action="${action}"}`, count]),
  );
  metric('replies_sent_total', 'counter', 'Replies accepted by the next hop.', [['', health.repliesSent]]);
  metric('polls_skipped_total', 'counter', 'Polls that found a cycle still running.', [['', health.skippedPolls]]);
  metric('outbox_queued', 'gauge', 'Replies that wait.', [['', gauges.queued]]);
  metric('outbox_failed', 'gauge', 'Replies that were given up.', [['', gauges.failed]]);
  metric('outbox_oldest_queued_seconds', 'gauge', 'Age of the reply that waits longest.', [['', seconds(gauges.oldestQueuedAt)]]);
  metric('quarantine_messages', 'gauge', 'Messages that wait for a person.', [['', gauges.quarantined]]);
  metric('source_last_success_seconds', 'gauge', 'Seconds since mailbox and outbox were last gone through without an error.', [
    ['', seconds(health.lastSuccessAt ?? health.startedAt)],
  ]);
  return `${lines.join('\n')}\n`;
}
