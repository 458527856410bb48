/** Columns for a terminal: each as wide as its widest cell, the last one not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + ' '.repeat(widths[i]! - width(cell))))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((each) => '─'.repeat(each))), ...rows.map(line)];
}

/** Text from a mail made safe for a terminal: control characters cannot move the cursor or change colours. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => (c === '\n' ? '\n' : c === '\t' ? ' ' : ''));
}

/** One line, cut to `max` characters. */
export function short(text: string, max: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

export function indented(text: string, by = '    '): string {
  return printable(text)
    .split('\n')
    .map((line) => (line === '' ? '' : by + line))
    .join('\n');
}

const BOGOTA = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Bogota', dateStyle: 'short', timeStyle: 'short' });

/** `2026-11-22 17:05`, the time of Bogotá. */
export function localTime(moment: Date): string {
  return BOGOTA.format(moment);
}

/** `1,4 MB`. */
export function octets(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let size = count;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1).replace('.', ',')} ${units[unit]}`;
}

function width(text: string): number {
  return [...text].length;
}
