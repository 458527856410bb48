import { borrowerOfOurAddress, isComplaint, type Ours } from '../mail/automatic.ts';
import { domainOf } from '../mail/fields.ts';
import { type Writer, writerOf } from '../mail/mailServer.ts';
import type { Automatic, DeliveryReport, ParsedMail } from '../mail/message.ts';
import { serverStubIn } from '../mail/serverStub.ts';
import { withoutReplyPrefixes } from '../mail/subject.ts';
import { asCorrected } from './corrected.ts';
import { replyFor } from './gate.ts';
import { isOfStaff, isVerified, type Match, type MatchQuestion, matchTicket, onlyDomain } from './match.ts';
import { contractInForce, contractWords, onlyClientOf, type Registration } from './register.ts';
import { saysOnlyThanks } from './thanks.ts';
import { type Candidate, type Classification, type Decision, LONGEST_REASON, type Reply, type Step, type Ticket } from './ticket.ts';

/** Everything a decision may rest on. */
export interface Case extends MatchQuestion {
  automatic: Automatic;
  ours: Ours;
  report: DeliveryReport | null;
  /** Asked only when a ticket is opened. */
  classify: (mail: ParsedMail) => Classification;
  receivedAt: Date;
  now: Date;
}

/** What a rule answers: a decision, or none; and always why. */
interface Verdict {
  decision?: Decision;
  because: string;
}

const DAY_MS = 86_400_000;
/** Nobody gets a second automatic answer on a ticket within this time. */
const QUIET_MS = DAY_MS;
/** A sender's clock may be ahead of our server's by so much. */
const CLOCK_SKEW_MS = 10 * 60_000;

type Rule = (this: void, question: Case) => Verdict;

/** The rules in the order in which they are asked; the first decision holds. */
const RULES: readonly Rule[] = [
  alreadyIngested,
  ownMail,
  serverStub,
  untrustedSender,
  replayedMail,
  deliveryReport,
  automaticMessage,
  namedAuthor,
  belongsToTicket,
  clientInForce,
  opensTicket,
];

/** What should happen with a mail, and what each rule said. Pure: the same case always gets the same decision. */
export function decide(question: Case): { decision: Decision; steps: Step[] } {
  const steps: Step[] = [];
  for (const rule of RULES) {
    const { decision, because } = rule(question);
    steps.push({ rule: rule.name, result: decision?.action ?? 'passed', because: because.slice(0, LONGEST_REASON) });
    if (decision) return { decision, steps };
  }
  throw new Error('the last rule decides every case');
}

function alreadyIngested({ known, released }: Case): Verdict {
  if (!known.ingestedAs) return { because: 'su huella es nueva' };
  if (known.ingestedAs.inboundId === released?.inboundId) return { because: 'es el mensaje que estaba en cuarentena' };
  return { decision: { action: 'ignore', cause: 'duplicate' }, because: `el mismo correo ya había entrado (${known.ingestedAs.outcome})` };
}

function ownMail({ mail, automatic, ours, policy }: Case): Verdict {
  if (automatic.kind !== 'own') return { because: 'no es un correo nuestro' };
  const borrower = borrowerOfOurAddress(mail, ours);
  if (borrower !== null && domainOf(borrower.address) !== policy.staffDomain) {
    return {
      decision: { action: 'quarantine', cause: 'own-address' },
      because: 'From es nuestra dirección, pero nada más dice que el correo sea nuestro, y Reply-To nombra a otra persona',
    };
  }
  return { decision: { action: 'ignore', cause: 'own' }, because: automatic.evidence.join('; ') };
}

function untrustedSender({ authentication, released }: Case): Verdict {
  const findings = `autenticación del remitente: ${[authentication.verdict, ...authentication.evidence].join('; ')}`;
  if (authentication.verdict !== 'fail') return { because: findings };
  if (released) return { because: `${findings}; pero una persona dejó pasar el mensaje` };
  return { decision: { action: 'quarantine', cause: 'authentication-failed' }, because: authentication.evidence.join('; ') };
}

