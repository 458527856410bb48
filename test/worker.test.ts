import { linkSync } from 'node:fs';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createFileTransport } from '../src/adapters/fileTransport.ts';
import { createMaildirSource } from '../src/adapters/maildirSource.ts';
import { nothingOutgoing } from '../src/deliver.ts';
import { AppError } from '../src/errors.ts';
import { createPatience } from '../src/patience.ts';
import type { MailSource } from '../src/ports.ts';
import { type RunHooks, run, runCycle, type Worker } from '../src/worker.ts';
import { aLease } from './support/aLease.ts';
import { aMail, givenADesk, type TestDesk, TODAY } from './support/desk.ts';
import { aSilentLog } from './support/silentLog.ts';

jest.setTimeout(30_000); // a backlog of mails with real files and a real database

afterEach(() => {
  jest.useRealTimers();
});

const never = new AbortController().signal;
const unreachable = () => new AppError('SOURCE_UNREACHABLE', 'no connection', { temporary: true, remedy: 'revise la red' });
const refused = () => new AppError('SOURCE_REFUSED', 'wrong password', { temporary: false, remedy: 'revise la contraseña' });

interface Post extends AsyncDisposable {
  desk: TestDesk;
  source: MailSource;
  worker: Worker;
  log: ReturnType<typeof aSilentLog>;
  /** Puts mails into the mailbox, one second apart, the last one a minute before the desk's present. */
  drop(...mails: string[]): Promise<void>;
  /** The mailbox as another process opens it. */
  reopened(): AsyncDisposable & { source: MailSource };
  /** How many lie in the mailbox, among the processed ones, in quarantine, and in the folder of sent answers. */
  counts(): Promise<{ mailbox: number; processed: number; quarantine: number; sent: number }>;
}

/** A worker on a real store, a real Maildir and a folder of answers. */
async function givenAPost(): Promise<Post> {
  const desk = await givenADesk({ limits: { repliesPerAddressPerHour: 1000, repliesPerDomainPerHour: 1000, newTicketsPerMinute: 1000 } });
  const mailbox = join(desk.folder, 'mailbox');
  const log = aSilentLog();
  const open = () =>
    createMaildirSource({ folder: mailbox, doneFolder: 'Procesados', quarantineFolder: 'Cuarentena', maxBytes: 1_000_000 }, log);
  const source = open();
  const transport = createFileTransport({ folder: join(desk.folder, 'sent') });
  const filesIn = async (...path: string[]) => (await readdir(join(desk.folder, ...path)).catch(() => [])).length;
  let dropped = 0;
  return {
    ...{ desk, source, log },
    worker: {
      ...{ desk: desk.desk, source, transport, log, lease: aLease(), careful: false, since: new Date(TODAY.getTime() - 7 * 86_400_000) },
      ...{ outgoing: nothingOutgoing(), nextHop: { patience: createPatience(), failure: null } },
    },
    async drop(...mails) {
      await mkdir(join(mailbox, 'new'), { recursive: true });
      for (const [i, mail] of mails.entries()) {
        const file = join(mailbox, 'new', `${String(dropped++).padStart(5, '0')}.eml`);
        await writeFile(file, mail);
        const at = new Date(TODAY.getTime() - 60_000 - (mails.length - i) * 1000);
        await utimes(file, at, at);
      }
    },
    reopened() {
      const again = open();
      return { source: again, [Symbol.asyncDispose]: () => again.close() };
    },
    counts: async () => ({
      mailbox: (await filesIn('mailbox', 'new')) + (await filesIn('mailbox', 'cur')),
      processed: await filesIn('mailbox', '.Procesados', 'cur'),
      quarantine: await filesIn('mailbox', '.Cuarentena', 'cur'),
      sent: await filesIn('sent', 'new'),
    }),
    [Symbol.asyncDispose]: async () => {
      await source.close();
      await desk[Symbol.asyncDispose]();
    },
  };
}

const someMails = (count: number) =>
  Array.from({ length: count }, (_, n) => aMail({ from: `p${n}@c${n}.example`, subject: `Asunto ${n}` }));

