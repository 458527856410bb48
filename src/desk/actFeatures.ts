import { add, FeatureKind, type Features, hashed, seedOf } from './features.ts';
import { DENIAL, SPEECH_ACTS, type Stance, SUPPOSED } from './speechActs.ts';
import { isMark, type Word } from './words.ts';

/** A speech act in the words `from` to `to`. */
interface Act {
  name: string;
  stance: Stance;
  from: number;
  to: number;
}

/** A run of words up to an end mark: where it stands in the story, and the mark. */
interface Sentence {
  place: 'subject' | 'first' | 'later';
  from: number;
  /** Index after the last word. */
  end: number;
  mark: string;
}

/** Adds what the writer does, sentence by sentence: acts with their places and order, moods, and the story's outline. */
export function addStory(features: Features, shapes: readonly string[], subjectLength: number): void {
  if (features.words.length === 0) return;
  const sentences = sentencesOf(features.words, subjectLength);
  const acts = actsIn(features.words, subjectLength, sentences);
  features.asks = acts.filter(({ stance }) => stance === 'asks').length;
  features.reports = acts.filter(({ stance }) => stance === 'reports').length;
  addActs(features, acts, sentences);
  addMoods(features, shapes, sentences);
  addOutline(features, acts, sentences);
}

/** Fewer words are a greeting or a farewell, not a sentence about the case. */
const MIN_SENTENCE = 2;
const MIN_FIRST_SENTENCE = 4;

function sentencesOf(words: readonly Word[], textStart: number): Sentence[] {
  const sentences: Sentence[] = [];
  let from = 0;
  let opened = false;
  for (let end = 0; end <= words.length; end++) {
    if (end < words.length && !isMark(words[end]!)) continue;
    const length = end - from;
    if (length >= MIN_SENTENCE) {
      const first: boolean = from >= textStart && !opened && length >= MIN_FIRST_SENTENCE;
      opened ||= first;
      sentences.push({ place: from < textStart ? 'subject' : first ? 'first' : 'later', from, end, mark: words[end]?.text ?? '.' });
    }
    from = end + 1;
  }
  return sentences;
}

/** Acts of one name that count in a part; more of the same says nothing new. */
const MAX_SAME_ACT = 3;

/** The acts in order, without those inside a denial and without reports that are only supposed. */
function actsIn(words: readonly Word[], subjectLength: number, sentences: readonly Sentence[]): Act[] {
  const said = [...actsBetween(words, 0, subjectLength), ...actsBetween(words, subjectLength, words.length)];
  said.sort((a, b) => a.from - b.from || a.to - b.to);
  const denials = said.filter(({ name }) => name === DENIAL);
  const endOfSentence = (at: number): number => sentences.find(({ end }) => end > at)?.end ?? words.length;
  const supposed = said.filter(({ name }) => name === SUPPOSED).map(({ from }) => ({ from, end: endOfSentence(from) }));
  return said
    .filter((act) => act.name === DENIAL || !denials.some(({ from, to }) => act.from <= to && act.to >= from))
    .map((act) =>
      act.stance === 'reports' && supposed.some(({ from, end }) => act.from >= from && act.from < end)
        ? { ...act, name: `supposed ${act.name}`, stance: null }
        : act,
    );
}

function actsBetween(words: readonly Word[], start: number, end: number): Act[] {
  if (start === end) return [];
  const { line, wordAt } = lineOf(words, start, end);
  return SPEECH_ACTS.flatMap(({ name, stance, pattern }) => {
    const acts: Act[] = [];
    pattern.lastIndex = 0; // `matchAll` would copy the pattern each time, which takes longer than the search
    for (let match = pattern.exec(line); match && acts.length < MAX_SAME_ACT; match = pattern.exec(line))
      acts.push({ name, stance, from: wordAt[match.index]!, to: wordAt[match.index + match[0].length - 1]! });
    return acts;
  });
}

