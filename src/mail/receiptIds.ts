import { fieldValues } from './fields.ts';
import { messageIds, readFields } from './headers.ts';
import type { ParsedMail } from './message.ts';

/** Message-IDs of the mails that a read receipt speaks of (RFC 8098 3.2.5); programs leave In-Reply-To out of receipts. */
export function idsInReceipt({ reports }: Pick<ParsedMail, 'reports'>): string[] {
  return reports
    .filter(({ contentType }) => contentType === 'message/disposition-notification')
    .flatMap(({ text }) => fieldValues({ headers: readFields(Buffer.from(text)) }, 'original-message-id'))
    .flatMap(messageIds);
}
