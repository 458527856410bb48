import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { modelInForce, saveLearned, shippedId } from '../../src/adapters/learnedModel.ts';
import { loadModel } from '../../src/adapters/modelFile.ts';
import { trainInThread } from '../../src/adapters/trainerThread.ts';
import { kindOf } from '../../src/desk/classify.ts';
import type { CorrectedMail } from '../../src/desk/learnModel.ts';
import { decodeModel, encodeModel } from '../../src/desk/modelCodec.ts';
import { TicketKind } from '../../src/desk/ticket.ts';
import { createLearning, type LearningParts } from '../../src/duties/learning.ts';
import type { Training } from '../../src/ports.ts';
import { correctTicket } from '../../src/staff.ts';
import { givenADesk, type TestDesk } from '../support/desk.ts';
import { aSilentLog } from '../support/silentLog.ts';

const MINUTE = 60_000;
const RESULT = { modelId: 'm1', right: 160, baseRight: 159, judged: 166 };

/** A learning duty on the desk's store that trains nothing, and what it was asked to do. */
function givenLearning(desk: TestDesk, parts: Partial<LearningParts> = {}) {
  const log = aSilentLog();
  const trained: (readonly CorrectedMail[])[] = [];
  const used: (string | null)[] = [];
  const train: LearningParts['train'] = async (mails, signal) => {
    trained.push(mails);
    return parts.train ? parts.train(mails, signal) : RESULT;
  };
  const use: LearningParts['use'] = (accepted) => {
    used.push(accepted?.modelId ?? null);
    return parts.use?.(accepted) ?? true;
  };
  const store = desk.desk.store.learning;
  const learning = createLearning({ baseId: 'b1', now: () => desk.now, log, store, ...parts, train, use });
  return { learning, log, trained, used, store };
}

async function givenACorrection(desk: TestDesk, kind: TicketKind = TicketKind.requirement): Promise<void> {
  await correctTicket(await desk.givenTicket(), kind, 'marta', desk.desk);
}

function minutesPass(desk: TestDesk, minutes: number): void {
  desk.now = new Date(desk.now.getTime() + minutes * MINUTE);
}

test('without corrections nothing is trained', async () => {
  await using desk = await givenADesk();
  const { learning, trained, used } = givenLearning(desk);

  await learning.look();

  expect(trained).toEqual([]);
  expect(used).toEqual([null]);
});

test('a start learns from what was corrected, once, and records it', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  const { learning, trained, store, log } = givenLearning(desk);

  await learning.look();
  minutesPass(desk, 60);
  await learning.look();

  expect(trained).toHaveLength(1);
  expect((await store.state()).accepted).toMatchObject({ ...RESULT, baseId: 'b1', corrections: 1, accepted: true });
  expect(log.events.map(({ event }) => event)).toEqual(['learning.accepted']);
});

test('later corrections are learned from after ten quiet minutes', async () => {
  await using desk = await givenADesk();
  const { learning, trained } = givenLearning(desk);
  await learning.look();
  await givenACorrection(desk);

  minutesPass(desk, 9);
  await learning.look();
  expect(trained).toHaveLength(0);
  minutesPass(desk, 1);
  await learning.look();

  expect(trained).toHaveLength(1);
});

test('a ticket that is corrected again is news', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  await correctTicket(number, TicketKind.requirement, 'marta', desk.desk);
  const { learning, trained } = givenLearning(desk);
  await learning.look();

  await correctTicket(number, TicketKind.incident, 'marta', desk.desk);
  minutesPass(desk, 10);
  await learning.look();

  expect(trained.map((mails) => mails.map(({ kind }) => kind))).toEqual([['requerimiento'], ['incidencia']]);
});

test('a model that loses on the acceptance mails is refused, and the old one stays', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  const results = [RESULT, { ...RESULT, modelId: 'm2', right: 158 }];
  const { learning, store, log, used } = givenLearning(desk, { train: async () => results.shift()! });
  await learning.look();

  await givenACorrection(desk);
  minutesPass(desk, 10);
  await learning.look();

  expect(await store.state()).toMatchObject({ last: { modelId: 'm2', accepted: false }, accepted: { modelId: 'm1' } });
  expect(used.at(-1)).toBe('m1');
  expect(log.events.at(-1)).toMatchObject({ level: 'warn', event: 'learning.refused' });
});

test('a refused model is not trained again from the same corrections', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  const { learning, trained } = givenLearning(desk, { train: async () => ({ ...RESULT, right: 1 }) });

  await learning.look();
  minutesPass(desk, 60);
  await learning.look();

  expect(trained).toHaveLength(1);
});

