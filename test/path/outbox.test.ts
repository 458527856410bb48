import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createSmtpTransport } from '../../src/adapters/smtpTransport.ts';
import { deliverDue, nothingOutgoing } from '../../src/deliver.ts';
import { createPatience } from '../../src/patience.ts';
import type { MailTransport, Store } from '../../src/ports.ts';
import { cancelReply, retryReply } from '../../src/staff.ts';
import { aLease } from '../support/aLease.ts';
import { aMail, givenADesk, type TestDesk, vouchedFor } from '../support/desk.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { type SmtpPeer, startSmtpServer } from '../support/smtpServer.ts';

const HOUR_MS = 3_600_000;
const VOUCHED = { authservId: 'mx.itac.co' };
const ANA = { headers: vouchedFor('cliente.example') };

let smtp: SmtpPeer;
let transport: MailTransport;
beforeAll(async () => {
  smtp = await startSmtpServer();
  const where = { host: smtp.host, port: smtp.port, secure: false, auth: null, maxConnections: 2 };
  transport = createSmtpTransport({ ...where, tlsRejectUnauthorized: true, allowInsecure: true }, aSilentLog());
});
afterEach(() => {
  smtp.taken.length = 0;
  smtp.refuseRecipient = null;
  smtp.hangUpAfterData = false;
});
afterAll(async () => {
  await transport.close();
  await smtp.stop();
});

function deliver({ desk }: TestDesk, store: Store = desk.store): Promise<number> {
  const nextHop = { patience: createPatience(), failure: null };
  const delivery = { store, transport, lease: aLease(), log: aSilentLog(), now: desk.now, outgoing: nothingOutgoing(), nextHop };
  return deliverDue(delivery, new AbortController().signal);
}

function replyOf(desk: TestDesk, id: number) {
  return desk.reading((reports) => reports.reply(id))!;
}

test('O08 O20 a reply that was refused for good goes out with the same bytes when staff retry it, and the address is answered again', async () => {
  await using desk = await givenADesk(VOUCHED);
  await desk.givenTicket(ANA);
  smtp.refuseRecipient = () => ({ code: 550, text: '5.1.1 no such user' });
  await deliver(desk);
  const failed = replyOf(desk, 1);
  const silenced = await desk.whenMailArrives(aMail({ ...ANA, subject: 'Otra falla', text: 'Tampoco imprime.' }));
  smtp.refuseRecipient = null;
  desk.now = new Date(desk.now.getTime() + 30 * HOUR_MS); // longer than a reply lives

  await retryReply(1, 'marta', desk.desk);
  await deliver(desk);
  const answered = await desk.whenMailArrives(aMail({ ...ANA, subject: 'Una más', text: 'No abre el reporte.' }));

  expect(failed).toMatchObject({ state: 'failed', response: expect.stringContaining('550') });
  expect(silenced.trace.effect.outbox).toEqual([]);
  expect(smtp.taken.map(({ bytes }) => bytes.toString().trim())).toEqual([failed.bytes.toString().trim()]);
  expect(replyOf(desk, 1)).toMatchObject({
    state: 'sent',
    attempts: 2,
    messageId: failed.messageId,
    acts: [{ what: 'retry', by: 'marta' }],
  });
  expect(answered.trace.effect.outbox).toHaveLength(1);
});

test('O10 O11 the answer goes to the author alone, whoever else the mail names, from our address', async () => {
  await using desk = await givenADesk(VOUCHED);
  const headers = [...ANA.headers, 'Reply-To: jefe@otro.example', 'Sender: asistente@otro.example', 'Return-Path: <rebotes@otro.example>'];
  const cc = 'luis@cliente.example, eva@otro.example';

  await desk.whenMailArrives(aMail({ headers, cc, to: 'soporte@itac.co, ventas@otro.example' }));
  await deliver(desk);

  expect(smtp.taken).toMatchObject([{ from: '', to: ['ana@cliente.example'] }]);
  const [head] = smtp.taken[0]!.bytes.toString('latin1').split('\r\n\r\n');
  expect(head!.match(/^(?:From|Sender|To|Cc|Bcc|Reply-To): .*$/gim)).toEqual([
    'From: Soporte ITAC <soporte@itac.co>',
    'To: ana@cliente.example',
  ]);
});

