/** Kept on their own date, as month and day. */
const FIXED = ['01-01', '05-01', '07-20', '08-07', '12-08', '12-25'] as const;
/** Kept on the following Monday when they fall on another day of the week (Ley 51 de 1983, "Ley Emiliani"). */
const MOVED = ['01-06', '03-19', '06-29', '08-15', '10-12', '11-01', '11-11'] as const;
/** Days from Easter Sunday: Jueves and Viernes Santo; Ascensión, Corpus Christi and Sagrado Corazón, each already on its Monday. */
const FROM_EASTER = [-3, -2, 43, 64, 71] as const;

/** The last year that was asked for: nearly always this one, and the reckoning takes as long as the writing of an answer. */
let known: { year: number; holidays: ReadonlySet<string> } | null = null;

/** Holidays of Colombia by law, as `2026-11-23`. Two may share a day, so a year has 17 or 18. */
export function colombianHolidays(year: number): ReadonlySet<string> {
  if (known?.year !== year) known = { year, holidays: holidaysIn(year) };
  return known.holidays;
}

function holidaysIn(year: number): ReadonlySet<string> {
  const easter = easterOf(year);
  const days = [
    ...FIXED.map((monthDay) => new Date(`${year}-${monthDay}`)),
    ...MOVED.map((monthDay) => mondayFrom(new Date(`${year}-${monthDay}`))),
    ...FROM_EASTER.map((distance) => later(easter, distance)),
  ];
  return new Set(days.map((day) => day.toISOString().slice(0, 10)));
}

/** Easter Sunday in the Gregorian calendar, by the method of Meeus, Jones and Butcher. */
function easterOf(year: number): Date {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const dayOfMarch = h + l - 7 * m + 22;
  return new Date(Date.UTC(year, 2, dayOfMarch));
}

function mondayFrom(day: Date): Date {
  return later(day, (8 - day.getUTCDay()) % 7);
}

function later(day: Date, days: number): Date {
  return new Date(day.getTime() + days * 86_400_000);
}
