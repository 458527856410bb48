import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { saveLearned, shippedId } from '../../src/adapters/learnedModel.ts';
import { loadModel } from '../../src/adapters/modelFile.ts';
import { openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { encodeModel } from '../../src/desk/modelCodec.ts';
import { TicketKind } from '../../src/desk/ticket.ts';
import type { ParsedMail } from '../../src/mail/message.ts';
import { correctTicket } from '../../src/staff.ts';
import { runOn } from '../support/cli.ts';
import { aMail, givenADesk, SECRET, type TestDesk } from '../support/desk.ts';
import { aSilentLog } from '../support/silentLog.ts';

const WISH = 'Quisiéramos un filtro por fecha en el reporte de ventas.';

/** A model for which everything is an incident, in force, after one correction. @returns its file */
async function givenALearnedModel(desk: TestDesk, accepted = true): Promise<string> {
  await correctTicket(await desk.givenTicket(), TicketKind.incident, 'marta', desk.desk);
  const modelId = await saveLearned(desk.folder, encodeModel({ ...loadModel(), bias: 100 }));
  const { learning } = desk.desk.store;
  const counts = { corrections: 1, right: accepted ? 160 : 80, baseRight: 159, judged: 166 };
  await learning.record({ modelId, baseId: shippedId(), throughAct: 1, ...counts, accepted, at: desk.now });
  return join(desk.folder, 'models', `${modelId}.bin`);
}

async function kindSaidBy(desk: TestDesk, ...options: string[]): Promise<unknown> {
  const file = join(desk.folder, 'wish.eml');
  writeFileSync(file, aMail({ subject: 'Filtro', text: WISH }));
  const { out } = await runOn(desk, ['explain', '--json', ...options, file]);
  return (JSON.parse(out) as { classification: { kind: string } }).classification.kind;
}

async function learningLine(desk: TestDesk): Promise<{ ok: boolean; what: string } | undefined> {
  const { out } = await runOn(desk, ['doctor', '--json']);
  const lines = out.split('\n').map((line) => JSON.parse(line) as { ok: boolean; what: string });
  return lines.find(({ what }) => what.startsWith('aprendizaje'));
}

/** What the worker says to a mail, right after its start, and what it logs. */
async function atAStart(desk: TestDesk) {
  const log = aSilentLog();
  const env = { BUZON_DATA: desk.folder, BUZON_SECRET: SECRET, BUZON_HTTP: '', BUZON_MAILBOX: `maildir:${join(desk.folder, 'mailbox')}` };
  await using app = await openApp(loadConfig({ ...env, BUZON_TRANSPORT: `file:${join(desk.folder, 'outbox')}` }), log);
  const mail = { subject: 'Filtro', newText: WISH, signature: '' } as ParsedMail;
  return { kind: app.desk.classify(mail).kind, events: log.events };
}

test('explain uses the learned model with --store, and the shipped one without', async () => {
  await using desk = await givenADesk();
  await givenALearnedModel(desk);

  expect(await kindSaidBy(desk, '--store')).toBe('incidencia');
  expect(await kindSaidBy(desk)).toBe('requerimiento');
});

test('a restarted worker uses what was learned from its first mail on', async () => {
  await using desk = await givenADesk();
  await givenALearnedModel(desk);

  expect(await atAStart(desk)).toMatchObject({ kind: 'incidencia', events: [] });
});

test('a refused model is used by nobody, and doctor says so', async () => {
  await using desk = await givenADesk();
  await givenALearnedModel(desk, false);

  expect((await atAStart(desk)).kind).toBe('requerimiento');
  expect(await kindSaidBy(desk, '--store')).toBe('requerimiento');
  expect(await learningLine(desk)).toMatchObject({
    ok: true,
    what: expect.stringContaining('el último entrenamiento se rechazó: acertó 80 de los 166'),
  });
});

test('a model whose file is gone gives way to the shipped one; the log and doctor say so', async () => {
  await using desk = await givenADesk();
  rmSync(await givenALearnedModel(desk));

  const { kind, events } = await atAStart(desk);

  expect(kind).toBe('requerimiento');
  expect(events).toMatchObject([{ level: 'warn', event: 'model.fallback' }]);
  expect(await learningLine(desk)).toMatchObject({ ok: false, what: expect.stringContaining('no se puede leer') });
});

test('doctor tells how many corrections were learned from', async () => {
  await using desk = await givenADesk();
  await givenALearnedModel(desk);

  expect(await learningLine(desk)).toMatchObject({ ok: true, what: 'aprendizaje: correcciones: 1; clasifica un modelo con 1 de ellas' });
});
