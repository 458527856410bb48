import { formatToken, type TokenRules, withoutReplyPrefixes, withoutTokens } from '../mail/subject.ts';
import { type BusinessHours, nextAttention } from './hours.ts';
import type { Language } from './language.ts';
import type { Modality } from './register.ts';
import { spokenClock, spokenMoment } from './spokenTime.ts';
import { escapeHtml, render, type Template, type Vocabulary } from './template.ts';
import { type Classification, type MissingGroup, TicketKind } from './ticket.ts';

/** What an answer says; the caller adds sender, recipient and thread. */
export interface AnswerText {
  subject: string;
  text: string;
  html: string;
}

export interface AcknowledgementFacts {
  ticketNumber: number;
  tokens: TokenRules;
  language: Language;
  classification: Classification;
  /** The client's subject, to be answered as `Re: ...`; null for ours. */
  echoSubject: string | null;
  /** As the client's mail gives it; used in the greeting only when it looks like a person's name. */
  requesterName: string | null;
  platformUrl: string;
  receivedAt: Date;
  now: Date;
  hours: BusinessHours;
  /** Of the client's contract in force; null when there is none that is known, and nothing is said of it. */
  modality: Modality | null;
}

export type FixedTextFacts = Pick<AcknowledgementFacts, 'ticketNumber' | 'tokens' | 'language' | 'platformUrl'>;

/** What the template of an acknowledgement may say. */
export const ACKNOWLEDGEMENT = {
  values: ['ticketNumber', 'token', 'platformUrl', 'requesterName', 'receivedAt', 'nextAttention', 'opensAt', 'closesAt'],
  conditions: [
    'named',
    'unnamed',
    'incident',
    'requirement',
    'review',
    'missing',
    'missingEnvironment',
    'missingVersions',
    'missingContact',
    'missingRemoteAccess',
    'attendedNow',
    'attendedLater',
    'aroundTheClock',
    'officeHours',
    'contractUnknown',
  ],
  required: ['ticketNumber', 'platformUrl'],
} as const satisfies Vocabulary<string, string>;

/** What the template of the fixed text may say: nothing that the sender wrote. */
export const FIXED_TEXT = {
  values: ['ticketNumber', 'token', 'platformUrl'],
  conditions: [],
  required: ['ticketNumber', 'platformUrl'],
} as const satisfies Vocabulary<string, string>;

type AcknowledgementValue = (typeof ACKNOWLEDGEMENT.values)[number];
type AcknowledgementCondition = (typeof ACKNOWLEDGEMENT.conditions)[number];
type FixedTextValue = (typeof FIXED_TEXT.values)[number];

/** One answer in one language. */
export interface AnswerTemplate<Value extends string, Condition extends string> {
  subject: string;
  text: Template<Value, Condition>;
  html: Template<Value, Condition>;
}

/** Every wording that automatic answers may take. */
export interface Templates {
  acknowledgement: Readonly<Record<Language, AnswerTemplate<AcknowledgementValue, AcknowledgementCondition>>>;
  fixedText: Readonly<Record<Language, AnswerTemplate<FixedTextValue, never>>>;
}

/** Our one answer to a new ticket: received, its number, its kind, what is missing, when it is attended, and the way to the platform. */
export function acknowledgementFor(facts: AcknowledgementFacts, templates: Templates): AnswerText {
  const { language, classification, hours, modality } = facts;
  const name = personName(facts.requesterName ?? '');
  const missing = (group: MissingGroup) => classification.missing.includes(group);
  const next = nextAttention(facts.now, hours);
  const values = {
    ...fixedValues(facts),
    requesterName: name,
    receivedAt: spokenMoment(facts.receivedAt, language),
    nextAttention: next === 'now' ? '' : spokenMoment(next, language),
    opensAt: spokenClock(hours.opensAt, language),
    closesAt: spokenClock(hours.closesAt, language),
  };
  const conditions = {
    named: name !== '',
    unnamed: name === '',
    incident: classification.kind === TicketKind.incident,
    requirement: classification.kind === TicketKind.requirement,
    review: classification.review,
    missing: classification.missing.length > 0,
    missingEnvironment: missing('ambiente'),
    missingVersions: missing('versiones'),
    missingContact: missing('contacto'),
    missingRemoteAccess: missing('acceso remoto'),
    attendedNow: next === 'now',
    attendedLater: next !== 'now',
    aroundTheClock: modality === '24/7',
    officeHours: modality === '8/5',
    contractUnknown: modality === null,
  };
  const template = templates.acknowledgement[language];
  return {
    subject: answerSubject(values.token, facts, template.subject),
    text: render(template.text, values, conditions, asIs),
    html: render(template.html, values, conditions, escapeHtml),
  };
}

/** The answer to somebody whom nobody vouches for: number, token and link, and nothing that came from the sender. */
export function fixedText(facts: FixedTextFacts, templates: Templates): AnswerText {
  const template = templates.fixedText[facts.language];
  const values = fixedValues(facts);
  return {
    subject: `${values.token} ${template.subject}`,
    text: render(template.text, values, {}, asIs),
    html: render(template.html, values, {}, escapeHtml),
  };
}

function fixedValues({ ticketNumber, tokens, platformUrl }: FixedTextFacts): Record<FixedTextValue, string> {
  return { ticketNumber: String(ticketNumber), token: formatToken(tokens, ticketNumber), platformUrl };
}

/** Longer subjects are not looked at to the end; mail programs show far less. */
const MAX_ECHOED_CHARS = 500;

/** The token first, so that cutting cannot lose it, and once, however often the thread went to and fro. */
function answerSubject(token: string, { tokens, echoSubject }: AcknowledgementFacts, ours: string): string {
  let topic = (echoSubject ?? '').slice(0, MAX_ECHOED_CHARS);
  for (let before = ''; before !== topic; ) {
    before = topic;
    topic = withoutReplyPrefixes(withoutTokens(topic, tokens)).subject;
  }
  return `${token} ${topic === '' ? ours : `Re: ${topic}`}`;
}

/** `María José Pérez-Ñáñez`, `J. D'Arcy`; not `ventas@x.co`, `GANE http://x.co`, `Juan2`: a greeting must not carry a stranger's advertisement. */
const PERSON_NAME = /^[\p{L}\p{M}][\p{L}\p{M} .'’-]{1,59}$/u;

/** A point between letters, as in `www.premios.example`; not `J. Pérez`, `J.D. Pérez`. */
const HOST_NAME = /\p{L}\.\p{Ll}/u;

/** The name for the greeting, `''` when what the mail gives does not look like one. */
function personName(given: string): string {
  const name = given.trim().replace(/\s+/g, ' ');
  return PERSON_NAME.test(name) && !HOST_NAME.test(name) ? name : '';
}

function asIs(value: string): string {
  return value;
}
