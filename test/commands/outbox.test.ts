import { expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { aLease } from '../support/aLease.ts';
import { runOn } from '../support/cli.ts';
import { givenADesk, type TestDesk } from '../support/desk.ts';

const FAILED = { state: 'failed', response: '550 5.1.1 no such user', undeliverable: true } as const;

/** A desk with one reply in each state but "sending", in the order of their numbers: sent, failed, dropped, deferred, waiting. */
async function givenReplies(): Promise<TestDesk> {
  const desk = await givenADesk();
  for (const name of ['ana', 'luis', 'rosa', 'eva', 'leo'])
    await desk.givenTicket({ from: `${name}@${name}.example`, text: `No abre: ${name}.` });
  const { store } = desk.desk;
  const at = desk.now;
  await store.settleOutbox([
    { id: 1, result: { state: 'sent', at, response: '250 2.0.0 Ok: queued', providerId: null } },
    { id: 2, result: { ...FAILED, at } },
    { id: 3, result: { state: 'dropped', at, response: 'expiró antes de poder enviarse' } },
    { id: 4, result: { state: 'queued', nextAttemptAt: new Date(at.getTime() + 3_600_000), response: '451 4.3.0 later' } },
  ]);
  return desk;
}

function replyOf(desk: TestDesk, id: number) {
  return desk.reading((reports) => reports.reply(id))!;
}

function idsIn(out: string): number[] {
  return out.split('\n').map((line) => (JSON.parse(line) as { id: number }).id);
}

test('outbox list shows what needs eyes, the oldest first, with what the server said', async () => {
  await using desk = await givenReplies();
  await desk.desk.store.claim([5], aLease());

  const { code, out, err } = await runOn(desk, ['outbox', 'list']);

  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['N.º', 'ticket', 'estado', 'cuándo', 'intentos', 'destinatario', 'última noticia'],
    [expect.stringMatching(/^─+$/), ...Array<unknown>(6).fill(expect.anything())],
    ['2', '2', 'falló', '2026-11-23 10:00', '1', 'luis@luis.example', '550 5.1.1 no such user'],
    ['4', '4', 'en espera', '2026-11-23 11:00', '1', 'eva@eva.example', '451 4.3.0 later'],
    ['5', '5', 'enviándose', '2026-11-23 10:00', '0', 'leo@leo.example'],
  ]);
});

test('outbox list finds the other states, and all of them, the newest first, and says when there are more', async () => {
  await using desk = await givenReplies();
  const listed = async (...more: string[]) => idsIn((await runOn(desk, ['outbox', 'list', '--json', ...more])).out);

  expect(await listed()).toEqual([2, 4, 5]);
  expect(await listed('--state', 'sent')).toEqual([1]);
  expect(await listed('--state', 'no se envió')).toEqual([3]);
  expect(await listed('--state', 'queued')).toEqual([4, 5]);
  expect(await listed('--all')).toEqual([5, 4, 3, 2, 1]);
  expect(await runOn(desk, ['outbox', 'list', '--all', '--limit', '2'])).toMatchObject({ err: 'Se muestran 2; hay más: use --limit N' });
  expect(await runOn(desk, ['outbox', 'list', '--state', 'sending'])).toMatchObject({ code: 0, out: '', err: 'Ninguna respuesta.' });
});

test.each([
  [['outbox', 'list', '7'], /no lleva operandos/],
  [['outbox', 'list', '--state', 'x'], /--state es uno de queued, sending, sent, failed, dropped/],
  [['outbox', 'list', '--state', 'sent', '--all'], /no van juntos/],
  [['outbox', 'list', '--limit', '0'], /--limit es un número entero/],
  [['outbox', 'show'], /escriba un número; por ejemplo "buzon outbox show 12"/],
  [['outbox', 'show', '1', '--raw', '--json'], /no van juntos/],
  [['outbox', 'cancel', '4'], /falta el motivo/],
])('%j is wrong usage', async (argv, said) => {
  await using desk = await givenReplies();

  const { code, err } = await runOn(desk, argv);

  expect(code).toBe(2);
  expect(err).toMatch(said);
});

test.each(['show', 'retry', 'cancel'])('outbox %s of a reply that does not exist says how to find one', async (deed) => {
  await using desk = await givenADesk();

  const { code, err } = await runOn(desk, ['outbox', deed, '99', ...(deed === 'cancel' ? ['--reason', 'x'] : [])]);

  expect(code).toBe(1);
  expect(err).toMatch(/no existe la respuesta 99\n {2}Remedio: .*buzon outbox list --all/);
});

