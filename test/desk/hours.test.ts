import { expect, test } from '@jest/globals';
import { colombianHolidays } from '../../src/desk/holidays.ts';
import { BUSINESS_HOURS, nextAttention } from '../../src/desk/hours.ts';

const attention = (local: string) => {
  const next = nextAttention(new Date(`${local}-05:00`), BUSINESS_HOURS);
  return next === 'now' ? next : next.toISOString();
};

test.each([
  ['on a Friday at 17:59 it is attended now', '2026-11-20T17:59:59', 'now'],
  ['on a Friday at 18:00 it waits for Monday', '2026-11-20T18:00:00', '2026-11-23T13:00:00.000Z'],
  ['on a Friday at 18:01 it waits for Monday', '2026-11-20T18:01:00', '2026-11-23T13:00:00.000Z'],
  ['before a holiday Monday it waits for Tuesday', '2026-10-09T18:01:00', '2026-10-13T13:00:00.000Z'],
  ['on a holiday Monday at noon it waits for Tuesday', '2026-11-02T12:00:00', '2026-11-03T13:00:00.000Z'],
  ['on a workday at 7:59 it is attended at 8:00', '2026-11-24T07:59:59', '2026-11-24T13:00:00.000Z'],
  ['on a workday at 8:00 it is attended now', '2026-11-24T08:00:00', 'now'],
  ['on Wednesday of Holy Week in the evening it waits for Easter Monday', '2026-04-01T19:00:00', '2026-04-06T13:00:00.000Z'],
  [
    "late on New Year's Eve, already the new year in UTC, it waits for Monday, 4 January",
    '2026-12-31T23:30:00',
    '2027-01-04T13:00:00.000Z',
  ],
  ['in July Bogotá keeps the same time as in January', '2026-07-21T17:30:00', 'now'],
])('C14 %s', (_title, local, expected) => {
  expect(attention(local)).toBe(expected);
});

test.each([
  [
    2020,
    [
      '01-01',
      '01-06',
      '03-23',
      '04-09',
      '04-10',
      '05-01',
      '05-25',
      '06-15',
      '06-22',
      '06-29',
      '07-20',
      '08-07',
      '08-17',
      '10-12',
      '11-02',
      '11-16',
      '12-08',
      '12-25',
    ],
  ],
  [
    2025,
    [
      '01-01',
      '01-06',
      '03-24',
      '04-17',
      '04-18',
      '05-01',
      '06-02',
      '06-23',
      '06-30',
      '07-20',
      '08-07',
      '08-18',
      '10-13',
      '11-03',
      '11-17',
      '12-08',
      '12-25',
    ],
  ],
  [
    2026,
    [
      '01-01',
      '01-12',
      '03-23',
      '04-02',
      '04-03',
      '05-01',
      '05-18',
      '06-08',
      '06-15',
      '06-29',
      '07-20',
      '08-07',
      '08-17',
      '10-12',
      '11-02',
      '11-16',
      '12-08',
      '12-25',
    ],
  ],
])('C14 the holidays of %i are those of the Colombian calendar', (year, days) => {
  expect([...colombianHolidays(year)].sort()).toEqual(days.map((day) => `${year}-${day}`));
});

test('hours without a weekday are refused instead of searched for ever', () => {
  expect(() => nextAttention(new Date(0), { ...BUSINESS_HOURS, weekdays: [] })).toThrow(RangeError);
});
