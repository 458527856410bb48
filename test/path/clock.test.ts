import { expect, test } from '@jest/globals';
import { aMail, givenADesk, type TestDesk, TODAY } from '../support/desk.ts';

const HOUR_MS = 3_600_000;

/** A clock that is set: for us, and for the server that tells the times of arrival. */
function setClock(desk: TestDesk, hours: number): void {
  desk.now = new Date(TODAY.getTime() + hours * HOUR_MS);
}

const limits = { repliesPerAddressPerHour: 100, repliesPerDomainPerHour: 100, newTicketsPerMinute: 100 };

test.each([
  ['an address', { repliesPerAddressPerHour: 1 }, 'ana@cliente.example'],
  ['a domain', { repliesPerDomainPerHour: 1 }, 'luis@cliente.example'],
])('R31 after the clock was set back by two hours, what was answered counts towards the limit of %s', async (_, limit, from) => {
  await using desk = await givenADesk({ limits: { ...limits, ...limit } });
  await desk.givenTicket();
  setClock(desk, -2);

  const { trace } = await desk.whenMailArrives(aMail({ from, subject: 'Otro asunto' }));

  expect(trace.decision).toMatchObject({ action: 'open', reply: { kind: 'none', because: expect.stringContaining('el límite') } });
});

// Not so the limit against storms, which counts by the server's times of arrival: one that ran ahead would silence everybody until it is reached again.
test.each([
  ['hours ahead', -2, 'fixed-text'],
  ['within the same minute', -0.5 / 60, 'none'],
])(
  'R31 after the clock of the server was set back, tickets that arrived %s make a storm only if they arrived about now',
  async (_, hours, kind) => {
    await using desk = await givenADesk({ limits: { ...limits, newTicketsPerMinute: 1 } });
    await desk.givenTicket();
    setClock(desk, hours);

    const { trace } = await desk.whenMailArrives(aMail({ from: 'eva@otro.example', subject: 'Otro asunto' }));

    expect(trace.decision).toMatchObject({ action: 'open', reply: { kind } });
  },
);

test('R31 a clock that ran days ahead silences nobody after it was mended', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 1, repliesPerDomainPerHour: 1, newTicketsPerMinute: 1 } });
  setClock(desk, 72);
  await desk.givenTicket();
  setClock(desk, 0);

  const { trace } = await desk.whenMailArrives(aMail({ subject: 'Otro asunto' }));

  expect(trace.decision).toMatchObject({ action: 'open', reply: { kind: 'fixed-text' } });
});

test('R31 a message that is looked at again later counts the tickets of its own time', async () => {
  await using desk = await givenADesk({ limits: { ...limits, newTicketsPerMinute: 1 } });
  setClock(desk, 1);
  await desk.givenTicket();

  const { trace } = await desk.whenMailArrives(aMail({ from: 'eva@otro.example' }), { receivedAt: TODAY });

  expect(trace.decision).toMatchObject({ action: 'open', reply: { kind: 'fixed-text' } });
});
