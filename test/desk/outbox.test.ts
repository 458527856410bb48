import { expect, test } from '@jest/globals';
import { cancelling, type OutboxState, type ReplyState, retrying } from '../../src/desk/outbox.ts';

const NOW = new Date('2026-11-23T15:00:00.000Z'); // 10:00 in Bogotá
const HOUR_MS = 3_600_000;

function reply(state: OutboxState, some: Partial<ReplyState> = {}): ReplyState {
  return { id: 7, ticketNumber: 3, state, expiresAt: NOW, response: null, ...some };
}

test.each(['queued', 'failed', 'dropped'] as const)('a %s reply may be sent now, and lives as long as a new one', (state) => {
  expect(retrying(reply(state), NOW, 24)).toEqual({
    ok: true,
    change: { kind: 'retry', ticketNumber: 3, outboxId: 7, expiresAt: new Date(NOW.getTime() + 24 * HOUR_MS) },
  });
});

test('a reply that lives longer than a new one keeps its time', () => {
  const expiresAt = new Date(NOW.getTime() + 48 * HOUR_MS);

  expect(retrying(reply('failed', { expiresAt }), NOW, 24)).toMatchObject({ change: { expiresAt } });
});

test.each([
  ['sent', /ya se envió/, /outbox show 7/],
  ['sending', /se está enviando en este momento/, /espere un minuto/],
] as const)('O09 a %s reply is not sent again', (state, because, remedy) => {
  expect(retrying(reply(state), NOW, 24)).toEqual({
    ok: false,
    because: expect.stringMatching(because),
    remedy: expect.stringMatching(remedy),
  });
});

test.each(['queued', 'failed'] as const)(
  'a %s reply may be cancelled: its row says who, when and why, and what the server said',
  (state) => {
    const verdict = cancelling(reply(state, { response: '451 later' }), { by: 'marta', at: NOW }, 'ya se le llamó');

    expect(verdict).toEqual({
      ok: true,
      change: {
        kind: 'cancel',
        ticketNumber: 3,
        outboxId: 7,
        response: 'marta la canceló (2026-11-23 10:00): ya se le llamó; antes: 451 later',
      },
    });
  },
);

test.each([
  ['sending', /se está enviando/, /espere un minuto/],
  ['sent', /ya se envió/, /no hace falta nada/],
  ['dropped', /ya no se va a enviar/, /no hace falta nada/],
] as const)('a %s reply is not cancelled', (state, because, remedy) => {
  expect(cancelling(reply(state), { by: 'marta', at: NOW }, 'x')).toEqual({
    ok: false,
    because: expect.stringMatching(because),
    remedy: expect.stringMatching(remedy),
  });
});
