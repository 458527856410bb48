import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createSmtpTransport } from '../../src/adapters/smtpTransport.ts';
import { openReports } from '../../src/adapters/sqliteReports.ts';
import { dutiesOf, openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createDigest, type DigestParts } from '../../src/duties/digest.ts';
import { AppError } from '../../src/errors.ts';
import { parseMail } from '../../src/mail/parse.ts';
import type { MailTransport } from '../../src/ports.ts';
import { discard } from '../../src/release.ts';
import { aLease } from '../support/aLease.ts';
import { aMail, givenADesk, type TestDesk } from '../support/desk.ts';
import { aSilentLog } from '../support/silentLog.ts';
import { type SmtpPeer, startSmtpServer, type TakenMail } from '../support/smtpServer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** 7:00 in Bogotá, on a Monday. */
const SEVEN = new Date('2026-11-23T12:00:00.000Z');
const NO_AUTHOR = 'Subject: sin autor\r\n\r\nhola\r\n';

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
});
afterAll(async () => {
  await transport.close();
  await smtp.stop();
});

/** The duty on the data of a desk; `look` is what happens every few minutes. A new one knows nothing of an old one, as after a restart. */
function digestOf({ desk, folder }: TestDesk, some: Partial<DigestParts> = {}) {
  const log = aSilentLog();
  const duty = createDigest({
    ...{ store: desk.store, transport, lease: aLease(), identity: desk.identity, log, now: desk.now },
    ...{ to: ['mesa@itac.co'], schedule: '0 7 * * 1-5', always: false, retentionDays: 90 },
    openReports: () => openReports(folder),
    ...some,
  });
  return { duty, log, look: () => duty.run(new AbortController().signal) };
}

async function readable({ bytes }: TakenMail) {
  const parsed = await parseMail(bytes);
  if (!parsed.ok) throw new Error(parsed.because);
  return parsed.mail;
}

/** A desk at seven o’clock with one message in quarantine, which came at half past six. */
async function givenSomethingHeld(): Promise<TestDesk> {
  const desk = await givenADesk();
  desk.now = new Date(SEVEN.getTime() - 30 * MINUTE_MS);
  await desk.whenMailArrives(NO_AUTHOR);
  desk.now = SEVEN;
  return desk;
}

test('at its time each one of the staff gets it once, also over a restart', async () => {
  await using desk = await givenSomethingHeld();
  const to = ['mesa@itac.co', 'jefe@otro.example'];

  await digestOf(desk, { to }).look();
  desk.now = new Date(SEVEN.getTime() + 5 * MINUTE_MS);
  await digestOf(desk, { to }).look();

  expect(smtp.taken.map((mail) => mail.to)).toEqual([['mesa@itac.co'], ['jefe@otro.example']]);
  const mail = await readable(smtp.taken[0]!);
  expect(mail.subject).toBe('Buzón: 1 en cuarentena');
  expect(mail.text).toContain('No tiene autor (no-sender):');
  expect(mail.text).toContain('buzon quarantine show 1');
});

test('it is looked for every five minutes, and nothing is sent before its time, on other days or long after it', async () => {
  await using desk = await givenSomethingHeld();
  const { duty, look } = digestOf(desk);

  const moments = [
    new Date(SEVEN.getTime() - 1),
    new Date(SEVEN.getTime() - DAY_MS), // a Sunday
    new Date(SEVEN.getTime() + 6 * HOUR_MS + MINUTE_MS),
  ];
  for (const moment of moments) {
    desk.now = moment;
    await look();
  }

  expect(duty).toMatchObject({ name: 'digest', schedule: '*/5 * * * *' });
  expect(smtp.taken).toEqual([]);
});

test('R12 a worker that starts some time after it sends it then', async () => {
  await using desk = await givenSomethingHeld();
  desk.now = new Date(SEVEN.getTime() + 3 * HOUR_MS);

  await digestOf(desk).look();

  expect(smtp.taken).toHaveLength(1);
});

