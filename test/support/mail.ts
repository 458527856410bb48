import type { ParsedMail } from '../../src/mail/message.ts';
import { parseMail } from '../../src/mail/parse.ts';

/** Reads a message written in a test: line ends are made CRLF, an indentation that all lines share is taken off. */
export async function parsed(eml: string): Promise<ParsedMail> {
  const lines = eml.replace(/^\n/, '').split('\n');
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length));
  const result = await parseMail(Buffer.from(lines.map((line) => line.slice(indent)).join('\r\n')));
  if (!result.ok) throw new Error(`the test's mail cannot be read: ${result.cause}, ${result.because}`);
  return result.mail;
}

/** A person's mail with further header fields, one a line. */
export function mailWith(fields: string, text = 'Buenos días, el informe de ventas no abre. Gracias.'): Promise<ParsedMail> {
  const head = [
    'From: Ana Pérez <ana@cliente.example>',
    'To: soporte@itac.co',
    'Subject: Informe de ventas',
    'Message-ID: <a1@cliente.example>',
  ];
  const given = fields.split('\n').filter((line) => line.trim() !== '');
  const isGiven = (line: string) => given.some((field) => field.split(':')[0]!.toLowerCase() === line.split(':')[0]!.toLowerCase());
  return parsed([...given, ...head.filter((line) => !isGiven(line)), 'Content-Type: text/plain; charset=utf-8', '', text].join('\n'));
}
