import { caseTextOf } from './caseText.ts';
import { countsOf, type Model, slotsOf, vectorOf } from './linearModel.ts';
import { featuresOf } from './textFeatures.ts';
import { fitted, type LabelledMail, TRAINING } from './trainModel.ts';

/** A mail of which a person said what it is. */
export interface CorrectedMail extends LabelledMail {
  /** Domain of the client's addresses. */
  client: string;
}

/** How much corrections may say, in mails of the base: one correction, all of one client together, and all together. */
const PER_CORRECTION = 0.5;
const PER_CLIENT = 6;
const IN_ALL = 30;
/** Mails of the base that are learned along, so that nothing of it is forgotten. */
export const REHEARSED = 3_000;

/** How telling a word is that only corrections have: as one that very few mails of the base have. */
const NEW_WORD_RARITY = 8;
/** A word that fewer corrections have says nothing yet. */
const MIN_CORRECTIONS = 2;
const PASSES = 8;

/**
 * The base moved by corrections as far as their weight goes: training that starts at the base's weights, pays for every step away from them and
 * rehearses mails of the base meanwhile. Always from the base, so that what a person took back leaves no trace. The same corrections in the same
 * order give the same model, bit for bit.
 * @param rehearsed mails that the base was trained from
 */
export function learnModel(base: Model, corrections: readonly CorrectedMail[], rehearsed: readonly LabelledMail[]): Model {
  const mails: LabelledMail[] = [...weighed(corrections), ...rehearsed];
  const counted = mails.map((mail) => countsOf(slotsOf(featuresOf(caseTextOf(mail)))));
  const having = new Map<number, number>();
  for (const { slots } of counted.slice(0, corrections.length)) for (const slot of slots) having.set(slot, (having.get(slot) ?? 0) + 1);
  const rarity = base.rarity.slice();
  for (const [slot, count] of having) if (rarity[slot] === 0 && count >= MIN_CORRECTIONS) rarity[slot] = NEW_WORD_RARITY;
  const vectors = counted.map((counts) => vectorOf(counts, rarity));
  const start = { weight: Float64Array.from(base.weight), bias: base.bias };
  const { weight, bias } = fitted(vectors, mails, start, { ...TRAINING, passes: PASSES });
  return { ...base, weight: Float32Array.from(weight), rarity, bias };
}

/** Each correction with its weight: neither a client who corrects much nor all of them together outweigh the base. */
export function weighed(corrections: readonly CorrectedMail[]): (CorrectedMail & { weight: number })[] {
  const count = new Map<string, number>();
  for (const { client } of corrections) count.set(client, (count.get(client) ?? 0) + 1);
  const weightOf = (client: string): number => Math.min(PER_CORRECTION, PER_CLIENT / count.get(client)!);
  const all = corrections.reduce((sum, { client }) => sum + weightOf(client), 0);
  const share = Math.min(1, IN_ALL / all);
  return corrections.map((mail) => ({ ...mail, weight: weightOf(mail.client) * share }));
}
