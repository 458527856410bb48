import type { Trace } from '../ingest.ts';
import type { Address, ParsedMail } from '../mail/message.ts';

/** What `explain --json` prints for one file. The names are read by other programs: PRODUCT.md section 3 fixes them. */
export function explainJson({ file, result }: { file: string; result: { ok: true; trace: Trace } | { ok: false; error: string } }): object {
  if (!result.ok) return { file, ok: false, error: result.error };
  const { decision, steps, found, effect } = result.trace;
  const decided = {
    action: decision.action,
    ticket: decision.action === 'open' ? null : effect.inbound.ticketNumber,
    cause: effect.inbound.cause,
    reply: effect.inbound.reply,
    trace: steps,
  };
  if (!found) return { file, ok: false, error: steps.at(-1)?.because ?? '', decision: decided };
  const { mail, automatic, report, tokens, authentication } = found;
  const token = tokens[0];
  return {
    file,
    ok: true,
    message: messageJson(mail),
    automatic: { kind: automatic.kind, evidence: automatic.evidence, suppress: automatic.suppress },
    bounce: report && {
      recipients: report.recipients.map(({ address, action, status, permanent, diagnostic }) => ({
        address,
        action,
        status,
        permanent,
        diagnostic,
      })),
      originalMessageId: report.originalMessageId === null ? null : bracketed(report.originalMessageId),
    },
    token: token ? { text: token.text, number: token.number, signed: token.signed } : null,
    authentication: { verdict: authentication.verdict, evidence: authentication.evidence },
    classification: decision.action === 'open' ? decision.classification : null,
    decision: decided,
  };
}

export function messageJson(mail: ParsedMail): object {
  return {
    messageId: mail.messageId === null ? null : bracketed(mail.messageId),
    inReplyTo: mail.inReplyTo[0] === undefined ? null : bracketed(mail.inReplyTo[0]),
    references: mail.references.map(bracketed),
    date: mail.date?.toISOString() ?? null,
    from: person(mail.from),
    replyTo: mail.replyTo.map(person),
    to: mail.to.map(person),
    cc: mail.cc.map(person),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    newText: mail.newText,
    quotedText: mail.quotedText,
    signature: mail.signature,
    attachments: mail.attachments.map(({ filename, contentType, size, inline, sha256 }) => ({
      filename,
      contentType,
      size,
      inline,
      sha256,
    })),
    warnings: mail.warnings,
  };
}

function person({ name, address }: Address): Address {
  return { name, address };
}

function bracketed(id: string): string {
  return `<${id}>`;
}
