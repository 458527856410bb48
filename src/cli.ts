import { aliasesImport, aliasesList } from './commands/aliases.ts';
import { backup } from './commands/backup.ts';
import { close } from './commands/close.ts';
import { type Command, failureText, helpOf, type Io, readArguments } from './commands/command.ts';
import { contactsImport, contactsList } from './commands/contacts.ts';
import { correct } from './commands/correct.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { keyAccept } from './commands/key.ts';
import { merge } from './commands/merge.ts';
import { migrate } from './commands/migrate.ts';
import { once } from './commands/once.ts';
import { outboxCancel, outboxList, outboxRetry, outboxShow } from './commands/outbox.ts';
import { quarantineDiscard, quarantineList, quarantineRelease, quarantineShow } from './commands/quarantine.ts';
import { reconcile } from './commands/reconcile.ts';
import { reopen } from './commands/reopen.ts';
import { restore } from './commands/restore.ts';
import { start } from './commands/start.ts';
import { ticket } from './commands/ticket.ts';
import { tickets } from './commands/tickets.ts';
import { AppError } from './errors.ts';
import { version } from './version.ts';

const COMMANDS: readonly Command[] = [
  start,
  once,
  demo,
  doctor,
  explain,
  tickets,
  ticket,
  close,
  reopen,
  correct,
  merge,
  quarantineList,
  quarantineShow,
  quarantineRelease,
  quarantineDiscard,
  outboxList,
  outboxShow,
  outboxRetry,
  outboxCancel,
  contactsImport,
  contactsList,
  aliasesImport,
  aliasesList,
  backup,
  restore,
  keyAccept,
  reconcile,
  migrate,
];

/** Runs one command line. @returns the exit code: 0 done, 1 it failed, 2 wrong usage or configuration */
export async function runCli(argv: string[], io: Io): Promise<number> {
  const [name, second] = argv;
  if (name === undefined || name === 'help' || isHelp(name)) {
    (name === undefined ? io.err : io.out)(overview(COMMANDS));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    io.out(version());
    return 0;
  }
  const group = COMMANDS.filter((each) => each.name.startsWith(`${name} `));
  if (group.length > 0 && isHelp(second)) {
    io.out(overview(group));
    return 0;
  }
  const command = COMMANDS.find((each) => each.name === (group.length > 0 ? `${name} ${second}` : name));
  if (!command) {
    const said = (group.length > 0 && second !== undefined ? `${name} ${second}` : name).slice(0, 60);
    const problem = group.length > 0 && second === undefined ? `falta decir qué hacer con "${said}"` : `no existe la orden "${said}"`;
    io.err(`buzon: ${problem}.\n\n${overview(group.length > 0 ? group : COMMANDS)}`);
    return 2;
  }
  try {
    const args = readArguments(command, argv.slice(group.length > 0 ? 2 : 1));
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

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name, operands }) => `${name} ${operands}`.length));
  return [
    'buzon ORDEN [OPCIONES]',
    '',
    'Vigila el buzón de soporte, convierte cada correo en un ticket o en una anotación y responde lo justo.',
    '',
    ...commands.map(({ name, operands, summary }) => `  ${`${name} ${operands}`.padEnd(width)}  ${summary}`),
    '',
    '"buzon ORDEN --help" explica cada una; "buzon --version" dice la versión. Código de salida: 0 hecho, 1 falló, 2 uso o configuración incorrectos.',
  ].join('\n');
}
