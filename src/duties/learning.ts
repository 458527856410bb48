import type { CorrectedMail } from '../desk/learnModel.ts';
import { reasonOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { LearningState, LearningStore, Training } from '../ports.ts';

/** A person who corrects several tickets is let finish first. */
const QUIET_MS = 10 * 60_000;

export interface LearningParts {
  store: LearningStore;
  /** Trains beside the program's work and leaves the model behind, durable but not in force. */
  train(corrections: readonly CorrectedMail[], signal: AbortSignal): Promise<Pick<Training, 'modelId' | 'right' | 'baseRight' | 'judged'>>;
  /** Makes the classifier use the model that the database says is in force; cheap when it does already. @returns false when it cannot be read */
  use(accepted: Training | null): boolean;
  /** The model that comes with the program. */
  baseId: string;
  log: Log;
  now(): Date;
}

/** Keeps the classifier learning: one training at a time, and never while a mail waits for it. */
export interface Learning {
  /** Takes over the model in force, and trains anew when there are corrections to learn from. Never rejects. */
  look(): Promise<void>;
  /** Gives up a training that is under way: the next start does it again. */
  close(): Promise<void>;
}

export function createLearning({ store, train, use, baseId, log, now }: LearningParts): Learning {
  let looking: Promise<void> | null = null;
  const closed = new AbortController();
  let first = true;
  /** What could not be learned is not tried again until there is more of it. */
  let failedAt = 0;

  async function look(): Promise<void> {
    try {
      const state = await store.state();
      const usable = use(state.accepted);
      const { newest } = state;
      if (newest === null || newest.act === failedAt || (usable && !hasNews(state, baseId))) return;
      const quiet = now().getTime() - newest.at.getTime() >= QUIET_MS;
      if (!quiet && !first) return;
      failedAt = newest.act;
      await learn();
      failedAt = 0;
    } catch (error) {
      if (!closed.signal.aborted) log.warn('learning.failed', { reason: reasonOf(error) });
    } finally {
      first = false;
    }
  }

  async function learn(): Promise<void> {
    const startedAt = performance.now();
    const { mails, throughAct } = await store.corrections();
    const { modelId, right, baseRight, judged } = await train(mails, closed.signal);
    const accepted = right >= baseRight;
    await store.record({ modelId, baseId, throughAct, corrections: mails.length, right, baseRight, judged, accepted, at: now() });
    const facts = { model: modelId.slice(0, 12), corrections: mails.length, right, baseRight, judged };
    if (accepted) log.info('learning.accepted', { ...facts, ms: Math.round(performance.now() - startedAt) });
    else log.warn('learning.refused', facts);
    use((await store.state()).accepted);
  }

  return {
    look() {
      looking ??= look().finally(() => {
        looking = null;
      });
      return looking;
    },
    async close() {
      closed.abort();
      await looking;
    },
  };
}

/** Is there a correction that the last training did not know, or a base that it did not start from? */
function hasNews({ newest, last }: LearningState, baseId: string): boolean {
  return last === null || last.baseId !== baseId || last.throughAct < newest!.act;
}
