import { createReadStream, readFileSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { parseMail } from '../mail/parse.ts';
import { attachmentFiles } from './attachmentFiles.ts';
import type { ThreadMessage } from './fencedThread.ts';
import type { ParserAnswer, ParserInput, ParserSettings } from './parserThread.ts';

const { limits, attachmentsFolder, keepHtml } = workerData as ParserSettings;
const openSink = attachmentsFolder === null ? undefined : attachmentFiles(attachmentsFolder);

function post(message: ThreadMessage<ParserAnswer>): void {
  parentPort?.postMessage(message);
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Up to this size a message is read at once: a stream takes longer than the understanding of a small one. */
const MAX_READ_AT_ONCE = 1024 * 1024;

function messageAt(path: string): Buffer | Readable {
  return statSync(path).size <= MAX_READ_AT_ONCE ? readFileSync(path) : createReadStream(path);
}

async function answerTo(input: ParserInput): Promise<ParserAnswer> {
  try {
    const source = 'path' in input ? messageAt(input.path) : asBuffer(input.bytes);
    return { ok: true, result: await parseMail(source, { limits, openSink, keepHtml }) };
  } catch (error) {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : null;
    return { ok: false, reason: error instanceof Error ? error.message : String(error), code };
  }
}

parentPort?.on('message', (input: ParserInput) => {
  void answerTo(input).then((answer) => post({ kind: 'answer', answer }));
});
post({ kind: 'ready' });
