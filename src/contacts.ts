import { type CsvRow, readCsv } from './csv.ts';
import type { Fault } from './desk/aliases.ts';
import { isOurAddress } from './desk/policy.ts';
import { type RegisterChanges, registerAfter } from './desk/register.ts';
import { type RegisterLine, registeredClients } from './desk/registerFile.ts';
import type { Desk } from './ingest.ts';

/** The columns of a file and what they hold; the first one and `correo` are needed. */
const COLUMNS = {
  cliente: 'client',
  modalidad: 'modality',
  vigente_hasta: 'validUntil',
  sla: 'sla',
  dominios: 'domains',
  nombre: 'name',
  correo: 'address',
  idioma: 'language',
} as const satisfies Record<string, keyof RegisterLine>;

type Column = keyof typeof COLUMNS;

export type ContactsImport =
  | {
      ok: true;
      changes: RegisterChanges;
      /** Tickets that nobody's were until now and that belong to a client from now on. */
      tickets: number;
      /** Columns of the file that mean nothing here. */
      unused: string[];
    }
  | { ok: false; faults: Fault[] };

/**
 * Takes over a file of clients and contacts, all of it or, when a line is at fault, nothing. May be imported twice. @throws AppError when the world
 * fails
 */
export async function importContacts(
  file: Uint8Array,
  { replace, slas }: { replace: boolean; slas: readonly string[] },
  { store, identity, policy }: Pick<Desk, 'store' | 'identity' | 'policy'>,
): Promise<ContactsImport> {
  const read = linesOf(file);
  if ('faults' in read) return { ok: false, faults: read.faults };
  const isOurs = (address: string) => isOurAddress(address, identity);
  const plan = registeredClients(read.lines, { slas, isOurAddress: isOurs, staffDomain: policy.staffDomain });
  if (!plan.ok) return plan;
  return store.transaction(async (tx) => {
    const { clients, changes } = registerAfter(await tx.register(), plan.clients, replace);
    const tickets = await tx.recordRegister(clients);
    return { ok: true, changes, tickets, unused: read.unused };
  });
}

/** The file's lines, by the names of their columns in its first one, which may stand in any order. */
function linesOf(file: Uint8Array): { lines: RegisterLine[]; unused: string[] } | { faults: Fault[] } {
  const csv = readCsv(file);
  if (!csv.ok) return { faults: [{ line: csv.line, problem: csv.problem }] };
  const [head, ...rows] = csv.rows;
  if (!head) return { faults: [{ line: 1, problem: 'el archivo está vacío' }] };
  const names = head.cells.map(columnName);
  const lacking = (['cliente', 'correo'] satisfies Column[]).filter((name) => !names.includes(name));
  const twice = Object.keys(COLUMNS).find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (lacking.length > 0 || twice !== undefined) {
    const what = twice === undefined ? `falta la columna ${lacking.join(' y la columna ')}` : `la columna ${twice} está dos veces`;
    return { faults: [{ line: head.line, problem: `${what}; la primera línea nombra las columnas: ${Object.keys(COLUMNS).join(', ')}` }] };
  }
  if (rows.length === 0) return { faults: [{ line: head.line, problem: 'el archivo nombra las columnas y no trae ningún cliente' }] };
  const unused = head.cells.filter((cell, i) => cell !== '' && !(names[i]! in COLUMNS));
  return { lines: rows.map((row) => lineOf(row, names)), unused };
}

function lineOf({ line, cells }: CsvRow, names: readonly string[]): RegisterLine {
  const cell = (column: Column) => cells[names.indexOf(column)] ?? '';
  const values = Object.entries(COLUMNS).map(([column, field]) => [field, cell(column as Column)]);
  return { line, ...(Object.fromEntries(values) as Omit<RegisterLine, 'line'>) };
}

/** `Vigente hasta`, `VIGENTE_HASTA` and `vigente-hasta` are one column. */
function columnName(cell: string): string {
  return cell.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[ -]+/g, '_');
}
