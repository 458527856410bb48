import { expect, test } from '@jest/globals';
import { ticketOfMessageId } from '../../src/mail/signature.ts';
import { aMail, givenADesk, SECRET } from '../support/desk.ts';

/** What SpamAssassin's default rules take for the mark of a program that sends spam (20_head_tests.cf). */
const SUSPECTED: readonly [name: string, pattern: RegExp][] = [
  ['MSGID_RANDY', /<[a-z\d][a-z\d$-]{10,29}[a-z\d]@[a-z\d][a-z\d.]{3,12}[a-z\d]>/],
  ['MSGID_SPAM_CAPS', /^\s*<?[A-Z]+@/],
  ['MSGID_SPAM_LETTERS', /<[a-z]{5,}@(?:\S+\.)+\S+>/],
  ['MSGID_SHORT', /^.{1,15}$|<.{0,4}@/],
  ['MSGID_NOFQDN1', /<[^@]*>/],
  ['MSGID_MULTIPLE_AT', /<[^>]*@[^>]*@/],
  ['MSGID_DOLLARS', /<[0-9a-f]{4,12}\$[0-9a-f]{4,12}\$/],
];

test('O04 the Message-ID of each of our mails is signed, on our domain, of no pattern that spam filters know, and used once', async () => {
  await using desk = await givenADesk({
    limits: { repliesPerAddressPerHour: 100, repliesPerDomainPerHour: 100, newTicketsPerMinute: 100 },
  });
  for (let n = 0; n < 12; n++) await desk.whenMailArrives(aMail({ subject: `Asunto ${n}` }));

  const numbers = desk.tickets().map(({ number }) => number);
  const ids = numbers.map((number) => desk.answerIdOf(number));

  expect(new Set(ids).size).toBe(12);
  expect(ids.map((id) => ticketOfMessageId(SECRET, id.slice(1, -1), 'itac.co'))).toEqual(numbers);
  expect(ids.flatMap((id) => SUSPECTED.filter(([, pattern]) => pattern.test(id)).map(([name]) => `${id} ${name}`))).toEqual([]);
});

test('O04 the patterns find what they are meant to find', () => {
  expect(SUSPECTED.find(([, pattern]) => pattern.test('<reply-116003-a720d0352ab60236@abcd1.de>'))?.[0]).toBe('MSGID_RANDY');
});
