/** Seconds to wait after failures in a row; the last one repeats. */
const PAUSES = [1, 2, 5, 10, 30, 60];
/** Each pause is made longer or shorter by up to this share, so that what failed together does not come back together. */
const JITTER = 0.25;

/** How long to leave a failing door alone: growing, bounded pauses, measured on a clock that nobody sets. */
export interface Patience {
  /** In a row, so far. */
  readonly failures: number;
  /** One more failure. @returns milliseconds until it makes sense to try again */
  fail(): number;
  succeed(): void;
  /** Milliseconds that are left of the pause; 0 when there is none. */
  left(): number;
}

/** @param random from 0 to below 1 @param clock milliseconds, monotonic */
export function createPatience(random: () => number = Math.random, clock: () => number = () => performance.now()): Patience {
  let failures = 0;
  let until = Number.NEGATIVE_INFINITY;
  return {
    get failures() {
      return failures;
    },
    fail() {
      const seconds = PAUSES[Math.min(failures, PAUSES.length - 1)]!;
      failures += 1;
      const ms = Math.round(seconds * 1000 * (1 - JITTER + 2 * JITTER * random()));
      until = clock() + ms;
      return ms;
    },
    succeed() {
      failures = 0;
      until = Number.NEGATIVE_INFINITY;
    },
    left: () => Math.max(0, until - clock()),
  };
}
