import { isPermanent, statusIn } from './addressFate.ts';
import { anyOf } from './anyOf.ts';
import { isNamed, isUndelivered, statedRecipients } from './deliveryStatus.ts';
import { challengePhraseIn, failurePhraseIn, saysDelayed } from './failurePhrases.ts';
import { subjectTells } from './failureSubjects.ts';
import { isFromServer, isServerLike } from './mailServer.ts';
import type { ParsedMail, ReportedRecipient } from './message.ts';
import { namedRecipients } from './namedRecipients.ts';
import { isForwardPrefix, withoutReplyPrefixes } from './subject.ts';

/** A report's own words are at its beginning; what is beyond is the returned mail. */
const MAX_PROSE_LINES = 150;
const MAX_LINE_CHARS = 1000;
const MAX_TOLD_CHARS = 8000;
/** How far fields for machines are looked for in a text; a damaged report holds them below its own words. */
const MAX_STATED_CHARS = 64 * 1024;

/**
 * Reads a delivery report that has no fields for machines (RFC 3464), as many servers still write. A mail server must have written it
 * (its name, a null return path, its subject), and it must say that something did not arrive. Null when it is no such report.
 */
export function toldRecipients(mail: ParsedMail): ReportedRecipient[] | null {
  const prose = proseOf(mail.text);
  if (!isFailureText(mail, prose)) return null;
  const stated = statedRecipients(mail.text.slice(0, MAX_STATED_CHARS)).filter(isUndelivered).filter(isNamed);
  if (stated.length > 0) return stated;
  const recipients = namedRecipients(mail, prose);
  const action = saysDelayed(`${mail.subject} ${prose.join(' ')}`) ? 'delayed' : 'failed';
  return recipients.map(({ address, said }) => {
    const about = recipients.length === 1 ? `${said}\n${prose.join('\n')}` : said;
    const status = statusIn(about);
    return {
      address,
      action,
      status,
      permanent: action === 'delayed' ? false : isPermanent(status, about),
      diagnostic: said.slice(0, 500) || null,
    };
  });
}

/** The less a server has shown itself as the writer, the more must subject and text say. */
function isFailureText(mail: ParsedMail, prose: readonly string[]): boolean {
  const { subject, prefixes } = withoutReplyPrefixes(mail.subject.slice(0, 400));
  const bySubject = prefixes.some(isForwardPrefix) ? 'nothing' : subjectTells(subject);
  const text = prose.join(' ').slice(0, MAX_TOLD_CHARS);
  if (isFromServer(mail)) return (bySubject !== 'nothing' || failurePhraseIn(text) !== null) && challengePhraseIn(text) === null;
  if (isServerLike(mail) && bySubject === 'surely') return true;
  const isLikely = bySubject === 'surely' || (isServerLike(mail) && bySubject === 'likely');
  return isLikely && failurePhraseIn(text) !== null && challengePhraseIn(text) === null;
}

/**
 * Above the returned mail: `--- Below this line is a copy of the message.`, `Original message follows.`; not `the original message was
 * received at`.
 */
const SEPARATOR = anyOf(String.raw`^[\s>|*=_-]{0,40}(?:…)`, [
  /below (?:this|the next) line is/,
  /(?:this is |included is |enclosed is |below is )?a copy of (?:the|your) (?:original )?message/,
  /original message(?! (?:was|id|could)\b)|original mail info|the header of the original|unsent message/,
  /(?:the )?message headers? follow|message text follows|non-delivered (?:message|information)/,
  /returned (?:(?:mail|message) follows|message)/,
  /mensaje original|mensagem original/,
]);
/** The first field of a returned mail; not `Subject:` or `To:`, which reports quote in their own words. */
const RETURNED_FIELD =
  /^[>\s]{0,4}(?:received|return-path|delivered-to|dkim-signature|domainkey-signature|x-originating-ip|x-received|x-google-[a-z-]{1,30})[ \t]{0,3}:/i;

/** The lines of the report's own words. */
function proseOf(text: string): string[] {
  const lines = text
    .slice(0, MAX_PROSE_LINES * MAX_LINE_CHARS)
    .split('\n', 4 * MAX_PROSE_LINES)
    .map((line) => line.slice(0, MAX_LINE_CHARS));
  const from = lines.findIndex((line) => line.trim() !== '');
  const cut = lines.findIndex((line, at) => at > from && (SEPARATOR.test(line) || RETURNED_FIELD.test(line)));
  return lines.slice(0, cut < 0 ? MAX_PROSE_LINES : cut);
}
