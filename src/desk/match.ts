import { hash } from 'node:crypto';
import { domainOf } from '../mail/fields.ts';
import type { Authentication, DeliveryReport, ParsedMail, TicketToken } from '../mail/message.ts';
import { newTextOf } from '../mail/newText.ts';
import { namesOfId } from '../mail/providerId.ts';
import { idsInReceipt } from '../mail/receiptIds.ts';
import { ticketOfMessageId } from '../mail/signature.ts';
import { type FoundTokens, isForwardPrefix, withoutReplyPrefixes, withoutTokens } from '../mail/subject.ts';
import { caseHashOf } from './corrected.ts';
import { type Identity, isOurAddress, type Policy } from './policy.ts';
import type { Release } from './quarantine.ts';
import type { Client } from './register.ts';
import type { Candidate, Known, MailKeys, Proof } from './ticket.ts';

/** References that are looked up at most: the first of the thread and the newest. */
const MAX_REFERENCES = 40;

/** What the store is asked about a mail. */
export function keysOf(
  mail: ParsedMail,
  tokens: readonly TicketToken[],
  report: DeliveryReport | null,
  receivedAt: Date,
  identity: Identity,
): MailKeys {
  const ids = [...new Set([...mail.inReplyTo, ...idsInReceipt(mail), ...mail.references.toReversed()])];
  const numbers: MailKeys['numbers'] = [];
  const references: string[] = [];
  for (const id of ids) {
    const number = ticketOfMessageId(identity.secret, id, identity.domain);
    if (number === null) references.push(...namesOfId(id));
    else numbers.push({ number, proof: 'signed Message-ID', by: `<${id}>` });
  }
  const ours = tokens.filter((token) => !token.legacy && (token.signed || token.bracketed));
  for (const token of ours.filter((each) => each.signed)) numbers.push({ number: token.number, proof: 'signed token', by: token.text });
  for (const token of ours.filter((each) => !each.signed)) numbers.push({ number: token.number, proof: 'plain token', by: token.text });
  return {
    fingerprint: mail.fingerprint,
    sender: mail.from.address.toLowerCase(),
    numbers,
    formerNumbers: tokens.filter((token) => token.legacy).map((token) => ({ number: token.digits, by: token.text })),
    references: references.length > MAX_REFERENCES ? [...references.slice(0, MAX_REFERENCES - 1), references.at(-1)!] : references,
    messageId: mail.messageId,
    contentHash: contentHashOf(mail),
    caseHash: caseHashOf(mail),
    reportedMessageId: report?.originalMessageId ?? null,
    receivedAt,
  };
}

/** Equal when one sender writes the same words under the same subject again, whatever the ids and dates say. */
export function contentHashOf(mail: ParsedMail): string {
  const text = mail.newText.replace(/\s+/g, ' ').trim();
  const what = [mail.from.address.toLowerCase(), mail.subject.trim(), text, ...mail.attachments.map((each) => each.sha256)];
  return hash('sha256', what.join('\n'));
}

export type Match =
  /** `flags`: what a person who reads the entry should know. */
  | { found: 'ticket'; candidate: Candidate; verified: boolean; flags: string[]; because: string }
  /** Something real points to a ticket, but the sender may not write on it. */
  | { found: 'stranger'; candidate: Candidate; because: string }
  /** It continues an earlier matter without being part of it. */
  | { found: 'related'; candidate: Candidate; because: string }
  | { found: 'nothing'; because: string };

/** How the trace calls each proof. */
export const PROOF_NAMES: Record<Proof, string> = {
  'signed Message-ID': 'Message-ID firmado',
  'signed token': 'código firmado',
  'plain token': 'código sin firma',
  'former number': 'número anterior',
  'earlier Message-ID': 'Message-ID ya conocido',
  'same message again': 'el mismo mensaje otra vez',
};

/** What points to a ticket and where it leads: a former number and a ticket that was united with another lead to today's. */
function pointing({ proof, by, ticket }: Candidate): string {
  return `${PROOF_NAMES[proof]} ${by} lleva al ticket ${ticket.number}`;
}

/** Proofs that nobody has who did not receive a mail of ours. */
const KEYED: readonly Proof[] = ['signed Message-ID', 'signed token'];

export interface MatchQuestion {
  mail: ParsedMail;
  /** Ticket tokens in the subject. */
  tokens: FoundTokens;
  authentication: Authentication;
  known: Known;
  policy: Policy;
  /** A person let it out of quarantine. */
  released: Release | null;
}

/**
 * Which ticket a person's mail belongs to. The first proof that holds wins, among tickets on which the sender may write (`T08`); if there is none
 * such, a keyed proof in a stranger's hands is held unless a person released it, and anything weaker opens a new ticket.
 */
