import { toldAction, toldRecipients } from './bounceText.ts';
import { isNamed, isUndelivered, statedRecipients } from './deliveryStatus.ts';
import { challengePhraseIn } from './failurePhrases.ts';
import { writerOf } from './mailServer.ts';
import type { DeliveryReport, ParsedMail, ReportedRecipient } from './message.ts';
import { addresseesIn, originalMessageIdOf, returnedTexts, statusTexts } from './returnedMail.ts';
import { sesReportOf } from './sesNotification.ts';
import { withoutReplyPrefixes } from './subject.ts';

/**
 * Reads a report that an earlier mail was not delivered, or not yet; null when the mail is none. A report of success, a read receipt, an
 * abuse report or an automatic answer is none. A report may name no recipient: that something failed is known then, but not what.
 */
export function deliveryReportOf(mail: ParsedMail): DeliveryReport | null {
  if (isOtherReport(mail)) return null;
  const ses = sesReportOf(mail);
  if (ses) return ses;
  const stated = isForMachines(mail) ? statusTexts(mail).flatMap(statedRecipients) : [];
  if (stated.length > 0 && !stated.some(isUndelivered)) return null;
  const named = stated.filter(isUndelivered).filter(isNamed);
  const told = named.length > 0 ? named : (toldRecipients(mail) ?? (stated.length > 0 ? [] : null));
  return told && { recipients: told.length > 0 ? told : recipientsOfReturned(mail), originalMessageId: originalMessageIdOf(mail) };
}

/** Read receipts (RFC 8098) and abuse reports (RFC 5965) are about mail that arrived. */
function isOtherReport({ contentType }: ParsedMail): boolean {
  return ['disposition-notification', 'feedback-report'].includes(contentType.params['report-type']?.toLowerCase() ?? '');
}

/** Whether parts for machines are a report's own: not where a person passes them on, or where a filter only asks who the sender is. */
export function isForMachines(mail: ParsedMail): boolean {
  const writer = writerOf(mail);
  if (writer === 'server') return true;
  if (challengePhraseIn(mail.text.slice(0, MAX_CHALLENGE_CHARS)) !== null) return false;
  if (writer === 'serverlike') return true;
  return mail.contentType.type === 'multipart/report' && withoutReplyPrefixes(mail.subject.slice(0, 400)).prefixes.length === 0;
}

const MAX_CHALLENGE_CHARS = 4000;

/** Where the report itself names nobody: a report inside the returned mail, or the only one whom that mail was for. */
function recipientsOfReturned(mail: ParsedMail): ReportedRecipient[] {
  for (const text of returnedTexts(mail)) {
    const stated = statedRecipients(text).filter(isUndelivered).filter(isNamed);
    if (stated.length > 0) return stated;
    const addressees = addresseesIn(text);
    if (addressees.length === 1) {
      const action = toldAction(mail.subject, mail.text);
      return [{ address: addressees[0]!, action, status: null, permanent: action === 'delayed' ? false : null, diagnostic: null }];
    }
  }
  return [];
}
