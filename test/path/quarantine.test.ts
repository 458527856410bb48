import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { type Desk, ingest, keep, read } from '../../src/ingest.ts';
import { discard, release } from '../../src/release.ts';
import { closeTicket } from '../../src/staff.ts';
import { runOn } from '../support/cli.ts';
import { aMail, givenADesk, type MailParts, type TestDesk, vouchedFor } from '../support/desk.ts';

const EVA = 'Eva <eva@otro.example>';
const MARTA = { by: 'marta', trust: false };
const FORGED = ['Authentication-Results: mx.itac.co; dmarc=fail header.from=cliente.example'];

/** A mail that is held; returns its number in the ledger. */
async function held(desk: TestDesk, parts: MailParts): Promise<number> {
  const { receipt } = await desk.whenMailArrives(aMail(parts));
  if (receipt.outcome !== 'quarantine') throw new Error(`the mail was meant to be held: ${receipt.outcome}`);
  return receipt.inboundId;
}

function rowOf(desk: TestDesk, id: number) {
  return desk.reading((reports) => reports.inbound(id))!;
}

test('T25 a stranger whom a person lets in is on the ticket as not verified, takes no part in it and gets no answer', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const id = await held(desk, { from: EVA, cc: 'jefe@otro.example', subject: `RE: ${desk.tokenOf(number)} hola`, text: 'Soy su asesora.' });
  const answers = desk.outbox().length;

  const { receipt } = await release(id, MARTA, desk.desk);

  expect(receipt).toEqual({ inboundId: id, outcome: 'append', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)).toMatchObject({ newText: 'Soy su asesora.', verified: false });
  expect(desk.ticket(number).participants).toEqual(['ana@cliente.example']);
  expect(desk.outbox()).toHaveLength(answers);
  await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} otra vez` });
});

test('T25 a stranger whom a person trusts takes part in the ticket from then on', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const id = await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` });

  await release(id, { by: 'marta', trust: true }, desk.desk);
  const { receipt } = await desk.whenMailArrives(aMail({ from: EVA, subject: `RE: ${desk.tokenOf(number)} otra vez` }));

  expect(desk.entriesOf(number)[1]).toMatchObject({ verified: true });
  expect(desk.ticket(number).participants).toEqual(['ana@cliente.example', 'eva@otro.example']);
  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
});

