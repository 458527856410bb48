import { restoreFrom } from '../app.ts';
import { loadConfig } from '../config.ts';
import type { RestoreSummary } from '../ports.ts';
import { holdingsLine, lackingLine, progressLine } from './backupLines.ts';
import { type Command, JSON_OPTION, usage } from './command.ts';
import { localTime } from './print.ts';

const DAY_MS = 86_400_000;

export const restore: Command = {
  name: 'restore',
  operands: 'ARCHIVO',
  summary: 'Pone una copia de "buzon backup" en una carpeta de datos vacía, después de comprobarla entera.',
  details:
    'Se niega si la carpeta de datos (BUZON_DATA) tiene algo más que las carpetas configuradas de correo (maildir: y file:), y si la copia está\n' +
    'dañada no deja nada. "-" lee la copia de la entrada estándar. Pone también la clave y el permiso OAuth2 que la copia traiga.\n' +
    'Los números de los mil tickets siguientes al último de la copia no se usan: pudieron darse después de ella, y sus códigos están en manos de clientes.\n' +
    'Las respuestas que esperaban cuando se hizo la copia pudieron salir después: quedan sin enviar, salvo con --resend.',
  options: {
    resend: { type: 'boolean', describe: 'deja en espera las respuestas que esperaban: alguna puede llegar dos veces' },
    json: JSON_OPTION,
  },
  async run(args, io) {
    const [file] = args.operands;
    if (file === undefined || args.operands.length > 1)
      throw usage(restore, 'diga un archivo; por ejemplo "buzon restore buzon-2026-11-23.tar.gz"');
    const config = loadConfig(io.env);
    const progress = progressLine();
    const summary = await restoreFrom(config, file === '-' ? io.stdin : file, {
      resend: args.flag('resend'),
      signal: io.signal,
      onProgress: progress.show,
      onLacking(each) {
        progress.end();
        io.err(lackingLine(each));
      },
    }).finally(progress.end);
    const { createdAt, waiting, lacking, secret, refreshToken, nextNumber } = summary;
    if (args.flag('json')) io.out(JSON.stringify({ file, dataFolder: config.dataFolder, ...summary }));
    else io.out(`Restaurada en ${config.dataFolder} la copia del ${localTime(createdAt)}: ${holdingsLine(summary)}.`);
    if (lacking > 0) io.err(`Esos ${lacking} archivos ya faltaban en la copia.`);
    if (waiting.replies > 0) io.err(waitingLine(waiting));
    if (!secret && config.secret === null) io.err('La copia no trae la clave: defina BUZON_SECRET con la de entonces antes de iniciar.');
    if (refreshToken)
      io.err(
        'La copia trae el permiso OAuth2 de entonces (oauth-refresh-token); si ya no vale, ponga uno nuevo en BUZON_OAUTH_REFRESH_TOKEN.',
      );
    io.err(`El próximo ticket será el ${nextNumber}: los números anteriores pudieron darse después de la copia y no se repiten.`);
    io.err(recoverLine(createdAt, config.file.reconcile.days));
    return 0;
  },
};

/** What became of the replies that were waiting. */
function waitingLine({ replies, kept }: RestoreSummary['waiting']): string {
  return kept
    ? `Respuestas que siguen en espera y saldrán al iniciar, quizá por segunda vez: ${replies}.`
    : `Respuestas que esperaban y pudieron salir después de la copia: ${replies}. No se enviarán solas: véalas con "buzon outbox list --state dropped"` +
        ' y envíe las que falten con "buzon outbox retry N".';
}

/** How the mail comes back that arrived after the backup; `days` is as far back as it is looked for without being told. */
function recoverLine(createdAt: Date, days: number): string {
  const from = new Date(createdAt.getTime() - DAY_MS);
  const since = Date.now() - from.getTime() > days * DAY_MS ? ` --since ${localTime(from).slice(0, 10)}` : '';
  return (
    `Antes de "buzon start", ejecute "buzon reconcile --recover${since}": el correo que llegó después del ${localTime(createdAt)} está en las carpetas ` +
    'del buzón y la base restaurada no lo conoce.'
  );
}
