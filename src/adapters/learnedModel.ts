import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../desk/linearModel.ts';
import { decodeModel } from '../desk/modelCodec.ts';
import { reasonOf } from '../errors.ts';
import type { Training } from '../ports.ts';
import { loadModel, SHIPPED_MODEL } from './modelFile.ts';
import { worldError } from './sqliteDatabase.ts';

/** A model with its name: the SHA-256 of its file. */
export interface NamedModel {
  id: string;
  model: Model;
  /** Why it is not the one that should be in force, in Spanish. */
  problem: string | null;
}

/** The name of the model that comes with the program; `''` when its file is missing. */
export function shippedId(): string {
  return existsSync(SHIPPED_MODEL) ? idOf(readFileSync(SHIPPED_MODEL)) : '';
}

/**
 * The model in force: the accepted one that was trained last, while the base that it was trained from is still the shipped one; or else the shipped
 * one. @throws AppError `CONFIG_INVALID` when the shipped one is needed and cannot be read
 */
export function modelInForce(folder: string, accepted: Training | null): NamedModel {
  const base = shippedId();
  const shipped = (problem: string | null): NamedModel => ({ id: base, model: loadModel(), problem });
  if (accepted === null || accepted.baseId !== base) return shipped(null);
  const path = modelPath(folder, accepted.modelId);
  try {
    const bytes = readFileSync(path);
    if (idOf(bytes) !== accepted.modelId) return shipped(`el modelo aprendido ${path} está dañado`);
    return { id: accepted.modelId, model: decodeModel(bytes), problem: null };
  } catch (error) {
    return shipped(`el modelo aprendido ${path} no se puede leer (${reasonOf(error)})`);
  }
}

/** Puts a model on the disk, durable when it returns. Idempotent. @returns its name @throws AppError */
export async function saveLearned(folder: string, bytes: Uint8Array): Promise<string> {
  const id = idOf(bytes);
  const models = join(folder, 'models');
  const path = modelPath(folder, id);
  const draft = `${path}.tmp`;
  try {
    await mkdir(models, { recursive: true, mode: 0o700 });
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    for (const each of [models, folder]) await syncFolder(each);
    return id;
  } catch (error) {
    throw worldError(error, 'could not keep the learned model', folder);
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Path of a learned model in a data folder. */
export function modelPath(folder: string, id: string): string {
  return join(folder, 'models', `${id}.bin`);
}

function idOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
