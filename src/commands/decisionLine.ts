import { PROOF_NAMES } from '../desk/match.ts';
import type { Trace } from '../ingest.ts';
import { short } from './print.ts';

/** What a decision means, in a few Spanish words. */
export function decisionLine({ decision }: Trace): string {
  switch (decision.action) {
    case 'open':
      return `abre un ticket; respuesta: ${decision.reply.kind === 'none' ? `ninguna (${short(decision.reply.because, 120)})` : decision.reply.kind === 'acknowledge' ? 'acuse de recibo' : 'texto fijo'}`;
    case 'append':
      return `se añade al ticket ${decision.ticket.number} (${PROOF_NAMES[decision.proof]})${decision.reopen ? ' y lo reabre' : ''}`;
    case 'bounce':
      return `rebote${decision.ticketNumber === null ? ' que no es de un correo nuestro' : ` de nuestra respuesta en el ticket ${decision.ticketNumber}`}`;
    case 'note':
      return `nota automática (${decision.what})${decision.ticketNumber === null ? '' : ` en el ticket ${decision.ticketNumber}`}`;
    case 'ignore':
      return `se ignora (${decision.cause})`;
    case 'quarantine':
      return `cuarentena (${decision.cause})`;
  }
}
