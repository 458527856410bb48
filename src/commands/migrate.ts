import { migrateStore } from '../app.ts';
import { loadConfig } from '../config.ts';
import { type Command, JSON_OPTION } from './command.ts';

export const migrate: Command = {
  name: 'migrate',
  operands: '',
  summary: 'Actualiza la estructura de la base de datos; "start" y "once" también lo hacen.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    const migrated = await migrateStore(loadConfig(io.env));
    if (args.flag('json')) io.out(JSON.stringify({ applied: migrated }));
    else io.out(migrated.length === 0 ? 'La base de datos ya estaba al día.' : `Migraciones aplicadas: ${migrated.join(', ')}`);
    return 0;
  },
};
