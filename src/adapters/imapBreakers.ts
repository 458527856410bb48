/** Minutes for which a message is left alone after the connection broke so often while it alone was asked for; the last one repeats. */
const REST_MINUTES = [0, 1, 5, 30, 60];
/** So many of the messages that had no answer yet are asked for one by one after a break: servers answer in ascending order. */
const SUSPECTS = 100;

/**
 * Messages at which the connection breaks. Some servers die of a message that they cannot read (Dovecot says BYE), and it must not keep the others
 * waiting for ever: after a break those without an answer are asked for one by one, and one at which it breaks again comes behind the others, and is
 * left alone for a while, longer each time. A break that the network is to blame for costs no more than that.
 */
export interface Breakers {
  /** The same, those at which the connection broke behind the others. */
  inOrder(uids: readonly number[]): number[];
  /** To be asked for by a command of its own. */
  isSuspect(uid: number): boolean;
  /** To be left alone for now. */
  rests(uid: number): boolean;
  /** The connection broke, or the server would not go on. @param unanswered those of `asked` that had no answer yet, in ascending order */
  broke(asked: readonly number[], unanswered: readonly number[], because: string): void;
  answered(uids: Iterable<number>): void;
}

/** @param onRest told of a message that is left alone, for so many minutes after so many breaks @param clock milliseconds, monotonic */
export function createBreakers(
  onRest: (uid: number, rest: { times: number; minutes: number; because: string }) => void,
  clock: () => number = () => performance.now(),
): Breakers {
  const suspects = new Map<number, { times: number; until: number }>();
  const hasBroken = (uid: number) => (suspects.get(uid)?.times ?? 0) > 0;
  return {
    inOrder: (uids) => [...uids.filter((uid) => !hasBroken(uid)), ...uids.filter(hasBroken)],
    isSuspect: (uid) => suspects.has(uid),
    rests: (uid) => (suspects.get(uid)?.until ?? Number.NEGATIVE_INFINITY) > clock(),
    broke(asked, unanswered, because) {
      for (const uid of unanswered.slice(0, SUSPECTS)) {
        const before = suspects.get(uid);
        const times = before !== undefined && asked.length === 1 ? before.times + 1 : 0;
        const minutes = times === 0 ? 0 : REST_MINUTES[Math.min(times, REST_MINUTES.length) - 1]!;
        suspects.set(uid, { times, until: clock() + minutes * 60_000 });
        if (minutes > 0) onRest(uid, { times, minutes, because });
      }
    },
    answered(uids) {
      for (const uid of uids) suspects.delete(uid);
    },
  };
}
