import { createReadStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { parseMail } from '../mail/parse.ts';
import { attachmentFiles } from './attachmentFiles.ts';
import type { ThreadMessage } from './fencedThread.ts';
import type { ParserAnswer, ParserInput, ParserSettings } from './parserThread.ts';

const { limits, attachmentsFolder } = workerData as ParserSettings;
const openSink = attachmentsFolder === null ? undefined : attachmentFiles(attachmentsFolder);

function post(message: ThreadMessage<ParserAnswer>): void {
  parentPort?.postMessage(message);
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

async function answerTo(input: ParserInput): Promise<ParserAnswer> {
  const source = 'path' in input ? createReadStream(input.path) : asBuffer(input.bytes);
  try {
    return { ok: true, result: await parseMail(source, { limits, openSink }) };
  } catch (error) {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : null;
    return { ok: false, reason: error instanceof Error ? error.message : String(error), code };
  }
}

parentPort?.on('message', (input: ParserInput) => {
  void answerTo(input).then((answer) => post({ kind: 'answer', answer }));
});
post({ kind: 'ready' });
