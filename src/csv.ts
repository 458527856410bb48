import { CsvError, parse } from 'csv-parse/sync';

/** One row of a file that a person exported. */
export interface CsvRow {
  /** Where it ends in the file, counted from 1. */
  line: number;
  /** Without the blanks around them. */
  cells: string[];
}

/** The rows that are not blank, or the line at which the file cannot be understood, with the reason in Spanish. */
export type CsvResult = { ok: true; rows: CsvRow[] } | { ok: false; line: number; problem: string };

/**
 * Reads a file separated by commas, semicolons or tabs (RFC 4180) as spreadsheets write it: in UTF-8 with or without byte order mark, in UTF-16 ("Unicode
 * text") or in windows-1252. The separator is the one that a first line `sep=;` names, or that the first line has most of.
 */
export function readCsv(bytes: Uint8Array): CsvResult {
  const text = decoded(bytes);
  const named = /^sep=([,;\t])\r?\n/i.exec(text);
  const rows: CsvRow[] = [];
  try {
    parse(text, {
      delimiter: named?.[1] ?? separatorOf(text),
      from_line: named ? 2 : 1,
      relax_column_count: true,
      trim: true,
      on_record: (cells: string[], { lines }) => {
        rows.push({ line: lines, cells });
        return null;
      },
    });
    return { ok: true, rows: rows.filter(({ cells }) => cells.some((cell) => cell !== '')) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser says where it gave up: for a quote that is never closed, at the end of the file. The fault is in the row after the last good one.
    const line = (rows.at(-1)?.line ?? 0) + 1;
    return { ok: false, line, problem: 'las comillas no están bien puestas: una celda que empieza con " debe terminar con "' };
  }
}

/** Without its byte order mark. */
function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function separatorOf(text: string): string {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const times = (separator: string) => firstLine.split(separator).length;
  return [',', ';', '\t'].reduce((most, each) => (times(each) > times(most) ? each : most));
}
