import { bogotaClock } from './hours.ts';
import type { Language } from './language.ts';

const FORMATS: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  es: calendarOf('es'),
  en: calendarOf('en-GB'),
  pt: calendarOf('pt-BR'),
};

/** A moment as it is said in Bogotá: `lunes 23 de noviembre a las 8:00 a. m.`, `Monday 23 November at 8:00 a.m.`, `segunda-feira, 23 de novembro, às 8:00`. */
export function spokenMoment(moment: Date, language: Language): string {
  const local = bogotaClock(moment);
  const part = Object.fromEntries(FORMATS[language].formatToParts(local).map(({ type, value }) => [type, value]));
  const clock = spokenClock(local.getUTCHours() * 60 + local.getUTCMinutes(), language);
  switch (language) {
    case 'es':
      return `${part['weekday']} ${part['day']} de ${part['month']} a las ${clock}`.replace('a las 1:', 'a la 1:');
    case 'en':
      return `${part['weekday']} ${part['day']} ${part['month']} at ${clock}`;
    case 'pt':
      return `${part['weekday']}, ${part['day']} de ${part['month']}, às ${clock}`.replace('às 1:', 'à 1:');
  }
}

/** A time of day, given in minutes after midnight: `6:00 p. m.`, `6:00 p.m.`, `18:00`. */
export function spokenClock(minutes: number, language: Language): string {
  const hour = Math.floor(minutes / 60) % 24;
  const minute = String(minutes % 60).padStart(2, '0');
  if (language === 'pt') return `${hour}:${minute}`;
  const half = hour < 12 ? 'a' : 'p';
  return `${hour % 12 || 12}:${minute} ${language === 'es' ? `${half}. m.` : `${half}.m.`}`;
}

function calendarOf(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
}
