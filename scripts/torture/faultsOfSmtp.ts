import type { Refusal } from '../../test/support/smtpServer.ts';
import type { Draw, Fault, Needs, Strike } from './fault.ts';
import { cut, freezeThenCut, halfClose, type Trouble } from './lineProxy.ts';
import type { SmtpMood } from './smtpSink.ts';
import type { World } from './world.ts';

/** The reply waits, or the whole outbox does. */
const DEFERRED = /^(?:reply\.deferred|transport\.paused)$/;
const FAILED = /^reply\.failed$/;

function smtpFault(name: string, does: string, says: RegExp, needs: Needs, plan: (at: Draw) => Strike): Fault {
  return { name, does, needs, says, codes: [0], plan };
}

/** The proxy makes the trouble. */
const onTheWay =
  (draw: (at: Draw) => Trouble) =>
  (at: Draw): Strike => ({
    before({ smtp }) {
      smtp.trouble = draw(at);
    },
    struck: ({ smtp }) => smtp.struck,
  });

/** The server itself is in that mood. */
const inMood =
  (draw: (at: Draw) => Partial<SmtpMood>) =>
  (at: Draw): Strike => {
    let before = 0;
    return {
      before({ sink }) {
        before = sink.spoilt();
        Object.assign(sink.mood, draw(at));
      },
      struck: ({ sink }: World) => sink.spoilt() > before,
    };
  };

const cutAt = (stage: string, line: RegExp | null, octets: (at: Draw) => number, from: 'client' | 'server' = 'server'): Fault =>
  smtpFault(`smtp-cut:${stage}`, 'the connection breaks at this command', DEFERRED, line === null ? {} : { clear: true }, (at) =>
    onTheWay(() => ({ at: line, nth: line === null ? 1 : at(1, 2), after: { from, octets: octets(at) }, act: cut }))(at),
  );

const refusing = (name: string, at: 'sender' | 'recipient' | 'data', refusal: Refusal, says: RegExp): Fault =>
  smtpFault(
    name,
    `the server says ${refusal.code} ${refusal.text.split(' ')[0]} to ${at}`,
    says,
    {},
    inMood((draw) => ({ refuse: { at, refusal, times: draw(1, 4) } })),
  );

export const SMTP_FAULTS: readonly Fault[] = [
  cutAt('connect', null, () => 0),
  cutAt('greeting', null, (at) => at(1, 15)),
  cutAt('ehlo', /^EHLO /, (at) => at(0, 30)),
  cutAt('mail', /^MAIL FROM/, (at) => at(0, 6)),
  cutAt('rcpt', /^RCPT TO/, (at) => at(0, 6)),
  cutAt('data', /^DATA$/, (at) => at(50, 2_500), 'client'),
  smtpFault(
    'smtp-hang-up',
    'the server takes the mail whole and hangs up without an answer: it is sent once more, the same',
    DEFERRED,
    {},
    inMood((at) => ({ hangUps: at(1, 3) })),
  ),
  smtpFault('smtp-freeze', 'nothing passes for a while, then the connection breaks', DEFERRED, { clear: true }, (at) =>
    onTheWay(() => ({ at: /^MAIL FROM/, nth: 1, after: { from: 'server', octets: 0 }, act: freezeThenCut(at(600, 1_200)) }))(at),
  ),
  smtpFault('smtp-half-close', 'the server closes its side only', DEFERRED, {}, (at) =>
    onTheWay(() => ({ at: null, nth: 1, after: { from: 'server', octets: at(1, 250) }, act: halfClose }))(at),
  ),
  smtpFault('smtp-slow', 'each answer takes its time', DEFERRED, {}, (at) => ({
    before({ sink }) {
      sink.mood.delayMs = at(10, 60);
    },
    struck: () => true,
  })),
  refusing('smtp-421', 'sender', { code: 421, text: '4.3.2 closing down' }, DEFERRED),
  refusing('smtp-451', 'recipient', { code: 451, text: '4.3.0 try again later' }, DEFERRED),
  refusing('smtp-452', 'data', { code: 452, text: '4.7.28 too many mails, slow down' }, DEFERRED),
  refusing('smtp-550', 'recipient', { code: 550, text: '5.1.1 no such user' }, FAILED),
  refusing('smtp-554', 'data', { code: 554, text: '5.7.1 looks like spam' }, FAILED),
];
