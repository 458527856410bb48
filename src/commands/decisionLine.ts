import { PROOF_NAMES } from '../desk/match.ts';
import type { Step } from '../desk/ticket.ts';
import type { Trace } from '../ingest.ts';
import { AUTOMATIC_NAMES, causeName, REPLY_NAMES, RESULT_NAMES } from './names.ts';
import { short } from './print.ts';

/** What a decision means, in a few Spanish words. */
export function decisionLine({ decision }: Trace): string {
  switch (decision.action) {
    case 'open':
      return `abre un ticket; respuesta: ${decision.reply.kind === 'none' ? `ninguna (${short(decision.reply.because, 120)})` : REPLY_NAMES[decision.reply.kind]}`;
    case 'append':
      return `se añade al ticket ${decision.ticket.number} (${PROOF_NAMES[decision.proof]})${decision.reopen ? ' y lo reabre' : ''}${decision.reply.kind === 'none' ? '' : `; respuesta: ${REPLY_NAMES[decision.reply.kind]}`}`;
    case 'bounce':
      return `rebote${decision.ticketNumber === null ? ' que no es de un correo nuestro' : ` de nuestra respuesta en el ticket ${decision.ticketNumber}`}`;
    case 'note':
      return `nota automática (${AUTOMATIC_NAMES[decision.what]})${decision.ticketNumber === null ? '' : ` en el ticket ${decision.ticketNumber}`}`;
    case 'ignore':
      return `se ignora: ${causeName(decision.cause)}`;
    case 'quarantine':
      return `cuarentena: ${causeName(decision.cause)}`;
  }
}

/** One rule of a trace, what it answered and why. */
export function stepLine({ rule, result, because }: Step): string {
  return `${rule.padEnd(18)} ${RESULT_NAMES[result].padEnd(8)} ${short(because, 220)}`;
}