/** A released one would only be held again: the message itself is still on the server. */
function serverStub({ mail }: Case): Verdict {
  const stub = serverStubIn(mail);
  if (stub === null) return { because: 'es el mensaje, no un aviso del servidor en su lugar' };
  return { decision: { action: 'quarantine', cause: 'server-stub' }, because: `el servidor no entregó el mensaje: ${stub}` };
}

/** A date is in most signatures, a Message-ID is not in all: whoever kept an old mail can send it again as a new one. */
function replayedMail({ mail, known, receivedAt, released }: Case): Verdict {
  const { sentBefore } = known;
  if (sentBefore === null) return { because: 'el remitente no había escrito lo mismo' };
  const before = `lo mismo llegó el ${sentBefore.receivedAt.toISOString()} (ticket ${sentBefore.ticketNumber})`;
  if (!isOfThatTime(mail.date, sentBefore.receivedAt, receivedAt)) return { because: `${before}, y esta vez lleva otra fecha` };
  if (released) return { because: `${before}, con la misma fecha; pero una persona dejó pasar el mensaje` };
  return { decision: { action: 'quarantine', cause: 'replayed' }, because: `${before}, y su fecha es la de entonces` };
}

/** The date belongs to the earlier arrival, which came after it, and not to this one. A later date is that of a mail which waited on its way. */
function isOfThatTime(date: Date | null, before: Date, now: Date): boolean {
  if (date === null) return false;
  const onItsWay = before.getTime() - date.getTime();
  return onItsWay >= -CLOCK_SKEW_MS && onItsWay < DAY_MS && now.getTime() - date.getTime() >= DAY_MS;
}

/** From anybody else a report about no mail of ours, which only its words make one, may be a person's mail. */
const WRITERS_OF_REPORTS: readonly Writer[] = ['server', 'serverlike'];

function deliveryReport({ mail, report, automatic, known }: Case): Verdict {
  if (!report) {
    if (automatic.kind !== 'bounce') return { because: 'no es un rebote' };
    return {
      decision: { action: 'note', ticketNumber: null, what: 'bounce' },
      because: `${automatic.evidence.join('; ')}; no informa de una entrega fallida`,
    };
  }
  const about = known.reportedReply;
  const who = report.recipients.map((recipient) => `${recipient.action} ${recipient.status ?? ''}`.trim()).join(', ') || 'sin destinatario';
  if (!about && automatic.evidence.length === 1 && !WRITERS_OF_REPORTS.includes(writerOf(mail)))
    return { because: `${who}; no trata de un correo nuestro, y solo sus palabras lo dicen: puede ser de una persona` };
  if (!about)
    return {
      decision: { action: 'bounce', ticketNumber: null, outboxId: null, report },
      because: `${who}; no trata de un correo nuestro y no cambia nada`,
    };
  const { ticketNumber, outboxId } = about;
  if (report.recipients.every((recipient) => recipient.action === 'delayed') && report.recipients.length > 0) {
    return {
      decision: { action: 'note', ticketNumber, what: 'bounce' },
      because: `nuestra respuesta del ticket ${ticketNumber} está demorada (${who})`,
    };
  }
  return {
    decision: { action: 'bounce', ticketNumber, outboxId, report },
    because: `nuestra respuesta del ticket ${ticketNumber}: ${who}`,
  };
}

/** Machines that report something new open tickets like people do; machines that answer us leave a note. */
function automaticMessage(question: Case): Verdict {
  const { automatic } = question;
  if (automatic.kind === null) return { because: 'nada indica que lo escribió una máquina' };
  const evidence = automatic.evidence.join('; ');
  if (automatic.kind === 'notification' || automatic.kind === 'list')
    return { because: `${automatic.kind}: ${evidence}; puede informar de algo nuevo` };
  const match = matchTicket(question);
  if (automatic.kind === 'bounce') return { because: `${evidence}; pero puede ser de una persona` };
  if (mayBeAPersons(question, match))
    return { because: `${automatic.kind}: ${evidence}; solo lo dice el asunto: puede ser de una persona` };
  const ticketNumber = match.found === 'ticket' ? match.candidate.ticket.number : null;
  return { decision: { action: 'note', ticketNumber, what: automatic.kind }, because: `${automatic.kind}: ${evidence}; ${match.because}` };
}