test('outbox show prints the whole row, the headers and the text, in Spanish', async () => {
  await using desk = await givenReplies();

  const { out } = await runOn(desk, ['outbox', 'show', '2']);

  expect(out).toMatch(/^Respuesta 2: falló$/m);
  expect(out).toMatch(/^ {2}ticket {10}2, responde al mensaje 2$/m);
  expect(out).toMatch(/^ {2}sobre {11}de <> a <luis@luis\.example>$/m);
  expect(out).toMatch(/^ {2}última noticia {2}550 5\.1\.1 no such user$/m);
  expect(out).toMatch(/^ {2}la dirección {4}no recibe correo automático hasta 2026-12-23 10:00$/m);
  expect(out).toMatch(/^ {2}auto-submitted: auto-replied$/m);
  expect(out).toMatch(/^ {2}subject: \[ITAC #2-\w{3}\] Recibimos su correo$/m);
  expect(out).toContain(`  ${desk.desk.identity.platformUrl}`);
});

test('outbox show says of a reply that it was sent as one says it of a reply', async () => {
  await using desk = await givenReplies();

  const { out } = await runOn(desk, ['outbox', 'show', '1']);

  expect(out).toMatch(/^Respuesta 1: enviada$/m);
});

test('outbox show --raw gives the octets that are sent, and --json the row', async () => {
  await using desk = await givenReplies();
  const { bytes, messageId } = replyOf(desk, 1);

  const raw = await runOn(desk, ['outbox', 'show', '1', '--raw']);
  const json = JSON.parse((await runOn(desk, ['outbox', 'show', '1', '--json'])).out);

  expect(raw.bytes).toEqual(bytes);
  expect((await simpleParser(raw.bytes)).messageId).toBe(`<${messageId}>`);
  expect(json).toMatchObject({ id: 1, state: 'sent', messageId, size: bytes.length, acts: [], response: '250 2.0.0 Ok: queued' });
  expect(json).not.toHaveProperty('bytes');
  expect(json.message.text).toContain(desk.desk.identity.platformUrl);
});

test('outbox retry makes a failed reply due, and its row and its ticket say who asked for it', async () => {
  await using desk = await givenReplies();
  const before = replyOf(desk, 2);

  const { code, out } = await runOn(desk, ['outbox', 'retry', '2']);

  const after = replyOf(desk, 2);
  expect({ code, out }).toEqual({ code: 0, out: 'Respuesta 2 lista para enviarse.' });
  expect(after).toMatchObject({ state: 'queued', settledAt: null, suppressedUntil: null, messageId: before.messageId });
  expect(after.bytes).toEqual(before.bytes);
  expect(after.acts).toMatchObject([{ what: 'retry', by: 'marta', outboxId: 2 }]);
  expect((await runOn(desk, ['ticket', '2'])).out).toMatch(/respuesta 2 puesta de nuevo en la cola por marta/);
});

test('outbox retry says when an older reply of the ticket goes first', async () => {
  await using desk = await givenReplies();
  const first = await desk.whenMailArrives('From: eva@eva.example\r\nSubject: otra cosa\r\n\r\nTambién falla el informe.\r\n');
  const number = first.receipt.ticketNumber!;
  const { inboundId } = first.receipt;
  await desk.desk.store.transaction((tx) =>
    tx.applyAgain(inboundId, {
      ...first.trace.effect,
      change: { kind: 'none' },
      outbox: first.trace.effect.outbox.map((reply) => ({
        ...reply,
        ticketNumber: 4,
        mail: { ...reply.mail, messageId: `ticket.4.second.${number}@itac.co` },
      })),
    }),
  );
  const second = desk.ticket(4).replies.at(-1)!.id;

  const { out } = await runOn(desk, ['outbox', 'retry', String(second)]);

  expect(out).toBe(`Respuesta ${second} en espera: la 4, del mismo ticket, sale primero.`);
});

test('O09 outbox retry refuses what was sent or is being sent, with what to do', async () => {
  await using desk = await givenReplies();
  await desk.desk.store.claim([5], aLease());

  const sent = await runOn(desk, ['outbox', 'retry', '1']);
  const sending = await runOn(desk, ['outbox', 'retry', '5']);

  expect(sent).toMatchObject({ code: 1, err: expect.stringMatching(/ya se envió\n {2}Remedio: .*outbox show 1/) });
  expect(sending).toMatchObject({ code: 1, err: expect.stringMatching(/se está enviando[\s\S]*Remedio: espere un minuto/) });
});

test('outbox cancel ends a reply that waits: it is not sent, and its row says who, when and why', async () => {
  await using desk = await givenReplies();

  const { out } = await runOn(desk, ['outbox', 'cancel', '4', '--reason', 'ya se le llamó', '--by', 'Luz', '--json']);

  expect(JSON.parse(out)).toMatchObject({ did: 'cancel', ticket: 4, outboxId: 4, by: 'Luz', reason: 'ya se le llamó' });
  expect(replyOf(desk, 4)).toMatchObject({
    state: 'dropped',
    response: expect.stringMatching(/^Luz la canceló \(\d{4}-\d\d-\d\d \d\d:\d\d\): ya se le llamó; antes: 451 4\.3\.0 later$/),
    acts: [{ what: 'cancel', by: 'Luz' }],
  });
  expect((await desk.desk.store.due(new Date(desk.now.getTime() + 7_200_000), 10)).map(({ id }) => id)).toEqual([5]);
});

test('outbox cancel refuses what is being sent, and a second time', async () => {
  await using desk = await givenReplies();
  await desk.desk.store.claim([5], aLease());

  const sending = await runOn(desk, ['outbox', 'cancel', '5', '--reason', 'x']);
  const dropped = await runOn(desk, ['outbox', 'cancel', '3', '--reason', 'x']);

  expect(sending).toMatchObject({ code: 1, err: expect.stringMatching(/se está enviando[\s\S]*Remedio: espere un minuto/) });
  expect(dropped).toMatchObject({ code: 1, err: expect.stringMatching(/ya no se va a enviar/) });
});