test('the ledger keeps the first trace of a released message, and says who released it and when', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const id = await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` });

  await release(id, { by: 'marta', trust: true }, desk.desk);

  const { outcome, cause, ticketNumber, trace } = rowOf(desk, id);
  expect({ outcome, cause, ticketNumber }).toEqual({ outcome: 'append', cause: null, ticketNumber: number });
  expect(trace.map(({ rule, result }) => `${rule} ${result}`)).toEqual([
    'alreadyIngested passed',
    'ownMail passed',
    'serverStub passed',
    'untrustedSender passed',
    'replayedMail passed',
    'deliveryReport passed',
    'automaticMessage passed',
    'namedAuthor passed',
    'belongsToTicket quarantine',
    'released passed',
    'alreadyIngested passed',
    'ownMail passed',
    'serverStub passed',
    'untrustedSender passed',
    'replayedMail passed',
    'deliveryReport passed',
    'automaticMessage passed',
    'namedAuthor passed',
    'belongsToTicket append',
  ]);
  expect(trace.find(({ rule }) => rule === 'released')?.because).toBe(
    'marta lo dejó salir de la cuarentena (2026-11-23 10:00) y responde también por el remitente',
  );
});

test('S01 a forged sender whom a person lets in is written on the ticket as not verified', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const number = await desk.givenTicket({ headers: vouchedFor('cliente.example') });
  const id = await held(desk, { subject: `Re: ${desk.tokenOf(number)} datos`, headers: FORGED });

  const { receipt } = await release(id, MARTA, desk.desk);

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: number });
  expect(desk.entriesOf(number).at(-1)?.verified).toBe(false);
});

test('S01 a released first request whose authentication failed opens a ticket, and the gate still refuses the answer', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const id = await held(desk, { headers: FORGED });

  const { receipt, trace } = await release(id, MARTA, desk.desk);

  expect(receipt).toMatchObject({ outcome: 'open', ticketNumber: 1 });
  expect(trace.decision).toMatchObject({
    reply: { kind: 'none', because: expect.stringContaining('la autenticación del remitente falló') },
  });
  expect(desk.outbox()).toEqual([]);
});

test('R12 the age limit of an answer counts from the arrival, not from the release', async () => {
  await using desk = await givenADesk();
  const { classify } = desk.desk;
  desk.desk.classify = () => {
    throw new TypeError('x is not a function');
  };
  const [old, recent] = [await held(desk, { subject: 'Uno' }), await held(desk, { subject: 'Dos', from: EVA })];
  desk.desk.classify = classify;

  const soon = await release(recent, MARTA, desk.desk);
  desk.now = new Date(desk.now.getTime() + 25 * 3_600_000);
  const late = await release(old, MARTA, desk.desk);

  expect(soon.trace.effect.inbound.reply).toBe('fixed-text');
  expect(late.trace.decision).toMatchObject({ action: 'open', reply: { kind: 'none', because: expect.stringContaining('25 horas') } });
});

test('a stranger who is let in on a ticket that has been closed for long opens a new one, linked to it', async () => {
  await using desk = await givenADesk({ reopenDays: 30 });
  const number = await desk.givenTicket();
  await closeTicket(number, 'marta', desk.desk);
  desk.now = new Date(desk.now.getTime() + 31 * 86_400_000);
  const id = await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` });

  const { receipt } = await release(id, MARTA, desk.desk);

  expect(receipt.outcome).toBe('open');
  expect(desk.ticket(receipt.ticketNumber!)).toMatchObject({ linkedTo: number, requester: { address: 'eva@otro.example' } });
});

test('a message is let in once: the second time it is said where it is', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const id = await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` });
  await release(id, MARTA, desk.desk);

  const again = release(id, MARTA, desk.desk);

  await expect(again).rejects.toMatchObject({
    code: 'REFUSED',
    message: `el mensaje ${id} no está en cuarentena: está en el ticket ${number}`,
  });
  await expect(release(999, MARTA, desk.desk)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(desk.entriesOf(number)).toHaveLength(2);
});

test('of two people who release one message at the same time one is told that it is done', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const id = await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` });

  const both = await Promise.allSettled([release(id, MARTA, desk.desk), release(id, { by: 'pedro', trust: false }, desk.desk)]);

  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(desk.entriesOf(number)).toHaveLength(2);
});

test('R01 the same message that comes again after its release is a duplicate on the same ticket', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const mail = aMail({ from: EVA, subject: `RE: ${desk.tokenOf(number)} hola` });
  const first = await desk.whenMailArrives(mail, { ref: 'imap:INBOX;v=1;uid=5' });
  const copy = await desk.whenMailArrives(mail, { ref: 'imap:Ventas;v=1;uid=8' });
  await release(first.receipt.inboundId, MARTA, desk.desk);

  const again = await desk.whenMailArrives(mail, { ref: 'imap:INBOX;v=2;uid=1' });

  expect(copy.receipt).toMatchObject({ outcome: 'duplicate', ticketNumber: null });
  expect(again.receipt).toMatchObject({ outcome: 'duplicate', ticketNumber: number });
  expect(desk.ticket(number).messages.map(({ outcome }) => outcome)).toEqual(['open', 'append', 'ignore', 'ignore']);
});

