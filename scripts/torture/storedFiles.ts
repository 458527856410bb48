import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from './matter.ts';

/** A file of the data folder that is named after its own SHA-256. */
export interface StoredFile {
  sha256: string;
  /** Its bytes are those that its name promises. */
  whole: boolean;
}

/** Kept messages and attachments. What is still being written has no such name yet and lies in `tmp`. */
export function storedFilesIn(dataFolder: string): { messages: StoredFile[]; attachments: StoredFile[] } {
  return { messages: filesIn(join(dataFolder, 'raw')), attachments: filesIn(join(dataFolder, 'attachments')) };
}

function filesIn(folder: string): StoredFile[] {
  if (!existsSync(folder)) return [];
  const parts = readdirSync(folder).filter((name) => name !== 'tmp');
  return parts.flatMap((part) =>
    readdirSync(join(folder, part)).map((name) => {
      const sha256 = name.replace(/\.eml$/, ''); // 'ab12.eml' is 'ab12'; 'ab12' stays
      return { sha256, whole: sha256Of(readFileSync(join(folder, part, name))) === sha256 };
    }),
  );
}