/** Words `start` to `end` as one line, and for each of its characters the word that it belongs to. */
function lineOf(words: readonly Word[], start: number, end: number): { line: string; wordAt: Int32Array } {
  let line = '';
  const starts: number[] = [];
  for (let i = start; i < end; i++) {
    starts.push(line.length);
    line += i + 1 < end ? `${words[i]!.text} ` : words[i]!.text;
  }
  const wordAt = new Int32Array(line.length);
  starts.forEach((at, i) => {
    wordAt.fill(start + i, at, starts[i + 1] ?? line.length);
  });
  return { line, wordAt };
}

const ACT = seedOf('a:');

/** Each act, with its place (subject, first sentence, last sentence) and with the act before. */
function addActs(features: Features, acts: readonly Act[], sentences: readonly Sentence[]): void {
  const first = sentences.find(({ place }) => place === 'first');
  const last = sentences.findLast(({ from, end }) => end - from >= MIN_FIRST_SENTENCE);
  const textStart = sentences.find(({ place }) => place !== 'subject')?.from ?? features.words.length;
  const pairs = new Set<string>();
  acts.forEach(({ name, from, to }, i) => {
    add(features, FeatureKind.acts, hashed(ACT, name), from, to);
    if (from < textStart) add(features, FeatureKind.acts, hashed(ACT, `subject ${name}`), from, to);
    else if (first && from < first.end) add(features, FeatureKind.acts, hashed(ACT, `first ${name}`), from, to);
    if (last && from >= last.from) add(features, FeatureKind.acts, hashed(ACT, `last ${name}`), from, to);
    const before = acts[i - 1];
    const pair = `${before?.name ?? ''} then ${name}`;
    if (!pairs.has(pair)) add(features, FeatureKind.acts, hashed(ACT, pair), before ? before.from : from, to);
    pairs.add(pair);
  });
}

const MOOD = seedOf('m:');
/** Shapes that show the mood of a sentence: report or wish. */
const MOODS = new Set(['INF', 'CHG', 'FIX', 'IND', 'PAS', 'IMP', 'SBJ', 'CND', 'WSH', 'GER', 'PP']);

/** How each sentence begins and which verb form leads it, with its place. */
function addMoods(features: Features, shapes: readonly string[], sentences: readonly Sentence[]): void {
  for (const { place, from, end, mark } of sentences) {
    let lead = from;
    while (lead < end && !MOODS.has(shapes[lead]!)) lead++;
    const mood = lead < end ? shapes[lead]! : 'none';
    const to = Math.min(lead, end - 1);
    add(features, FeatureKind.acts, hashed(MOOD, mood), to, to);
    add(features, FeatureKind.acts, hashed(MOOD, `${place} ${mood}`), to, to);
    add(features, FeatureKind.acts, hashed(MOOD, `${shapes[from]} ${mood} ${mark}`), from, to);
  }
}

const OUTLINE = seedOf('o:');

/** What each sentence does (asks, reports, both, neither), and the order of it; that nothing is asked, or nothing reported, tells, too. */
function addOutline(features: Features, acts: readonly Act[], sentences: readonly Sentence[]): void {
  const outline: string[] = [];
  for (const { place, from, end } of sentences) {
    const here = acts.filter((act) => act.from >= from && act.from < end && act.stance !== null);
    const stance = [...new Set(here.map((act) => act.stance))].sort().join('+') || 'tells';
    const spoken = here.length > 0 ? here : [{ from, to: end - 1 }];
    for (const act of spoken) add(features, FeatureKind.acts, hashed(OUTLINE, `${place} ${stance}`), act.from, act.to);
    if (stance !== outline.at(-1) && stance !== 'tells') outline.push(stance);
  }
  const all = features.words.length - 1;
  add(features, FeatureKind.acts, hashed(OUTLINE, outline.slice(0, 3).join(' then ')), 0, all);
  for (const stance of ['asks', 'reports'] as const)
    if (!acts.some((act) => act.stance === stance)) add(features, FeatureKind.acts, hashed(OUTLINE, `never ${stance}`), 0, all);
}
