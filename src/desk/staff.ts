import type { StaffChange, Ticket, TicketKind } from './ticket.ts';

/** What the rules below ask about a ticket. */
export interface TicketState {
  number: number;
  state: Ticket['state'];
  /** The survivor, when it was united with another ticket. */
  mergedInto: number | null;
}

/** What may be done, or why not and what to do instead, in Spanish. */
export type StaffVerdict = { ok: true; change: StaffChange } | { ok: false; because: string; remedy: string };

const refused = (because: string, remedy: string): StaffVerdict => ({ ok: false, because, remedy });

/** May staff close this ticket? */
export function closing({ number, state, mergedInto }: TicketState): StaffVerdict {
  if (mergedInto !== null) return alreadyMerged(number, mergedInto);
  if (state === 'closed') return refused(`el ticket ${number} ya está cerrado`, `no hace falta nada; véalo con "buzon ticket ${number}"`);
  return { ok: true, change: { kind: 'close', ticketNumber: number } };
}

/** May staff reopen this ticket? */
export function reopening({ number, state, mergedInto }: TicketState): StaffVerdict {
  if (mergedInto !== null) return alreadyMerged(number, mergedInto);
  if (state === 'open') return refused(`el ticket ${number} ya está abierto`, `no hace falta nada; véalo con "buzon ticket ${number}"`);
  return { ok: true, change: { kind: 'reopen', ticketNumber: number } };
}

/**
 * May staff unite a ticket with another one, which survives? Only with one that was not united itself: so merges can never go round in a circle.
 * What is written on the first one later goes to the survivor, which must therefore be open.
 */
export function merging(merged: TicketState, into: TicketState): StaffVerdict {
  if (merged.number === into.number)
    return refused(`el ticket ${merged.number} no se puede unir consigo mismo`, 'escriba dos números distintos');
  if (merged.mergedInto !== null) return alreadyMerged(merged.number, merged.mergedInto);
  if (into.mergedInto !== null)
    return refused(
      `el ticket ${into.number} ya está unido al ${into.mergedInto}`,
      into.mergedInto === merged.number ? 'los dos ya son uno solo' : `use el que quedó: "buzon merge ${merged.number} ${into.mergedInto}"`,
    );
  if (into.state === 'closed')
    return refused(`el ticket ${into.number} está cerrado`, `reábralo primero con "buzon reopen ${into.number}"`);
  return { ok: true, change: { kind: 'merge', ticketNumber: merged.number, into: into.number } };
}

/** May staff say what this ticket is? Also again, and also what it is held for already: that confirms it. */
export function correcting({ number, mergedInto }: TicketState, to: TicketKind): StaffVerdict {
  if (mergedInto !== null) return alreadyMerged(number, mergedInto);
  return { ok: true, change: { kind: 'correct', ticketNumber: number, to } };
}

function alreadyMerged(number: number, survivor: number): StaffVerdict {
  return refused(`el ticket ${number} ya está unido al ${survivor}`, `trabaje con el ${survivor}: "buzon ticket ${survivor}"`);
}
