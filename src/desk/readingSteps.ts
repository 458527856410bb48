import { attachedAuthors } from '../mail/attachedAuthors.ts';
import type { ParsedMail } from '../mail/message.ts';
import type { Step } from './ticket.ts';

/** What is worth knowing of how a mail was read, before any rule is asked: what was odd about it, and whose mails it carries. None for most mails. */
export function readingSteps(mail: ParsedMail): Step[] {
  const found = [...mail.warnings, ...attachedAuthors(mail).map(({ address }) => `trae adjunto un correo de ${address}`)];
  return found.length === 0 ? [] : [{ rule: 'reading', result: 'passed', because: found.join('; ') }];
}
