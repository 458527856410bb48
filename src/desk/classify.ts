import { type CaseText, caseTextOf } from './caseText.ts';
import { COURTESY } from './courtesy.ts';
import { criticalityOf } from './criticality.ts';
import { evidenceIn } from './evidence.ts';
import type { Features } from './features.ts';
import { type Model, probabilityOf, scoreOf } from './linearModel.ts';
import { missingIn } from './missing.ts';
import { asksForService } from './serviceRequest.ts';
import { featuresOf } from './textFeatures.ts';
import { type Classification, TicketKind } from './ticket.ts';
import { isMark } from './words.ts';

export interface CaseInput {
  subject: string;
  /** What was written in this mail, without quote and signature. */
  newText: string;
  /** Cut off by the parser; only looked at for contact data. */
  signature?: string;
}

/**
 * Incidencia or requerimiento, always one of the two, with how sure that is and the words that decided. A mail that says nothing is taken
 * for an incident and given to a person. Pure: the same mail and model give the same answer.
 * @param options.reviewBelow a confidence under this marks the ticket for review
 * @param options.sureFrom from this confidence on nobody needs to confirm it
 */
export function classify(input: CaseInput, model: Model, options: { reviewBelow: number; sureFrom?: number }): Classification {
  const caseText = caseTextOf(input);
  const { language } = caseText;
  const missing = missingIn({ signature: '', ...input });
  if (isWordless(caseText)) {
    const criticality = criticalityOf(caseText, TicketKind.incident);
    return {
      kind: TicketKind.incident,
      confidence: 0.5,
      band: 'review',
      review: true,
      service: false,
      language,
      evidence: [],
      criticality,
      missing,
    };
  }
  const features = featuresOf(caseText);
  const { score, shares } = scoreOf(features, model);
  const probability = probabilityOf(score, model);
  const kind = likelier(probability);
  const sureness = isThin(caseText, features) ? MOST_FOR_A_TOPIC : MOST;
  const confidence = Math.min(sureness, Math.max(probability, 1 - probability));
  const label = labelIn(input.subject);
  const reportsFailure = kind === TicketKind.incident && features.reports > 0;
  const service = !reportsFailure && asksForService(caseText);
  const review = confidence < options.reviewBelow || service || (label !== null && label !== kind);
  return {
    kind,
    confidence: Math.round(confidence * 1000) / 1000,
    band: review ? 'review' : confidence >= (options.sureFrom ?? SURE_FROM) ? 'sure' : 'confirm',
    review,
    service,
    language,
    evidence: evidenceIn(input, features, shares, kind),
    criticality: criticalityOf(caseText, kind),
    missing: kind === TicketKind.incident ? missing : [],
  };
}

/** Only the kind, for judging a model on many mails. */
export function kindOf(input: CaseInput, model: Model): TicketKind {
  const caseText = caseTextOf(input);
  return isWordless(caseText) ? TicketKind.incident : likelier(probabilityOf(scoreOf(featuresOf(caseText), model).score, model));
}

function likelier(probabilityOfIncident: number): TicketKind {
  return probabilityOfIncident >= 0.5 ? TicketKind.incident : TicketKind.requirement;
}

const SURE_FROM = 0.9;
/** No text is certain. */
export const MOST = 0.99;
/** A mere topic (`Facturación`) may be about anything. */
const MOST_FOR_A_TOPIC = 0.6;
const TOPIC_WORDS = 2;

/** One or two words that neither ask nor report. */
function isThin({ subject, text }: CaseText, features: Features): boolean {
  return (
    features.asks + features.reports === 0 &&
    [...subject, ...text].filter((word) => !isMark(word) && !COURTESY.has(word.text)).length <= TOPIC_WORDS
  );
}

/** Nothing but greetings, thanks and numbers. */
function isWordless({ subject, text }: CaseText): boolean {
  return [...subject, ...text].every((word) => isMark(word) || word.text.length < 2 || COURTESY.has(word.text));
}

/** `INCIDENCIA: no abre`, `[REQUERIMIENTO] filtro`; not `Incidencia con el filtro`. */
const LABEL =
  /^[^\p{L}]{0,10}(?:(?:re|rv|fw|fwd)\s?:\s?)?[[(]?(incidencia|incidente|error|falla|bug|requerimiento|mejora|solicitud de mejora|feature request)s?\s?[\])]?\s?(?:[:\-|]|(?<=\]))/iu;
const INCIDENT_LABEL = /^(?:inc|err|fal|bug)/i;

/** The kind that the writer put before the subject. It is no order: people mislabel. */
function labelIn(subject: string): TicketKind | null {
  const label = LABEL.exec(subject.slice(0, 100))?.[1];
  if (!label) return null;
  return INCIDENT_LABEL.test(label) ? TicketKind.incident : TicketKind.requirement;
}
