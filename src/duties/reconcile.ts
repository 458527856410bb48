import {
  createComparison,
  FINDING_TEXTS,
  type Finding,
  type FindingCode,
  GAP_CODES,
  gapsOf,
  type LedgerKey,
  reconciledOf,
} from '../desk/reconcile.ts';
import type { Log } from '../log.ts';
import type { MailSource, ReconcileStore } from '../ports.ts';
import type { Duty } from './duty.ts';

const DAY_MS = 86_400_000;
/** The server states times to the second, and some give a copy the time of copying: rows of a day more are looked at. */
const SLACK_MS = DAY_MS;
/** Kept messages whose bytes are looked at at a time. */
const FILES_AT_ONCE = 16;
/** Names of messages in one log line. */
const REFS_LOGGED = 5;

export interface ReconcileParts {
  source: Pick<MailSource, 'survey'>;
  ledger: ReconcileStore;
  now(): Date;
}

export interface ReconcileQuestion {
  /** Arrived at this moment or later; what came before the first start is never looked at. */
  since: Date;
  /** Reads all kept bytes again. */
  deep: boolean;
  /** Told how far it is. */
  onProgress?: (messages: number, rows: number) => void;
}

export interface Reconciliation {
  since: Date;
  at: Date;
  /** Messages on the server, rows of the ledger and kept messages that were looked at. */
  messages: number;
  rows: number;
  findings: Finding[];
  /** Rows whose message lies nowhere on the server any more. */
  gone: number[];
  ms: number;
}

/**
 * Compares the server with the ledger, both ways, and the ledger with the bytes that it names. Changes nothing; the worker may be at work: the server is
 * asked first, and whatever it shows as settled is in the ledger by then. @throws AppError when the mailbox or the store cannot be reached
 */
export async function reconcile(
  { source, ledger, now }: ReconcileParts,
  { since: asked, deep, onProgress = () => {} }: ReconcileQuestion,
  signal: AbortSignal,
): Promise<Reconciliation> {
  const startedAt = performance.now();
  const firstStart = await ledger.firstStart();
  const since = firstStart !== null && firstStart > asked ? firstStart : asked;
  const at = now();
  const comparison = createComparison({ now: at, newest: await ledger.newest() });
  let messages = 0;
  for await (const message of source.survey(since, signal)) {
    comparison.add(message);
    messages += 1;
    onProgress(messages, 0);
  }
  signal.throwIfAborted();

  const damages: Finding[] = [];
  let rows = 0;
  for await (const slice of ledger.rows(new Date(since.getTime() - SLACK_MS))) {
    signal.throwIfAborted();
    for (const row of slice) comparison.take(row, row.receivedAt >= since);
    const within = slice.filter(({ receivedAt }) => receivedAt >= since);
    damages.push(...(await damagesOf(within, ledger, deep)));
    rows += within.length;
    onProgress(messages, rows);
  }
  for (const from of [new Date(since.getTime() - SLACK_MS), new Date(0)]) {
    if (comparison.unexplained() === 0) break;
    for await (const slice of ledger.rows(from)) {
      signal.throwIfAborted();
      for (const row of slice) comparison.explain(row);
      if (comparison.unexplained() === 0) break;
    }
  }
  const findings = [...comparison.findings(), ...damages];
  return {
    ...{ since, at, messages, rows, findings, gone: comparison.gone() },
    ms: Math.round(performance.now() - startedAt),
  };
}

async function damagesOf(slice: readonly LedgerKey[], ledger: ReconcileStore, deep: boolean): Promise<Finding[]> {
  const found: Finding[] = [];
  for (let i = 0; i < slice.length; i += FILES_AT_ONCE) {
    const checked = slice.slice(i, i + FILES_AT_ONCE).map(async (row): Promise<Finding[]> => {
      if (row.rawId === null) return [];
      const state = await ledger.checkKept({ rawId: row.rawId, size: row.size }, deep);
      return state === 'whole' ? [] : [{ code: `bytes-${state}`, row }];
    });
    found.push(...(await Promise.all(checked)).flat());
  }
  return found;
}

/** Those of a code. */
export function ofCode(findings: readonly Finding[], code: FindingCode): Finding[] {
  return findings.filter((each) => each.code === code);
}

/** The comparison of each night. */
export function createReconcile({ log, days, schedule, ...parts }: ReconcileParts & { log: Log; days: number; schedule: string }): Duty {
  return {
    name: 'reconcile',
    schedule,
    async run(signal) {
      const since = new Date(parts.now().getTime() - days * DAY_MS);
      const { findings, ...result } = await reconcile(parts, { since, deep: false }, signal);
      const counts = reconciledOf(findings, result.at);
      await parts.ledger.record(counts);
      for (const code of GAP_CODES) {
        const found = ofCode(findings, code);
        if (found.length === 0) continue;
        log.error('reconcile.gap', { code, count: found.length, refs: loggableRefs(found), remedy: FINDING_TEXTS[code].remedy });
      }
      log.info('reconcile.finished', {
        since: result.since.toISOString(),
        ...{ messages: result.messages, rows: result.rows, gaps: gapsOf(counts), unsettled: counts.unsettled, gone: result.gone.length },
        ms: result.ms,
      });
    },
  };
}

/** Names that the server gave; the name of a file may say anything. */
function loggableRefs(findings: readonly Finding[]): string[] {
  const refs = findings.map((each) => ('message' in each ? each.message.ref : each.row.ref));
  return refs.filter((ref) => ref.startsWith('imap:')).slice(0, REFS_LOGGED);
}
