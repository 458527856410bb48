import { type Model, SLOTS } from './linearModel.ts';

/** Changes whenever features or tables change their meaning: a model trained for others must not be read. */
const FORMAT = 'buzon-model-1';
/** Steps of a weight; the largest weight takes all of them. */
const WEIGHT_STEPS = 32_767;
/** Steps of one unit of rarity, which is at most about 10. */
const RARITY_STEPS = 20;

/**
 * The model as bytes, the same for the same model on every machine: a line of JSON with the format and the four numbers, then for each
 * used slot its distance from the one before (1 byte, 255 = go 255 on and read again), weight (2 bytes, little endian) and rarity (1 byte).
 */
export function encodeModel(model: Model): Buffer {
  const scale = model.weight.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / WEIGHT_STEPS || 1;
  const { bias, slope, shift } = model;
  const head = Buffer.from(`${JSON.stringify({ format: FORMAT, slots: SLOTS, scale, bias, slope, shift })}\n`);
  const body: number[] = [];
  let gap = 1;
  for (let slot = 0; slot < SLOTS; slot++, gap++) {
    const weight = Math.round(model.weight[slot]! / scale);
    const rarity = Math.min(255, Math.round(model.rarity[slot]! * RARITY_STEPS));
    if (rarity === 0) continue;
    for (; gap >= 255; gap -= 255) body.push(255);
    body.push(gap, weight & 0xff, (weight >> 8) & 0xff, rarity);
    gap = 0;
  }
  return Buffer.concat([head, Buffer.from(body)]);
}

/** @throws Error when the bytes are no model of this format. */
export function decodeModel(bytes: Buffer): Model {
  const end = bytes.indexOf(0x0a);
  const { format, slots, scale, bias, slope, shift } = JSON.parse(bytes.toString('utf8', 0, Math.max(0, end))) as Record<
    string,
    number | string
  >;
  if (format !== FORMAT || slots !== SLOTS) throw new Error(`expected a model of format ${FORMAT} with ${SLOTS} slots`);
  const numbers = [scale, bias, slope, shift];
  if (!numbers.every((n) => typeof n === 'number' && Number.isFinite(n))) throw new Error('a number of the model is missing');
  const model: Model = {
    weight: new Float32Array(SLOTS),
    rarity: new Float32Array(SLOTS),
    bias: bias as number,
    slope: slope as number,
    shift: shift as number,
  };
  let slot = -1;
  for (let at = end + 1; at < bytes.length; ) {
    const gap = bytes[at++]!;
    slot += gap;
    if (gap === 255) continue;
    if (slot >= SLOTS || at + 3 > bytes.length) throw new Error('the model is cut or damaged');
    model.weight[slot] = bytes.readInt16LE(at) * (scale as number);
    model.rarity[slot] = bytes[at + 2]! / RARITY_STEPS;
    at += 3;
  }
  return model;
}
