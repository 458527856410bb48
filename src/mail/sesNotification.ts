import { z } from 'zod';
import { isPermanent } from './addressFate.ts';
import { addressesIn } from './mailboxesIn.ts';
import type { DeliveryReport, ParsedMail, ReportedRecipient } from './message.ts';

const Recipient = z.object({
  emailAddress: z.string(),
  action: z.string().optional(),
  status: z.string().optional(),
  diagnosticCode: z.string().optional(),
});

/** How Amazon SNS wraps what it passes on, where it is not told to leave the wrapping off. */
const Envelope = z.object({ Message: z.string() });

/** What Amazon SES says about a mail, as far as it is about a failure or a delay. */
const Notification = z.object({
  mail: z
    .object({
      commonHeaders: z.object({ messageId: z.string().optional() }).optional(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    })
    .optional(),
  bounce: z.object({ bounceType: z.string().optional(), bouncedRecipients: z.array(Recipient) }).optional(),
  deliveryDelay: z.object({ delayedRecipients: z.array(Recipient) }).optional(),
});

/**
 * Reads the JSON in which Amazon SES reports a failure or a delay by mail (SNS topic with an e-mail subscription); null when the mail is
 * none, or tells of a delivery or a complaint.
 */
export function sesReportOf(mail: ParsedMail): DeliveryReport | null {
  if (!mail.headers.some(({ name }) => name === 'x-amz-sns-message-id') && mail.from.address.toLowerCase() !== 'no-reply@sns.amazonaws.com')
    return null;
  const json = jsonIn(mail.text);
  const wrapped = Envelope.safeParse(json).data;
  const notification = Notification.safeParse(wrapped ? jsonIn(wrapped.Message) : json).data;
  if (!notification) return null;
  const { bounce, deliveryDelay } = notification;
  const recipients = [
    ...(bounce?.bouncedRecipients.map((entry) => reported(entry, 'failed', bounce.bounceType)) ?? []),
    ...(deliveryDelay?.delayedRecipients.map((entry) => reported(entry, 'delayed')) ?? []),
  ];
  if (recipients.length === 0) return null;
  const { commonHeaders, headers } = notification.mail ?? {};
  const written = commonHeaders?.messageId ?? headers?.find(({ name }) => name.toLowerCase() === 'message-id')?.value;
  return { recipients, originalMessageId: written?.replace(/^<|>$/g, '') ?? null };
}

function reported(entry: z.infer<typeof Recipient>, action: 'failed' | 'delayed', bounceType?: string): ReportedRecipient {
  const diagnostic = entry.diagnosticCode?.replace(/^smtp;\s{0,3}/i, '') ?? null;
  const status = entry.status ?? null;
  const passes = action === 'delayed' || bounceType === 'Transient';
  const permanent = passes
    ? false
    : (isPermanent(status, diagnostic ?? '') ?? (diagnostic === null && bounceType === 'Permanent' ? true : null));
  return { address: addressesIn(entry.emailAddress)[0] ?? entry.emailAddress, action, status, permanent, diagnostic };
}

/**
 * The object with which a text begins. Servers on the way break its long line; JSON itself has no line break inside a string (RFC 8259
 * 7).
 */
function jsonIn(text: string): unknown {
  const end = text.search(/\n--\s?\n/);
  const json = (end < 0 ? text : text.slice(0, end)).replace(/!\n ?|\n/g, '').trim();
  if (!json.startsWith('{')) return null;
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