test('a message that could not be read until today is let in once it can', async () => {
  await using desk = await givenADesk();
  const { parse } = desk.desk;
  const failing: Desk['parse'] = async () => ({ ok: false, cause: 'unreadable', because: 'no se entiende' });
  desk.desk.parse = failing;
  const id = await held(desk, { subject: 'No imprime' });

  const still = release(id, MARTA, desk.desk);
  await expect(still).rejects.toMatchObject({ message: expect.stringContaining(`el mensaje ${id} volvería a la cuarentena (unreadable)`) });
  const untouched = rowOf(desk, id);
  desk.desk.parse = parse;
  const { receipt } = await release(id, MARTA, desk.desk);

  expect(untouched).toMatchObject({ outcome: 'quarantine', trace: [{ rule: 'unreadable' }] });
  expect(receipt).toMatchObject({ outcome: 'open', ticketNumber: 1 });
  expect(rowOf(desk, id)).toMatchObject({ sender: 'ana@cliente.example', subject: 'No imprime' });
});

test('a message that came in again meanwhile, and could be read then, is a duplicate when it is released', async () => {
  await using desk = await givenADesk();
  const { parse } = desk.desk;
  const mail = aMail();
  desk.desk.parse = async () => ({ ok: false, cause: 'unreadable', because: 'no se entiende' });
  const first = await desk.whenMailArrives(mail);
  desk.desk.parse = parse;
  const second = await desk.whenMailArrives(`X-Copy: 1\r\n${mail}`);

  const { receipt } = await release(first.receipt.inboundId, MARTA, desk.desk);

  expect(second.receipt).toMatchObject({ outcome: 'open', ticketNumber: 1 });
  expect(receipt).toMatchObject({ outcome: 'ignore', ticketNumber: 1 });
  expect(rowOf(desk, first.receipt.inboundId)).toMatchObject({ cause: 'duplicate', duplicateOf: second.receipt.inboundId });
  expect(desk.entriesOf(1)).toHaveLength(1);
});

test('R16 a message of which only the header section was fetched cannot be let in, and the remedy says what can be done', async () => {
  await using desk = await givenADesk();
  const bytes = Buffer.from(`${aMail().split('\r\n\r\n')[0]!}\r\n\r\n`);
  const raw = { ref: 'imap:INBOX;v=1;uid=9', receivedAt: desk.now, size: 99_000_000, chunks: [bytes], headerOnly: true };
  const [done] = await ingest([await read(await keep(raw, desk.desk), desk.desk)], desk.desk);

  const released = release(done!.receipt.inboundId, MARTA, desk.desk);

  await expect(released).rejects.toMatchObject({ code: 'REFUSED', remedy: expect.stringContaining('limits.maxMessageBytes') });
});

test('T14 a message held for a circle of former numbers is let in after they were corrected', async () => {
  await using desk = await givenADesk();
  await desk.givenTicket();
  await desk.desk.store.transaction((tx) => tx.recordAliases([{ formerNumber: '5', nextFormerNumber: '5' }]));
  const id = await held(desk, { subject: 'RE: [#5] hola' });

  const before = release(id, MARTA, desk.desk);
  await expect(before).rejects.toMatchObject({ remedy: expect.stringContaining('buzon aliases import') });
  await desk.desk.store.transaction((tx) => tx.recordAliases([{ formerNumber: '5', ticketNumber: 1 }]));
  const { receipt } = await release(id, MARTA, desk.desk);

  expect(receipt).toMatchObject({ outcome: 'append', ticketNumber: 1 });
});

test('P15 a message without any author cannot be let in', async () => {
  await using desk = await givenADesk();
  const { receipt } = await desk.whenMailArrives('Subject: sin remitente\r\n\r\nhola\r\n');

  await expect(release(receipt.inboundId, MARTA, desk.desk)).rejects.toMatchObject({ message: expect.stringContaining('(no-sender)') });
});

test('R08 a message at which a rule of ours still breaks stays in quarantine', async () => {
  await using desk = await givenADesk();
  desk.desk.classify = () => {
    throw new TypeError('x is not a function');
  };
  const id = await held(desk, {});

  const released = release(id, MARTA, desk.desk);

  await expect(released).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('decision-failed') });
  expect(rowOf(desk, id).outcome).toBe('quarantine');
});

