import type { BackupProgress, BackupSummary, LackingFile } from '../ports.ts';
import { octets } from './print.ts';

const PROBLEMS: Record<LackingFile['problem'], string> = { missing: 'falta', damaged: 'está dañado', unreadable: 'no se puede leer' };

/** `✗ falta raw/ab/abcd….eml, del mensaje 12 y el ticket 3`. */
export function lackingLine({ problem, path, message, ticket }: LackingFile): string {
  const of = [...(message === null ? [] : [`mensaje ${message}`]), ...(ticket === null ? [] : [`ticket ${ticket}`])];
  return `✗ ${PROBLEMS[problem]} ${path}${of.length === 0 ? '' : `, del ${of.join(' y el ')}`}`;
}

/** `12 tickets, 30 mensajes, 4 adjuntos; 1,4 MB`. */
export function holdingsLine({ tickets, messages, files, bytes }: BackupSummary): string {
  return `${tickets} tickets, ${messages} mensajes (${files.raw} con sus octetos), ${files.attachments} adjuntos; ${octets(bytes)}`;
}

/** Tells a person at a terminal how far it has come, on one line of standard error; elsewhere nothing. */
export function progressLine(): { show(progress: BackupProgress): void; end(): void } {
  const terminal = process.stderr.isTTY === true;
  let shown = '';
  return {
    show({ stage, done, total }) {
      const line = `${stage === 'database' ? 'base de datos' : 'archivos'}: ${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
      if (terminal && line !== shown) process.stderr.write(`\r${line}\u001b[K`);
      shown = line;
    },
    end() {
      if (terminal && shown !== '') process.stderr.write('\r\u001b[K');
      shown = '';
    },
  };
}
