import { createHash } from 'node:crypto';
import { firstField } from './headers.ts';
import type { HeaderField } from './message.ts';

/** Takes the raw body in chunks and names what the author wrote. */
export interface Fingerprint {
  body(chunk: Buffer): void;
  /** SHA-256, hex. */
  digest(): string;
}

const AUTHORS_FIELDS = ['message-id', 'from', 'date', 'subject'];

/**
 * The name of what the author wrote. Two deliveries of one mail have the same one though servers added fields, folded others anew or
 * changed line ends; mails that wrongly share a Message-ID have not. Where neither Message-ID nor Date tells one mail from the next that says the same,
 * as with alarms of simple machines, the first server that took it does.
 */
export function fingerprint(fields: readonly HeaderField[]): Fingerprint {
  const hash = createHash('sha256');
  const textOf = (name: string) => (firstField(fields, name) ?? '').replace(/\s+/g, ' ');
  hash.update(AUTHORS_FIELDS.map((name) => `${name}:${textOf(name)}\n`).join(''));
  if (`${textOf('message-id')}${textOf('date')}`.trim() === '') hash.update(`received:${firstHopOf(fields)}\n`);
  let held = '';
  return {
    body(chunk) {
      const text = chunk.toString('latin1');
      const end = endOfContent(text);
      if (end > 0) hash.update((held + text.slice(0, end)).replaceAll('\r\n', '\n'), 'latin1');
      held = end > 0 ? text.slice(end) : held + text;
    },
    digest: () => hash.digest('hex'),
  };
}

/** What the first server wrote about taking it, with a time: each one writes on top (RFC 5321 4.4). */
function firstHopOf(fields: readonly HeaderField[]): string {
  return (fields.findLast(({ name }) => name === 'received')?.value ?? '').replace(/\s+/g, ' ');
}

/** Where the line ends begin that close the text: they count only when something follows. */
function endOfContent(text: string): number {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}
