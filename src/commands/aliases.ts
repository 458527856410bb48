import { importAliases } from '../aliases.ts';
import { openReports, openStaffApp } from '../app.ts';
import { loadConfig } from '../config.ts';
import type { AliasLine } from '../reports.ts';
import { type Command, JSON_OPTION, usage } from './command.ts';
import { contentOf } from './operand.ts';
import { localTime, table } from './print.ts';

export const aliasesImport: Command = {
  name: 'aliases import',
  operands: 'ARCHIVO.csv',
  summary: 'Importa números anteriores de tickets y el número de hoy de cada uno.',
  details:
    'Dos columnas, numero_anterior y numero_nuevo, separadas por coma, punto y coma o tabulador, como las guarda una hoja de cálculo; el encabezado es opcional y "-"\n' +
    'es la entrada estándar. El número nuevo es el de un ticket que existe o, si no hay un ticket con ese número, otro número anterior.\n' +
    'Si una línea tiene un error no se importa ninguna.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    const [file] = args.operands;
    if (args.operands.length !== 1 || file === undefined) throw usage(aliasesImport, 'escriba un archivo; por ejemplo numeros.csv');
    const bytes = await contentOf(file, io);
    await using app = await openStaffApp(loadConfig(io.env));
    const plan = await importAliases(bytes, app.desk);
    const json = args.flag('json');
    if (!plan.ok) {
      for (const fault of plan.faults)
        (json ? io.out : io.err)(json ? JSON.stringify(fault) : `${file}, línea ${fault.line}: ${fault.problem}`);
      io.err('No se importó nada: corrija esas líneas y vuelva a intentarlo.');
      return 1;
    }
    const { unchanged } = plan;
    const imported = plan.aliases.length;
    io.out(json ? JSON.stringify({ imported, unchanged }) : `${imported} números anteriores importados; ${unchanged} ya estaban.`);
    return 0;
  },
};

export const aliasesList: Command = {
  name: 'aliases list',
  operands: '',
  summary: 'Lista los números anteriores y a dónde lleva cada uno.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(aliasesList, 'no lleva operandos');
    const reports = openReports(loadConfig(io.env));
    try {
      const found = reports.aliases();
      if (args.flag('json')) for (const each of found) io.out(JSON.stringify(each));
      else if (found.length === 0) io.err('Ningún número anterior.');
      else for (const line of table(['número anterior', 'lleva a', 'importado'], found.map(rowOf))) io.out(line);
      return 0;
    } finally {
      reports.close();
    }
  },
};

function rowOf(alias: AliasLine): string[] {
  const end = 'ticketNumber' in alias ? `ticket ${alias.ticketNumber}` : `número anterior ${alias.nextFormerNumber}`;
  return [alias.formerNumber, end, localTime(alias.importedAt)];
}
