import { TicketKind } from '../desk/ticket.ts';
import { correctTicket } from '../staff.ts';
import { type Command, JSON_OPTION, usage } from './command.ts';
import { actOnTicket, BY_OPTION, numbersIn, whoAsks } from './staff.ts';

export const correct: Command = {
  name: 'correct',
  operands: 'N requerimiento|incidencia',
  summary: 'Dice qué es un ticket; la clasificación aprende de ello.',
  details:
    'El ticket cambia de clase y deja de estar por revisar. Un correo con el mismo texto recibe desde ya esa clase, y el servicio vuelve a\n' +
    'entrenar el clasificador con todas las correcciones. Decir la clase que ya tiene la confirma; decir otra reemplaza la anterior.',
  options: { by: BY_OPTION, json: JSON_OPTION },
  async run(args, io) {
    const [written, said] = args.operands;
    const kind = Object.values(TicketKind).find((each) => each === said?.toLowerCase());
    if (args.operands.length !== 2 || !kind)
      throw usage(correct, 'escriba un número y la clase, requerimiento o incidencia; por ejemplo "buzon correct 12 requerimiento"');
    const [number] = numbersIn(correct, { ...args, operands: [written!] }, 1, '12 requerimiento');
    const by = whoAsks(correct, args, io);
    return actOnTicket(
      io,
      args,
      (desk) => correctTicket(number!, kind, by, desk),
      () => `Ticket ${number}: es ${kind}.`,
    );
  },
};
