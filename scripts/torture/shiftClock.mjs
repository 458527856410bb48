// Loaded before the program under torture: its clock jumps by TORTURE_SHIFT_MS when it passes the milestone TORTURE_SHIFT_AT. The clock that only
// measures (`performance.now`, timers) goes on evenly, as it does on a machine whose time of day is set.
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';

const { TORTURE_SHIFT_MS, TORTURE_SHIFT_AT } = process.env;

if (isMainThread && TORTURE_SHIFT_MS !== undefined) {
  const Real = Date;
  let shift = 0;
  subscribe('buzon.milestone', (milestone) => {
    if (milestone === TORTURE_SHIFT_AT) shift = Number(TORTURE_SHIFT_MS);
  });
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + shift);
      else super(...given);
    }

    static now() {
      return Real.now() + shift;
    }
  };
}
