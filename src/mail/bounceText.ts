import { failedStatusIn, givesReason, isPermanent } from './addressFate.ts';
import { anyOf } from './anyOf.ts';
import { isNamed, isUndelivered, statedRecipients } from './deliveryStatus.ts';
import { challengePhraseIn, failurePhraseIn, saysDelayed } from './failurePhrases.ts';
import { subjectTells } from './failureSubjects.ts';
import { type Writer, writerOf } from './mailServer.ts';
import type { ParsedMail, ReportedRecipient } from './message.ts';
import { namedRecipients } from './namedRecipients.ts';
import { returnsToAuthor } from './returnedMail.ts';
import { isForwardPrefix, withoutReplyPrefixes } from './subject.ts';

/** A report's own words are at its beginning; what is beyond is the returned mail. */
const MAX_PROSE_LINES = 150;
const MAX_LINE_CHARS = 1000;
const MAX_TOLD_CHARS = 8000;
const MAX_DIAGNOSTIC_CHARS = 500;
const MAX_SUBJECT_CHARS = 400;
/** How far fields for machines are looked for in a text; a damaged report holds them below its own words. */
const MAX_STATED_CHARS = 64 * 1024;

/**
 * Reads a delivery report that has no fields for machines (RFC 3464), as many servers still write. A mail server must have written it
 * (its name, a null return path, its subject), and it must say that something did not arrive. Null when it is no such report.
 */
export function toldRecipients(mail: ParsedMail): ReportedRecipient[] | null {
  if (writerOf(mail) === 'mailbox') return null;
  const prose = proseOf(mail.text);
  if (!isFailureText(mail, prose)) return null;
  const stated = statedRecipients(mail.text.slice(0, MAX_STATED_CHARS)).filter(isUndelivered).filter(isNamed);
  if (stated.length > 0) return stated;
  const recipients = namedRecipients(mail, prose);
  const all = prose.join('\n').slice(0, MAX_TOLD_CHARS);
  const action = toldAction(mail.subject, all);
  const lines = all.split('\n');
  const why = (lines.find(givesReason) ?? lines.find((line) => failurePhraseIn(line) !== null) ?? '').trim().slice(0, MAX_DIAGNOSTIC_CHARS);
  const isCommon = recipients.length === 1 || !recipients.some(({ said }) => givesReason(said));
  return recipients.map(({ address, said }) => {
    const rest = isCommon ? all : '';
    const status = failedStatusIn(said) ?? failedStatusIn(rest);
    return {
      address,
      action,
      status,
      permanent: action === 'delayed' ? false : (isPermanent(status, said) ?? isPermanent(status, rest)),
      diagnostic: said || why || null,
    };
  });
}

/** What happened to the mail as a whole, by the words of a report. */
export function toldAction(subject: string, text: string): 'failed' | 'delayed' {
  return saysDelayed(`${subject.slice(0, MAX_SUBJECT_CHARS)} ${text.slice(0, MAX_TOLD_CHARS)}`) ? 'delayed' : 'failed';
}

/** What must speak for a report before a mail is taken for one; a mailbox that writes as servers do is a person who quotes one. */
const NEEDED: Readonly<Record<Writer, number>> = { server: 1, serverlike: 2, unknown: 3, mailbox: Number.POSITIVE_INFINITY };

/** The less a server has shown itself as the writer, the more must subject, words and the mail that is returned say. */
function isFailureText(mail: ParsedMail, prose: readonly string[]): boolean {
  const writer = writerOf(mail);
  const text = prose.join(' ').slice(0, MAX_TOLD_CHARS);
  if (challengePhraseIn(text) !== null) return false;
  const bySubject = weightOfSubject(mail.subject, writer);
  const names = namedRecipients(mail, prose).length > 0;
  const byWords = failurePhraseIn(text) !== null || saysDelayed(text) || (names && givesReason(text)) ? 1 : 0;
  const byReturn = byWords === 1 && returnsToAuthor(mail) ? 1 : 0;
  const isAboutAMail = names || byReturn === 1 || (writer === 'server' && bySubject > 0);
  return isAboutAMail && bySubject + byWords + byReturn >= NEEDED[writer];
}

/** A forward is a person's, whatever its subject says. */
function weightOfSubject(written: string, writer: Writer): 0 | 1 | 2 {
  const { subject, prefixes } = withoutReplyPrefixes(written.slice(0, MAX_SUBJECT_CHARS));
  if (prefixes.some(isForwardPrefix)) return 0;
  const tells = subjectTells(subject);
  if (tells === 'surely') return 2;
  return tells === 'likely' || (tells === 'perhaps' && writer === 'server') ? 1 : 0;
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
