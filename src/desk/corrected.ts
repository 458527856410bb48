import { hash } from 'node:crypto';
import { withoutReplyPrefixes } from '../mail/subject.ts';
import { caseTextOf } from './caseText.ts';
import { type CaseInput, MOST } from './classify.ts';
import { criticalityOf } from './criticality.ts';
import { missingIn } from './missing.ts';
import { type Classification, type Evidence, TicketKind } from './ticket.ts';

/** As much of a subject as the ledger keeps. */
const SUBJECT_LENGTH = 500;

/** Equal for mails that say the same under the same subject, whoever writes; null when there is no word in them. */
export function caseHashOf({ subject, newText }: Pick<CaseInput, 'subject' | 'newText'>): string | null {
  const bare = withoutReplyPrefixes(subject.slice(0, SUBJECT_LENGTH)).subject;
  const [title, text] = [bare, newText].map((part) => part.replace(/\s+/g, ' ').trim().toLowerCase());
  if (!/\p{L}/u.test(`${title}${text}`)) return null;
  return hash('sha256', `${title}\n${text}`);
}

/** What decided, in place of a word. */
const CORRECTED: Evidence = { term: 'corregido antes', weight: Math.log(MOST / (1 - MOST)), part: 'text', start: 0, end: 0 };

/** The classification of a mail of which a person said, on another ticket with the same words, what it is. */
export function asCorrected(classified: Classification, kind: TicketKind, input: CaseInput): Classification {
  const agrees = classified.kind === kind;
  return {
    ...classified,
    kind,
    confidence: MOST,
    band: 'sure',
    review: false,
    evidence: [CORRECTED, ...classified.evidence.map((each) => (agrees ? each : { ...each, weight: -each.weight }))],
    criticality: criticalityOf(caseTextOf(input), kind),
    missing: kind === TicketKind.incident ? missingIn({ signature: '', ...input }) : [],
  };
}