export function matchTicket({ mail, tokens, authentication, known, policy, released }: MatchQuestion): Match {
  const passedOn = known.candidates.length > 0 && onlyPassesOn(mail);
  let forwarded: Candidate | undefined;
  let related: Candidate | undefined;
  for (const candidate of known.candidates) {
    const right = rightOn(candidate, { mail, authentication, known });
    if (right === null) continue;
    if (passedOn && candidate.proof !== 'same message again') {
      forwarded ??= candidate;
      continue;
    }
    if (candidate.proof === 'earlier Message-ID' && !sameMatter(mail.subject, candidate.ticket.subject) && !names(tokens, candidate)) {
      related ??= candidate;
      continue;
    }
    return {
      found: 'ticket',
      candidate,
      verified: released?.trust === true || right.verified,
      flags: right.flags,
      because: `${pointing(candidate)}; ${right.because}`,
    };
  }
  if (forwarded)
    return {
      found: 'related',
      candidate: forwarded,
      because: `${pointing(forwarded)}; pero el remitente solo lo reenvía, sin escribir nada: es otro asunto`,
    };
  const keyed = known.candidates.find((candidate) => KEYED.includes(candidate.proof));
  if (keyed && released)
    return {
      found: 'ticket',
      candidate: keyed,
      verified: released.trust,
      flags: [],
      because: `${pointing(keyed)}; el remitente no participaba en él, pero una persona dejó pasar el mensaje`,
    };
  if (keyed && isOfStaff({ mail, authentication, policy }))
    return {
      ...{ found: 'ticket', candidate: keyed, verified: true, flags: [] },
      because: `${pointing(keyed)}; el remitente es del equipo de soporte`,
    };
  if (keyed) return { found: 'stranger', candidate: keyed, because: `${pointing(keyed)}, pero el remitente no participa en él` };
  related ??= known.candidates.find((candidate) => candidate.proof === 'earlier Message-ID');
  if (related)
    return {
      found: 'related',
      candidate: related,
      because: `se refiere al ticket ${related.ticket.number} con otro asunto o de otra persona`,
    };
  const weak = known.candidates[0];
  return {
    found: 'nothing',
    because: weak ? `${pointing(weak)}, pero solo vale para quien participa en él` : 'nada señala un ticket nuestro',
  };
}

/** Why somebody may write on a ticket. */
interface Right {
  verified: boolean;
  flags: string[];
  because: string;
}

/**
 * Whether the sender takes part in a ticket, is a registered contact of its client, or writes from a domain of its client (`T26`): a domain alone is
 * easily claimed, so that one needs a keyed proof or our server's word, and it makes nobody a participant without that word. Null: nothing says so.
 */
function rightOn(
  { ticket, proof }: Candidate,
  { mail, authentication, known }: Pick<MatchQuestion, 'mail' | 'authentication' | 'known'>,
): Right | null {
  const verified = isVerified(authentication, proof);
  if (ticket.participants.includes(mail.from.address.toLowerCase()))
    return { verified, flags: [], because: 'el remitente participa en él' };
  const client = known.registration?.clients.find(({ id }) => id === ticket.clientId);
  if (known.registration === null || client === undefined) return null;
  if (known.registration.by === 'contact')
    return { verified, flags: [], because: `el remitente es contacto registrado de ${client.name}, como el ticket` };
  const vouchedFor = authentication.verdict === 'pass';
  if (!vouchedFor && !KEYED.includes(proof)) return null;
  return {
    verified: vouchedFor,
    flags: [onlyDomain(client)],
    because: `el dominio del remitente está registrado para ${client.name}, como el ticket`,
  };
}

/** For a person who reads an entry of somebody whose company alone is known. */
export function onlyDomain({ name }: Pick<Client, 'name'>): string {
  return `no es contacto registrado: escribe desde un dominio de ${name}`;
}

/**
 * May this message vouch for the people in its copy? Yes when our server authenticated its sender, or when it carries a keyed proof and nothing
 * speaks against it. Where no server's findings are trusted (`gate.authservId` is not set), only the proof counts.
 */
export function isVerified(authentication: Authentication, proof: Proof | null): boolean {
  if (authentication.verdict !== 'none') return authentication.verdict === 'pass';
  return proof !== null && KEYED.includes(proof);
}

/** A colleague of ours: the domain alone proves nothing, our server must vouch for the sender. */
export function isOfStaff({ mail, authentication, policy }: Pick<MatchQuestion, 'mail' | 'authentication' | 'policy'>): boolean {
  return authentication.verdict === 'pass' && domainOf(mail.from.address) === policy.staffDomain;
}

/** Somebody who forwards a ticket's mail and writes nothing on top of it begins a matter of its own (`T28`); new text or files add to the ticket. */
function onlyPassesOn({ subject, newText, attachments }: ParsedMail): boolean {
  const [outermost] = withoutReplyPrefixes(subject).prefixes;
  if (outermost === undefined || !isForwardPrefix(outermost) || attachments.some((each) => !each.inline)) return false;
  // A mail of nothing but a quotation counts it as new text. With a word on top of it, it is known for a quotation.
  return newTextOf({ text: `x\n\n${newText}`, html: null }).newText.trim() === 'x';
}

/** The same subject apart from reply prefixes and case; none at all names no other matter. */
function sameMatter(subject: string, ofTicket: string): boolean {
  const bare = (written: string) => withoutReplyPrefixes(written).subject.replace(/\s+/g, ' ').trim().toLowerCase();
  return ['', bare(ofTicket)].includes(bare(subject));
}

/** The subject gives the ticket's number, if only as `ITAC #123`: with the thread as a second proof that is enough (`T06`). */
function names({ tokens }: FoundTokens, { ticket }: Candidate): boolean {
  return tokens.some((token) => !token.legacy && token.number === ticket.number);
}

/** A subject without prefixes and tokens, for a new ticket. */
export function ticketSubjectOf(mail: ParsedMail, identity: Identity): string {
  const bare = withoutTokens(withoutReplyPrefixes(withoutTokens(mail.subject, identity.tokens)).subject, identity.tokens)
    .replace(/\s+/g, ' ')
    .trim();
  return bare === '' ? '(sin asunto)' : bare.slice(0, 250);
}

/** The people whom a verified message brings in: its author and everybody in To and Cc but ourselves, at most fifty. */
export function participantsOf(mail: ParsedMail, verified: boolean, identity: Identity): string[] {
  const people = verified ? [mail.from, ...mail.to, ...mail.cc] : [mail.from];
  const addresses = people
    .map((person) => person.address.toLowerCase())
    .filter((address) => address.includes('@') && !isOurAddress(address, identity));
  return [...new Set(addresses)].slice(0, 50);
}
