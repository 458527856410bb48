import { COURTESY } from './courtesy.ts';
import type { Features } from './features.ts';
import { type Evidence, TicketKind } from './ticket.ts';
import { isMark } from './words.ts';

const MOST_FOR = 5;
const MOST_AGAINST = 3;
/** A phrase is at most this many words. */
const MAX_PHRASE = 5;
/** Less than this share of the strongest phrase is not worth reading. */
const WORTH_READING = 0.12;

/** Words of this length alone (`de`, `los`, `19`) explain nothing to a reader; a negation does. */
const MAX_SMALL_WORD = 3;
const NEGATIONS = new Set(['no', 'ni', 'sin', 'nao', 'not']);

interface Phrase {
  from: number;
  to: number;
  weight: number;
}

/**
 * The phrases that decided, strongest first, then those that spoke against. Every finding's share in the score is divided among its words;
 * neighbours that pull the same way become one phrase.
 */
export function evidenceIn(
  input: { subject: string; newText: string },
  features: Features,
  shares: Float64Array,
  kind: TicketKind,
): Evidence[] {
  const pull = pullOf(features, shares, kind === TicketKind.incident ? 1 : -1);
  const phrases = phrasesOf(input, features, pull);
  const least = WORTH_READING * Math.max(0, ...phrases.map(({ weight }) => Math.abs(weight)));
  const telling = phrases.filter(({ weight }) => Math.abs(weight) >= least).sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const chosen = [
    ...telling.filter(({ weight }) => weight > 0).slice(0, MOST_FOR),
    ...telling.filter(({ weight }) => weight < 0).slice(0, MOST_AGAINST),
  ];
  return chosen.map(({ from, to, weight }) => {
    const { part, start } = features.words[from]!;
    const { end } = features.words[to]!;
    const term = (part === 'subject' ? input.subject : input.newText).slice(start, end);
    return { term, weight: Math.round(weight * 100) / 100, part, start, end };
  });
}

/** How much each word pulls towards the decided kind. */
function pullOf({ words, from, to }: Features, shares: Float64Array, sign: number): Float64Array {
  const pull = new Float64Array(words.length);
  shares.forEach((share, i) => {
    if (share === 0) return;
    const length = to[i]! - from[i]! + 1;
    for (let word = from[i]!; word <= to[i]!; word++) pull[word]! += (sign * share) / length;
  });
  return pull;
}

function phrasesOf(input: { subject: string; newText: string }, { words }: Features, pull: Float64Array): Phrase[] {
  const phrases: Phrase[] = [];
  const least = 0.15 * Math.max(0, ...pull.map(Math.abs));
  const together = (i: number): boolean => {
    const [left, right] = [words[i]!, words[i + 1]!];
    if (left.part !== right.part) return false;
    return (left.part === 'subject' ? input.subject : input.newText).slice(left.end, right.start).trim() === '';
  };
  words.forEach((word, i) => {
    const weight = pull[i]!;
    if (isMark(word) || Math.abs(weight) < least) return;
    const last = phrases.at(-1);
    if (last && last.to === i - 1 && last.weight > 0 === weight > 0 && i - last.from < MAX_PHRASE && together(i - 1)) {
      last.to = i;
      last.weight += weight;
    } else phrases.push({ from: i, to: i, weight });
  });
  return phrases.filter(({ from, to }) =>
    words.slice(from, to + 1).some(({ text }) => NEGATIONS.has(text) || (text.length > MAX_SMALL_WORD && !COURTESY.has(text))),
  );
}
