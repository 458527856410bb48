import { FEATURE_KINDS, type Features } from './features.ts';

/** Each kind of features has a table of two to this power. */
const KIND_BITS = 16;
const KIND_SLOTS = 1 << KIND_BITS;
/** Slots of all tables together. */
export const SLOTS = FEATURE_KINDS * KIND_SLOTS;

/** How much each kind of features (words, letters, shapes, acts) may say in all. */
const KIND_SHARE: readonly number[] = [1.4, 1, 1.4, 0.5];

/** A trained linear classifier over hashed features. Positive scores speak for an incident. */
export interface Model {
  /** Learned weight of each slot. */
  weight: Float32Array;
  /** How telling a slot is because few mails have it; 0 for what training saw once or never. */
  rarity: Float32Array;
  bias: number;
  /** `slope * score + shift` are log-odds, so that a confidence is a frequency (Platt's scaling). */
  slope: number;
  shift: number;
}

/** Which slots a case has, each once, and how often it was found. */
export interface Counts {
  slots: Int32Array;
  counts: Uint16Array;
}

/** A case as the model sees it: its slots and their values. */
export interface Vector {
  slots: Int32Array;
  values: Float32Array;
}

export function slotsOf({ key, kind }: Features): Int32Array {
  const slots = new Int32Array(key.length);
  for (let i = 0; i < slots.length; i++) slots[i] = slotFor(kind[i]!, key[i]!);
  return slots;
}

function slotFor(kind: number, key: number): number {
  return (kind << KIND_BITS) | (key & (KIND_SLOTS - 1));
}

export function countsOf(found: Int32Array): Counts {
  const ordered = found.slice().sort();
  const slots = new Int32Array(ordered.length);
  const counts = new Uint16Array(ordered.length);
  let size = 0;
  for (const slot of ordered) {
    if (size === 0 || slots[size - 1] !== slot) slots[size++] = slot;
    counts[size - 1]!++;
  }
  return { slots: slots.slice(0, size), counts: counts.slice(0, size) };
}

/** Dampened counts times rarity, each kind of features brought to its share; slots that mean nothing are left out. */
export function vectorOf({ slots: found, counts }: Counts, rarity: Float32Array): Vector {
  const slots = new Int32Array(found.length);
  const values = new Float32Array(found.length);
  const squares = new Float64Array(FEATURE_KINDS);
  let size = 0;
  for (let i = 0; i < found.length; i++) {
    const slot = found[i]!;
    const value = dampened(counts[i]!) * rarity[slot]!;
    if (value === 0) continue;
    slots[size] = slot;
    values[size++] = value;
    squares[slot >> KIND_BITS]! += value * value;
  }
  const scale = scaleOf(squares);
  for (let i = 0; i < size; i++) values[i]! *= scale[slots[i]! >> KIND_BITS]!;
  return { slots: slots.slice(0, size), values: values.slice(0, size) };
}

/** The findings of a case that mean something, counted. */
interface Tally {
  /** A hash table: the slot at each place, and how often it was found; 0 for a place that is free. */
  slotAt: Int32Array;
  countAt: Uint16Array;
  /** The places that are taken. */
  taken: Int32Array;
  /** The place of each finding; -1 for one that means nothing. */
  placeOf: Int32Array;
}

/** Counts in a table that fits into the processor's cache: sorting the findings would take most of the time of a verdict. */
function tally({ key, kind }: Features, rarity: Float32Array): Tally {
  const size = 1 << (32 - Math.clz32(2 * key.length));
  const slotAt = new Int32Array(size);
  const countAt = new Uint16Array(size);
  const placeOf = new Int32Array(key.length);
  const taken = new Int32Array(key.length);
  let different = 0;
  for (let i = 0; i < placeOf.length; i++) {
    const slot = slotFor(kind[i]!, key[i]!);
    if (rarity[slot] === 0) {
      placeOf[i] = -1;
      continue;
    }
    let place = slot & (size - 1);
    while (countAt[place] !== 0 && slotAt[place] !== slot) place = (place + 1) & (size - 1);
    if (countAt[place] === 0) {
      slotAt[place] = slot;
      taken[different++] = place;
    }
    countAt[place]!++;
    placeOf[i] = place;
  }
  return { slotAt, countAt, placeOf, taken: taken.subarray(0, different) };
}

/** The score of a case, and what each finding adds to it: weights times `vectorOf(countsOf(slotsOf(features)))`, but for the order of the sum. */
export function scoreOf(features: Features, { weight, rarity, bias }: Model): { score: number; shares: Float64Array } {
  const { slotAt, countAt, placeOf, taken } = tally(features, rarity);
  const values = new Float32Array(taken.length);
  const squares = new Float64Array(FEATURE_KINDS);
  for (let i = 0; i < taken.length; i++) {
    const slot = slotAt[taken[i]!]!;
    const value = dampened(countAt[taken[i]!]!) * rarity[slot]!;
    values[i] = value;
    squares[slot >> KIND_BITS]! += value * value;
  }
  const scale = scaleOf(squares);
  const share = new Float64Array(slotAt.length);
  let score = bias;
  for (let i = 0; i < taken.length; i++) {
    const place = taken[i]!;
    const slot = slotAt[place]!;
    const added = Math.fround(values[i]! * scale[slot >> KIND_BITS]!) * weight[slot]!;
    score += added;
    share[place] = added / countAt[place]!;
  }
  const shares = new Float64Array(placeOf.length);
  for (let i = 0; i < shares.length; i++) if (placeOf[i]! >= 0) shares[i] = share[placeOf[i]!]!;
  return { score, shares };
}

/** Each kind of features is brought to its share. */
function scaleOf(squares: Float64Array): number[] {
  return KIND_SHARE.map((share, kind) => share / (Math.sqrt(squares[kind]!) || 1));
}

/** What is said often counts more than once, but not as often as it is said. */
function dampened(count: number): number {
  return 1 + Math.log(count);
}

/** The probability that a case is an incident. */
export function probabilityOf(score: number, model: Model): number {
  return 1 / (1 + Math.exp(-(model.slope * score + model.shift)));
}
