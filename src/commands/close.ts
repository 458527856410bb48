import { closeTicket } from '../staff.ts';
import { type Command, JSON_OPTION } from './command.ts';
import { actOnTicket, BY_OPTION, numbersIn, whoAsks } from './staff.ts';

export const close: Command = {
  name: 'close',
  operands: 'N',
  summary: 'Cierra un ticket.',
  details: 'Si después escribe una persona que participa en él, se reabre; pasado el plazo de reapertura, se abre uno nuevo, relacionado.',
  options: { by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [number] = numbersIn(close, args, 1, '12');
    const by = whoAsks(close, args, io);
    return actOnTicket(
      io,
      args,
      (desk) => closeTicket(number!, by, desk),
      () => `Ticket ${number} cerrado.`,
    );
  },
};