test('a cycle turns everything in the mailbox into tickets in the order of arrival, and sends every answer', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(120)); // more than two batches

  const summary = await runCycle(post.worker, never);

  expect(summary).toEqual({ mails: 120, replies: 120 });
  expect(await post.counts()).toEqual({ mailbox: 0, processed: 120, quarantine: 0, sent: 120 });
  const tickets = post.desk.tickets().toSorted((a, b) => a.number - b.number);
  expect(tickets.map(({ subject }) => subject)).toEqual(Array.from({ length: 120 }, (_, n) => `Asunto ${n}`));
});

test('R02 a mail is settled only after what it changed is committed', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(60), 'Subject: sin remitente\r\n\r\nhola\r\n');
  const settle = post.source.settle.bind(post.source);
  const uncommitted: string[] = [];
  post.source.settle = async (refs, place) => {
    const known = await post.desk.desk.store.settled(refs);
    uncommitted.push(...refs.filter((ref) => known.get(ref) !== place));
    await settle(refs, place);
  };

  await runCycle(post.worker, never);

  expect(uncommitted).toEqual([]);
  expect(await post.counts()).toMatchObject({ mailbox: 0, processed: 60, quarantine: 1 });
});

test('R01 R25 a mail that was recorded and could not be moved is only moved by the next cycle', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(3));
  const settle = post.source.settle.bind(post.source);
  post.source.settle = () => Promise.reject(new AppError('SOURCE_FAILED', 'over quota', { temporary: true }));
  await expect(runCycle(post.worker, never)).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  post.source.settle = settle;

  const again = await runCycle(post.worker, never);

  expect(again).toEqual({ mails: 0, replies: 0 });
  expect(await post.counts()).toEqual({ mailbox: 0, processed: 3, quarantine: 0, sent: 3 });
  expect(post.desk.tickets()).toHaveLength(3);
});

test('R11 mail from before the first start is recorded without a ticket and left where it is', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(4));
  post.worker.since = new Date(TODAY.getTime() - 62_000 - 500); // between the second and the third

  const first = await runCycle(post.worker, never);
  const again = await runCycle(post.worker, never);

  expect([first.mails, again.mails]).toEqual([2, 0]);
  expect(await post.counts()).toMatchObject({ mailbox: 2, processed: 2, sent: 2 });
  expect(post.log.events.filter(({ event }) => event === 'mail.skipped')).toMatchObject([{ fields: { count: 2 } }]);
});

test('R11 fifty thousand mails from before the first start open no ticket and get no answer, also after a restart, and new mail does', async () => {
  await using post = await givenAPost();
  const folder = join(post.desk.folder, 'mailbox', 'new');
  await post.drop(aMail({ subject: 'Del año pasado' }));
  const first = join(folder, '00000.eml');
  const longAgo = new Date(TODAY.getTime() - 400 * 86_400_000);
  await utimes(first, longAgo, longAgo);
  for (let n = 1; n < 50_000; n += 1) linkSync(first, join(folder, `viejo-${n}.eml`)); // one file under many names
  await post.drop(...someMails(1));

  const atStart = await runCycle(post.worker, never);
  await post.source.close();
  await using restarted = post.reopened();
  await post.drop(...someMails(1));
  const later = await runCycle({ ...post.worker, source: restarted.source }, never);

  expect([atStart, later]).toEqual([
    { mails: 1, replies: 1 },
    { mails: 1, replies: 1 },
  ]);
  expect(await post.counts()).toEqual({ mailbox: 50_000, processed: 2, quarantine: 0, sent: 2 });
  expect(post.desk.tickets()).toHaveLength(2);
  expect(post.log.events.filter(({ event }) => event === 'mail.skipped')).toMatchObject([{ fields: { count: 50_000 } }]);
});

