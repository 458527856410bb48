import type { Word } from './words.ts';

/** Kinds of features; each kind is brought to length one by itself, so that many letters do not drown few speech acts. */
export const FeatureKind = { words: 0, letters: 1, shapes: 2, acts: 3 } as const;
export type FeatureKind = (typeof FeatureKind)[keyof typeof FeatureKind];
export const FEATURE_KINDS = 4;

/** Findings in a mail's words, as parallel arrays: what was found (`key`, 32 bits), of which kind, and in which words (first and last). */
export interface Features {
  words: Word[];
  key: number[];
  kind: FeatureKind[];
  from: number[];
  to: number[];
  /** How many times something is asked for, and something wrong is reported. */
  asks: number;
  reports: number;
}

/** FNV-1a over a text, from the state `h`. */
export function hashed(h: number, text: string): number {
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** The state at the start of a family of features. */
export function seedOf(family: string): number {
  return hashed(0x811c9dc5, family);
}

/** Spreads the last characters' bits over the whole number. */
function spread(h: number): number {
  const mixed = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 12);
}

/** Adds the finding with hash state `h` in the words `from` to `to`. */
export function add(features: Features, kind: FeatureKind, h: number, from: number, to: number): void {
  features.key.push(spread(h));
  features.kind.push(kind);
  features.from.push(from);
  features.to.push(to);
}