test('each digest counts from the last one that was sent', async () => {
  await using desk = await givenSomethingHeld();
  await digestOf(desk).look();
  desk.now = new Date(SEVEN.getTime() + HOUR_MS);
  await desk.givenTicket({ text: 'La aplicación no abre, error 500.' });
  desk.now = new Date(SEVEN.getTime() + DAY_MS);

  await digestOf(desk).look();

  const [first, second] = await Promise.all(smtp.taken.map(readable));
  expect(first!.text).toMatch(/DESDE EL 2026-11-16 07:00[\s\S]*Tickets nuevos: 0/);
  expect(second!.text).toMatch(/DESDE EL 2026-11-23 07:00[\s\S]*Tickets nuevos: 1 \(1 incidencia, 0 requerimientos\)/);
});

test('mail that arrived before a digest and came in after it, as the mailbox was away, is in the next one', async () => {
  await using desk = await givenADesk({ limits: { repliesPerAddressPerHour: 9, repliesPerDomainPerHour: 99, newTicketsPerMinute: 1 } });
  desk.now = SEVEN;
  await desk.whenMailArrives(NO_AUTHOR);
  await digestOf(desk).look();
  desk.now = new Date(SEVEN.getTime() + HOUR_MS);
  const arriving = { receivedAt: new Date(SEVEN.getTime() - HOUR_MS) };
  const incident = aMail({ text: 'La aplicación no abre, error 500.' });
  const another = aMail({ from: 'luis@otro.example', text: 'El sistema está caído.' });
  for (const mail of [another, incident, incident]) await desk.whenMailArrives(mail, arriving);
  desk.now = new Date(SEVEN.getTime() + DAY_MS);

  await digestOf(desk).look();
  desk.now = new Date(SEVEN.getTime() + 2 * DAY_MS);
  await digestOf(desk).look();

  const [, second, third] = await Promise.all(smtp.taken.map(readable));
  expect(second!.text).toMatch(/Tickets nuevos: 2 [\s\S]*avalancha: 1 ticket [\s\S]*Correos ignorados: 1 /);
  expect(third!.text).toContain('Tickets nuevos: 0');
  expect(third!.text).not.toMatch(/avalancha|ignorados/);
});

test('a digest that one address gets hours after the other keeps nothing from either', async () => {
  await using desk = await givenSomethingHeld();
  const to = ['jefe@otro.example', 'mesa@itac.co'];
  smtp.refuseRecipient = (address) => (address === 'mesa@itac.co' ? { code: 451, text: '4.3.0 try later' } : null);
  await digestOf(desk, { to }).look();
  smtp.refuseRecipient = null;
  desk.now = new Date(SEVEN.getTime() + HOUR_MS);
  await desk.givenTicket({ text: 'La aplicación no abre, error 500.' });
  await digestOf(desk, { to }).look();
  desk.now = new Date(SEVEN.getTime() + DAY_MS);

  await digestOf(desk, { to }).look();

  const texts = (await Promise.all(smtp.taken.map(readable))).map(({ text }) => /Tickets nuevos: \d/.exec(text)?.[0]);
  expect(texts).toEqual(['Tickets nuevos: 0', 'Tickets nuevos: 1', 'Tickets nuevos: 1', 'Tickets nuevos: 1']);
});

test('with nothing to say none is sent, and the next one still counts from the last that was', async () => {
  await using desk = await givenSomethingHeld();
  await digestOf(desk).look();
  await discard(1, { by: 'marta', reason: 'publicidad' }, desk.desk);
  desk.now = new Date(SEVEN.getTime() + DAY_MS);
  await digestOf(desk).look();
  await desk.whenMailArrives(NO_AUTHOR.replace('hola', 'otra'));
  await digestOf(desk).look();
  expect(smtp.taken).toHaveLength(1);
  desk.now = new Date(SEVEN.getTime() + 2 * DAY_MS);

  await digestOf(desk).look();

  expect((await readable(smtp.taken[1]!)).text).toContain('DESDE EL 2026-11-23 07:00');
});

test('with digest.always it is sent on a quiet day too', async () => {
  await using desk = await givenADesk();
  desk.now = SEVEN;

  await digestOf(desk, { always: true }).look();

  expect((await readable(smtp.taken[0]!)).text).toContain('Nada pendiente.');
});