test('R16 a mail above the size limit is held once, with no more of it than its header section, and shows in the quarantine', async () => {
  await using post = await givenAPost();
  await post.drop(aMail({ subject: 'Registros', text: 'línea de registro\r\n'.repeat(80_000) }), ...someMails(1));
  const { fetch } = post.source;
  const read: string[] = [];
  post.source.fetch = async function* (listed, signal) {
    for await (const message of fetch(listed, signal)) {
      read.push(`${message.headerOnly ? 'header' : 'whole'} ${message.ref.split(';')[0]}`);
      yield message;
    }
  };

  const cycles = [(await runCycle(post.worker, never)).mails, (await runCycle(post.worker, never)).mails];

  expect(cycles).toEqual([2, 0]);
  expect(read).toEqual(['header maildir:00000.eml', 'whole maildir:00001.eml']);
  expect(await post.counts()).toEqual({ mailbox: 0, processed: 1, quarantine: 1, sent: 1 });
  const held = post.desk.reading((reports) => reports.quarantined(10));
  expect(held).toMatchObject([{ cause: 'too-large', size: expect.any(Number) }]);
  expect(held[0]!.size).toBeGreaterThan(1_000_000);
  expect((await stat(held[0]!.path!)).size).toBeLessThan(1_000);
});

test('R10 ten unreadable mails at the head of the mailbox keep nobody waiting', async () => {
  await using post = await givenAPost();
  const { parse } = post.desk.desk;
  let asked = 0;
  post.desk.desk.parse = (input) =>
    asked++ < 10 ? Promise.resolve({ ok: false, cause: 'parse-timeout', because: 'too long' } as const) : parse(input);
  await post.drop(...someMails(11));

  const { mails } = await runCycle(post.worker, never);

  expect(mails).toBe(11);
  expect(await post.counts()).toEqual({ mailbox: 0, processed: 1, quarantine: 10, sent: 1 });
  expect(post.desk.tickets()).toMatchObject([{ subject: 'Asunto 10' }]);
});

test('answers go out although the mailbox is out of reach', async () => {
  await using post = await givenAPost();
  await post.desk.givenTicket();
  post.source.list = () => Promise.reject(unreachable());

  await expect(runCycle(post.worker, never)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });

  expect(await post.counts()).toMatchObject({ sent: 1 });
});

test('O07 mail comes in although the answers cannot go out: they wait', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(3));
  post.worker.transport.send = () => Promise.reject(new AppError('TRANSPORT_UNREACHABLE', 'no connection', { temporary: true }));

  const summary = await runCycle(post.worker, never);

  expect(summary).toEqual({ mails: 3, replies: 0 });
  expect(await post.counts()).toMatchObject({ mailbox: 0, processed: 3 });
  expect(post.desk.outbox().map(({ state, attempts }) => [state, attempts])).toEqual([
    ['queued', 1],
    ['queued', 1],
    ['queued', 1],
  ]);
});

test('R09 a store that cannot be written leaves the mail in the mailbox, and the cycle says so', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(2));
  const { store } = post.desk.desk;
  const full = () => Promise.reject(new AppError('STORE_FULL', 'disk full', { temporary: true }));
  post.desk.desk.store = { ...store, transaction: full };

  await expect(runCycle(post.worker, never)).rejects.toMatchObject({ code: 'STORE_FULL' });
  const during = await post.counts();
  post.desk.desk.store = store;
  const later = await runCycle(post.worker, never);

  expect(during).toEqual({ mailbox: 2, processed: 0, quarantine: 0, sent: 0 });
  expect(later).toEqual({ mails: 2, replies: 2 });
});

test('R18 a mail that breaks off while it is fetched is not stored, those before it are', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(3));
  const fetch = post.source.fetch.bind(post.source);
  post.source.fetch = async function* (listed, signal) {
    yield* fetch(listed.slice(0, 2), signal);
    async function* chunks() {
      yield Buffer.from('Subject: me');
      throw unreachable();
    }
    yield { ...listed[2]!, chunks: chunks(), headerOnly: false };
  };

  await expect(runCycle(post.worker, never)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });

  expect(post.desk.tickets()).toHaveLength(2);
  expect(await post.counts()).toMatchObject({ mailbox: 1, processed: 2 });
});

