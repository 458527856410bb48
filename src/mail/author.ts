import { parseAddresses, unfinishedAddress } from './addresses.ts';
import { firstField } from './headers.ts';
import type { Address, HeaderField, ParsedMail } from './message.ts';

/** Where an author is looked for when From names none, in this order. */
const FALLBACKS = ['sender', 'reply-to', 'return-path'] as const;

/**
 * The first author, the field that names him (RFC 5322 3.6.2), and how many authors that field has. Of several From fields the first with an
 * address counts.
 */
export function authorOf(fields: readonly HeaderField[]): { from: Address; fromField: ParsedMail['fromField']; count: number } {
  for (const fromField of ['from', ...FALLBACKS] as const) {
    for (const field of fields) {
      const authors = field.name === fromField ? parseAddresses(field.value) : [];
      if (authors.length > 0) return { from: authors[0]!, fromField, count: authors.length };
    }
  }
  return { from: unfinishedAddress(firstField(fields, 'from')), fromField: 'none', count: 0 };
}

/** What is odd about the author, for the trace. */
export function authorWarnings(fields: readonly HeaderField[], fromField: ParsedMail['fromField'], authors: number): string[] {
  const warnings: string[] = [];
  if (fromField === 'none') warnings.push('ningún campo trae la dirección de un autor');
  else if (fromField !== 'from') warnings.push(`From no nombra a un autor: se tomó de ${fromField}`);
  if (fromField === 'from' && authors > 1) warnings.push(`From nombra a ${authors} autores: vale el primero`);
  for (const name of ['from', 'subject', 'message-id', 'date', 'sender', 'reply-to']) {
    const count = fields.filter((field) => field.name === name).length;
    if (count > 1) warnings.push(`${count} campos ${name}: vale el primero`);
  }
  return warnings;
}
