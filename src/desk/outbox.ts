import { minuteOf, type Who } from './quarantine.ts';
import type { StaffVerdict } from './staff.ts';

/** How far a reply of ours has got; the last three are its end. */
export type OutboxState = 'queued' | 'sending' | 'sent' | 'failed' | 'dropped';

/** What the rules below ask about a reply of ours. */
export interface ReplyState {
  id: number;
  ticketNumber: number;
  state: OutboxState;
  /** Given up after this moment. */
  expiresAt: Date;
  /** What the server said last, or why it was not sent. */
  response: string | null;
}

const HOUR_MS = 3_600_000;

/** May staff send this reply now? One that was given up, or dropped for its age, lives as long again as a new one. */
export function retrying({ id, ticketNumber, state, expiresAt }: ReplyState, now: Date, maxAgeHours: number): StaffVerdict {
  switch (state) {
    case 'queued':
    case 'failed':
    case 'dropped': {
      const asNew = new Date(now.getTime() + maxAgeHours * HOUR_MS);
      return { ok: true, change: { kind: 'retry', ticketNumber, outboxId: id, expiresAt: asNew > expiresAt ? asNew : expiresAt } };
    }
    case 'sending':
      return inHand(id);
    case 'sent':
      return {
        ok: false,
        because: `la respuesta ${id} ya se envió`,
        remedy: `vea lo que dijo el servidor con "buzon outbox show ${id}"; para escribir de nuevo, use la plataforma`,
      };
  }
}

/** May staff end this reply without sending it? A failed one too: then nobody has to look at it any more. */
export function cancelling({ id, ticketNumber, state, response }: ReplyState, { by, at }: Who, reason: string): StaffVerdict {
  switch (state) {
    case 'queued':
    case 'failed': {
      const before = response === null ? '' : `; antes: ${response}`;
      return {
        ok: true,
        change: { kind: 'cancel', ticketNumber, outboxId: id, response: `${by} la canceló (${minuteOf(at)}): ${reason}${before}` },
      };
    }
    case 'sending':
      return inHand(id);
    case 'sent':
    case 'dropped':
      return {
        ok: false,
        because: state === 'sent' ? `la respuesta ${id} ya se envió` : `la respuesta ${id} ya no se va a enviar`,
        remedy: `no hace falta nada; véala con "buzon outbox show ${id}"`,
      };
  }
}

function inHand(id: number): StaffVerdict {
  return {
    ok: false,
    because: `la respuesta ${id} se está enviando en este momento`,
    remedy: `espere un minuto y mírela con "buzon outbox show ${id}"; si el servicio está detenido, la retoma al iniciar`,
  };
}