test('R32 a cycle that is asked to stop finishes its batch, and the next one does the rest', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(120));
  const stop = new AbortController();
  post.worker.onIngested = () => stop.abort();

  const first = await runCycle(post.worker, stop.signal);
  const atStop = { ...(await post.counts()), tickets: post.desk.tickets().length };
  delete post.worker.onIngested;
  const second = await runCycle(post.worker, never);

  expect(first.mails).toBeLessThanOrEqual(50); // one batch
  expect(atStop).toMatchObject({ tickets: first.mails, processed: first.mails, mailbox: 120 - first.mails });
  expect(second.mails).toBe(120 - first.mails);
  expect(await post.counts()).toEqual({ mailbox: 0, processed: 120, quarantine: 0, sent: 120 });
});

/** Hooks that keep what they are told; a cycle never begins by a nudge. */
function hooksThatNote(): RunHooks & { ends: string[] } {
  const ends: string[] = [];
  const onCycleEnd: RunHooks['onCycleEnd'] = (result) => {
    ends.push('error' in result ? (result.error as AppError).code : `${result.mails} mails`);
  };
  return { ends, onCycleStart: () => {}, onDelivery: () => {}, onCycleEnd, nudge: () => never, maxWaitMs: 60_000 };
}

/** The mailbox fails in these ways, one cycle after the other; `undefined` is a good cycle. After the last one the worker is asked to stop. */
function failingMailbox(post: Post, failures: (Error | undefined)[]): AbortSignal {
  const stop = new AbortController();
  let cycle = 0;
  post.source.list = () => {
    const failure = failures[cycle++];
    return failure ? Promise.reject(failure) : Promise.resolve([]);
  };
  post.source.waitForMail = async () => {
    if (cycle >= failures.length) stop.abort();
  };
  return stop.signal;
}

/** Lets the clock run until the work is done. */
async function withoutWaiting<T>(work: Promise<T>): Promise<{ result: T; seconds: number }> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  ended.catch(() => {});
  let seconds = 0;
  for (; !over && seconds < 600; seconds += 1) {
    await new Promise(setImmediate);
    if (!over) await jest.advanceTimersByTimeAsync(1000);
  }
  return { result: await ended, seconds };
}

test('R22 the worker waits with growing pauses for a world that fails, and says once that it came back', async () => {
  await using post = await givenAPost();
  const signal = failingMailbox(post, [undefined, unreachable(), unreachable(), unreachable(), undefined]);
  const hooks = hooksThatNote();
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'queueMicrotask'] });

  await withoutWaiting(run(post.worker, signal, hooks));

  expect(hooks.ends).toEqual(['0 mails', 'SOURCE_UNREACHABLE', 'SOURCE_UNREACHABLE', 'SOURCE_UNREACHABLE', '0 mails']);
  expect(post.log.events.map(({ level, event }) => `${level} ${event}`)).toEqual([
    'error cycle.failed',
    'warn cycle.failed',
    'warn cycle.failed',
    'info cycle.recovered',
  ]);
  const pauses = post.log.events.flatMap(({ fields }) => ('retryInSeconds' in fields ? [fields.retryInSeconds] : []));
  expect(pauses).toEqual([1, 2, expect.closeTo(5, -1)]);
  expect(post.log.events[0]?.fields).toMatchObject({ remedy: 'revise la red' });
});

test('a permanent failure before anything worked ends the worker, a later one is waited for', async () => {
  await using post = await givenAPost();
  await expect(run(post.worker, failingMailbox(post, [refused()]), hooksThatNote())).rejects.toMatchObject({ code: 'SOURCE_REFUSED' });
  const signal = failingMailbox(post, [undefined, refused(), undefined]);
  const hooks = hooksThatNote();
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'queueMicrotask'] });

  await withoutWaiting(run(post.worker, signal, hooks));

  expect(hooks.ends).toEqual(['0 mails', 'SOURCE_REFUSED', '0 mails']);
});

test('a fault of ours is not waited for', async () => {
  await using post = await givenAPost();

  const running = run(post.worker, failingMailbox(post, [undefined, new TypeError('x is not a function')]), hooksThatNote());

  await expect(running).rejects.toThrow('x is not a function');
});