test('a discarded message keeps its bytes and its row, with the reason and who gave it', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const id = await held(desk, { headers: FORGED, subject: 'Gane dinero' });

  await discard(id, { by: 'marta', reason: 'publicidad' }, desk.desk);

  const row = rowOf(desk, id);
  expect(row).toMatchObject({ outcome: 'ignore', cause: 'discarded', subject: 'Gane dinero', ticketNumber: null });
  expect(row.trace.at(-1)).toEqual({
    rule: 'discarded',
    result: 'ignore',
    because: 'marta lo descartó (2026-11-23 10:00): publicidad',
  });
  expect(String(await readFile(row.path!))).toContain('Gane dinero');
  expect(desk.reading((reports) => reports.summary().quarantined)).toBe(0);
  await expect(release(id, MARTA, desk.desk)).rejects.toMatchObject({ message: `el mensaje ${id} no está en cuarentena: fue descartado` });
  await expect(discard(id, { by: 'marta', reason: 'x' }, desk.desk)).rejects.toMatchObject({ code: 'REFUSED' });
});

test('quarantine list, show, release and discard work on the data of the worker', async () => {
  await using desk = await givenADesk();
  const number = await desk.givenTicket();
  const mail = aMail({ from: EVA, subject: `RE: ${desk.tokenOf(number)} hola`, text: 'Soy su asesora. ¿Cómo va?' });
  const { inboundId: id } = (await desk.whenMailArrives(mail)).receipt;
  const other = await held(desk, { from: EVA, subject: `RE: ${desk.tokenOf(number)} otra` });

  const listed = await runOn(desk, ['quarantine', 'list', '--json']);
  const shown = await runOn(desk, ['quarantine', 'show', String(id)]);
  const json = await runOn(desk, ['quarantine', 'show', String(id), '--json']);
  const raw = await runOn(desk, ['quarantine', 'show', String(id), '--raw']);
  const released = await runOn(desk, ['quarantine', 'release', String(id), '--trust', '--json']);
  const discarded = await runOn(desk, ['quarantine', 'discard', String(other), '--reason', 'repetido', '--by', 'Pedro']);
  const empty = await runOn(desk, ['quarantine', 'list']);

  expect(listed.out.split('\n').map((line) => JSON.parse(line))).toMatchObject([
    { id, cause: 'stranger-on-ticket', sender: 'eva@otro.example' },
    { id: other },
  ]);
  for (const part of ['stranger-on-ticket', 'from: Eva', 'Soy su asesora. ¿Cómo va?', 'belongsToTicket', rowOf(desk, id).path])
    expect(shown.out).toContain(part);
  expect(JSON.parse(json.out)).toMatchObject({ id, message: { newText: 'Soy su asesora. ¿Cómo va?' } });
  expect(raw.bytes.equals(Buffer.from(mail))).toBe(true);
  expect(JSON.parse(released.out)).toEqual({ id, outcome: 'append', ticket: number, reply: 'none', by: 'marta' });
  expect(discarded).toMatchObject({ code: 0, out: `Mensaje ${other} descartado.` });
  expect(rowOf(desk, other).trace.at(-1)?.because).toContain('Pedro lo descartó');
  expect(empty).toMatchObject({ code: 0, out: '', err: 'Nada en cuarentena.' });
});

test.each([
  [['quarantine', 'release', 'x'], 2, 'escriba un número'],
  [['quarantine', 'discard', '1'], 2, 'falta el motivo'],
  [['quarantine', 'show', '99'], 1, 'no existe el mensaje 99'],
  [['quarantine', 'release', '99'], 1, 'no existe el mensaje 99'],
  [['quarantine', 'release', '99', '--by', ' '], 2, 'falta saber quién lo hace'],
])('%j ends with %i and says why', async (argv, code, said) => {
  await using desk = await givenADesk();

  const result = await runOn(desk, argv);

  expect(result).toMatchObject({ code, out: '', err: expect.stringContaining(said) });
});
