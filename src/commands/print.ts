import type { Attachment } from '../mail/message.ts';

const GAP = '  ';
/** The last columns hold free text: they give way first, down to this width. */
const GIVING_WAY = 2;
const READABLE = 12;

/** Columns for a terminal: each as wide as its widest cell, the last one not padded; cells are cut so that no row is wider than `columns`. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], columns = terminalColumns()): string[] {
  const wanted = head.map((title, i) => rows.reduce((most, row) => Math.max(most, width(row[i] ?? '')), width(title)));
  const widths = fitted(wanted, columns - GAP.length * (head.length - 1));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cut(cell, widths[i]!))
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + ' '.repeat(widths[i]! - width(cell))))
      .join(GAP)
      .trimEnd();
  return [line(head), line(widths.map((each) => '─'.repeat(each))), ...rows.map(line)];
}

/** How many columns the terminal has; without one, in a file or a pipe, lines may be as long as they are. */
export function terminalColumns(): number {
  return (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
}

/** `wanted`, made narrower until all fit in `total`: the widest of the last ones first, then the widest of all. */
function fitted(wanted: readonly number[], total: number): number[] {
  const widths = [...wanted];
  const narrow = (from: number, least: number) => {
    for (let over = widths.reduce((sum, each) => sum + each, 0) - total; over > 0; over--) {
      const widest = Math.max(...widths.slice(from));
      if (widest <= least) return;
      widths[widths.lastIndexOf(widest)]! -= 1;
    }
  };
  narrow(Math.max(0, widths.length - GIVING_WAY), READABLE);
  narrow(0, 1);
  return widths;
}

/** Text from a mail made safe for a terminal: control characters cannot move the cursor or change colours. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => (c === '\n' ? '\n' : c === '\t' ? ' ' : ''));
}

/** One line, cut to `max` characters. */
export function short(text: string, max: number): string {
  return cut(printable(text).replace(/\s+/g, ' ').trim(), max);
}

/** Each line broken between words so that it has at most `columns` characters; a longer word stays whole. */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => {
      const lines: string[] = [];
      for (const word of line.split(' ')) {
        const last = lines.at(-1);
        if (last !== undefined && width(last) + 1 + width(word) <= columns) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
      }
      return lines.join('\n');
    })
    .join('\n');
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

/** `factura.pdf (application/pdf, 1,4 MB)`; and what the file's first octets say where that is something else than its sender declared. */
export function fileLine({
  filename,
  contentType,
  sniffedType,
  size,
}: Pick<Attachment, 'filename' | 'contentType' | 'sniffedType' | 'size'>): string {
  const type = sniffedType === null ? contentType : `${contentType}, pero por su contenido es ${sniffedType}`;
  return `${short(filename, 80)} (${short(type, 160)}, ${octets(size)})`;
}

function cut(line: string, max: number): string {
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

function width(text: string): number {
  return [...text].length;
}