test('R32 the worker ends at once when it is asked to stop while it waits or pauses', async () => {
  await using post = await givenAPost();
  const stop = new AbortController();
  const hooks = hooksThatNote();
  const waiting = run(post.worker, stop.signal, { ...hooks, onCycleEnd: () => setImmediate(() => stop.abort()) });
  await waiting;

  const pausing = new AbortController();
  post.source.list = () => Promise.reject(unreachable());
  await run(post.worker, pausing.signal, { ...hooks, onCycleEnd: () => setImmediate(() => pausing.abort()) });

  expect(post.log.events.map(({ event }) => event)).toEqual(['cycle.failed']);
});

test('a nudge begins a cycle though no mail was announced', async () => {
  await using post = await givenAPost();
  const stop = new AbortController();
  const nudge = new AbortController();
  let cycles = 0;
  const hooks: RunHooks = {
    ...hooksThatNote(),
    nudge: () => (cycles === 1 ? nudge.signal : never),
    onCycleStart: () => {
      cycles += 1;
      if (cycles === 2) stop.abort();
    },
    onCycleEnd: () => setImmediate(() => nudge.abort()),
  };

  await run(post.worker, stop.signal, hooks);

  expect(cycles).toBe(2);
});

test('a mail that is dropped into a watched mailbox wakes the worker', async () => {
  await using post = await givenAPost();
  const stop = new AbortController();
  const hooks = hooksThatNote();
  post.worker.onIngested = () => stop.abort();

  const running = run(post.worker, stop.signal, {
    ...hooks,
    onCycleEnd: (result) => {
      hooks.onCycleEnd(result);
      if (hooks.ends.length === 1) void post.drop(...someMails(1));
    },
  });
  await running;

  expect(hooks.ends).toEqual(['0 mails', '1 mails']);
});

test('R25 a message that cannot be moved out of the way does not keep new mail out', async () => {
  await using post = await givenAPost();
  const stuck = { ...post.source, settle: () => Promise.reject(new AppError('SOURCE_FAILED', 'NO [OVERQUOTA]', { temporary: true })) };
  const worker = { ...post.worker, source: stuck };
  const { signal } = new AbortController();
  await post.drop(...someMails(2));

  await expect(runCycle(worker, signal)).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  await post.drop(aMail({ subject: 'Después' }));
  await expect(runCycle(worker, signal)).rejects.toMatchObject({ code: 'SOURCE_FAILED' });

  expect(post.desk.tickets()).toHaveLength(3);
  await runCycle(post.worker, signal);
  expect(await post.counts()).toMatchObject({ mailbox: 0, processed: 3 });
});

test('R10 a message that breaks off while it is read is left for another time, and the next ones come in', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(3));
  async function* brokenOff() {
    yield Buffer.from('From: ana@cliente.example\r\n');
    throw new AppError('MESSAGE_UNREADABLE', 'NO', { temporary: true });
  }
  const source = {
    ...post.source,
    async *fetch(...args: Parameters<typeof post.source.fetch>) {
      let first = true;
      for await (const raw of post.source.fetch(...args)) {
        yield first ? { ...raw, chunks: brokenOff() } : raw;
        first = false;
      }
    },
  };

  await runCycle({ ...post.worker, source }, new AbortController().signal);

  expect(post.desk.tickets()).toHaveLength(2);
  expect(await post.counts()).toMatchObject({ mailbox: 1, processed: 2 });
});

test('a slow next hop does not keep new mail waiting', async () => {
  await using post = await givenAPost();
  const stop = new AbortController();
  const slow = Promise.withResolvers<{ response: string }>();
  post.worker.transport.send = () => slow.promise;
  const hooks = hooksThatNote();
  await post.drop(...someMails(1));
  let taken = 0;
  post.worker.onIngested = () => {
    taken += 1;
    if (taken < 2) return;
    slow.resolve({ response: '250 at last' });
    stop.abort();
  };

  await run(post.worker, stop.signal, {
    ...hooks,
    onCycleEnd: (result) => {
      hooks.onCycleEnd(result);
      if (hooks.ends.length === 1) void post.drop(aMail({ from: 'otro@cliente.example' }));
    },
  });

  expect(hooks.ends.slice(0, 2)).toEqual(['1 mails', '1 mails']);
  expect(post.desk.outbox().map(({ state }) => state)).toContain('sent');
});

