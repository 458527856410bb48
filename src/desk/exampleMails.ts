import type { Language } from './language.ts';
import { randomNumbers } from './randomNumbers.ts';
import { TicketKind } from './ticket.ts';
import type { LabelledMail } from './trainModel.ts';

/**
 * Sentences to build example mails from, by language and role. Roles: `I` and `R` say what an incident or a requirement is about, `i` and `r`
 * are further remarks of the same kind, `N` is neutral narrative that both kinds share, `W` is put around a core sentence at `{CORE}`,
 * `G`, `C` and `S` are greeting, farewell and signature, `sI`, `sR` and `sN` are subjects.
 */
export type Role = 'I' | 'R' | 'i' | 'r' | 'N' | 'W' | 'G' | 'C' | 'S' | 'sI' | 'sR' | 'sN';
export type Patterns = Record<Language, Record<Role, string[]>>;
/** What may stand for `{MOD}`, `{FIELD}`, ...; a figure after the name (`{FIELD2}`) asks for another pick of the same list. */
export type Slots = Record<Language, Record<string, string[]>>;

export interface ExampleOptions {
  count: number;
  seed: number;
}

/** Share of mails in Spanish; of the others, in English. */
const SPANISH = 0.76;
const ENGLISH = 0.7;

/** Mails made from patterns, half of them incidents. The same options give the same mails. */
export function exampleMails(patterns: Patterns, slots: Slots, { count, seed }: ExampleOptions): LabelledMail[] {
  const random = randomNumbers(seed);
  const draw = drawing(random);
  return Array.from({ length: count }, (_, n) => {
    const language = random() < SPANISH ? 'es' : random() < ENGLISH ? 'en' : 'pt';
    return exampleMail(patterns[language], slots[language], n % 2 === 0 ? TicketKind.incident : TicketKind.requirement, random, draw);
  });
}

function exampleMail(
  patterns: Record<Role, string[]>,
  slots: Record<string, string[]>,
  kind: TicketKind,
  random: () => number,
  draw: (list: readonly string[]) => string,
): LabelledMail {
  const incident = kind === TicketKind.incident;
  const chance = (share: number): boolean => random() < share;
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const fill = (pattern: string): string =>
    pattern
      .replace(/\{(\w+?)\d?\}/g, (_, name: string) => pick(slots[name]!))
      .replace(/ {2,}/g, ' ')
      .replace(/ ([,.?])/g, '$1')
      .replace(/\ba el\b/g, 'al')
      .replace(/\bde el\b/g, 'del')
      .trim();
  const say = (role: Role): string => fill(draw(patterns[role]));
  const core = (): string => say(incident ? 'I' : 'R');
  const sentence = (text: string): string => capital(text) + (/[?!.]$/.test(text) ? '' : '.');
  const neutral = (share: number): string[] =>
    chance(share) ? Array.from({ length: 1 + Math.floor(random() * 2.5) }, () => sentence(say('N'))) : [];

  const wrapped = pick(patterns.W).replace('{CORE}', core());
  const sentences = [...neutral(0.35), sentence(wrapped)];
  if (chance(0.3)) sentences.push(sentence(core()));
  if (chance(0.5)) sentences.push(sentence(say(incident ? 'i' : 'r')));
  sentences.push(...neutral(0.4));
  let text = sentences.join(chance(0.8) ? ' ' : '\n');
  if (chance(0.6)) text = pick(patterns.G) + (chance(0.5) ? ',\n\n' : '. ') + text;
  if (chance(0.6)) text += (chance(0.6) ? '\n\n' : ' ') + pick(patterns.C);
  if (chance(0.3)) text += `\n${pick(patterns.S)}`;
  const r = random();
  let subject = r < 0.35 ? say(incident ? 'sI' : 'sR') : r < 0.8 ? say('sN') : '';

  const style = random();
  const area = (): string => fill('{MODN}');
  if (style < 0.1) {
    subject = capital(core());
    text = '';
    if (chance(0.3)) subject = subject.toUpperCase();
  } else if (style < 0.15) {
    subject = `[${chance(0.5) ? area().toUpperCase() : capital(area())}] ${capital(core())}`;
    if (chance(0.4)) text = '';
  } else if (style < 0.19) {
    subject = `${capital(area())} - ${area()} - ${core()}`;
    if (chance(0.4)) text = '';
  } else if (style < 0.23) {
    subject = core();
    text = core() + (chance(0.5) ? '..' : '');
  } else if (style < 0.27) {
    text = `${chance(0.5) ? `${pick(patterns.G)},\n` : ''}1. ${capital(core())}\n2. ${capital(core())}`;
  }
  if (chance(0.12)) text = withTypos(text, random);
  if (chance(0.15)) {
    text = plain(text);
    subject = plain(subject);
  }
  if (chance(0.08)) text = text.toLowerCase();
  else if (chance(0.06)) text = text.toUpperCase();
  return { subject, newText: text, kind };
}

/** Draws from lists as from decks of cards: each item once in chance order before any of them comes again. */
function drawing(random: () => number): (list: readonly string[]) => string {
  const decks = new Map<readonly string[], string[]>();
  return (list) => {
    let deck = decks.get(list);
    if (!deck?.length) {
      deck = [...list];
      decks.set(list, deck);
    }
    const at = Math.floor(random() * deck.length);
    const drawn = deck[at] ?? '';
    deck[at] = deck.at(-1)!;
    deck.pop();
    return drawn;
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Without accents, as typed in a hurry. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}+/gu, '');
}

/** One long word in twelve with a letter lost, swapped or doubled. */
function withTypos(text: string, random: () => number): string {
  return text
    .split(' ')
    .map((word) => {
      if (word.length < 5 || random() >= 0.08) return word;
      const i = 1 + Math.floor(random() * (word.length - 2));
      const r = random();
      if (r < 0.35) return word.slice(0, i) + word.slice(i + 1);
      return r < 0.7 ? word.slice(0, i) + word[i + 1]! + word[i]! + word.slice(i + 2) : word.slice(0, i) + word[i]! + word.slice(i);
    })
    .join(' ');
}

const ROLES: readonly Role[] = ['I', 'R', 'i', 'r', 'N', 'W', 'G', 'C', 'S', 'sI', 'sR', 'sN'];
/** `== sI (subjects of incidents)`; not `a == b`. */
const HEADING = /^== (\w{1,2})\b/;

/** Reads one language's patterns: headings `== ROLE (remark)`, then one sentence a line. @throws Error naming a line that belongs nowhere. */
export function parsePatterns(source: string): Record<Role, string[]> {
  const patterns = Object.fromEntries(ROLES.map((role) => [role, [] as string[]])) as Record<Role, string[]>;
  let list: string[] | undefined;
  source.split('\n').forEach((line, i) => {
    const heading = HEADING.exec(line);
    if (heading) list = patterns[heading[1] as Role];
    else if (line !== '') list?.push(line);
    if (!list) throw new Error(`line ${i + 1} stands under no heading that is known`);
  });
  return patterns;
}
