import { TicketKind } from './ticket.ts';

/** One judged mail: what it is, what was said and how surely. */
export interface Judged {
  kind: TicketKind;
  said: TicketKind;
  confidence: number;
  groups: readonly string[];
}

export interface ClassifierScore {
  count: number;
  accuracy: number;
  /** Mean of both kinds' F1. */
  macroF1: number;
  incidentRecall: number;
  /** Mean distance between confidence and share of right answers, over ten bands of confidence (expected calibration error). */
  calibrationError: number;
  /** Answers with a confidence of 0.90 or more: their share of all and their accuracy. */
  sure: { share: number; accuracy: number };
  groups: { name: string; count: number; right: number }[];
  wrong: number[];
}

const BANDS = 10;
export const SURE = 0.9;

export function scoreClassifier(judged: readonly Judged[]): ClassifierScore {
  const right = judged.filter(isRight).length;
  const sure = judged.filter(({ confidence }) => confidence >= SURE);
  const groups = new Map<string, { name: string; count: number; right: number }>();
  for (const one of judged) {
    for (const name of one.groups) {
      const group = groups.get(name) ?? { name, count: 0, right: 0 };
      group.count++;
      if (isRight(one)) group.right++;
      groups.set(name, group);
    }
  }
  return {
    count: judged.length,
    accuracy: right / judged.length,
    macroF1: (f1(judged, TicketKind.incident) + f1(judged, TicketKind.requirement)) / 2,
    incidentRecall: recall(judged, TicketKind.incident),
    calibrationError: calibrationError(judged),
    sure: { share: sure.length / judged.length, accuracy: sure.length === 0 ? 1 : sure.filter(isRight).length / sure.length },
    groups: [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    wrong: judged.flatMap((one, i) => (isRight(one) ? [] : [i])),
  };
}

function isRight({ kind, said }: Judged): boolean {
  return kind === said;
}

function recall(judged: readonly Judged[], kind: TicketKind): number {
  const all = judged.filter((one) => one.kind === kind);
  return all.length === 0 ? 1 : all.filter(isRight).length / all.length;
}

function f1(judged: readonly Judged[], kind: TicketKind): number {
  const hits = judged.filter((one) => one.kind === kind && isRight(one)).length;
  const misses = judged.filter((one) => !isRight(one)).length;
  return hits === 0 ? 0 : (2 * hits) / (2 * hits + misses);
}

function calibrationError(judged: readonly Judged[]): number {
  let distance = 0;
  for (let band = 0; band < BANDS; band++) {
    const inBand = judged.filter(({ confidence }) => Math.min(BANDS - 1, Math.floor((confidence - 0.5) * 2 * BANDS)) === band);
    distance += Math.abs(inBand.reduce((sum, { confidence }) => sum + confidence, 0) - inBand.filter(isRight).length);
  }
  return distance / judged.length;
}
