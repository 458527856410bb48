import { openApp, working } from '../app.ts';
import { loadConfig } from '../config.ts';
import { counted } from '../desk/counted.ts';
import { createLog } from '../log.ts';
import { runCycle } from '../worker.ts';
import { type Command, JSON_OPTION } from './command.ts';

export const once: Command = {
  name: 'once',
  operands: '',
  summary: 'Vacía el buzón, envía lo que esté pendiente, muestra un resumen y termina.',
  options: { json: JSON_OPTION, verbose: { type: 'boolean', short: 'v', describe: 'escribe también la bitácora' } },
  async run(args, io) {
    const config = loadConfig(io.env);
    const log = createLog(args.flag('verbose') ? config.file.log.level : 'error');
    await using app = await openApp(config, log);
    const outcomes: Record<string, number> = { open: 0, append: 0, bounce: 0, note: 0, ignore: 0, quarantine: 0, duplicate: 0 };
    let seen = 0;
    app.worker.onIngested = ({ receipt }) => {
      outcomes[receipt.outcome] = (outcomes[receipt.outcome] ?? 0) + 1;
      seen += 1;
      if (process.stderr.isTTY && seen % 50 === 0) process.stderr.write(`\r${seen} correos…`);
    };
    const startedAt = performance.now();
    const { mails, replies } = await working(app, () => runCycle(app.worker, io.signal));
    const ms = Math.round(performance.now() - startedAt);
    if (args.flag('json'))
      io.out(JSON.stringify({ mails, replies, outcomes, ms, waiting: app.worker.nextHop.failure, interrupted: io.signal.aborted }));
    else io.out(summary(mails, replies, outcomes, ms));
    const { failure } = app.worker.nextHop;
    if (failure !== null) io.err(`Las respuestas esperan en la cola; el servidor de envío no las recibe: ${failure}`);
    if (io.signal.aborted) io.err('Interrumpido: lo que falta se hará la próxima vez.');
    return io.signal.aborted ? 1 : 0;
  },
};

/** For one and for more. */
const NAMES: Record<string, readonly [one: string, more: string]> = {
  open: ['ticket nuevo', 'tickets nuevos'],
  append: ['anotación en un ticket', 'anotaciones en tickets'],
  bounce: ['rebote', 'rebotes'],
  note: ['nota automática', 'notas automáticas'],
  ignore: ['ignorado', 'ignorados'],
  quarantine: ['en cuarentena', 'en cuarentena'],
  duplicate: ['repetido', 'repetidos'],
};

function summary(mails: number, replies: number, outcomes: Record<string, number>, ms: number): string {
  const parts = Object.entries(outcomes)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `  ${String(count).padStart(5)} ${NAMES[outcome]?.[count === 1 ? 0 : 1] ?? outcome}`);
  const done = `${counted(mails, 'correo procesado', 'correos procesados')} y ${counted(replies, 'respuesta enviada', 'respuestas enviadas')}`;
  return [`${done} en ${(ms / 1000).toFixed(1).replace('.', ',')} s`, ...parts].join('\n');
}