/**
 * A machine's answer answers something and begins with what it is. A mail that only its subject makes one may be a person's `Vacaciones: el saldo sale en
 * cero` when a reply prefix stands in front, or when it leads to no ticket and refers to no mail: noted on no ticket it would be lost.
 */
function mayBeAPersons({ automatic, mail }: Case, match: Match): boolean {
  if (!automatic.bySubjectOnly) return false;
  if (withoutReplyPrefixes(mail.subject).prefixes.length > 0) return true;
  return match.found === 'nothing' && mail.inReplyTo.length + mail.references.length === 0;
}

/** Reports and notices of machines may come from nobody; whatever opens a ticket needs somebody whose ticket it is. */
function namedAuthor({ mail }: Case): Verdict {
  if (mail.fromField !== 'none') return { because: 'tiene autor' };
  return { decision: { action: 'quarantine', cause: 'no-sender' }, because: 'ningún campo trae la dirección de un autor' };
}

function belongsToTicket(question: Case): Verdict {
  const { mail, known, policy } = question;
  if (known.aliasCycle !== null) {
    return {
      decision: { action: 'quarantine', cause: 'alias-cycle' },
      because: `el número anterior ${known.aliasCycle} da vueltas en círculo`,
    };
  }
  const match = matchTicket(question);
  if (match.found === 'stranger') return { decision: { action: 'quarantine', cause: 'stranger-on-ticket' }, because: match.because };
  if (match.found !== 'ticket') return { because: [match.because, ...deadTokens(question)].join('; ') };
  const { ticket, proof } = match.candidate;
  if (ticket.state === 'closed' && closedForLongerThan(policy.reopenDays, ticket, question.receivedAt)) {
    return { because: `${match.because}; pero el ticket ${ticket.number} se cerró hace más de ${policy.reopenDays} días` };
  }
  const reopen = wantsReopening(question, ticket);
  const flags = [
    ...match.flags,
    ...(changedSubject(mail, proof) ? ['asunto cambiado'] : []),
    ...(isOfStaff(question) && match.verified ? ['del equipo de soporte'] : []),
  ];
  const state = ticket.state === 'closed' ? (reopen ? '; el ticket se reabre' : '; el ticket sigue cerrado') : '';
  const reply = replyOnTicket(question, match.candidate);
  const told = reply.kind === 'none' ? '' : '; respuesta: texto fijo con el número de hoy';
  return {
    decision: { action: 'append', ticket, proof, reopen, verified: match.verified, flags, reply },
    because: `${match.because}${state}${told}`,
  };
}

/** What is added to a ticket is not answered; but whoever writes under a former number is told today's, if we were quiet on the ticket for a while. */
function replyOnTicket(question: Case, { proof, answeredAt }: Candidate): Reply {
  if (proof !== 'former number') return { kind: 'none', because: 'se añade a un ticket' };
  if (answeredAt !== null && question.now.getTime() - answeredAt.getTime() < QUIET_MS)
    return { kind: 'none', because: 'ya recibió una respuesta automática de este ticket' };
  const reply = replyFor(question);
  return reply.kind === 'none' ? reply : { kind: 'fixed-text' };
}

/** A new matter of a client whose contract is not in force is opened and marked, or held, as the settings say (`C13`). */
function clientInForce({ known, policy, released, now }: Case): Verdict {
  const { registration } = known;
  if (registration === null) return { because: 'el registro de clientes no conoce al remitente' };
  const client = onlyClientOf(registration);
  if (client === null) return { because: `es contacto de ${namesOf(registration)}: ninguno se prefiere, y el ticket queda sin cliente` };
  const who = `${registration.by === 'contact' ? 'contacto registrado' : 'dominio'} de ${client.name}, ${contractWords(client, now)}`;
  if (contractInForce(client, now) !== null || policy.withoutContract === 'open') return { because: who };
  if (released) return { because: `${who}; pero una persona dejó pasar el mensaje` };
  return { decision: { action: 'quarantine', cause: 'no-contract' }, because: `${who} (clients.withoutContract: quarantine)` };
}

