import { attachedAuthors } from '../mail/attachedAuthors.ts';
import type { ParsedMail } from '../mail/message.ts';
import { LONGEST_REASON, type Step } from './ticket.ts';

/** Attached mails whose authors are named. */
const MOST_NAMED = 5;

/** What is worth knowing of how a mail was read, before any rule is asked: what was odd about it, and whose mails it carries. None for most mails. */
export function readingSteps(mail: ParsedMail): Step[] {
  const authors = attachedAuthors(mail).map(({ address }) => `trae adjunto un correo de ${address}`);
  const more = authors.length - MOST_NAMED;
  const found = [...mail.warnings, ...authors.slice(0, MOST_NAMED), ...(more > 0 ? [`y ${more} más`] : [])];
  if (found.length === 0) return [];
  return [{ rule: 'reading', result: 'passed', because: found.join('; ').slice(0, LONGEST_REASON) }];
}