test('a training that fails is told, and tried again with the next correction only', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  const { learning, trained, log } = givenLearning(desk, { train: () => Promise.reject(new Error('out of memory')) });

  await learning.look();
  minutesPass(desk, 60);
  await learning.look();
  expect(trained).toHaveLength(1);
  await givenACorrection(desk);
  minutesPass(desk, 10);
  await learning.look();

  expect(trained).toHaveLength(2);
  expect(log.events[0]).toMatchObject({ event: 'learning.failed', fields: { reason: 'out of memory' } });
});

test('one training at a time', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  const { learning, trained, used } = givenLearning(desk);

  await Promise.all([learning.look(), learning.look(), learning.look()]);

  expect(trained).toHaveLength(1);
  expect(used).toEqual([null, 'm1']);
});

test('a new base is learned upon again', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  await givenLearning(desk).learning.look();
  const { learning, trained } = givenLearning(desk, { baseId: 'b2' });

  await learning.look();

  expect(trained).toHaveLength(1);
});

test('a model that was lost is trained again', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  await givenLearning(desk).learning.look();
  const { learning, trained } = givenLearning(desk, { use: () => false });

  await learning.look();

  expect(trained).toHaveLength(1);
});

test('what another worker learned is taken over at the next look', async () => {
  await using desk = await givenADesk();
  const [one, other] = [givenLearning(desk), givenLearning(desk)];
  await other.learning.look();
  await givenACorrection(desk);
  await one.learning.look();

  await other.learning.look();

  expect(other.used.at(-1)).toBe('m1');
  expect(other.trained).toEqual([]);
});

test('closing gives up the training that is under way, silently', async () => {
  await using desk = await givenADesk();
  await givenACorrection(desk);
  const begun = Promise.withResolvers<void>();
  const { learning, log, store } = givenLearning(desk, {
    train: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
        begun.resolve();
      }),
  });
  const looking = learning.look();
  await begun.promise;

  await learning.close();
  await looking;

  expect(log.events).toEqual([]);
  expect((await store.state()).last).toBeNull();
});

const THINGS = ['despacho', 'conteo', 'cargue', 'recibo', 'cierre'];
const JARGON: CorrectedMail[] = Array.from({ length: 30 }, (_, n) => ({
  subject: '',
  newText: `No aparece la vitrina del ${THINGS[n % THINGS.length]} ${n} en Funza`,
  kind: TicketKind.requirement,
  client: 'bodega.example',
}));

test('the thread learns from corrections and loses nothing on the acceptance mails, while this thread goes on', async () => {
  const mail = { subject: '', newText: 'No aparece la vitrina del traslado 7 en Funza' };
  let turns = 0;
  const timer = setInterval(() => turns++, 10);

  const { bytes, right, baseRight, judged } = await trainInThread(JARGON, new AbortController().signal);

  clearInterval(timer);
  expect(kindOf(mail, loadModel())).toBe(TicketKind.incident);
  expect(kindOf(mail, decodeModel(Buffer.from(bytes)))).toBe(TicketKind.requirement);
  expect(right).toBeGreaterThanOrEqual(baseRight);
  expect(judged).toBeGreaterThan(100);
  expect(turns).toBeGreaterThan(10);
});

test('a thread that is stopped ends with an error', async () => {
  const controller = new AbortController();
  const training = trainInThread(JARGON, controller.signal);
  controller.abort();

  await expect(training).rejects.toThrow('stopped');
});

function accepted(modelId: string, baseId: string = shippedId()): Training {
  return { modelId, baseId, throughAct: 1, corrections: 1, right: 1, baseRight: 1, judged: 1, accepted: true, at: new Date(0) };
}

test('a saved model is in force when the database says so', async () => {
  await using desk = await givenADesk();
  const id = await saveLearned(desk.folder, encodeModel({ ...loadModel(), bias: 3 }));

  expect(modelInForce(desk.folder, accepted(id))).toMatchObject({ id, problem: null, model: { bias: 3 } });
  expect(modelInForce(desk.folder, null).id).toBe(shippedId());
  expect(readdirSync(join(desk.folder, 'models'))).toEqual([`${id}.bin`]);
});

test('a model of another base is not in force: the program was renewed since', async () => {
  await using desk = await givenADesk();
  const id = await saveLearned(desk.folder, encodeModel({ ...loadModel(), bias: 3 }));

  expect(modelInForce(desk.folder, accepted(id, 'of before'))).toMatchObject({ id: shippedId(), problem: null });
});

test.each([
  ['is missing', (path: string) => rmSync(path), 'no se puede leer'],
  ['is damaged', (path: string) => writeFileSync(path, 'x'), 'está dañado'],
])('a model that %s gives way to the shipped one, and that is told', async (_, harm, problem) => {
  await using desk = await givenADesk();
  const id = await saveLearned(desk.folder, encodeModel({ ...loadModel(), bias: 3 }));
  harm(join(desk.folder, 'models', `${id}.bin`));

  expect(modelInForce(desk.folder, accepted(id))).toMatchObject({ id: shippedId(), problem: expect.stringContaining(problem) });
});
