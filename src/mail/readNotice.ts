import type { ParsedMail } from './message.ts';

/** The first line: `Su mensaje`, and below it what was sent. Not `Su mensaje no se muestra`. */
const FIRST_LINE = /^(?:(?:su|tu) mensaje|(?:a )?sua mensagem|your message)$/i;
/** The line that says what became of it: `fue leído el lunes …`, `was deleted without being read on …`; not `el documento fue leído`. */
const FATE =
  /^(?:fue le[ií]do|se (?:ha )?le(?:y[oó]|[ií]do)|(?:se elimin[oó]|fue eliminado) sin|foi lida|foi exclu[ií]da sem|was read on|was deleted without)\b/i;

const MOST_LINES = 30;

/** Whether the text is a notice of Outlook that a mail was read, or deleted unread, where it travels as plain text and not as a report (RFC 8098). */
export function isReadNotice({ text }: Pick<ParsedMail, 'text'>): boolean {
  const lines = text.slice(0, 4000).trim().split('\n', MOST_LINES);
  return FIRST_LINE.test(lines[0]!.trim()) && lines.some((line) => FATE.test(line.trim()));
}
