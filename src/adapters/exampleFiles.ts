import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { exampleMails, parsePatterns, type Slots } from '../desk/exampleMails.ts';
import type { Language } from '../desk/language.ts';
import { TicketKind } from '../desk/ticket.ts';
import type { LabelledMail } from '../desk/trainModel.ts';

const FOLDER = fileURLToPath(new URL('../../config/classifier/', import.meta.url));

/** What the classifier is trained from; all of it was written for this program. */
export interface Examples {
  training: LabelledMail[];
  /** Fitted once to mails that were not trained on; `npm run classify:evaluate -- --calibrate` prints it. */
  calibration: { slope: number; shift: number };
}

/** Reads the patterns and slots and makes the mails to train on, or the first of them. */
export function loadExamples(most: number = Number.POSITIVE_INFINITY, folder: string = FOLDER): Examples {
  const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');
  const slots = parse(read('slots.yaml')) as Slots;
  const settings = parse(read('training.yaml')) as { count: number; seed: number; slope: number; shift: number };
  const { count, seed, slope, shift } = settings;
  const patterns = {
    es: parsePatterns(read('patterns/es.txt')),
    en: parsePatterns(read('patterns/en.txt')),
    pt: parsePatterns(read('patterns/pt.txt')),
  };
  return { training: exampleMails(patterns, slots, { count: Math.min(count, most), seed }), calibration: { slope, shift } };
}

/** Mails that the classifier is judged on and never trained from. */
export function readAcceptanceMails(folder: string = FOLDER): (LabelledMail & { language: Language })[] {
  return readFileSync(`${folder}/acceptance.tsv`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [language, kind, subject = '', text = ''] = line.split('\t');
      const newText = text.replaceAll('\\n', '\n');
      return { language: language as Language, subject, newText, kind: kind === 'I' ? TicketKind.incident : TicketKind.requirement };
    });
}
