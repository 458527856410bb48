import { addStory } from './actFeatures.ts';
import type { CaseText } from './caseText.ts';
import { add, FeatureKind, type Features, hashed, seedOf } from './features.ts';
import { shapeOf } from './wordShapes.ts';
import { isMark, type Word } from './words.ts';

/** All findings of a case. Linear in the number of words. */
export function featuresOf({ subject, text }: CaseText): Features {
  const apart = subject.length > 0 && text.length > 0 && !isMark(subject.at(-1)!);
  const words = apart ? [...subject, endAfter(subject), ...text] : [...subject, ...text];
  const features: Features = { words, key: [], kind: [], from: [], to: [], asks: 0, reports: 0 };
  const shapes = words.map((_, i) => shapeOf(words, i));
  addWords(features, shapes, subject.length);
  addLetters(features);
  addShapes(features, shapes, 0, words.length, 'D');
  if (subject.length > 0) addShapes(features, shapes, 0, subject.length, 'E');
  addStory(features, shapes, subject.length);
  return features;
}

function endAfter(subject: Word[]): Word {
  const { part, end } = subject.at(-1)!;
  return { text: '.', stressed: false, part, start: end, end };
}

const WORD = seedOf('w:');
const SUBJECT_WORD = seedOf('s:');
const OPENING_WORD = seedOf('o:');

/** Words, pairs and triples inside a sentence; trouble that is denied counts as another word. */
function addWords(features: Features, shapes: string[], subjectLength: number): void {
  const { words } = features;
  let opening = 0;
  for (let i = 0; i < words.length; i++) {
    if (isMark(words[i]!)) {
      if (words[i]!.text !== '.') add(features, FeatureKind.words, hashed(WORD, words[i]!.text), i, i);
      opening = 0;
      continue;
    }
    let h = WORD;
    for (let to = i; to < Math.min(i + 3, words.length) && !isMark(words[to]!); to++) {
      h = hashed(h, shapes[to] === 'NT' ? '_denied' : `_${words[to]!.text}`);
      add(features, FeatureKind.words, h, i, to);
    }
    if (i < subjectLength) add(features, FeatureKind.words, hashed(SUBJECT_WORD, words[i]!.text), i, i);
    if (opening++ < 2) add(features, FeatureKind.words, hashed(OPENING_WORD, words[i]!.text), i, i);
  }
}

const LETTERS = seedOf('c:');

/** Runs of 3 to 5 letters of each different word: survive typing errors and endings. */
function addLetters(features: Features): void {
  const seen = new Set<string>();
  features.words.forEach((word, at) => {
    if (word.text.length < 3 || word.text.length > 40 || seen.has(word.text)) return;
    seen.add(word.text);
    const edged = `<${word.text}>`;
    for (let start = 0; start + 3 <= edged.length; start++) {
      let h = LETTERS;
      for (let length = 1; length <= 5 && start + length <= edged.length; length++) {
        h = Math.imul(h ^ edged.charCodeAt(start + length - 1), 0x01000193);
        if (length >= 3) add(features, FeatureKind.letters, h, at, at);
      }
    }
  });
}

/** Sentences without their subject matter: function words stay, others become classes, runs of one class are one. */
function addShapes(features: Features, shapes: string[], start: number, end: number, family: string): void {
  const runs: { shape: string; from: number; to: number }[] = [{ shape: '.', from: -1, to: -1 }];
  for (let i = start; i < end; i++) {
    const shape = shapes[i]!;
    const last = runs.at(-1)!;
    if (last.shape === shape && (shape === 'X' || shape === '.')) last.to = i;
    else runs.push({ shape, from: i, to: i });
  }
  if (runs.at(-1)!.shape !== '.') runs.push({ shape: '.', from: -1, to: -1 });
  const seed = seedOf(family);
  for (let i = 0; i < runs.length; i++) {
    let h = seed;
    let telling = false;
    for (let length = 1; length <= 4 && i + length <= runs.length; length++) {
      const run = runs[i + length - 1]!;
      h = hashed(h, `_${run.shape}`);
      telling ||= run.shape !== 'X' && run.shape !== '.';
      if (length < 2 || !telling) continue;
      const from = runs[i]!.from >= 0 ? runs[i]!.from : runs[i + 1]!.from;
      const to = run.to >= 0 ? run.to : runs[i + length - 2]!.to;
      add(features, FeatureKind.shapes, h, from, Math.max(from, to));
    }
  }
}
