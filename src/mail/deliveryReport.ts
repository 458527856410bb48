import { toldRecipients } from './bounceText.ts';
import { isNamed, isUndelivered, statedRecipients } from './deliveryStatus.ts';
import { challengePhraseIn } from './failurePhrases.ts';
import { addressesIn } from './mailboxesIn.ts';
import { isFromServer, isServerLike } from './mailServer.ts';
import type { DeliveryReport, ParsedMail, ReportedRecipient, ReportPart } from './message.ts';
import { sesReportOf } from './sesNotification.ts';

/**
 * Reads a report that an earlier mail was not delivered, or not yet; null when the mail is none. A report of success, a read receipt, an
 * abuse report or an automatic answer is none. A report may name no recipient: that something failed is known then, but not what.
 */
export function deliveryReportOf(mail: ParsedMail): DeliveryReport | null {
  if (isOtherReport(mail)) return null;
  const ses = sesReportOf(mail);
  if (ses) return ses;
  const stated = statusParts(mail).flatMap((part) => statedRecipients(part.text));
  if (stated.length > 0 && !stated.some(isUndelivered)) return null;
  const named = stated.filter(isUndelivered).filter(isNamed);
  const told = named.length > 0 ? named : (toldRecipients(mail) ?? (stated.length > 0 ? [] : null));
  return told && { recipients: told.length > 0 ? told : recipientsOfReturned(mail), originalMessageId: originalMessageIdOf(mail) };
}

/** Read receipts (RFC 8098) and abuse reports (RFC 5965) are about mail that arrived. */
function isOtherReport({ contentType }: ParsedMail): boolean {
  return ['disposition-notification', 'feedback-report'].includes(contentType.params['report-type']?.toLowerCase() ?? '');
}

/** The parts for machines (RFC 3464 2.1, RFC 6533 4); none where a person passes them on, or where a filter only asks who the sender is. */
function statusParts(mail: ParsedMail): ReportPart[] {
  if (!isFromServer(mail) && (!isServerLike(mail) || challengePhraseIn(mail.text.slice(0, MAX_CHALLENGE_CHARS)) !== null)) return [];
  return mail.reports.filter(
    ({ contentType }) => contentType === 'message/delivery-status' || contentType === 'message/global-delivery-status',
  );
}

const MAX_CHALLENGE_CHARS = 4000;

/** Where the report itself names nobody: a report inside the returned mail, or the only one whom that mail was for. */
function recipientsOfReturned(mail: ParsedMail): ReportedRecipient[] {
  for (const text of returnedTexts(mail)) {
    const stated = statedRecipients(text).filter(isUndelivered).filter(isNamed);
    if (stated.length > 0) return stated;
    const addressees = addressesIn(TO_FIELD.exec(text)?.[1] ?? '');
    if (addressees.length === 1) return [{ address: addressees[0]!, action: 'failed', status: null, permanent: null, diagnostic: null }];
  }
  return [];
}

/** The To field of a returned mail, as far as it stands in one line. */
const TO_FIELD = /^To[ \t]{0,3}:(.{1,1000})/im;

/** `Message-ID: <a@b.co>` at the start of a line, also folded; not `In-Reply-To: <a@b.co>`. */
const MESSAGE_ID_FIELD = /^[>\s]{0,4}Message-ID[ \t]{0,3}:\s{0,10}<([^<>\s]{1,500})>/im;
const RETURNED = /^(?:message\/(?:rfc822|global|global-headers|rfc822-headers|partial)|text\/rfc822-headers)$/;

/** From the returned mail or its headers (RFC 3462), from the text that quotes them, or from what the report answers. */
function originalMessageIdOf(mail: ParsedMail): string | null {
  for (const text of returnedTexts(mail)) {
    const id = MESSAGE_ID_FIELD.exec(text)?.[1];
    if (id) return id;
  }
  return mail.inReplyTo[0] ?? mail.references.at(-1) ?? null;
}

/** Texts that hold the returned mail or its headers, surest first. */
function returnedTexts(mail: ParsedMail): string[] {
  return [...mail.reports.filter(({ contentType }) => RETURNED.test(contentType)).map(({ text }) => text), mail.text];
}
