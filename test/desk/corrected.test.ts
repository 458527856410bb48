import { expect, test } from '@jest/globals';
import { loadModel } from '../../src/adapters/modelFile.ts';
import { classify } from '../../src/desk/classify.ts';
import { asCorrected, caseHashOf } from '../../src/desk/corrected.ts';
import { TicketKind } from '../../src/desk/ticket.ts';

const mail = { subject: 'Error al guardar', newText: 'La aplicación no abre desde ayer y muestra el error 500.' };
const classified = classify(mail, loadModel(), { reviewBelow: 0.7 });

test.each([
  ['reply prefixes', { ...mail, subject: 'RE: Error al guardar' }],
  ['line breaks and spaces', { ...mail, newText: ' La aplicación no abre\r\ndesde ayer y   muestra el error 500.\n' }],
  ['letter case', { ...mail, subject: 'ERROR AL GUARDAR' }],
])('mails that differ only in %s have the same words', (_, other) => {
  expect(caseHashOf(other)).toBe(caseHashOf(mail));
});

test.each([
  ['another text', { ...mail, newText: 'La aplicación no abre.' }],
  ['another subject', { ...mail, subject: 'Error' }],
  ['the border between subject and text elsewhere', { subject: 'Error', newText: `al guardar ${mail.newText}` }],
])('mails with %s are not the same', (_, other) => {
  expect(caseHashOf(other)).not.toBe(caseHashOf(mail));
});

test.each(['', '  \n', '...', '12345'])('a mail without a word (%j) is never a repetition', (newText) => {
  expect(caseHashOf({ subject: 'Re: ', newText })).toBeNull();
});

test('a corrected mail gets the kind that was said, surely, and its evidence says so first', () => {
  const corrected = asCorrected(classified, TicketKind.requirement, mail);

  expect(classified.kind).toBe(TicketKind.incident);
  expect(corrected).toMatchObject({ kind: TicketKind.requirement, confidence: 0.99, band: 'sure', review: false, missing: [] });
  expect(corrected.evidence[0]).toMatchObject({ term: 'corregido antes' });
});

test('the words of the text now speak against the kind that was said', () => {
  const { evidence } = asCorrected(classified, TicketKind.requirement, mail);

  expect(evidence.slice(1).map(({ term, weight }) => [term, -weight])).toEqual(
    classified.evidence.map(({ term, weight }) => [term, weight]),
  );
});

test('a requirement that was said to be an incident is asked for what is missing', () => {
  const other = { subject: 'Filtro', newText: 'Quisiéramos un filtro por fecha en el reporte.' };

  expect(asCorrected(classify(other, loadModel(), { reviewBelow: 0.7 }), TicketKind.incident, other).missing).toContain('versiones');
});
