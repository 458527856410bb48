import { type Command, failureText, helpOf, type Io, readArguments } from './commands/command.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { migrate } from './commands/migrate.ts';
import { once } from './commands/once.ts';
import { start } from './commands/start.ts';
import { ticket } from './commands/ticket.ts';
import { tickets } from './commands/tickets.ts';
import { AppError } from './errors.ts';

const COMMANDS: readonly Command[] = [start, once, demo, doctor, explain, tickets, ticket, migrate];

/** Runs one command line. @returns the exit code: 0 done, 1 it failed, 2 wrong usage or configuration */
export async function runCli(argv: string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    (name === undefined ? io.err : io.out)(overview());
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    io.err(`buzon: no existe la orden "${name.slice(0, 40)}".\n\n${overview()}`);
    return 2;
  }
  try {
    const args = readArguments(command, rest);
    if (args.help) {
      io.out(helpOf(command));
      return 0;
    }
    return await command.run(args, io);
  } catch (error) {
    io.err(failureText(error));
    return error instanceof AppError && (error.code === 'USAGE' || error.code === 'CONFIG_INVALID') ? 2 : 1;
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name, operands }) => `${name} ${operands}`.length));
  return [
    'buzon ORDEN [OPCIONES]',
    '',
    'Vigila el buzón de soporte, convierte cada correo en un ticket o en una anotación y responde lo justo.',
    '',
    ...COMMANDS.map(({ name, operands, summary }) => `  ${`${name} ${operands}`.padEnd(width)}  ${summary}`),
    '',
    '"buzon ORDEN --help" explica cada una. Código de salida: 0 hecho, 1 falló, 2 uso o configuración incorrectos.',
  ].join('\n');
}
