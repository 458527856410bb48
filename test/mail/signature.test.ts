import { expect, test } from '@jest/globals';
import { checkLetters, isCheckOf, signedMessageId, ticketOfMessageId } from '../../src/mail/signature.ts';

const SECRET = 'a secret of the test';

test('check letters are three signs that nobody mistakes for one another', () => {
  for (let number = 1; number <= 500; number++) expect(checkLetters(SECRET, number)).toMatch(/^[A-HJKMNP-TV-Z2-9]{3}$/);
});

test('check letters depend on the number and on the secret', () => {
  const letters = new Set(Array.from({ length: 200 }, (_, number) => checkLetters(SECRET, number)));

  expect(letters.size).toBeGreaterThan(190);
  expect(checkLetters('another secret', 12)).not.toBe(checkLetters(SECRET, 12));
});

test('T11 check letters of another number are wrong, capitals do not matter', () => {
  const letters = checkLetters(SECRET, 12);

  expect(isCheckOf(SECRET, 12, letters.toLowerCase())).toBe(true);
  expect(isCheckOf(SECRET, 13, letters)).toBe(false);
  expect(isCheckOf(SECRET, 12, '')).toBe(false);
  expect(isCheckOf(SECRET, 12, `${letters}A`)).toBe(false);
});

test('T16 a signed Message-ID tells its ticket, also after capitals were changed', () => {
  const id = signedMessageId(SECRET, 123, '7f3k2m9qa4', 'itac.co');

  expect(id).toMatch(/^ticket\.123\.7f3k2m9qa4\.[a-z2-9]{10}@itac\.co$/);
  expect(ticketOfMessageId(SECRET, id, 'itac.co')).toBe(123);
  expect(ticketOfMessageId(SECRET, id.toUpperCase(), 'ITAC.co')).toBe(123);
});

test.each([
  ['another number', (id: string) => id.replace('ticket.123.', 'ticket.124.')],
  ['another unique part', (id: string) => id.replace('.7f3k', '.8f3k')],
  ['another domain', (id: string) => id.replace('@itac.co', '@evil.example')],
  ['no signature', () => 'ticket.123.7f3k2m9qa4@itac.co'],
  ['something before it', (id: string) => `x${id}`],
])('S27 a Message-ID with %s is not ours', (_, forge) => {
  const id = signedMessageId(SECRET, 123, '7f3k2m9qa4', 'itac.co');

  expect(ticketOfMessageId(SECRET, forge(id), 'itac.co')).toBeNull();
});

test('S27 an id signed with another secret is not ours', () => {
  expect(ticketOfMessageId('another secret', signedMessageId(SECRET, 123, 'abc', 'itac.co'), 'itac.co')).toBeNull();
});