/** Looks at the outbox each minute, and tells in which ones the server was asked. */
async function minutesOfAttempts(desk: TestDesk, minutes: number, asked: () => number): Promise<number[]> {
  const begun = desk.now.getTime();
  const found: number[] = [];
  for (let minute = 0; minute <= minutes; minute += 1) {
    const before = asked();
    desk.now = new Date(begun + minute * 60_000);
    await deliver(desk);
    if (asked() > before) found.push(minute);
  }
  return found;
}

test('O07 O08 a reply that the server puts off is tried again after growing pauses', async () => {
  await using desk = await givenADesk(VOUCHED);
  await desk.givenTicket(ANA);
  let asked = 0;
  smtp.refuseRecipient = () => {
    asked += 1;
    return { code: 452, text: '4.2.2 mailbox full' };
  };

  const minutes = await minutesOfAttempts(desk, 300, () => asked);

  expect(minutes).toEqual([0, 1, 6, 36, 156, 276]);
});

test('O09 a reply that the server may have taken without an answer is repeated with the same bytes, after growing pauses only', async () => {
  await using desk = await givenADesk(VOUCHED);
  await desk.givenTicket(ANA);
  smtp.hangUpAfterData = true;

  const minutes = await minutesOfAttempts(desk, 300, () => smtp.taken.length);
  const waiting = replyOf(desk, 1);
  smtp.hangUpAfterData = false;
  desk.now = new Date(desk.now.getTime() + 2 * HOUR_MS);
  await deliver(desk);

  expect(minutes).toEqual([0, 1, 6, 36, 156, 276]);
  expect(waiting).toMatchObject({ state: 'queued', attempts: 6 });
  expect(new Set(smtp.taken.map(({ bytes }) => bytes.toString())).size).toBe(1);
  expect(replyOf(desk, 1)).toMatchObject({ state: 'sent', attempts: 7 });
});

test('O09 a reply that is cancelled at the very moment at which the worker looks is not sent', async () => {
  await using desk = await givenADesk(VOUCHED);
  await desk.givenTicket(ANA);
  const { store } = desk.desk;
  const interrupted: Store = {
    ...store,
    async due(now, limit) {
      const items = await store.due(now, limit);
      if (items.length > 0) await cancelReply(1, { by: 'marta', reason: 'ya se le llamó' }, desk.desk);
      return items;
    },
  };

  const sent = await deliver(desk, interrupted);

  expect(sent).toBe(0);
  expect(smtp.taken).toEqual([]);
  expect(replyOf(desk, 1)).toMatchObject({ state: 'dropped', response: expect.stringContaining('marta la canceló') });
});

test('O09 staff cannot change a reply while it is on its way, and what the server says is recorded', async () => {
  await using desk = await givenADesk(VOUCHED);
  await desk.givenTicket(ANA);
  const refusals: unknown[] = [];
  const { store } = desk.desk;
  const interrupted: Store = {
    ...store,
    async claim(ids) {
      const taken = await store.claim(ids, aLease());
      refusals.push(await cancelReply(1, { by: 'marta', reason: 'x' }, desk.desk).catch((error: unknown) => error));
      refusals.push(await retryReply(1, 'marta', desk.desk).catch((error: unknown) => error));
      return taken;
    },
  };

  await deliver(desk, interrupted);

  expect(refusals).toMatchObject([
    { code: 'REFUSED', remedy: expect.stringContaining('espere') },
    { code: 'REFUSED', remedy: expect.stringContaining('espere') },
  ]);
  expect(smtp.taken).toHaveLength(1);
  expect(replyOf(desk, 1)).toMatchObject({ state: 'sent', acts: [] });
});

test('a cancelled reply can be sent after all', async () => {
  await using desk = await givenADesk(VOUCHED);
  await desk.givenTicket(ANA);
  await cancelReply(1, { by: 'marta', reason: 'ya se le llamó' }, desk.desk);
  await deliver(desk);
  expect(smtp.taken).toEqual([]);

  await retryReply(1, 'luz', desk.desk);
  await deliver(desk);

  expect(smtp.taken).toHaveLength(1);
  expect(replyOf(desk, 1).acts).toMatchObject([
    { what: 'cancel', by: 'marta' },
    { what: 'retry', by: 'luz' },
  ]);
});