test('R14 a worker that was passed over takes nothing in and ends', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(2));
  const lease = aLease();
  lease.lost = true;
  post.worker.lease = lease;

  await expect(run(post.worker, never, hooksThatNote())).rejects.toMatchObject({ code: 'LEASE_LOST' });

  expect(await post.counts()).toMatchObject({ mailbox: 2, sent: 0 });
});

test('R08 a world that fails again and again after a crash is no fault of the message that waits', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(2));
  const fetch = post.source.fetch.bind(post.source);
  post.worker.careful = true;
  // biome-ignore lint/correctness/useYield: it breaks off before the first message
  post.source.fetch = async function* () {
    throw unreachable();
  };
  for (let n = 0; n < 5; n += 1) await expect(runCycle(post.worker, never)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  post.source.fetch = fetch;

  await runCycle(post.worker, never);

  expect(await post.counts()).toEqual({ mailbox: 0, processed: 2, quarantine: 0, sent: 2 });
});

test('R08 after a crash messages are taken one by one, and the one at which the program dies for the fourth time is held', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(3));
  const { parse } = post.desk.desk;
  const died = new Error('the process is gone');
  let deaths = 0;
  post.desk.desk.parse = async (input) => {
    const result = await parse(input);
    if (!result.ok || result.mail.subject !== 'Asunto 1') return result;
    deaths += 1;
    throw died;
  };

  for (let start = 1; start <= 3; start += 1) {
    post.worker.careful = true;
    await expect(runCycle(post.worker, never)).rejects.toBe(died);
  }
  post.worker.careful = true;
  const last = await runCycle(post.worker, never);
  const again = await runCycle(post.worker, never);

  expect([deaths, last.mails, again.mails]).toEqual([3, 2, 0]);
  expect(await post.counts()).toEqual({ mailbox: 0, processed: 2, quarantine: 1, sent: 2 });
  expect(post.log.events.map(({ fields }) => ('cause' in fields ? fields.cause : null))).toContain('program-died');
  expect(post.worker.careful).toBe(false);
});

test('a next hop that takes nothing is not asked about again and again while no reply is due', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(1));
  const stop = new AbortController();
  let clock = 0;
  const everyPauseIsOver = () => {
    clock += 10_000;
    return clock;
  };
  post.worker.nextHop = { patience: createPatience(() => 0.5, everyPauseIsOver), failure: null };
  post.worker.transport.send = () => Promise.reject(new AppError('TRANSPORT_DEFERRED', '421 4.3.2 busy', { temporary: true }));
  const { store } = post.desk.desk;
  let looks = 0;
  post.desk.desk.store = {
    ...store,
    due: (now, limit) => {
      looks += 1;
      return store.due(now, limit);
    },
  };
  const failed = Promise.withResolvers<void>();

  const running = run(post.worker, stop.signal, {
    ...hooksThatNote(),
    onDelivery: (result) => {
      if ('replies' in result && result.nextHopFailure !== null) failed.resolve();
    },
  });
  await failed.promise;
  const before = looks;
  for (const since = performance.now(); performance.now() - since < 100; ) await new Promise(setImmediate);
  const meanwhile = looks - before;
  stop.abort();
  await running;

  expect(meanwhile).toBeLessThanOrEqual(1);
});

test('a next hop that failed is asked again as soon as its pause is over', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(1));
  const stop = new AbortController();
  post.worker.nextHop = { patience: createPatience(() => 0), failure: null }; // 750 ms
  const { transport } = post.worker;
  const send = transport.send.bind(transport);
  const attempts: number[] = [];
  transport.send = async (mail) => {
    attempts.push(performance.now());
    if (attempts.length === 1) throw new AppError('TRANSPORT_UNREACHABLE', 'connection refused', { temporary: true });
    stop.abort();
    return send(mail);
  };

  await run(post.worker, stop.signal, hooksThatNote());

  const [failed = 0, again = 0] = attempts;
  expect(again - failed).toBeGreaterThanOrEqual(700);
  expect(again - failed).toBeLessThan(7_000); // it looks for replies each ten seconds anyway
});

