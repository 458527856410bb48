import { type CsvRow, readCsv } from './csv.ts';
import { type AliasLine, type AliasPlan, type Fault, planAliases } from './desk/aliases.ts';
import type { Desk } from './ingest.ts';

const COLUMNS = ['numero_anterior', 'numero_nuevo'] as const;

/**
 * Leads the former numbers of a file to today's tickets, all of them or, when a line is at fault, none. What leads there already stays as it is, so
 * that a file may be imported twice. @throws AppError when the world fails
 */
export async function importAliases(file: Uint8Array, { store }: Pick<Desk, 'store'>): Promise<AliasPlan> {
  const { lines, faults } = linesOf(file);
  return store.transaction(async (tx) => {
    const tickets = new Set<number>();
    for (const number of new Set(lines.map(({ now }) => Number(now)))) {
      if (Number.isSafeInteger(number) && (await tx.ticketState(number))) tickets.add(number);
    }
    const plan = planAliases(lines, { aliases: await tx.aliases(), tickets });
    const all = plan.ok ? faults : [...faults, ...plan.faults].sort((a, b) => a.line - b.line);
    if (!plan.ok || all.length > 0) return { ok: false, faults: all };
    await tx.recordAliases(plan.aliases);
    return plan;
  });
}

/** The file's lines; the first one may name the columns, in any order. */
function linesOf(file: Uint8Array): { lines: AliasLine[]; faults: Fault[] } {
  const csv = readCsv(file);
  if (!csv.ok) return { lines: [], faults: [{ line: csv.line, problem: csv.problem }] };
  const [head] = csv.rows;
  if (!head) return { lines: [], faults: [{ line: 1, problem: 'el archivo está vacío' }] };
  const hasHeader = head.cells.every((cell) => !/\d/.test(cell));
  const names = head.cells.map((cell) => cell.toLowerCase().replaceAll('ú', 'u').replace(/[ -]/g, '_'));
  const [former, now] = hasHeader ? COLUMNS.map((name) => names.indexOf(name)) : [0, 1];
  if (former === undefined || now === undefined || former < 0 || now < 0)
    return { lines: [], faults: [{ line: head.line, problem: `la primera línea debe nombrar las columnas ${COLUMNS.join(' y ')}` }] };

  const read = (hasHeader ? csv.rows.slice(1) : csv.rows).map((row) => lineOf(row, former, now));
  return { lines: read.filter((line) => 'former' in line), faults: read.filter((line) => 'problem' in line) };
}

function lineOf({ line, cells }: CsvRow, former: number, now: number): AliasLine | Fault {
  const [from, to] = [numberIn(cells[former]), numberIn(cells[now])];
  if (from !== undefined && to !== undefined && cells.filter((cell) => cell !== '').length === 2) return { line, former: from, now: to };
  return { line, problem: `se esperan dos números, ${COLUMNS.join(' y ')}; por ejemplo 2020070610000012,1204` };
}

/** `871`, `#871`; not `871a`. */
function numberIn(cell = ''): string | undefined {
  return /^#?(\d{1,40})$/.exec(cell)?.[1];
}