test('O08 a server that takes nothing now is asked again at the next look, and who has it already gets it once', async () => {
  await using desk = await givenSomethingHeld();
  const to = ['mesa@itac.co', 'jefe@otro.example'];
  smtp.refuseRecipient = (address) => (address === 'mesa@itac.co' ? { code: 451, text: '4.3.0 try later' } : null);
  const { look, log } = digestOf(desk, { to });
  await look();
  smtp.refuseRecipient = null;
  desk.now = new Date(SEVEN.getTime() + 5 * MINUTE_MS);

  await look();

  expect(smtp.taken.map((mail) => mail.to[0])).toEqual(['jefe@otro.example', 'mesa@itac.co']);
  expect(log.events.map(({ level, event, fields }) => [level, event, 'recipient' in fields && fields.recipient])).toEqual([
    ['warn', 'digest.deferred', 'm***@itac.co'],
    ['info', 'digest.sent', 'j***@otro.example'],
    ['info', 'digest.sent', 'm***@itac.co'],
  ]);
});

test('O08 an address that is refused for good is not asked again, and the log says so once', async () => {
  await using desk = await givenSomethingHeld();
  smtp.refuseRecipient = () => ({ code: 550, text: '5.1.1 no such user' });
  const { look, log } = digestOf(desk);
  await look();
  smtp.refuseRecipient = null;

  await look();

  expect(smtp.taken).toEqual([]);
  expect(log.events.map(({ level, event }) => [level, event])).toEqual([['error', 'digest.failed']]);
});

test('R22 a login that is refused says nothing about the address: it is tried again', async () => {
  await using desk = await givenSomethingHeld();
  const refused = new AppError('TRANSPORT_REFUSED', 'login refused', { temporary: false });
  await digestOf(desk, { transport: { send: () => Promise.reject(refused) } }).look();

  await digestOf(desk).look();

  expect(smtp.taken).toHaveLength(1);
});

test('O07 one that cannot be sent for hours is given up with an error, and the next one tells what it would have told', async () => {
  await using desk = await givenSomethingHeld();
  smtp.refuseRecipient = () => ({ code: 451, text: '4.3.0 try later' });
  const { look, log } = digestOf(desk);
  for (let minutes = 0; minutes <= 7 * 60; minutes += 60) {
    desk.now = new Date(SEVEN.getTime() + minutes * MINUTE_MS);
    await look();
  }
  expect(log.events.map(({ event }) => event)).toEqual([...Array<string>(6).fill('digest.deferred'), 'digest.failed']);
  smtp.refuseRecipient = null;
  desk.now = new Date(SEVEN.getTime() + DAY_MS);

  await look();

  expect((await readable(smtp.taken[0]!)).text).toContain('DESDE EL 2026-11-16 07:00');
});

test('O09 what was taken and could not be recorded is recorded later and not sent again', async () => {
  await using desk = await givenSomethingHeld();
  let broken = true;
  const { digest } = desk.desk.store;
  const busy = new AppError('STORE_BUSY', 'could not record the digest', { temporary: true });
  const store = {
    digest: { ...digest, record: (state: Parameters<typeof digest.record>[0]) => (broken ? Promise.reject(busy) : digest.record(state)) },
  };
  const { look } = digestOf(desk, { store });
  await expect(look()).rejects.toThrow(busy);
  broken = false;

  await look();
  await digestOf(desk).look();

  expect(smtp.taken).toHaveLength(1);
});

test('O09 after a death between the server’s yes and our record it is repeated with the same Message-ID', async () => {
  await using desk = await givenSomethingHeld();
  const { digest } = desk.desk.store;
  const store = { digest: { ...digest, record: () => Promise.reject(new Error('killed')) } };
  await expect(digestOf(desk, { store }).look()).rejects.toThrow('killed');
  desk.now = new Date(SEVEN.getTime() + 5 * MINUTE_MS);

  await digestOf(desk).look();

  const [first, again] = await Promise.all(smtp.taken.map(readable));
  expect(again!.messageId).toBe(first!.messageId);
  expect(smtp.taken).toHaveLength(2);
});

test('R31 a record of the future, written by a clock that was wrong, does not silence the digest', async () => {
  await using desk = await givenSomethingHeld();
  const future = new Date(SEVEN.getTime() + 700 * DAY_MS);
  await desk.desk.store.digest.record({ at: future, since: future, after: null, upTo: null, settled: ['mesa@itac.co'], told: true });

  await digestOf(desk).look();

  expect((await readable(smtp.taken[0]!)).text).toContain('DESDE EL 2026-11-16 07:00');
});

