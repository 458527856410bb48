import { expect, test } from '@jest/globals';
import { runOn } from '../support/cli.ts';
import { aMail, givenADesk, type TestDesk } from '../support/desk.ts';

const EVA = 'Eva <eva@otro.example>';
const DAY_MS = 86_400_000;

test('tickets says that there are more than it shows, and only then', async () => {
  await using desk = await givenADesk();
  for (const text of ['El reporte no abre.', 'La factura no sale.', 'No deja guardar.']) await desk.givenTicket({ subject: text, text });

  const two = await runOn(desk, ['tickets', '--limit', '2', '--json']);
  const one = await runOn(desk, ['tickets', '--limit', '1']);
  const three = await runOn(desk, ['tickets', '--limit', '3', '--json']);

  expect(two.out.split('\n')).toHaveLength(2);
  expect(two.err).toBe('Se muestran 2; hay más: use --limit N');
  expect(one.err).toBe('Se muestra 1; hay más: use --limit N');
  expect(three.out.split('\n')).toHaveLength(3);
  expect(three.err).toBe('');
});

test('quarantine list --all finds what is on no ticket, the newest first; without it only what is held', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const { inboundId: held } = (await desk.whenMailArrives(aMail({ from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` }))).receipt;
  const other = (await desk.whenMailArrives(aMail({ from: EVA, subject: `RE: ${desk.tokenOf(number)} otra` }))).receipt.inboundId;
  await runOn(desk, ['quarantine', 'discard', String(held), '--reason', 'publicidad']);

  const all = await runOn(desk, ['quarantine', 'list', '--all']);
  const json = await runOn(desk, ['quarantine', 'list', '--all', '--json']);
  const onlyHeld = await runOn(desk, ['quarantine', 'list', '--json']);

  expect(json.out.split('\n').map((line) => JSON.parse(line))).toMatchObject([
    { id: other, outcome: 'quarantine', cause: 'stranger-on-ticket' },
    { id: held, outcome: 'ignore', cause: 'discarded' },
  ]);
  expect(all.out).toMatch(/resultado[\s\S]*no participa en el ticket \(stranger-on-ticket\)[\s\S]*descartado \(discarded\)/);
  expect(onlyHeld.out.split('\n').map((line) => JSON.parse(line))).toMatchObject([{ id: other }]);
});

test('what operators read of a ticket is Spanish, with its time in Bogotá', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();

  const { out } = await runOn(desk, ['ticket', String(number)]);

  expect(out).toMatch(/^ {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}en espera {3}texto fijo a ana@cliente\.example$/m);
  expect(out).toMatch(/ {2}abrió un ticket {2}/);
  expect(out).toMatch(/^ {4}alreadyIngested {4}sigue {4}/m);
  expect(out).not.toMatch(/passed|acknowledge|queued|T\d\d:\d\d:\d\d/);
});

/** A message that is held since the desk’s moment; returns its number in the ledger. */
async function held(desk: TestDesk): Promise<number> {
  const { receipt } = await desk.whenMailArrives(`Subject: sin autor\r\n\r\n${desk.now.toISOString()}\r\n`);
  return receipt.inboundId;
}

test('quarantine list says for how many days a message still stays when they are fewer than fourteen', async () => {
  await using desk = await givenADesk();
  const today = Date.now(); // the command asks the real clock
  desk.now = new Date(today - 60 * DAY_MS);
  const fresh = await held(desk);
  const alone = await runOn(desk, ['quarantine', 'list']);
  desk.now = new Date(today - 87.5 * DAY_MS);
  const old = await held(desk);
  desk.now = new Date(today - 89.5 * DAY_MS);
  const oldest = await held(desk);

  const { out } = await runOn(desk, ['quarantine', 'list']);
  const json = await runOn(desk, ['quarantine', 'list', '--json']);
  const one = await runOn(desk, ['quarantine', 'show', String(fresh)]);

  const lines = out.split('\n').map((line) => line.split(/ {2,}/));
  expect(lines[0]).toEqual(['N.º', 'llegó', 'se queda', 'causa', 'remitente', 'asunto']);
  expect(out).toMatch(new RegExp(`^${old} .* 3 días +no tiene autor`, 'm'));
  expect(out).toMatch(new RegExp(`^${oldest} .* 1 día +no tiene autor`, 'm'));
  expect(out).toMatch(new RegExp(`^${fresh} .*\\d\\d:\\d\\d +no tiene autor`, 'm'));
  expect(alone.out).not.toContain('se queda');
  expect(one.out).toMatch(/^ {2}se queda {5}hasta el \d{4}-\d\d-\d\d \d\d:\d\d \(quarantine\.retentionDays\)$/m);
  expect(json.out.split('\n').map((line) => JSON.parse(line).expiresAt)[1]).toBe(new Date(today + 2.5 * DAY_MS).toISOString());
});
