import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Model } from '../desk/linearModel.ts';
import { decodeModel, encodeModel } from '../desk/modelCodec.ts';
import { AppError } from '../errors.ts';

/** The trained model that comes with the program; made by `npm run train`. */
export const SHIPPED_MODEL = fileURLToPath(new URL('../../config/classifier/model.bin', import.meta.url));

/** Reads a trained model. @throws AppError `CONFIG_INVALID` when it is missing or is no model of this version. */
export function loadModel(path: string = SHIPPED_MODEL): Model {
  try {
    return decodeModel(readFileSync(path));
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `could not read the classifier's model ${path}`, {
      temporary: false,
      remedy: 'Reinstale Buzón: ese archivo viene con el programa. En una copia de desarrollo, ejecute "npm run train".',
      cause: error,
    });
  }
}

export function saveModel(model: Model, path: string = SHIPPED_MODEL): void {
  writeFileSync(path, encodeModel(model));
}
