import { bogotaClock } from './hours.ts';
import type { Effect, LedgerRow, QuarantineCause, Step } from './ticket.ts';

const DAY_MS = 86_400_000;

/** A person vouches for a message that was held. */
export interface Release {
  /** The row of the ledger that is looked at again. */
  inboundId: number;
  /** Also for its sender: from now on he may write on the ticket, and brings in the people in copy as any participant does. */
  trust: boolean;
}

/** Who asks for something, and when. */
export interface Who {
  by: string;
  at: Date;
}

export function releasedStep({ by, at }: Who, trust: boolean): Step {
  return {
    rule: 'released',
    result: 'passed',
    because: `${by} lo dejó salir de la cuarentena (${minuteOf(at)})${trust ? ' y responde también por el remitente' : ''}`,
  };
}

export function discardedStep({ by, at }: Who, reason: string): Step {
  return { rule: 'discarded', result: 'ignore', because: `${by} lo descartó (${minuteOf(at)}): ${reason}` };
}

/** How long a message may stay in quarantine; null when it may stay for ever. */
export function heldUntil(recordedAt: Date, retentionDays: number): Date | null {
  return retentionDays === 0 ? null : new Date(recordedAt.getTime() + retentionDays * DAY_MS);
}

export function expiredStep(at: Date, retentionDays: number): Step {
  return {
    rule: 'expired',
    result: 'ignore',
    because: `nadie lo atendió en ${retentionDays} ${retentionDays === 1 ? 'día' : 'días'} (${minuteOf(at)})`,
  };
}

/** The end of a message in quarantine that is not let in: its bytes and its row stay, and its trace says what became of it. */
export function endedEffect({ kept, trace, ...row }: LedgerRow, cause: 'discarded' | 'expired', step: Step): Effect {
  return {
    inbound: { ...row, rawId: kept?.rawId ?? '', references: [], outcome: 'ignore', cause, reply: 'none', trace: [...trace, step] },
    change: { kind: 'none' },
    outbox: [],
    undelivered: [],
  };
}

/** `2026-11-23 01:42`, the time of Bogotá. */
export function minuteOf(moment: Date): string {
  return bogotaClock(moment).toISOString().slice(0, 16).replace('T', ' ');
}

/** What became of a message that is not in quarantine, for the person who looks for it there. */
export function whereItIs({ outcome, ticketNumber, cause }: Pick<LedgerRow, 'outcome' | 'ticketNumber' | 'cause'>): string {
  if (ticketNumber !== null) return `está en el ticket ${ticketNumber}`;
  if (cause === 'expired') return 'expiró sin que nadie lo atendiera';
  return cause === 'discarded' ? 'fue descartado' : `su resultado es "${outcome}"`;
}

/** Why a released message would only be held again, as a remedy. */
export function remedyFor(cause: QuarantineCause, id: number): string {
  switch (cause) {
    case 'too-large':
      return `solo se guardó su encabezado: suba limits.maxMessageBytes, vuelva a poner el mensaje en el buzón (en un Maildir, con otro nombre de archivo) y descarte este con "buzon quarantine discard ${id} --reason REPETIDO"`;
    case 'no-sender':
      return `no hay a nombre de quién abrir un ticket: léalo con "buzon quarantine show ${id}" y descártelo con "buzon quarantine discard ${id} --reason MOTIVO"; lo que importe, ábralo en la plataforma`;
    case 'server-stub':
      return `el servidor de correo no entregó el mensaje: ábralo en el correo web, en la carpeta de cuarentena, o pídalo de nuevo a su autor; este aviso descártelo con "buzon quarantine discard ${id} --reason MOTIVO"`;
    case 'alias-cycle':
      return 'corrija los números anteriores con "buzon aliases import" y vuelva a intentarlo';
    default:
      return `léalo con "buzon quarantine show ${id} --raw"; si no sirve, descártelo con "buzon quarantine discard ${id} --reason MOTIVO"`;
  }
}
