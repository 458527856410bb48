import { authorOf } from './author.ts';
import { readFields } from './headers.ts';
import type { Address, ParsedMail } from './message.ts';

/** Authors of the messages that a mail carries as files, in order: whoever passes a mail on like this shows whom it is from. They prove nothing. */
export function attachedAuthors({ reports }: Pick<ParsedMail, 'reports'>): Address[] {
  return reports
    .filter(({ contentType }) => contentType === 'message/rfc822' || contentType === 'message/global')
    .map(({ text }) => authorOf(readFields(Buffer.from(headerSectionOf(text)))).from)
    .filter(({ address }) => address !== '');
}

function headerSectionOf(message: string): string {
  const end = message.trimStart().indexOf('\n\n');
  return end < 0 ? message.trimStart() : message.trimStart().slice(0, end);
}
