import { readFileSync } from 'node:fs';
import { TicketKind } from '../src/desk/ticket.ts';
import type { LabelledMail } from '../src/desk/trainModel.ts';
import { newTextOf } from '../src/mail/newText.ts';

export const LABELLED_ROWS = ['../shared/classify/dev.jsonl', '../shared/classify/dev2.jsonl'];

export interface Row extends LabelledMail {
  groups: string[];
}

/** Reads labelled mails, one JSON object a line. Rows that are neither an incident nor a requirement are left out. */
export function readRows(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((json) => json !== '')
    .map((json) => JSON.parse(json) as { lang: string; subject: string; body: string; label: string; kind: string })
    .flatMap(({ lang, subject, body, label, kind }) => {
      if (label !== 'INCIDENCIA' && label !== 'REQUERIMIENTO') return [];
      const { newText } = newTextOf({ text: body, html: null });
      return [{ subject, newText, kind: label === 'INCIDENCIA' ? TicketKind.incident : TicketKind.requirement, groups: [lang, kind] }];
    });
}