test('a cycle ends with the answer to its last reply, however long that takes', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(2));
  const late = Promise.withResolvers<{ response: string }>();
  const { transport } = post.worker;
  const send = transport.send.bind(transport);
  post.worker.transport = { ...transport, width: 2, send: (mail) => (mail.envelopeTo === 'p0@c0.example' ? late.promise : send(mail)) };
  post.worker.outgoing = nothingOutgoing(20);

  const cycle = runCycle(post.worker, never);
  while (post.worker.outgoing.slow.size === 0) await new Promise(setImmediate);
  late.resolve({ response: '250 ok' });

  expect(await cycle).toEqual({ mails: 2, replies: 2 });
  expect(post.desk.outbox().map(({ state }) => state)).toEqual(['sent', 'sent']);
});

test('a failing next hop is forgotten when nothing waits for it any more', async () => {
  await using post = await givenAPost();
  post.worker.nextHop.failure = '421 busy';

  await runCycle(post.worker, never);

  expect(post.worker.nextHop.failure).toBeNull();
});

test('R25 after a message could not be moved the worker goes on listening for new mail', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(1));
  const stop = new AbortController();
  post.source.settle = () => Promise.reject(new AppError('SOURCE_FAILED', 'NO [OVERQUOTA]', { temporary: true }));
  const hooks = hooksThatNote();
  const waits: number[] = [];
  post.source.waitForMail = async (_signal, maxMs) => {
    waits.push(maxMs);
    if (waits.length === 2) stop.abort();
  };

  await run(post.worker, stop.signal, hooks);

  expect(hooks.ends).toEqual(['SOURCE_FAILED', 'SOURCE_FAILED']);
  expect(waits[0]).toBeLessThan(2_000);
});

test('R32 a worker that is asked to stop in the middle of careful work counts no attempt', async () => {
  await using post = await givenAPost();
  await post.drop(...someMails(1));
  post.worker.careful = true;
  const { fetch } = post.source;
  for (let n = 0; n < 5; n += 1) {
    const stop = new AbortController();
    post.source.fetch = async function* () {
      stop.abort();
      yield* []; // what a source does when it is asked to stop
    };
    await runCycle({ ...post.worker, careful: true }, stop.signal);
  }
  post.source.fetch = fetch;

  await runCycle(post.worker, never);

  expect(await post.counts()).toMatchObject({ processed: 1, quarantine: 0 });
});

const COMPLAINT = [
  'From: <feedback@abuse.example>',
  'To: soporte@itac.co',
  'Subject: FW: Recibimos su solicitud',
  'Date: Mon, 23 Nov 2026 09:58:00 -0500',
  'Message-ID: <arf.1@abuse.example>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=feedback-report; boundary=r',
  '',
  '--r',
  'Content-Type: text/plain',
  '',
  'This is an email abuse report for a message from 192.0.2.1.',
  '--r',
  'Content-Type: message/feedback-report',
  '',
  'Feedback-Type: abuse',
  'User-Agent: SomeGenerator/1.0',
  'Version: 1',
  '--r',
  'Content-Type: message/rfc822',
  '',
  'From: Soporte ITAC <soporte@itac.co>',
  'Subject: Recibimos su solicitud',
  '',
  'Recibimos su correo.',
  '--r--',
  '',
].join('\r\n');

test('L31 a complaint that a mail of ours is spam is told to whoever runs the mailbox, opens a ticket for review and is not answered', async () => {
  await using post = await givenAPost();
  await post.drop(COMPLAINT, aMail());

  const summary = await runCycle(post.worker, never);

  expect(summary).toEqual({ mails: 2, replies: 1 });
  expect(post.log.events.filter(({ level }) => level === 'error')).toMatchObject([
    { event: 'complaint.received', fields: { action: 'open', ticket: 1 } },
  ]);
  expect(post.desk.ticket(1)).toMatchObject({ review: true, replies: [] });
});
