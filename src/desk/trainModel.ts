import { caseTextOf } from './caseText.ts';
import { countsOf, type Model, SLOTS, scoreOf, slotsOf, type Vector, vectorOf } from './linearModel.ts';
import { randomNumbers } from './randomNumbers.ts';
import { featuresOf } from './textFeatures.ts';
import { TicketKind } from './ticket.ts';

/** A mail with the kind that it is known to have. */
export interface LabelledMail {
  subject: string;
  newText: string;
  kind: TicketKind;
  /** How much it counts; 1 when absent. */
  weight?: number;
}

export interface TrainingOptions {
  /** Upper bound of a mail's say; larger fits the examples closer. */
  looseness: number;
  /** Passes over all mails, at most. */
  passes: number;
  seed: number;
}

export const TRAINING: TrainingOptions = { looseness: 8, passes: 15, seed: 1 };

/** A slot that fewer mails have says nothing yet. */
const MIN_MAILS = 2;

/**
 * Logistic regression by dual coordinate descent (Yu, Huang, Lin 2011) on hashed features. The same mails in the same order and the same
 * options give the same model, bit for bit. The model is not calibrated: `calibrated` does that, on mails it was not trained on.
 */
export function trainModel(mails: readonly LabelledMail[], options: TrainingOptions = TRAINING): Model {
  const { vectors, rarity } = vectorise(mails);
  const { weight, bias } = fitted(vectors, mails, { weight: new Float64Array(SLOTS), bias: 0 }, options);
  return { weight: Float32Array.from(weight), rarity, bias, slope: 1, shift: 0 };
}

/** What is learned: a weight for each slot, and what is added to every score. */
export interface Fit {
  weight: Float64Array;
  bias: number;
}

/**
 * The fit nearest to `start` that mails of these vectors and kinds pull it to; `start` itself becomes the result. From nothing this is common
 * training; from a trained model it is learning more without forgetting, because every step away from it has its price.
 */
export function fitted(vectors: readonly Vector[], mails: readonly LabelledMail[], start: Fit, options: TrainingOptions): Fit {
  const sign = mails.map(({ kind }) => (kind === TicketKind.incident ? 1 : -1));
  const bound = mails.map(({ weight }) => options.looseness * (weight ?? 1));
  const length = vectors.map(({ values }) => values.reduce((sum, value) => sum + value * value, 1));
  const { weight } = start;
  const dual = new Float64Array(mails.length).fill(1e-8);
  let { bias } = start;
  const move = (i: number, by: number): void => {
    const { slots, values } = vectors[i]!;
    for (let j = 0; j < slots.length; j++) weight[slots[j]!]! += by * values[j]!;
    bias += by;
  };
  mails.forEach((_, i) => {
    move(i, dual[i]! * sign[i]!);
  });
  const random = randomNumbers(options.seed);
  const order = Int32Array.from(mails, (_, i) => i);
  for (let pass = 0; pass < options.passes; pass++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    let moved = 0;
    for (const i of order) {
      const { slots, values } = vectors[i]!;
      let margin = bias;
      for (let j = 0; j < slots.length; j++) margin += weight[slots[j]!]! * values[j]!;
      const before = dual[i]!;
      const after = bestDual(before, sign[i]! * margin, length[i]!, bound[i]!);
      if (after === before) continue;
      move(i, (after - before) * sign[i]!);
      dual[i] = after;
      moved = Math.max(moved, Math.abs(after - before));
    }
    if (moved < 1e-3) break;
  }
  return { weight, bias };
}

/** Newton's method for one dual variable inside (0, bound); steps that would leave the interval go nine tenths of the way. */
function bestDual(start: number, margin: number, length: number, bound: number): number {
  let x = start;
  for (let step = 0; step < 8; step++) {
    const gradient = margin + (x - start) * length + Math.log(x / (bound - x));
    const next = x - gradient / (length + bound / (x * (bound - x)));
    const inside = next <= 0 ? x * 0.1 : next >= bound ? bound - (bound - x) * 0.1 : next;
    const settled = Math.abs(inside - x) < 1e-9 * bound;
    x = inside;
    if (settled) break;
  }
  return x;
}

/** Counts of all mails first, because rarity needs them all; then each mail's counts give way to its vector, to spare memory. */
function vectorise(mails: readonly LabelledMail[]): { vectors: Vector[]; rarity: Float32Array } {
  const having = new Uint32Array(SLOTS);
  const counted = mails.map((mail) => {
    const counts = countsOf(slotsOf(featuresOf(caseTextOf(mail))));
    for (const slot of counts.slots) having[slot]!++;
    return counts;
  });
  const rarity = Float32Array.from(having, (n) => (n < MIN_MAILS ? 0 : Math.log((1 + mails.length) / (1 + n)) + 1));
  const vectors: Vector[] = [];
  for (let counts = counted.pop(); counts; counts = counted.pop()) vectors.push(vectorOf(counts, rarity));
  return { vectors: vectors.reverse(), rarity };
}

/** The model with slope and shift fitted to labelled mails that it was not trained on (Platt's scaling by coordinate search). */
export function calibrated(model: Model, mails: readonly LabelledMail[]): Model {
  const scores = mails.map((mail) => scoreOf(featuresOf(caseTextOf(mail)), model).score);
  const sign = mails.map(({ kind }) => (kind === TicketKind.incident ? 1 : -1));
  const loss = (slope: number, shift: number): number =>
    scores.reduce((sum, score, i) => sum + Math.log1p(Math.exp(-sign[i]! * (slope * score + shift))), 0) / scores.length;
  let { slope, shift } = { slope: 1, shift: 0 };
  let best = loss(slope, shift);
  for (let step = 0.5; step > 1e-4; ) {
    let better = false;
    for (const [a, b] of [
      [step, 0],
      [-step, 0],
      [0, step],
      [0, -step],
    ] as const) {
      const tried = loss(slope + a, shift + b);
      if (tried >= best - 1e-9) continue;
      best = tried;
      slope += a;
      shift += b;
      better = true;
    }
    if (!better) step /= 2;
  }
  return { ...model, slope, shift };
}
