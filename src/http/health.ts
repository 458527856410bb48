/** How the worker is doing, as health checks and metrics tell it. The worker's hooks write, the endpoint reads. */
export interface Health {
  startedAt: Date;
  /** Another worker has the data folder: this one stands by. */
  standingBy: boolean;
  /** When a cycle began, a mail was taken in, or the standing by was last looked at: a long backlog is no stop. */
  progressAt: Date;
  mailbox: Door;
  outbox: Door;
  /** Polls that found a cycle still running. */
  skippedPolls: number;
  /** Mails by what became of them, since the start. */
  ingested: Map<string, number>;
  /** Mails of our own that came back, since the start: some forwarding rule leads our answers to us. */
  loops: number;
  repliesSent: number;
  /** Duties that failed, by name, since the start. */
  dutiesFailed: Map<string, number>;
}

/** One side of the worker's work: mail in, or replies out. */
export interface Door {
  /** When it was last gone through without an error. */
  lastSuccessAt: Date | null;
  /** Why it failed last time, without client text; null when it did not. */
  failure: string | null;
  /** In a row. */
  failures: number;
  /** Until it is tried again, in milliseconds at the time of the failure. */
  retryInMs: number;
}

export function newHealth(now: Date): Health {
  const door = (): Door => ({ lastSuccessAt: null, failure: null, failures: 0, retryInMs: 0 });
  return {
    startedAt: now,
    standingBy: false,
    progressAt: now,
    mailbox: door(),
    outbox: door(),
    skippedPolls: 0,
    ingested: new Map(),
    loops: 0,
    repliesSent: 0,
    dutiesFailed: new Map(),
  };
}

export function succeeded(door: Door, now: Date): void {
  Object.assign(door, { lastSuccessAt: now, failure: null, failures: 0, retryInMs: 0 } satisfies Door);
}

export function failed(door: Door, failure: string, retryInMs: number): void {
  Object.assign(door, { failure, retryInMs, failures: door.failures + 1 });
}

/** One more mail is recorded. */
export function countIngested(health: Health, outcome: string, cause: string | null): void {
  health.ingested.set(outcome, (health.ingested.get(outcome) ?? 0) + 1);
  if (outcome === 'ignore' && cause === 'own') health.loops += 1;
}

/** Alive: a cycle began, or went on, less than three polls ago. */
export function isAlive(health: Health, now: Date, pollMs: number): boolean {
  return now.getTime() - health.progressAt.getTime() < 3 * pollMs;
}

/** Null when mailbox, store and transport worked last time; else what did not. */
export function notReadyBecause({ standingBy, mailbox, outbox }: Health): string | null {
  if (standingBy) return 'standing by: another worker has the data folder';
  if (mailbox.failure !== null) return `mailbox: ${mailbox.failure}`;
  if (outbox.failure !== null) return `outbox: ${outbox.failure}`;
  return mailbox.lastSuccessAt === null ? 'the first cycle is not done yet' : null;
}

/** What the store holds, for the gauges. */
export interface StoreGauges {
  queued: number;
  failed: number;
  quarantined: number;
  oldestQueuedAt: Date | null;
  /** So many tickets were opened in the last minute that nobody is answered. */
  storm: boolean;
  /** The last comparison of mailbox and ledger; null before the first one. */
  reconciled: { at: Date; gaps: Readonly<Record<string, number>> } | null;
}

/** What a person should look at although the worker works; one line each. */
export function alarmsOf(gauges: StoreGauges | null): string[] {
  if (gauges === null) return [];
  const gaps = Object.entries(gauges.reconciled?.gaps ?? {}).filter(([, count]) => count > 0);
  return [
    ...(gauges.storm ? ['storm: too many new tickets, nobody is answered'] : []),
    ...gaps.map(([code, count]) => `gap between mailbox and ledger: ${count} ${code}`),
  ];
}

type Value = [labels: string, value: number];

/** Prometheus text exposition format, version 0.0.4. */
export function metricsText(health: Health, gauges: StoreGauges | null, now: Date): string {
  const seconds = (since: Date | null) => (since === null ? 0 : Math.max(0, (now.getTime() - since.getTime()) / 1000));
  const lines: string[] = [];
  const metric = (name: string, type: 'counter' | 'gauge', help: string, values: Value[]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values.map(([labels, value]) => `${name}${labels} ${value}`));
  };
  const by = (label: string, counts: Iterable<[string, number]>) =>
    [...counts].map(([name, count]): Value => [`{${label}="${name}"}`, count]);
  const byDoor = (of: (door: Door) => number): Value[] => [
    ['{door="mailbox"}', of(health.mailbox)],
    ['{door="outbox"}', of(health.outbox)],
  ];

  metric('mail_ingested_total', 'counter', 'Mails by what became of them.', by('action', health.ingested));
  metric('mail_loops_total', 'counter', 'Mails of our own that came back.', [['', health.loops]]);
  metric('replies_sent_total', 'counter', 'Replies accepted by the next hop.', [['', health.repliesSent]]);
  metric('polls_skipped_total', 'counter', 'Polls that found a cycle still running.', [['', health.skippedPolls]]);
  metric('duties_failed_total', 'counter', 'Duties that failed.', by('duty', health.dutiesFailed));
  metric('standing_by', 'gauge', '1 while another worker has the data folder.', [['', Number(health.standingBy)]]);
  metric(
    'door_failures',
    'gauge',
    'Failures in a row.',
    byDoor(({ failures }) => failures),
  );
  metric(
    'door_pause_seconds',
    'gauge',
    'Pause after the last failure.',
    byDoor(({ retryInMs }) => retryInMs / 1000),
  );
  metric('source_last_success_seconds', 'gauge', 'Seconds since the mailbox was last gone through without an error.', [
    ['', seconds(health.mailbox.lastSuccessAt ?? health.startedAt)],
  ]);
  metric('transport_last_success_seconds', 'gauge', 'Seconds since the outbox was last gone through without an error.', [
    ['', seconds(health.outbox.lastSuccessAt ?? health.startedAt)],
  ]);
  if (gauges !== null) {
    metric('outbox_queued', 'gauge', 'Replies that wait.', [['', gauges.queued]]);
    metric('outbox_failed', 'gauge', 'Replies that were given up.', [['', gauges.failed]]);
    metric('outbox_oldest_queued_seconds', 'gauge', 'Age of the reply that waits longest.', [['', seconds(gauges.oldestQueuedAt)]]);
    metric('quarantine_messages', 'gauge', 'Messages that wait for a person.', [['', gauges.quarantined]]);
    metric('storm', 'gauge', '1 while so many tickets are opened that nobody is answered.', [['', Number(gauges.storm)]]);
    if (gauges.reconciled !== null) {
      metric('reconcile_gaps', 'gauge', 'Differences between mailbox and ledger.', by('code', Object.entries(gauges.reconciled.gaps)));
      metric('reconcile_last_success_seconds', 'gauge', 'Seconds since mailbox and ledger were last compared.', [
        ['', seconds(gauges.reconciled.at)],
      ]);
    }
  }
  return `${lines.join('\n')}\n`;
}
