import type { Listed, MessageRef } from '../mail/message.ts';

/** Where on the server a message lies. */
export type Place = 'mailbox' | 'processed' | 'quarantine';

/** A message on the server; its `ref` is the ledger's name for it while it lies in the mailbox, and elsewhere one by which it is found again. */
export interface Surveyed extends Listed {
  place: Place;
  /** Without angle brackets; null when missing or unusable. */
  messageId: string | null;
  /** It lies in a folder for settled mail or carries the mark of it; null when the mailbox shows no such marks. */
  settled: boolean | null;
}

/** What a comparison asks of a row of the ledger. */
export interface LedgerKey {
  id: number;
  ref: MessageRef;
  /** Name of the kept bytes; null when only the arrival was recorded. */
  rawId: string | null;
  size: number;
  messageId: string | null;
  receivedAt: Date;
  /** The first row of the same message. */
  duplicateOf: number | null;
  /** It lay in the mailbox before the first start and stays there. */
  stays: boolean;
}

/** Something is lost, or will be, unless a person acts. */
export const GAP_CODES = ['unrecorded', 'waiting', 'bytes-missing', 'bytes-damaged'] as const;
export type GapCode = (typeof GAP_CODES)[number];
/** `unsettled`: a warning, the program heals it. */
export type FindingCode = GapCode | 'unsettled';

export type Finding =
  | { code: 'unrecorded' | 'waiting' | 'unsettled'; message: Surveyed }
  | { code: 'bytes-missing' | 'bytes-damaged'; row: LedgerKey };

/** What each finding means and what to do, for people. */
export const FINDING_TEXTS: Record<FindingCode, { because: string; remedy: string }> = {
  unrecorded: {
    because: 'en el servidor figura como atendido y no consta en el libro: nunca entraría',
    remedy:
      'use "buzon reconcile --recover", que lo devuelve al buzón; lo que no deba entrar va en una carpeta que Buzón no use. Suele quedar así al restaurar una copia de seguridad o cuando alguien mueve correos a mano',
  },
  waiting: {
    because: 'más de 15 minutos en el buzón sin entrar',
    remedy: 'revise que el servicio esté en marcha y qué dice su bitácora; "buzon doctor" muestra lo que falla',
  },
  unsettled: {
    because: 'ya en el libro, y todavía en el buzón, sin mover ni marcar',
    remedy: 'el servicio lo vuelve a intentar solo; si continúa, revise el espacio y los permisos de las carpetas del buzón',
  },
  'bytes-missing': {
    because: 'en el libro, pero sin sus octetos en la carpeta de datos',
    remedy: 'recupere la carpeta raw de una copia de seguridad; lo que siga en el servidor está completo allí',
  },
  'bytes-damaged': {
    because: 'los octetos guardados no son los que llegaron',
    remedy: 'revise el disco y recupere lo dañado de una copia de seguridad; lo que siga en el servidor está completo allí',
  },
};

/** How long a message may lie in the mailbox before somebody is told. */
export const GRACE_MS = 15 * 60_000;

/**
 * Server against ledger. Messages are added first; then rows are passed by and not kept, so that memory grows with the messages on the server only. Each
 * call is short, however many there are.
 */
export interface Comparison {
  add(message: Surveyed): void;
  /** A row of the days that are compared, or of a little before: then it is not asked where its message has gone. */
  take(row: LedgerKey, within: boolean): void;
  /** How many messages would be found unless a row explains them that was passed over as unlike, or is older. */
  unexplained(): number;
  /** A row once more, or one of earlier days. */
  explain(row: LedgerKey): void;
  findings(): Finding[];
  /** Messages of the ledger, by their first row, that lie nowhere on the server: a person deleted or moved them, and their bytes are kept. */
  gone(): number[];
}

interface Item {
  message: Surveyed;
  /** A row accounts for it. */
  known: boolean;
  /** Another message of this size and time of arrival. */
  next: Item | undefined;
}

/**
 * A row accounts for the message of its ref, and for every one of its Message-ID, size and time of arrival: a server without MOVE may hold a message
 * twice after a crash. What is left over may be another copy (To and Cc), moved by a server that changed time or size: then one row accounts for one
 * message, so that two copies need two rows.
 * @param newest the newest row when the survey began, at `now`: later ones were in motion
 */
