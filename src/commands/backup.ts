import { Writable } from 'node:stream';
import { backUp } from '../app.ts';
import { loadConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { holdingsLine, lackingLine, progressLine } from './backupLines.ts';
import { type Command, type Io, JSON_OPTION, usage } from './command.ts';

export const backup: Command = {
  name: 'backup',
  operands: 'ARCHIVO',
  summary: 'Guarda una copia coherente de la carpeta de datos mientras el servicio trabaja.',
  details:
    'La copia es un archivo tar, comprimido si su nombre termina en .gz o .tgz: la base de datos, los mensajes y adjuntos que ella nombra, lo aprendido,\n' +
    'la clave y, con OAuth2, el permiso renovado con que se entra al buzón (oauth-refresh-token). "-" la escribe en la salida estándar, sin comprimir.\n' +
    'Lleva correos, la clave y ese permiso: guárdela donde solo entre quien deba.\n' +
    'Si falta algún archivo que la base nombra, lo dice línea por línea, termina la copia con lo demás y sale con 1.',
  options: { json: JSON_OPTION },
  async run(args, io) {
    const [file] = args.operands;
    if (file === undefined || args.operands.length > 1)
      throw usage(backup, 'diga un archivo; por ejemplo "buzon backup buzon-2026-11-23.tar.gz"');
    if (file === '-' && args.flag('json')) throw usage(backup, '--json no va con "-": en la salida estándar va la copia');
    const config = loadConfig(io.env);
    const progress = progressLine();
    const summary = await backUp(config, file === '-' ? outputOf(io) : file, {
      signal: io.signal,
      onProgress: progress.show,
      onLacking(each) {
        progress.end();
        io.err(lackingLine(each));
      },
    }).finally(progress.end);
    if (args.flag('json')) io.out(JSON.stringify({ file, ...summary }));
    else (file === '-' ? io.err : io.out)(`Copia ${file === '-' ? 'escrita' : `en ${file}`}: ${holdingsLine(summary)}.`);
    if (config.secret !== null) io.err('La clave es la de BUZON_SECRET y no va en la copia: guárdela aparte.');
    if (summary.refreshToken)
      io.err('La copia lleva el permiso OAuth2 con que se entra al buzón (oauth-refresh-token): quien la lea puede usarlo.');
    if (summary.lacking === 0) return 0;
    io.err(`La copia está incompleta: le faltan ${summary.lacking} archivos, dichos arriba; recupérelos de una copia anterior.`);
    return 1;
  },
};

/** Standard output, one piece after the other; a reader that goes away is an error here. */
function outputOf({ stdout }: Io): Writable {
  const target = new Writable({
    write(chunk: Buffer, _encoding, done) {
      stdout.write(chunk, (error) => done(error ? closed(error) : null));
    },
  });
  stdout.on('error', (error) => target.destroy(closed(error)));
  return target;
}

function closed(cause: unknown): AppError {
  return new AppError('REFUSED', 'quien leía la copia dejó de leer antes de que terminara', {
    temporary: false,
    remedy: 'revise la orden a la que se la envía, y su espacio en disco',
    cause,
  });
}
