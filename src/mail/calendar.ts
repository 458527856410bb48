/**
 * One line for people about a calendar part (RFC 5545): `Invitación de calendario: Revisión del despliegue, 2020-07-06 10:00`.
 * @param said what the mail says already
 * @returns null when there is no summary, or nothing new in it
 */
export function calendarLine(calendar: string, said: string): string | null {
  const lines = calendar.replace(/\n[ \t]/g, '').split('\n');
  const valueOfProperty = (name: string) =>
    lines.find((line) => line.startsWith(`${name}:`) || line.startsWith(`${name};`))?.replace(/^[^:]{0,200}:/, '');
  const summary = valueOfProperty('SUMMARY')
    ?.replace(/\\n/gi, ' ')
    .replace(/\\([,;\\])/g, '$1')
    .trim();
  if (!summary || said.includes(summary)) return null;
  const start = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2}))?/.exec(valueOfProperty('DTSTART') ?? '');
  const when = start ? `, ${start[1]}-${start[2]}-${start[3]}${start[4] ? ` ${start[4]}:${start[5]}` : ''}` : '';
  return `Invitación de calendario: ${summary}${when}`;
}
