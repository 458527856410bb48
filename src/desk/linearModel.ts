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
  for (let i = 0; i < slots.length; i++) slots[i] = (kind[i]! << KIND_BITS) | (key[i]! & (KIND_SLOTS - 1));
  return slots;
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
    const value = (1 + Math.log(counts[i]!)) * rarity[slot]!;
    if (value === 0) continue;
    slots[size] = slot;
    values[size++] = value;
    squares[slot >> KIND_BITS]! += value * value;
  }
  const scale = KIND_SHARE.map((share, kind) => share / (Math.sqrt(squares[kind]!) || 1));
  for (let i = 0; i < size; i++) values[i]! *= scale[slots[i]! >> KIND_BITS]!;
  return { slots: slots.slice(0, size), values: values.slice(0, size) };
}

/** The score of a case, and what each finding adds to it. */
export function scoreOf(features: Features, model: Model): { score: number; shares: Float64Array } {
  const found = slotsOf(features);
  const counted = countsOf(found);
  const vector = vectorOf(counted, model.rarity);
  const added = new Map<number, number>();
  let score = model.bias;
  vector.slots.forEach((slot, i) => {
    const value = vector.values[i]! * model.weight[slot]!;
    score += value;
    added.set(slot, value);
  });
  counted.slots.forEach((slot, i) => {
    added.set(slot, (added.get(slot) ?? 0) / counted.counts[i]!);
  });
  return { score, shares: Float64Array.from(found, (slot) => added.get(slot)!) };
}

/** The probability that a case is an incident. */
export function probabilityOf(score: number, model: Model): number {
  return 1 / (1 + Math.exp(-(model.slope * score + model.shift)));
}
