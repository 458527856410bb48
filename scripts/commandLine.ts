import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowNegative: true }>>['values'];

/** What a script was asked for. `--help` prints how it is used and ends it; so does an option that it does not have, with exit code 2. */
export function optionsOf<T extends Options>(usage: string, options: T): Values<T> {
  const help = { help: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ options: { ...options, ...help }, allowNegative: true });
    if (!('help' in values && values.help)) return values as Values<T>;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
    process.exit(2);
  }
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
