import type { Outcome, Reply, Step } from '../desk/ticket.ts';
import type { AutomaticKind } from '../mail/message.ts';
import type { OutboxLine, OutboxState } from '../reports.ts';

export { causeName } from '../desk/causes.ts';

/** What became of a mail. Here are the words that operators read; JSON and the database keep the codes. */
export const OUTCOME_NAMES: Record<Outcome, string> = {
  open: 'abrió un ticket',
  append: 'se añadió a un ticket',
  bounce: 'rebote',
  note: 'nota automática',
  ignore: 'se ignoró',
  quarantine: 'en cuarentena',
};

/** What a rule answered. */
export const RESULT_NAMES: Record<Step['result'], string> = {
  passed: 'sigue',
  open: 'abre',
  append: 'añade',
  bounce: 'rebote',
  note: 'nota',
  ignore: 'ignora',
  quarantine: 'retiene',
};

export const REPLY_NAMES: Record<Exclude<Reply['kind'], 'none'>, string> = { acknowledge: 'acuse de recibo', 'fixed-text': 'texto fijo' };

/** What became of our answer. */
export const OUTBOX_NAMES: Record<OutboxState, string> = {
  queued: 'en espera',
  sending: 'enviándose',
  sent: 'enviada',
  failed: 'falló',
  dropped: 'no se envió',
};

/** Which machine wrote a mail. */
export const AUTOMATIC_NAMES: Record<AutomaticKind, string> = {
  bounce: 'rebote',
  vacation: 'ausencia',
  'auto-reply': 'respuesta automática',
  list: 'lista de correo',
  notification: 'notificación',
  receipt: 'confirmación de lectura o entrega',
  calendar: 'calendario',
  own: 'correo nuestro',
};

/** One answer of ours, without its moment: `enviada     acuse de recibo`. */
export function replyName({ state, kind }: Pick<OutboxLine, 'state' | 'kind'>): string {
  return `${OUTBOX_NAMES[state].padEnd(11)} ${REPLY_NAMES[kind]}`;
}

/** The bands of the classifier's confidence. */
export const BAND_NAMES = { sure: 'segura', confirm: 'por confirmar', review: 'por revisar' } as const;
