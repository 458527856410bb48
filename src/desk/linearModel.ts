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

/** A case as the model sees it: its slots in order of first finding, and their values. */
export interface Vector {
  slots: Int32Array;
  values: Float32Array;
}

export function slotsOf(features: Features): Int32Array {
  return Int32Array.from(features.key, (key, i) => (features.kind[i]! << KIND_BITS) | (key & (KIND_SLOTS - 1)));
}

/** How often each slot was found. */
export function countsOf(slots: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const slot of slots) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  return counts;
}

/** Dampened counts times rarity, each kind of features brought to its share. */
export function vectorOf(counts: Map<number, number>, rarity: Float32Array): Vector {
  const slots = new Int32Array(counts.size);
  const values = new Float32Array(counts.size);
  const squares = new Float64Array(FEATURE_KINDS);
  let size = 0;
  for (const [slot, count] of counts) {
    const value = (1 + Math.log(count)) * rarity[slot]!;
    if (value === 0) continue;
    slots[size] = slot;
    values[size++] = value;
    squares[slot >> KIND_BITS]! += value * value;
  }
  const scale = KIND_SHARE.map((share, kind) => share / (Math.sqrt(squares[kind]!) || 1));
  for (let i = 0; i < size; i++) values[i]! *= scale[slots[i]! >> KIND_BITS]!;
  return { slots: slots.subarray(0, size), values: values.subarray(0, size) };
}

/** The score of a case, and what each finding adds to it. */
export function scoreOf(features: Features, model: Model): { score: number; shares: Float64Array } {
  const slots = slotsOf(features);
  const counts = countsOf(slots);
  const vector = vectorOf(counts, model.rarity);
  let score = model.bias;
  const shareOf = new Map<number, number>();
  for (let i = 0; i < vector.slots.length; i++) {
    const slot = vector.slots[i]!;
    const added = vector.values[i]! * model.weight[slot]!;
    score += added;
    shareOf.set(slot, added / counts.get(slot)!);
  }
  return { score, shares: Float64Array.from(slots, (slot) => shareOf.get(slot) ?? 0) };
}

/** The probability that a case is an incident. */
export function probabilityOf(score: number, model: Model): number {
  return 1 / (1 + Math.exp(-(model.slope * score + model.shift)));
}
