import { colombianHolidays } from './holidays.ts';

/** When e-mail is attended. */
export interface BusinessHours {
  /** 1 is Monday, 7 is Sunday (ISO 8601). */
  weekdays: readonly number[];
  /** Minutes after midnight, Bogotá time. */
  opensAt: number;
  /** Minutes after midnight, Bogotá time; at this minute attention is over. */
  closesAt: number;
}

/** ITAC's hours for e-mail, the same in both modalities. */
export const BUSINESS_HOURS: BusinessHours = { weekdays: [1, 2, 3, 4, 5], opensAt: 8 * 60, closesAt: 18 * 60 };

/** Colombia's legal time is UTC-5 all year (Decreto 2707 de 1982). */
const BOGOTA_OFFSET_MS = -5 * 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No week of Colombia has more holidays in a row than this; hours without any weekday would search for ever. */
const MAX_DAYS_AHEAD = 31;

/**
 * When e-mail is attended next: `'now'` within the hours, else the moment when they begin again.
 * @throws RangeError when `hours` name no weekday on which anybody works
 */
export function nextAttention(now: Date, hours: BusinessHours): Date | 'now' {
  const local = new Date(now.getTime() + BOGOTA_OFFSET_MS);
  const midnight = Math.floor(local.getTime() / DAY_MS) * DAY_MS;
  const minute = (local.getTime() - midnight) / MINUTE_MS;
  for (let ahead = 0; ahead <= MAX_DAYS_AHEAD; ahead++) {
    const day = new Date(midnight + ahead * DAY_MS);
    if (!isWorkday(day, hours)) continue;
    if (ahead === 0 && minute >= hours.closesAt) continue;
    if (ahead === 0 && minute >= hours.opensAt) return 'now';
    return new Date(day.getTime() + hours.opensAt * MINUTE_MS - BOGOTA_OFFSET_MS);
  }
  throw new RangeError('the business hours name no day on which anybody works');
}

/** A moment as people in Bogotá read it on calendar and clock: the fields of the result are its UTC fields. */
export function bogotaClock(moment: Date): Date {
  return new Date(moment.getTime() + BOGOTA_OFFSET_MS);
}

function isWorkday(day: Date, hours: BusinessHours): boolean {
  return hours.weekdays.includes(day.getUTCDay() || 7) && !colombianHolidays(day.getUTCFullYear()).has(day.toISOString().slice(0, 10));
}