test('R14 a worker that another one has replaced sends none', async () => {
  await using desk = await givenSomethingHeld();
  const lease = aLease();
  lease.lost = true;

  await expect(digestOf(desk, { lease }).look()).rejects.toMatchObject({ code: 'LEASE_LOST' });

  expect(smtp.taken).toEqual([]);
});

test('L19 O03 neither the digest that comes back nor a reply, a bounce or a vacation notice about it becomes a ticket', async () => {
  await using desk = await givenSomethingHeld();
  await digestOf(desk).look();
  const bytes = smtp.taken[0]!.bytes.toString();
  const { messageId } = await readable(smtp.taken[0]!);
  const reply = { from: 'Mesa <mesa@itac.co>', subject: 'Re: Buzón: 1 en cuarentena', inReplyTo: `<${messageId}>` };

  const outcomes: (string | null)[][] = [];
  for (const mail of [
    bytes,
    bytes.replace(/^From: .*$/m, 'From: Mesa <mesa@itac.co>'), // redirected by a program that puts its owner's name on it
    aMail({ ...reply, text: 'Ya lo miro.' }),
    aMail({ ...reply, subject: 'Respuesta automática: Buzón', headers: ['Auto-Submitted: auto-replied'] }),
    bounceOf(messageId!, 'mesa@itac.co'),
  ]) {
    const { receipt, trace } = await desk.whenMailArrives(mail);
    outcomes.push([receipt.outcome, trace.effect.inbound.cause]);
  }

  expect(outcomes).toEqual([
    ['ignore', 'own'],
    ['ignore', 'own'],
    ['ignore', 'own'],
    ['ignore', 'own'],
    ['bounce', null],
  ]);
  expect(desk.tickets()).toEqual([]);
  expect(desk.outbox()).toEqual([]);
});

test('S27 an In-Reply-To that only looks like the digest’s hides nobody’s mail', async () => {
  await using desk = await givenADesk();

  const { receipt } = await desk.whenMailArrives(aMail({ inReplyTo: '<ticket.0.a1b2c3.aaaaaaaaaa@itac.co>' }));

  expect(receipt.outcome).toBe('open');
});

test('the settings say who gets it and how long quarantine lasts; with nobody and for ever there is no such duty', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-duties-'));
  const config = join(folder, 'buzon.yaml');
  const env = {
    ...{ BUZON_CONFIG: config, BUZON_DATA: join(folder, 'data'), BUZON_HTTP: '' },
    ...{ BUZON_MAILBOX: `maildir:${join(folder, 'mailbox')}`, BUZON_TRANSPORT: `file:${join(folder, 'outbox')}` },
  };
  await writeFile(config, 'digest: { to: [mesa@itac.co], always: true }');
  const settings = loadConfig(env);
  await writeFile(config, 'quarantine: { retentionDays: 0 }');
  const off = loadConfig(env);
  {
    await using app = await openApp(settings, aSilentLog(), () => SEVEN);

    const duties = dutiesOf(settings, app, aSilentLog());
    for (const duty of duties) if (['expiry', 'digest'].includes(duty.name)) await duty.run(new AbortController().signal);

    expect(duties.map(({ name }) => name)).toEqual(expect.arrayContaining(['expiry', 'digest']));
    expect(dutiesOf(off, app, aSilentLog()).filter(({ name }) => ['expiry', 'digest'].includes(name))).toEqual([]);
  }
  const [file] = await readdir(join(folder, 'outbox', 'new'));
  expect(await readFile(join(folder, 'outbox', 'new', file!), 'utf8')).toMatch(/^To: mesa@itac\.co\r$/m);
  await rm(folder, { recursive: true });
});

/** What a mail server says when it could not deliver (RFC 3464). */
function bounceOf(messageId: string, recipient: string): string {
  return [
    'From: Mail Delivery System <MAILER-DAEMON@mx.itac.co>',
    'To: soporte@itac.co',
    'Subject: Undelivered Mail Returned to Sender',
    'Date: Mon, 23 Nov 2026 07:01:00 -0500',
    'Message-ID: <dsn1@mx.itac.co>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'It could not be delivered.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.itac.co',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: <${messageId}>`,
    '--b--',
    '',
  ].join('\r\n');
}
