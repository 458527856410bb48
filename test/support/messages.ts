import { createHash } from 'node:crypto';
import type { Listed, RawMessage } from '../../src/mail/message.ts';
import type { MailSource } from '../../src/ports.ts';

/** A small message with CRLF line ends, its subject first. */
export function aMessage(subject: string, text = 'Buenos días.'): Buffer {
  const lines = [`Subject: ${subject}`, 'From: Ana <ana@cliente.example>', 'To: soporte@desk.example', '', text, ''];
  return Buffer.from(lines.join('\r\n'));
}

/** Octets that look random and are the same in each run. */
export function bytesOf(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, n) => createHash('sha512').update(String(n)).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/** A message as it was read, its pieces put together. */
export interface ReadMessage extends Omit<RawMessage, 'chunks'> {
  bytes: Buffer;
  pieces: number;
  largestPiece: number;
}

export async function readAll(source: MailSource, listed: readonly Listed[]): Promise<ReadMessage[]> {
  const read: ReadMessage[] = [];
  for await (const { chunks, ...rest } of source.fetch(listed, signalOf())) {
    const pieces: Buffer[] = [];
    for await (const piece of chunks) pieces.push(piece);
    read.push({
      ...rest,
      bytes: Buffer.concat(pieces),
      pieces: pieces.length,
      largestPiece: Math.max(...pieces.map(({ length }) => length)),
    });
  }
  return read;
}

/** A signal that nobody aborts. */
export function signalOf(): AbortSignal {
  return new AbortController().signal;
}
