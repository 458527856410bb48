import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const CAPABILITIES = ['parse', 'reply-trim', 'bounce', 'auto', 'robust'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** One row of a manifest: an input and what other projects' tests say about it. */
export interface CorpusCase {
  id: string;
  capability: Capability;
  /** Path of the input inside the corpus. */
  input: string;
  input_kind: 'eml' | 'text' | 'html';
  source: string;
  trust: 'high' | 'medium' | 'low';
  expected: Record<string, unknown>;
}

/** A folder of test mail with manifests: `manifests/CAPABILITY.jsonl` and the inputs they name. */
export interface Corpus {
  cases: CorpusCase[];
  /** The message of a case; a body without header fields is wrapped into a minimal reply from a person. */
  message(row: CorpusCase): Buffer;
}

export const CORPUS_FOLDER = resolve(import.meta.dirname, '../../shared/mail-corpus');

/** Null when the folder holds no corpus. */
export function openCorpus(folder: string): Corpus | null {
  if (!existsSync(join(folder, 'manifests'))) return null;
  return {
    cases: CAPABILITIES.flatMap((capability) => rows(join(folder, 'manifests', `${capability}.jsonl`))),
    message: (row) => asMessage(readFileSync(join(folder, row.input)), row.input_kind),
  };
}

function rows(path: string): CorpusCase[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as CorpusCase);
}

function asMessage(bytes: Buffer, kind: CorpusCase['input_kind']): Buffer {
  if (kind === 'eml') return bytes;
  const head = [
    'From: Ana Perez <ana@cliente.example>',
    'To: soporte@itac.co',
    'Subject: RE: consulta',
    'Message-ID: <wrap@cliente.example>',
    'In-Reply-To: <previous@itac.co>',
    'Date: Mon, 5 Oct 2020 10:00:00 -0500',
    'MIME-Version: 1.0',
    `Content-Type: text/${kind === 'html' ? 'html' : 'plain'}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
  ];
  const body = bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}\r\n`);
}
