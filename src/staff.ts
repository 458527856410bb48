import { cancelling, type ReplyState, retrying } from './desk/outbox.ts';
import { closing, correcting, merging, reopening, type StaffVerdict, type TicketState } from './desk/staff.ts';
import type { StaffAct, TicketKind } from './desk/ticket.ts';
import { AppError } from './errors.ts';
import type { Desk } from './ingest.ts';
import type { StoreTransaction } from './ports.ts';

/** What staff do to tickets by hand needs no more of the desk than this. */
export type StaffDesk = Pick<Desk, 'store' | 'now'>;

/** @throws AppError `NOT_FOUND`, or `REFUSED` when it is closed already */
export function closeTicket(number: number, by: string, desk: StaffDesk): Promise<StaffAct> {
  return act(by, desk, async (tx) => closing(await existing(number, tx)));
}

/** @throws AppError `NOT_FOUND`, or `REFUSED` when it is open already or united with another one */
export function reopenTicket(number: number, by: string, desk: StaffDesk): Promise<StaffAct> {
  return act(by, desk, async (tx) => reopening(await existing(number, tx)));
}

/** Two tickets become one: `into` survives and leads on. @throws AppError `NOT_FOUND`, or `REFUSED` with what to do instead */
export function mergeTickets(number: number, into: number, by: string, desk: StaffDesk): Promise<StaffAct> {
  return act(by, desk, async (tx) => merging(await existing(number, tx), await existing(into, tx)));
}

/** A person says what a ticket is; later mails of the same words, and the classifier, learn from it. @throws AppError `NOT_FOUND`, `REFUSED` */
export function correctTicket(number: number, to: TicketKind, by: string, desk: StaffDesk): Promise<StaffAct> {
  return act(by, desk, async (tx) => correcting(await existing(number, tx), to));
}

/** A reply of ours goes out now, and the address gets automatic mail again if this reply took it away. @throws AppError `NOT_FOUND`, `REFUSED` */
export function retryReply(id: number, by: string, desk: StaffDesk & Pick<Desk, 'policy'>): Promise<StaffAct> {
  return act(by, desk, async (tx) => retrying(await existingReply(id, tx), desk.now(), desk.policy.answerMaxAgeHours));
}

/** A reply of ours that waits or failed is not sent any more. @throws AppError `NOT_FOUND`, `REFUSED` */
export function cancelReply(id: number, { by, reason }: { by: string; reason: string }, desk: StaffDesk): Promise<StaffAct> {
  return act(by, desk, async (tx) => cancelling(await existingReply(id, tx), { by, at: desk.now() }, reason));
}

/** The ticket or reply is read and changed in one transaction, so that what was decided is still true when it is done. */
function act(by: string, desk: StaffDesk, judge: (tx: StoreTransaction) => Promise<StaffVerdict>): Promise<StaffAct> {
  return desk.store.transaction(async (tx) => {
    const verdict = await judge(tx);
    if (!verdict.ok) throw new AppError('REFUSED', verdict.because, { temporary: false, remedy: verdict.remedy });
    const done: StaffAct = { by, at: desk.now(), change: verdict.change };
    await tx.act(done);
    return done;
  });
}

async function existing(number: number, tx: StoreTransaction): Promise<TicketState> {
  const state = await tx.ticketState(number);
  if (state) return state;
  throw new AppError('NOT_FOUND', `no existe el ticket ${number}`, { temporary: false, remedy: 'vea los que hay con "buzon tickets"' });
}

async function existingReply(id: number, tx: StoreTransaction): Promise<ReplyState> {
  const state = await tx.replyState(id);
  if (state) return state;
  throw new AppError('NOT_FOUND', `no existe la respuesta ${id}`, {
    temporary: false,
    remedy: 'vea las que hay con "buzon outbox list --all"',
  });
}
