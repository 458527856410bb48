import { endedEffect, expiredStep } from '../desk/quarantine.ts';
import type { Log } from '../log.ts';
import type { Lease, Store } from '../ports.ts';
import type { Duty } from './duty.ts';

/** At night, when little mail comes. */
const SCHEDULE = '20 3 * * *';
/** Messages that one transaction ends, so that mail waits for milliseconds only. */
const BATCH = 20;
const DAY_MS = 86_400_000;

export interface ExpiryParts {
  store: Pick<Store, 'transaction'>;
  lease: Lease;
  log: Log;
  now(): Date;
  /** Days that a message may stay in quarantine, one or more. */
  retentionDays: number;
}

/** Ends what nobody looked at in quarantine for too long: it counts as ignored, its bytes and its row stay. */
export function createExpiry({ store, lease, log, now, retentionDays }: ExpiryParts): Duty {
  function endSome(before: Date): Promise<number> {
    return store.transaction(async (tx) => {
      const ids = await tx.heldSince(before, BATCH);
      for (const id of ids) {
        const row = await tx.ledgerRow(id);
        if (row) await tx.applyAgain(id, endedEffect(row, 'expired', expiredStep(now(), retentionDays)));
      }
      return ids.length;
    });
  }

  return {
    name: 'expiry',
    schedule: SCHEDULE,
    async run(signal) {
      const before = new Date(now().getTime() - retentionDays * DAY_MS);
      let count = 0;
      let ended = BATCH;
      while (ended === BATCH && !signal.aborted) {
        lease.assertHeld();
        ended = await endSome(before);
        count += ended;
      }
      if (count > 0) log.info('quarantine.expired', { count, days: retentionDays });
    },
  };
}
