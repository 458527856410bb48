import type { Fault, Needs, Strike } from './fault.ts';
import { cut, freezeThenCut, halfClose, type Trouble } from './lineProxy.ts';
import { stillRunsAfter } from './moments.ts';
import type { World } from './world.ts';

/** The program notices, tries again later, and ends with 1 when it was to work once only. */
const LOST = /^(?:source\.lost|source\.note|cycle\.failed)$/;
const CODES = [0, 1];

/** Longest time that a worker takes for as many attempts. */
const COMES_BACK_MS = 45_000;

/** What the client says at each stage of a session, in order. */
const STAGES = {
  login: /^\S+ AUTHENTICATE /,
  select: /^\S+ SELECT /,
  search: /^\S+ UID SEARCH /,
  headers: /^\S+ UID FETCH .*RFC822\.SIZE/,
  body: /^\S+ UID FETCH .*BODY\.PEEK/,
  move: /^\S+ UID (?:MOVE|COPY) /,
  idle: /^\S+ IDLE/,
  logout: /^\S+ LOGOUT/,
} as const;

/** Octets of the server that still pass at most: some cuts come before the command arrives, some after its answer has begun. */
const LONGEST: Record<keyof typeof STAGES, number> = {
  ...{ login: 60, select: 400, search: 80, headers: 400, body: 4_000, move: 160, idle: 12, logout: 30 },
};

type Moment = Pick<Trouble, 'at' | 'nth' | 'after'>;

function imapFault(
  name: string,
  does: string,
  needs: Needs,
  draw: (at: Parameters<Fault['plan']>[0]) => Moment & Pick<Trouble, 'act'>,
): Fault {
  return {
    ...{ name, does, needs, says: LOST, codes: CODES },
    plan: (at) => ({
      before(world) {
        world.imap.trouble = draw(at);
      },
      struck: ({ imap }) => imap.struck,
    }),
  };
}

/** Somewhere in a connection whose words nobody can read. */
const anywhere = (octets: number): Moment => ({ at: null, nth: 1, after: { from: 'server', octets } });

export const IMAP_FAULTS: readonly Fault[] = [
  imapFault('imap-cut:greeting', 'the connection breaks in the greeting', {}, (at) => ({ ...anywhere(at(0, 30)), act: cut })),
  ...(Object.keys(STAGES) as (keyof typeof STAGES)[]).map((stage) =>
    imapFault(
      `imap-cut:${stage}`,
      `the connection breaks at this command, or after some octets of its answer`,
      stage === 'idle' ? { clear: true, command: 'start' } : { clear: true },
      (at) => ({
        at: STAGES[stage],
        nth: 1,
        after: { from: 'server', octets: at(0, 2) === 0 ? 0 : at(1, LONGEST[stage]) },
        act: cut,
      }),
    ),
  ),
  imapFault('imap-cut:anywhere', 'the connection breaks after a random number of octets', {}, (at) => ({
    ...anywhere(at(500, 3_500)),
    act: cut,
  })),
  {
    name: 'imap-cut:again',
    does: 'the connection breaks at the first message, again and again: only the mail server is to blame, and no mail',
    needs: { clear: true, command: 'start', laterRun: true, patience: true },
    says: LOST,
    codes: [0],
    plan: () => breaking(4),
  },
  imapFault('imap-freeze', 'nothing passes for a while in a message, then the connection breaks', { clear: true }, (at) => ({
    at: STAGES.body,
    nth: 1,
    after: { from: 'server', octets: at(1, 3_000) },
    act: freezeThenCut(at(700, 1_500)),
  })),
  imapFault('imap-half-close', 'the server closes its side only', {}, (at) => ({ ...anywhere(at(300, 2_000)), act: halfClose })),
  {
    name: 'imap-slow',
    does: 'what the server says comes in small pieces',
    needs: {},
    says: /^$/,
    codes: [0],
    plan: (at) => ({
      before(world) {
        world.imap.slow = { octets: at(400, 2_000), ms: 1 };
      },
      struck: () => true,
    }),
  },
];

/** As many cuts one after the other, while the worker comes back each time. */
function breaking(times: number): Strike {
  let left = times;
  const arm = ({ imap }: World) => {
    imap.struck = false;
    imap.trouble = { at: STAGES.body, nth: 1, after: { from: 'server', octets: 0 }, act: cut };
  };
  return {
    before: arm,
    async during(world, program) {
      const until = performance.now() + COMES_BACK_MS;
      while (left > 0 && performance.now() < until && (await stillRunsAfter(program, 20))) {
        if (!world.imap.struck) continue;
        left -= 1;
        if (left > 0) arm(world);
      }
    },
    struck: () => left === 0,
  };
}