function namesOf({ clients }: Registration): string {
  return clients.map(({ name }) => name).join(' y de ');
}

/** What a person who reads the ticket should know of whose it is. */
function clientFlags({ known, now }: Case): string[] {
  const { registration } = known;
  if (registration === null) return [];
  const client = onlyClientOf(registration);
  if (client === null) return [`contacto de ${namesOf(registration)}`];
  return [
    ...(registration.by === 'domain' ? [onlyDomain(client)] : []),
    ...(contractInForce(client, now) === null ? [contractWords(client, now)] : []),
  ];
}

function opensTicket(question: Case): Verdict {
  const { authentication, released, known } = question;
  const match = matchTicket(question);
  const linkedTo = match.found === 'related' || match.found === 'ticket' ? match.candidate.ticket.number : null;
  const classification = classificationOf(question);
  const reply = replyFor(question);
  const verified = released?.trust === true || isVerified(authentication, null);
  const why =
    reply.kind === 'none'
      ? `sin respuesta: ${reply.because}`
      : `respuesta: ${reply.kind === 'acknowledge' ? 'acuse de recibo' : 'texto fijo'}`;
  const { corrected } = known;
  const repeated = corrected ? `, corregido antes en el ticket ${corrected.ticketNumber} con el mismo texto` : '';
  return {
    decision: {
      ...{ action: 'open', classification, reply, linkedTo, verified },
      client: onlyClientOf(known.registration),
      flags: clientFlags(question),
    },
    because: `algo nuevo: ${classification.kind}, confianza ${classification.confidence.toFixed(2)}${repeated}${linkedTo === null ? '' : `, relacionado con el ticket ${linkedTo}`}; ${why}`,
  };
}

/**
 * The same words again are what a person said of them. A person looks at what comes over a list, which is seldom a client's matter, at what only its subject
 * makes a machine's, which may be one, and at complaints about our mail.
 */
function classificationOf({ classify, mail, automatic, known }: Case): Classification {
  const classification = known.corrected ? asCorrected(classify(mail), known.corrected.kind, mail) : classify(mail);
  const isDoubtful = (automatic.kind !== null && automatic.kind !== 'notification') || isComplaint(mail);
  return isDoubtful ? { ...classification, review: true, band: 'review' } : classification;
}

/** Tokens that lead nowhere, for the trace: written with wrong check letters, or of no ticket that exists. */
function deadTokens({ tokens, known }: Case): string[] {
  const reached = new Set(known.candidates.map((candidate) => candidate.by));
  return [
    ...tokens.refused.map((text) => `${text} no es un código nuestro`),
    ...tokens.tokens.filter((token) => !reached.has(token.text)).map((token) => `${token.text} no lleva a ningún ticket`),
  ];
}

function closedForLongerThan(days: number, ticket: Ticket, at: Date): boolean {
  return ticket.closedAt !== null && at.getTime() - ticket.closedAt.getTime() > days * DAY_MS;
}

function wantsReopening({ mail, automatic, policy }: Case, ticket: Ticket): boolean {
  if (ticket.state !== 'closed' || automatic.kind !== null) return false;
  const onlyThanks = mail.attachments.every((each) => each.inline) && saysOnlyThanks(mail.newText, mail.from.name);
  return !(policy.thanksKeepClosed && onlyThanks);
}

/** The thread was found although the token is gone from the subject. */
function changedSubject(mail: ParsedMail, proof: string): boolean {
  return proof === 'signed Message-ID' && !/\[\s*\S+\s*#/.test(mail.subject);
}
