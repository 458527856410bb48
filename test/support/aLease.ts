import { AppError } from '../../src/errors.ts';
import type { Lease } from '../../src/ports.ts';

/** A lease that nobody else wants, until the test takes it away. */
export function aLease(): Lease & { lost: boolean } {
  const lease = {
    lost: false,
    held: () => !lease.lost,
    assertHeld() {
      if (lease.lost) throw new AppError('LEASE_LOST', 'another worker has taken over', { temporary: false });
    },
    close: async () => {},
  };
  return lease;
}
