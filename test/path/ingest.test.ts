import { expect, test } from '@jest/globals';
import { AppError } from '../../src/errors.ts';
import { ingest, keep, read } from '../../src/ingest.ts';
import { aMail, givenADesk, type TestDesk } from '../support/desk.ts';

function raw(mail: string, ref: string, desk: TestDesk) {
  const bytes = Buffer.from(mail);
  return { ref, receivedAt: desk.now, size: bytes.length, chunks: [bytes], headerOnly: false };
}

test('R01 a mail that comes again after a crash is a duplicate and changes nothing', async () => {
  await using desk = await givenADesk();
  const mail = aMail();
  await desk.whenMailArrives(mail, { ref: 'imap:INBOX;v=1;uid=1' });

  const again = await desk.whenMailArrives(mail, { ref: 'imap:INBOX;v=1;uid=1' });

  expect(again.receipt).toMatchObject({ outcome: 'duplicate', ticketNumber: 1 });
  expect(desk.entriesOf(1)).toHaveLength(1);
  expect(desk.outbox()).toHaveLength(1);
});

test('R05 mail known from before a change of UIDVALIDITY opens no new ticket', async () => {
  await using desk = await givenADesk();
  const mail = aMail();
  await desk.whenMailArrives(mail, { ref: 'imap:INBOX;v=1;uid=1' });

  const again = await desk.whenMailArrives(mail, { ref: 'imap:INBOX;v=2;uid=1' });

  expect(again.receipt.outcome).toBe('duplicate');
  expect(desk.tickets()).toHaveLength(1);
});

test('R08 a mail that breaks a rule of ours is kept apart, and the others in its batch go on', async () => {
  await using desk = await givenADesk();
  const { classify } = desk.desk;
  desk.desk.classify = (mail) => {
    if (mail.subject === 'Bomba') throw new TypeError('x is not a function');
    return classify(mail);
  };

  const done = await desk.whenMailsArrive([aMail({ subject: 'Uno' }), aMail({ subject: 'Bomba' }), aMail({ subject: 'Dos' })]);

  expect(done.map(({ receipt }) => receipt.outcome)).toEqual(['open', 'quarantine', 'open']);
  expect(desk.reading((reports) => reports.quarantined(10))).toMatchObject([{ cause: 'decision-failed' }]);
});

test('a batch of many mails lets connections and timers have their turn in between', async () => {
  await using desk = await givenADesk();
  const { classify } = desk.desk;
  const mails = Array.from({ length: 40 }, (_, n) => aMail({ from: `p${n}@c${n}.example` }));
  let turns = 0;
  let turn: NodeJS.Immediate | undefined;
  const count = () => {
    turns += 1;
    turn = setImmediate(count);
  };
  let classified = 0;
  let turnsBetween = 0;
  desk.desk.classify = (mail) => {
    turn ??= setImmediate(count);
    for (const since = performance.now(); performance.now() - since < 3; ); // a slow rule
    if (++classified === mails.length) turnsBetween = turns;
    return classify(mail);
  };

  await desk.whenMailsArrive(mails);
  clearImmediate(turn);

  expect(turnsBetween).toBeGreaterThanOrEqual(3); // 40 mails of 3 ms and more, a turn after each 20 ms
});

test('R09 a failing world is not the mail: nothing of the batch is written, and it is taken again', async () => {
  await using desk = await givenADesk();
  const mails = [aMail({ subject: 'Uno' }), aMail({ subject: 'Dos' })];
  const { classify } = desk.desk;
  desk.desk.classify = (mail) => {
    if (mail.subject === 'Dos') throw new AppError('STORE_FULL', 'disk full', { temporary: true });
    return classify(mail);
  };

  await expect(desk.whenMailsArrive(mails)).rejects.toMatchObject({ code: 'STORE_FULL', temporary: true });
  const afterFailure = desk.tickets().length;
  desk.desk.classify = classify;
  const done = await desk.whenMailsArrive(mails);

  expect(afterFailure).toBe(0);
  expect(done.map(({ receipt }) => receipt.outcome)).toEqual(['open', 'open']);
});

test('P15 a mail without any author is quarantined with its bytes', async () => {
  await using desk = await givenADesk();
  const mail = 'Subject: sin remitente\r\n\r\nhola\r\n';

  const { receipt, trace } = await desk.whenMailArrives(mail);

  expect(receipt.outcome).toBe('quarantine');
  expect(trace.decision).toEqual({ action: 'quarantine', cause: 'no-sender' });
  expect(desk.reading((reports) => reports.quarantined(1))[0]?.path).toContain(trace.arrival.rawId);
});

test('R16 of a mail above the size limit only the header section is read, and it is held', async () => {
  await using desk = await givenADesk();
  const head = aMail().split('\r\n\r\n')[0]!;
  const kept = await keep({ ...raw(`${head}\r\n\r\n`, 'imap:INBOX;v=1;uid=9', desk), size: 99_000_000, headerOnly: true }, desk.desk);

  const [done] = await ingest([await read(kept, desk.desk)], desk.desk);

  expect(done?.trace.decision).toEqual({ action: 'quarantine', cause: 'too-large' });
  expect(desk.reading((reports) => reports.quarantined(1))[0]?.size).toBe(99_000_000);
});

test('a reply that follows the mail that it answers in the same batch finds the ticket', async () => {
  await using desk = await givenADesk();
  const token = desk.tokenOf(1);

  const done = await desk.whenMailsArrive([
    aMail({ subject: 'No imprime' }),
    aMail({ subject: `Re: ${token} No imprime`, text: 'Sigue igual.' }),
  ]);

  expect(done.map(({ receipt }) => receipt)).toMatchObject([
    { outcome: 'open', ticketNumber: 1 },
    { outcome: 'append', ticketNumber: 1 },
  ]);
});

test('the trace is stored with the message and names every rule that was asked', async () => {
  await using desk = await givenADesk();

  const number = await desk.givenTicket();

  expect(desk.ticket(number).messages[0]?.trace.map(({ rule, result }) => `${rule} ${result}`)).toEqual([
    'alreadyIngested passed',
    'ownMail passed',
    'serverStub passed',
    'untrustedSender passed',
    'replayedMail passed',
    'deliveryReport passed',
    'automaticMessage passed',
    'namedAuthor passed',
    'belongsToTicket passed',
    'clientInForce passed',
    'opensTicket open',
  ]);
});

test('P45 a mail whose text is only in its attachment says so on the ticket', async () => {
  await using desk = await givenADesk();
  const mail = aMail({ text: 'x' })
    .replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b')
    .replace(/\r\n\r\nx\r\n$/, '');
  const body =
    '--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n';

  const { receipt } = await desk.whenMailArrives(`${mail}\r\n\r\n${body}`);

  const [entry] = desk.entriesOf(receipt.ticketNumber!);
  expect(entry).toMatchObject({ newText: '(sin texto; ver adjuntos)', attachments: [{ filename: 'a.pdf' }] });
});
