import { mergeTickets } from '../staff.ts';
import { type Command, JSON_OPTION } from './command.ts';
import { actOnTicket, BY_OPTION, numbersIn, whoAsks } from './staff.ts';

export const merge: Command = {
  name: 'merge',
  operands: 'N DESTINO',
  summary: 'Une el ticket N al ticket DESTINO, que es el que queda.',
  details:
    'El ticket N se cierra y conserva lo que tiene; lo que llegue con su código va al DESTINO, donde desde ahora también participan sus\n' +
    'participantes. No se puede deshacer.',
  options: { by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [number, into] = numbersIn(merge, args, 2, '12 7');
    const by = whoAsks(merge, args, io);
    return actOnTicket(
      io,
      args,
      (desk) => mergeTickets(number!, into!, by, desk),
      () => `Ticket ${number} unido al ${into}; lo que llegue con su código irá al ${into}.`,
    );
  },
};
