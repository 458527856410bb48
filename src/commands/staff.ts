import { userInfo } from 'node:os';
import { openStaffApp } from '../app.ts';
import { loadConfig } from '../config.ts';
import type { StaffAct } from '../desk/ticket.ts';
import type { StaffDesk } from '../staff.ts';
import { type Arguments, type Command, type Io, type Option, usage } from './command.ts';
import { short } from './print.ts';

/** For commands that record who did it. */
export const BY_OPTION: Option = { type: 'string', value: 'NOMBRE', describe: 'quién lo hace; si no se dice, el usuario del sistema' };

/** @throws AppError USAGE when nobody is named */
export function whoAsks(command: Command, args: Arguments, io: Io): string {
  const name = (args.value('by') ?? io.env['USER'] ?? io.env['LOGNAME'] ?? systemUser()).trim();
  if (name === '') throw usage(command, 'falta saber quién lo hace; escriba --by NOMBRE');
  return short(name, 100);
}

/** In a container or under cron nobody logged in; the user of the process has a name all the same, mostly. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** Exactly as many whole numbers as asked for. @throws AppError USAGE with the example */
export function numbersIn(command: Command, args: Arguments, count: number, example: string): number[] {
  const wrong = args.operands.length !== count || args.operands.some((each) => !/^\d{1,9}$/.test(each)); // 12; not #12 or 1e3
  if (wrong)
    throw usage(command, `escriba ${count === 1 ? 'un número' : `${count} números`}; por ejemplo "buzon ${command.name} ${example}"`);
  return args.operands.map(Number);
}

/** Does one thing to a ticket and prints what was done. */
export async function actOnTicket(
  io: Io,
  args: Arguments,
  deed: (desk: StaffDesk) => Promise<StaffAct>,
  saying: (act: StaffAct) => string,
): Promise<number> {
  await using app = await openStaffApp(loadConfig(io.env));
  const done = await deed(app.desk);
  const { kind: did, ticketNumber: ticket, ...more } = done.change;
  io.out(args.flag('json') ? JSON.stringify({ did, ticket, ...more, by: done.by, at: done.at }) : saying(done));
  return 0;
}
