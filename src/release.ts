import { discardedStep, endedEffect, type Release, releasedStep, remedyFor, whereItIs } from './desk/quarantine.ts';
import type { Effect, LedgerRow, Receipt } from './desk/ticket.ts';
import { AppError, reasonOf } from './errors.ts';
import { type Desk, examine, type Ingested, read, type Trace } from './ingest.ts';
import type { StoreTransaction } from './ports.ts';

/**
 * Lets a message out of quarantine: its kept bytes go the path of a mail again, with today's rules and a person who vouches for it. Its row of the
 * ledger says who and when, and keeps the first trace. Limits, age and gate hold as for any mail.
 * @throws AppError `NOT_FOUND`; `REFUSED` when it is not in quarantine, or would only be held again: then nothing has changed
 */
export async function release(id: number, { by, trust }: { by: string; trust: boolean }, desk: Desk): Promise<Ingested> {
  const { ref, size, receivedAt, kept } = await desk.store.transaction((tx) => heldRow(id, tx));
  if (!kept) {
    throw new AppError('REFUSED', `los octetos del mensaje ${id} ya no están en la carpeta de datos`, {
      temporary: false,
      remedy: 'recupérelos de una copia de seguridad',
    });
  }
  const arrival = await read({ ref, size, receivedAt, rawId: kept.rawId, path: kept.path, headerOnly: kept.size < size }, desk);
  return desk.store.transaction(async (tx) => {
    const row = await heldRow(id, tx); // again: somebody else may have been quicker
    const trace = await examineAgain(() => examine(arrival, tx, desk, { inboundId: id, trust } satisfies Release), id);
    const { decision } = trace;
    if (decision.action === 'quarantine') {
      throw new AppError('REFUSED', `el mensaje ${id} volvería a la cuarentena (${decision.cause}): ${trace.steps.at(-1)?.because ?? ''}`, {
        temporary: false,
        remedy: remedyFor(decision.cause, id),
      });
    }
    const steps = [...row.trace, releasedStep({ by, at: desk.now() }, trust), ...trace.steps];
    const effect: Effect = { ...trace.effect, inbound: { ...trace.effect.inbound, trace: steps } };
    return { trace: { ...trace, effect }, receipt: await tx.applyAgain(id, effect) };
  });
}

/** Ends a message in quarantine without letting it in. Its bytes and its row stay. @throws AppError `NOT_FOUND`, `REFUSED` when it is not in quarantine */
export function discard(id: number, { by, reason }: { by: string; reason: string }, desk: Pick<Desk, 'store' | 'now'>): Promise<Receipt> {
  return desk.store.transaction(async (tx) => {
    const row = await heldRow(id, tx);
    return tx.applyAgain(id, endedEffect(row, 'discarded', discardedStep({ by, at: desk.now() }, reason)));
  });
}

async function heldRow(id: number, tx: StoreTransaction): Promise<LedgerRow> {
  const row = await tx.ledgerRow(id);
  const remedy = 'vea lo que hay con "buzon quarantine list"';
  if (!row) throw new AppError('NOT_FOUND', `no existe el mensaje ${id}`, { temporary: false, remedy });
  if (row.outcome !== 'quarantine') {
    throw new AppError('REFUSED', `el mensaje ${id} no está en cuarentena: ${whereItIs(row)}`, { temporary: false, remedy });
  }
  return row;
}

/** A rule of ours that still breaks at this message must not look like a broken world. */
async function examineAgain(work: () => Promise<Trace>, id: number): Promise<Trace> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('REFUSED', `el mensaje ${id} volvería a la cuarentena (decision-failed): ${reasonOf(error)}`, {
      temporary: false,
      remedy: 'informe este error; el mensaje sigue guardado y se puede volver a intentar con una versión corregida',
      cause: error,
    });
  }
}
