import { parseAddresses, unfinishedAddress } from './addresses.ts';
import { decodeWords } from './encodedWords.ts';
import { firstField } from './headers.ts';
import type { Address, HeaderField, ParsedMail } from './message.ts';

/** Where an author is looked for when From names none, in this order. */
const FALLBACKS = ['sender', 'reply-to', 'return-path'] as const;

/** The first author, and the field that names him (RFC 5322 3.6.2). Of several From fields the first with an address counts. */
export function authorOf(fields: readonly HeaderField[]): { from: Address; fromField: ParsedMail['fromField'] } {
  for (const fromField of ['from', ...FALLBACKS] as const) {
    for (const field of fields) {
      const from = field.name === fromField ? authorsIn(field.value)[0] : undefined;
      if (from) return { from, fromField };
    }
  }
  return { from: unfinishedAddress(firstField(fields, 'from')), fromField: 'none' };
}

/** Some senders encode the whole field, address and all. */
function authorsIn(value: string | null): Address[] {
  const plain = parseAddresses(value);
  return plain.length > 0 || !value ? plain : parseAddresses(decodeWords(value));
}

/** What is odd about the author, for the trace. */
export function authorWarnings(fields: readonly HeaderField[], fromField: ParsedMail['fromField']): string[] {
  const warnings: string[] = [];
  if (fromField === 'none') warnings.push('ningún campo trae la dirección de un autor');
  else if (fromField !== 'from') warnings.push(`From no nombra a un autor: se tomó de ${fromField}`);
  const authors = fromField === 'from' ? authorsIn(firstField(fields, 'from')).length : 1;
  if (authors > 1) warnings.push(`From nombra a ${authors} autores: vale el primero`);
  for (const name of ['from', 'subject', 'message-id', 'date', 'sender', 'reply-to']) {
    const count = fields.filter((field) => field.name === name).length;
    if (count > 1) warnings.push(`${count} campos ${name}: vale el primero`);
  }
  return warnings;
}
