import type { Known } from '../desk/ticket.ts';
import { AppError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { spool } from './spool.ts';

/** A store that knows nothing and keeps nothing: lets `explain` run anywhere. Every writing method fails. */
export function emptyStore(): Store {
  const messages = spool();
  return {
    keep: (chunks) => messages.keep(chunks),
    learning: {
      state: () => Promise.resolve({ corrections: 0, newest: null, last: null, accepted: null }),
      corrections: () => Promise.resolve({ mails: [], throughAct: 0 }),
      record: keepsNothing,
    },
    digest: { state: () => Promise.resolve(null), record: keepsNothing },
    reconcile: {
      firstStart: () => Promise.resolve(null),
      newest: () => Promise.resolve(0),
      async *rows() {},
      checkKept: () => Promise.resolve('missing'),
      record: keepsNothing,
    },
    settled: () => Promise.resolve(new Map()),
    recordSkipped: keepsNothing,
    transaction: (work) =>
      work({
        lookUp: () => Promise.resolve(nothingKnown()),
        apply: keepsNothing,
        ledgerRow: () => Promise.resolve(undefined),
        applyAgain: keepsNothing,
        ticketState: () => Promise.resolve(undefined),
        replyState: () => Promise.resolve(undefined),
        heldSince: () => Promise.resolve([]),
        act: keepsNothing,
        aliases: () => Promise.resolve([]),
        recordAliases: keepsNothing,
        register: () => Promise.resolve([]),
        recordRegister: keepsNothing,
      }),
    due: () => Promise.resolve([]),
    claim: keepsNothing,
    isOutboxEmpty: () => Promise.resolve(true),
    requeue: keepsNothing,
    settleOutbox: keepsNothing,
    beginWork: keepsNothing,
    endWork: keepsNothing,
    beginAttempt: keepsNothing,
    undoAttempt: keepsNothing,
    endAttempts: keepsNothing,
    since: (proposed) => Promise.resolve(proposed),
    close: () => messages.close(),
  };
}

function nothingKnown(): Known {
  return {
    ingestedAs: null,
    candidates: [],
    aliasCycle: null,
    messageIdTaken: false,
    sentBefore: null,
    reportedReply: null,
    replies: { toAddressLastHour: 0, toDomainLastHour: 0, newTicketsLastMinute: 0 },
    undeliverable: false,
    registration: null,
    corrected: null,
    nextTicketNumber: 1,
  };
}

function keepsNothing(): Promise<never> {
  return Promise.reject(new AppError('STORE_FAILED', 'this store keeps nothing', { temporary: false }));
}
