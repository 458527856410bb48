import { reopenTicket } from '../staff.ts';
import { type Command, JSON_OPTION } from './command.ts';
import { actOnTicket, BY_OPTION, numbersIn, whoAsks } from './staff.ts';

export const reopen: Command = {
  name: 'reopen',
  operands: 'N',
  summary: 'Reabre un ticket cerrado.',
  options: { by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [number] = numbersIn(reopen, args, 1, '12');
    const by = whoAsks(reopen, args, io);
    return actOnTicket(
      io,
      args,
      (desk) => reopenTicket(number!, by, desk),
      () => `Ticket ${number} reabierto.`,
    );
  },
};
