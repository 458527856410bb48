import { addressesIn } from './mailboxesIn.ts';
import type { ParsedMail } from './message.ts';

const RETURNED = /^(?:message\/(?:rfc822|global|global-headers|rfc822-headers|partial)|text\/rfc822-headers)$/;
const STATUS = /^message\/(?:global-)?delivery-status$/;

/** `Message-ID: <a@b.co>` at the start of a line, also folded; not `In-Reply-To: <a@b.co>`. */
const MESSAGE_ID_FIELD = /^[>\s]{0,4}Message-ID[ \t]{0,3}:\s{0,10}<([^<>\s]{1,500})>/im;
/** The same in the fields about the report, where some servers repeat it; not `Original-Envelope-Id: a`. */
const ORIGINAL_ID_FIELD = /^(?:X-)?Original-Message-ID[ \t]{0,3}:\s{0,10}<([^<>\s]{1,500})>/im;
/** The fields of a returned mail, each as far as it stands in one line. */
const TO_FIELD = /^[>\s]{0,4}To[ \t]{0,3}:(.{1,1000})/im;
const FROM_FIELD = /^[>\s]{0,4}From[ \t]{0,3}:(.{1,1000})/im;

/** The parts for machines of a delivery report (RFC 3464 2.1, RFC 6533 4). */
export function statusTexts(mail: ParsedMail): string[] {
  return mail.reports.filter(({ contentType }) => STATUS.test(contentType)).map(({ text }) => text);
}

/** Parts that hold the returned mail or its headers (RFC 3462). */
function returnedParts(mail: ParsedMail): string[] {
  return mail.reports.filter(({ contentType }) => RETURNED.test(contentType)).map(({ text }) => text);
}

/** Texts that may hold them, surest first. */
export function returnedTexts(mail: ParsedMail): string[] {
  return [...returnedParts(mail), mail.text];
}

/** From the returned mail, from the fields about the report, from the text that quotes either, or from what the report answers. */
export function originalMessageIdOf(mail: ParsedMail): string | null {
  const returned = idIn(MESSAGE_ID_FIELD, returnedParts(mail));
  const stated = returned ?? idIn(ORIGINAL_ID_FIELD, statusTexts(mail)) ?? idIn(MESSAGE_ID_FIELD, [mail.text]);
  return stated ?? mail.inReplyTo[0] ?? mail.references.at(-1) ?? null;
}

function idIn(field: RegExp, texts: readonly string[]): string | null {
  for (const text of texts) {
    const id = field.exec(text)?.[1];
    if (id) return id;
  }
  return null;
}

/** Whom the mail in such a text was for. */
export function addresseesIn(returned: string): string[] {
  return addressesIn(TO_FIELD.exec(returned)?.[1] ?? '');
}

/** Whether a mail comes back to its author: it is attached, or its raw header section stands in the text. People quote without Message-ID. */
export function returnsToAuthor(mail: ParsedMail): boolean {
  const isReader = (address: string) => mail.to.some((reader) => reader.address.toLowerCase() === address.toLowerCase());
  return returnedTexts(mail).some(
    (text) => MESSAGE_ID_FIELD.test(text) && addressesIn(FROM_FIELD.exec(text)?.[1] ?? '').some((address) => isReader(address)),
  );
}
