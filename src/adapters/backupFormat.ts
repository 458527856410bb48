import { z } from 'zod';

/**
 * A backup is a tar archive of exactly these entries in this order: `manifest.json`, `secret` and `oauth-refresh-token` where there are such files, `buzon.db`, the files that
 * the database names, in the order of `storedFiles`, and `contents.json`. Of the two lists the first one lets a restoration refuse early, the second one
 * proves that all came. Every file is under a SHA-256, of the manifest or of its own name, and the manifest under one of `contents.json`, if only to
 * tell a bad disk; `contents.json` itself is compared with what came.
 */
export const FORMAT = 1;
export const MANIFEST = 'manifest.json';
/** Files with keys, each of a line. */
export const KEYS = ['secret', 'oauth-refresh-token'] as const;
export const DATABASE = 'buzon.db';
export const CONTENTS = 'contents.json';

/** Octets at most of an entry that is read into memory; a larger one is none of ours. */
export const MAX_TEXT = 65_536;

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/); // 64 hexadecimal digits, not 63
const files = z.strictObject({ models: count, raw: count, attachments: count });

const manifest = z.strictObject({
  format: z.literal(FORMAT),
  program: z.string(),
  /** The newest migration. */
  schema: z.string(),
  createdAt: z.iso.datetime(),
  tickets: count,
  messages: count,
  /** Files that the database names; `contents.json` says how many of them are there. */
  named: files,
  /** Those that are there, in the order of `KEYS`. */
  keys: z.array(z.strictObject({ name: z.enum(KEYS), sha256 })),
  database: z.strictObject({ bytes: count, sha256 }),
});

const contents = z.strictObject({
  /** SHA-256 of the manifest. */
  manifest: sha256,
  files,
});

export type Manifest = z.output<typeof manifest>;
export type Contents = z.output<typeof contents>;

/** The manifest in an archive's first entry; null when it is none of this format. */
export function manifestIn(text: string): Manifest | null {
  return manifest.safeParse(jsonIn(text)).data ?? null;
}

/** The list in an archive's last entry; null when it is none. */
export function contentsIn(text: string): Contents | null {
  return contents.safeParse(jsonIn(text)).data ?? null;
}

/** True for the manifest of a format that is younger than this program. */
export function isYoungerFormat(text: string): boolean {
  const version = z.object({ format: z.int() }).safeParse(jsonIn(text)).data?.format;
  return version !== undefined && version > FORMAT;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
