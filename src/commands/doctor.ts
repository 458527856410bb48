import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  checkKey,
  checkLearning,
  checkReconciled,
  checkRegister,
  checkStore,
  checkTexts,
  checkToken,
  signInsOf,
  sourceOf,
  tokensOf,
  transportOf,
} from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { AppError, reasonOf } from '../errors.ts';
import { createLog } from '../log.ts';
import type { ProbeLine } from '../ports.ts';
import { type Command, headlineOf, type Io, JSON_OPTION } from './command.ts';
import { octets } from './print.ts';

/** The file that is read when BUZON_CONFIG names none; it need not exist. */
const DEFAULT_FILE = 'config/buzon.yaml';
/** Below this the store may soon be unable to keep a mail. */
const LOW_DISK = 1_000_000_000;
/** The program is younger than this; a clock before it is wrong. */
const EARLIEST_CLOCK = Date.UTC(2026, 10, 1);

export const doctor: Command = {
  name: 'doctor',
  operands: '',
  summary: 'Revisa configuración, base de datos, clave, buzón, envío, reloj, disco y plantillas; no cambia ni envía nada.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    const config = loadConfig(io.env);
    let failed = 0;
    const say = (line: ProbeLine) => {
      if (!line.ok) failed += 1;
      if (args.flag('json')) io.out(JSON.stringify(line));
      else io.out(`${line.ok ? '✓' : '✗'} ${line.what}${line.ok || !line.remedy ? '' : `\n    Remedio: ${line.remedy}`}`);
    };
    say({ ok: true, what: `configuración: ${settingsOf(io.env)}, sin errores` });
    say(folder(config));
    say(disk(config));
    for (const line of await checked('base de datos', async () => checkStore(config))) say(line);
    for (const line of await checked('clave', async () => checkKey(config))) say(line);
    for (const line of await checked('plantillas y clasificador', async () => checkTexts(config))) say(line);
    for (const line of await checked('clientes', async () => checkRegister(config))) say(line);
    for (const line of await checked('aprendizaje', async () => checkLearning(config))) say(line);
    for (const line of await checked('buzón y libro', async () => checkReconciled(config))) say(line);
    say(clock());
    const log = createLog('silent');
    const tokens = tokensOf(config);
    for (const line of signInsOf(config)) say(line);
    for (const line of await checked('OAuth2', () => checkToken(tokens))) say(line);
    for (const line of await probed('buzón', () => sourceOf(config, log, tokens))) say(line);
    for (const line of await probed('envío', () => transportOf(config, log, tokens))) say(line);
    if (!args.flag('json')) io.err(failed === 0 ? 'Todo en orden.' : failed === 1 ? 'Hay un problema.' : `Hay ${failed} problemas.`);
    return failed === 0 ? 0 : 1;
  },
};

/** Where the settings came from. */
function settingsOf(env: Io['env']): string {
  const file = resolve(env['BUZON_CONFIG'] || DEFAULT_FILE);
  return existsSync(file) ? file : `los valores por defecto (no hay ${file})`;
}

async function probed(name: string, open: () => { probe(): Promise<ProbeLine[]>; close(): Promise<void> }): Promise<ProbeLine[]> {
  return checked(name, async () => {
    const door = open();
    try {
      return await door.probe();
    } finally {
      await door.close();
    }
  });
}

/** What a check finds, or the error that it meets as one more finding. */
async function checked(name: string, check: () => Promise<ProbeLine[]>): Promise<ProbeLine[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AppError)) return [{ ok: false, what: `${name}: ${reasonOf(error)}` }];
    return [{ ok: false, what: `${name}: ${headlineOf(error)}`, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) }];
  }
}

function folder({ dataFolder }: Config): ProbeLine {
  const what = `carpeta de datos: ${resolve(dataFolder)}`;
  const existing = nearestFolder(dataFolder);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    return { ok: true, what: existsSync(dataFolder) ? `${what}, se puede escribir` : `${what}, se creará al iniciar` };
  } catch {
    return {
      ok: false,
      what: `${what}, no se puede escribir`,
      remedy: `dé permiso de escritura en ${existing} al usuario de Buzón, o cambie BUZON_DATA`,
    };
  }
}

function disk({ dataFolder }: Config): ProbeLine {
  const { bavail, bsize } = statfsSync(nearestFolder(dataFolder));
  const free = bavail * bsize;
  const what = `disco: ${octets(free)} libres`;
  return free >= LOW_DISK ? { ok: true, what } : { ok: false, what, remedy: 'libere espacio: con el disco lleno no se reciben correos' };
}

function nearestFolder(path: string): string {
  let at = resolve(path);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function clock(): ProbeLine {
  const now = new Date();
  const what = `reloj: ${now.toLocaleString('es-CO', { timeZone: 'America/Bogota', dateStyle: 'medium', timeStyle: 'short' })} en Bogotá`;
  return now.getTime() > EARLIEST_CLOCK
    ? { ok: true, what }
    : { ok: false, what, remedy: 'corrija el reloj del equipo (NTP): de él dependen límites y plazos' };
}
