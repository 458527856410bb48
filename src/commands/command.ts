import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';
import { AppError, codeOf, type ErrorCode, reasonOf } from '../errors.ts';

/** What a command may touch of the process around it. */
export interface Io {
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadableStream;
  /** Data: standard output, a line at a time. */
  out(line: string): void;
  /** Data as they are, octet by octet, on standard output. */
  write(bytes: Uint8Array): void;
  /** Standard output itself, for data that do not fit into memory. */
  stdout: NodeJS.WritableStream;
  /** Everything else: standard error. */
  err(line: string): void;
  /** Aborts when the process is asked to end. */
  signal: AbortSignal;
}

export interface Option extends ParseArgsOptionDescriptor {
  /** What it does, in Spanish, for the help. */
  describe: string;
  /** Stands for the value in the help: `--kind CLASE`. */
  value?: string;
}

export interface Command {
  name: string;
  /** What follows the name: `FILE…`. */
  operands: string;
  /** One line in Spanish. */
  summary: string;
  /** Further lines of the help, in Spanish. */
  details?: string;
  options: Record<string, Option>;
  /** @returns the exit code: 0 done, 1 it failed. @throws AppError; `USAGE` and `CONFIG_INVALID` end with 2, all others with 1. */
  run(args: Arguments, io: Io): Promise<number>;
}

export interface Arguments {
  operands: string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
}

const HELP: Option = { type: 'boolean', short: 'h', describe: 'muestra esta ayuda' };
export const JSON_OPTION: Option = { type: 'boolean', describe: 'un objeto JSON por línea, para otros programas' };

/** @throws AppError USAGE that names the wrong word and shows where the help is */
export function readArguments(command: Command, args: string[]): Arguments & { help: boolean } {
  try {
    const { values, positionals } = parseArgs({ args, options: { ...command.options, help: HELP }, allowPositionals: true, strict: true });
    const found = values as Record<string, string | boolean | undefined>;
    return {
      operands: positionals,
      help: found['help'] === true,
      flag: (name) => found[name] === true,
      value: (name) => (typeof found[name] === 'string' ? found[name] : undefined),
    };
  } catch (error) {
    const unknown = error instanceof Error ? /'(-[^']{0,80})'/.exec(error.message)?.[1] : undefined;
    throw usage(command, unknown ? `la opción ${unknown} no existe o está mal escrita` : 'no se entendieron las opciones');
  }
}

export function usage(command: Command, problem: string): AppError {
  return new AppError('USAGE', `${command.name}: ${problem}`, {
    temporary: false,
    remedy: `vea "buzon ${command.name} --help"`,
  });
}

export function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, help: HELP }).map(([name, option]): [string, string] => [
    `${option.short ? `-${option.short}, ` : ''}--${name}${option.value ? ` ${option.value}` : ''}`,
    option.describe,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `buzon ${[command.name, ...(Object.keys(command.options).length > 0 ? ['[OPCIONES]'] : []), command.operands].join(' ').trim()}`,
    '',
    command.summary,
    ...(command.details ? ['', command.details] : []),
    '',
    'Opciones:',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
  ].join('\n');
}

/** Errors about what was asked for: their messages are written for the reader already. */
type SaidByMessage = 'USAGE' | 'CONFIG_INVALID' | 'NOT_FOUND' | 'REFUSED';

const HEADLINES: Record<Exclude<ErrorCode, SaidByMessage>, string> = {
  STORE_NEWER: 'la base de datos es de una versión más nueva de Buzón',
  STORE_BUSY: 'otro proceso está usando la base de datos',
  STORE_FULL: 'no hay espacio en el disco',
  LEASE_LOST: 'otro proceso tomó el relevo',
  STORE_FAILED: 'no se pudo usar la carpeta de datos',
  PARSER_FAILED: 'no se pudo comenzar a leer correos',
  HTTP_FAILED: 'no se pudo publicar el estado',
  SOURCE_UNREACHABLE: 'no se pudo llegar al servidor del buzón',
  SOURCE_REFUSED: 'no se pudo entrar al servidor del buzón',
  SOURCE_FAILED: 'el buzón no se pudo usar',
  MESSAGE_UNREADABLE: 'un correo del buzón no se pudo leer por ahora',
  TRANSPORT_QUIET: 'no sale ningún correo',
  TRANSPORT_UNREACHABLE: 'no se pudo llegar al servidor de envío',
  TRANSPORT_UNANSWERED: 'el servidor de envío recibió el correo y no contestó',
  TRANSPORT_REFUSED: 'no se pudo entrar al servidor de envío',
  TRANSPORT_DEFERRED: 'el servidor de envío pide volver más tarde',
  TRANSPORT_REJECTED: 'el servidor de envío rechazó el correo',
};

/** What happened, in words of the reader; the technical reason follows in parentheses. */
export function headlineOf(error: AppError): string {
  const { code } = error;
  if (code === 'USAGE' || code === 'CONFIG_INVALID' || code === 'NOT_FOUND' || code === 'REFUSED') return error.message;
  return `${HEADLINES[code]} (${spokenReason(error)})`;
}

const SPOKEN: Record<string, string> = {
  ENOENT: 'no existe',
  EACCES: 'sin permiso',
  EPERM: 'sin permiso',
  EROFS: 'es de solo lectura',
  EISDIR: 'es una carpeta',
  ENOTDIR: 'parte de la ruta no es una carpeta',
  ENOSPC: 'no queda espacio',
  ECONNREFUSED: 'la conexión fue rechazada',
  ECONNRESET: 'la conexión se cortó',
  ENOTFOUND: 'no se encontró el servidor',
  EAI_AGAIN: 'no se pudo buscar el nombre del servidor',
  ETIMEDOUT: 'no respondió a tiempo',
  EHOSTUNREACH: 'no hay camino hasta el servidor',
};

/** Why, in Spanish where the system's code is a common one; the whole technical chain otherwise. */
function spokenReason(error: unknown): string {
  for (let e: unknown = error; e !== undefined; e = e instanceof Error ? e.cause : undefined) {
    const words = SPOKEN[codeOf(e)];
    if (words) return `${words}: ${codeOf(e)}`;
  }
  return reasonOf(error);
}

/** The one line that ends a command that failed, with its remedy. */
export function failureText(error: unknown): string {
  if (error instanceof AppError) return `buzon: ${headlineOf(error)}${error.remedy === undefined ? '' : `\n  Remedio: ${error.remedy}`}`;
  return `buzon: error inesperado: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