export function createComparison({ now, newest }: { now: Date; newest: number }): Comparison {
  const byRef = new Map<MessageRef, Item>();
  const byArrival = new Map<string, Item>();
  /** Those that no row accounts for, and those that should have been moved. */
  const open = new Set<Item>();
  const unmoved = new Set<Item>();
  const used = new Set<number>();
  const missing: number[] = [];
  const present = new Set<number>();
  const old = now.getTime() - GRACE_MS;
  let left: Leftovers | null = null;

  const isLate = ({ receivedAt }: Surveyed): boolean => receivedAt.getTime() <= old;
  const isGap = ({ message }: Item): boolean => message.settled === true || isLate(message);

  function account(item: Item, { id, stays, duplicateOf }: LedgerKey): void {
    if (!item.known) {
      item.known = true;
      open.delete(item);
      const { place, settled } = item.message;
      if (place === 'mailbox' && settled === false && !stays && id <= newest && isLate(item.message)) unmoved.add(item);
    }
    used.add(id);
    present.add(duplicateOf ?? id);
  }

  /** @returns whether the row accounts for a message without doubt */
  function recognise(row: LedgerKey): boolean {
    const named = byRef.get(row.ref);
    if (named) account(named, row);
    const { messageId } = row;
    const alike = messageId === null ? [] : chain(byArrival.get(arrivalOf(row))).filter(({ message }) => message.messageId === messageId);
    for (const item of alike) account(item, row);
    return named !== undefined || alike.length > 0;
  }

  return {
    add(message) {
      const key = arrivalOf(message);
      const item: Item = { message, known: false, next: byArrival.get(key) };
      byArrival.set(key, item);
      byRef.set(message.ref, item);
      open.add(item);
    },

    take(row, within) {
      if (!recognise(row) && within && row.id <= newest) missing.push(row.duplicateOf ?? row.id);
    },

    unexplained: () => [...open].filter(isGap).length,

    explain(row) {
      if (used.has(row.id) || recognise(row)) return;
      left ??= leftovers([...open].filter(isGap));
      const [first, ...others] = left(row);
      if (first === undefined) return;
      const nearest = others.reduce((best, each) => (distance(each, row) < distance(best, row) ? each : best), first);
      account(nearest, row);
    },

    findings: () => [
      ...[...open].filter(isGap).map(({ message }): Finding => ({ code: message.settled === true ? 'unrecorded' : 'waiting', message })),
      ...[...unmoved].map(({ message }): Finding => ({ code: 'unsettled', message })),
    ],

    gone: () => [...new Set(missing.filter((id) => !present.has(id)))],
  };
}

/** Those still without a row that this one may account for. */
type Leftovers = (row: LedgerKey) => Item[];

/**
 * Messages without a Message-ID, in the ledger (it could not be read) or on the server, are told apart by size and time of arrival; where a server only
 * estimates sizes, by that time alone.
 */
function leftovers(items: readonly Item[]): Leftovers {
  const bySize = Map.groupBy(items, ({ message: { messageId, size } }) => `${size} ${messageId}`);
  const byMoment = Map.groupBy(items, ({ message: { messageId, receivedAt } }) => `${receivedAt.getTime()} ${messageId}`);
  const byArrival = Map.groupBy(items, ({ message }) => arrivalOf(message));
  const byTime = Map.groupBy(items, ({ message: { receivedAt } }) => receivedAt.getTime());
  return (row) => {
    const { messageId, size, receivedAt } = row;
    const isOpen = ({ known }: Item): boolean => !known;
    const isNameless = ({ message }: Item): boolean => message.messageId === null || messageId === null;
    const sameId = [bySize.get(`${size} ${messageId}`), byMoment.get(`${receivedAt.getTime()} ${messageId}`)];
    const nameless = byArrival.get(arrivalOf(row))?.filter(isNameless);
    const alike = [...(messageId === null ? [] : sameId), nameless].flatMap((each) => each?.filter(isOpen) ?? []);
    return alike.length > 0 ? alike : (byTime.get(receivedAt.getTime())?.filter(isNameless).filter(isOpen) ?? []);
  };
}

function chain(first: Item | undefined): Item[] {
  const items: Item[] = [];
  for (let item = first; item !== undefined; item = item.next) items.push(item);
  return items;
}

function arrivalOf({ size, receivedAt }: { size: number; receivedAt: Date }): string {
  return `${size} ${receivedAt.getTime()}`;
}

function distance({ message }: Item, row: LedgerKey): number {
  return Math.abs(message.receivedAt.getTime() - row.receivedAt.getTime());
}

/** How a comparison ended, as it is remembered. */
export interface Reconciled {
  at: Date;
  gaps: Record<GapCode, number>;
  unsettled: number;
}

export function reconciledOf(findings: readonly Finding[], at: Date): Reconciled {
  const count = (code: FindingCode) => findings.filter((each) => each.code === code).length;
  return {
    at,
    gaps: {
      unrecorded: count('unrecorded'),
      waiting: count('waiting'),
      'bytes-missing': count('bytes-missing'),
      'bytes-damaged': count('bytes-damaged'),
    },
    unsettled: count('unsettled'),
  };
}

export function gapsOf({ gaps }: Pick<Reconciled, 'gaps'>): number {
  return GAP_CODES.reduce((sum, code) => sum + gaps[code], 0);
}
