import type { ParsedMail, ParseResult } from '../../src/mail/message.ts';
import { parseMail } from '../../src/mail/parse.ts';

/** Header lines of a mail from Ana, to which others are added; a later line of the same name replaces the earlier one. */
const HEAD: Readonly<Record<string, string>> = {
  From: 'Ana <ana@cliente.example>',
  To: 'soporte@itac.co',
  Subject: 'Consulta',
  Date: 'Mon, 6 Jul 2020 10:00:00 -0500',
  'Message-ID': '<uno@cliente.example>',
};

/** A message of these header fields and this body. Strings are written in latin1: `\xf1` is the octet F1. */
export function rawMail(fields: Readonly<Record<string, string | null>>, body: string): Buffer {
  const lines = Object.entries({ ...HEAD, ...fields }).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** The octets of a text in UTF-8, for `rawMail`. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A body of parts, each with its header lines. */
export function multipart(boundary: string, parts: readonly string[]): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

export async function parsed(fields: Readonly<Record<string, string | null>>, body: string): Promise<ParsedMail> {
  return mailOf(await parseMail(rawMail(fields, body)));
}

export function mailOf(result: ParseResult): ParsedMail {
  if (!result.ok) throw new Error(`not parsed: ${result.cause}, ${result.because}`);
  return result.mail;
}
