import { acceptKey } from '../app.ts';
import { loadConfig } from '../config.ts';
import { type Command, JSON_OPTION, usage } from './command.ts';

export const keyAccept: Command = {
  name: 'key accept',
  operands: '',
  summary: 'Sigue con la clave de ahora, o con una nueva, cuando la de la base de datos se perdió.',
  details:
    'Solo cuando la clave anterior no se puede recuperar: los códigos de los tickets y los Message-ID que ya se enviaron dejan de valer. La clave es la de\n' +
    'BUZON_SECRET o la del archivo "secret" de la carpeta de datos; si no hay ninguna, se crea. El servicio debe estar detenido.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(keyAccept, 'no lleva operandos');
    const before = await acceptKey(loadConfig(io.env));
    if (args.flag('json')) io.out(JSON.stringify({ changed: before !== 'same', before }));
    else if (before === 'same') io.out('La clave ya era la de esta base de datos: no cambió nada.');
    else if (before === 'lost') io.out('Se creó una clave nueva: los códigos de los tickets que ya se enviaron dejan de valer.');
    else if (before === 'other')
      io.out('La clave de ahora queda aceptada: los códigos de los tickets que se enviaron con la anterior dejan de valer.');
    else io.out('La clave de ahora queda como la de esta base de datos.');
    return 0;
  },
};
