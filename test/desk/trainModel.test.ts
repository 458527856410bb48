import { expect, test } from '@jest/globals';
import { caseTextOf } from '../../src/desk/caseText.ts';
import { exampleMails, parsePatterns } from '../../src/desk/exampleMails.ts';
import { countsOf, probabilityOf, scoreOf, slotsOf, vectorOf } from '../../src/desk/linearModel.ts';
import { decodeModel, encodeModel } from '../../src/desk/modelCodec.ts';
import { featuresOf } from '../../src/desk/textFeatures.ts';
import { TicketKind } from '../../src/desk/ticket.ts';
import { calibrated, type LabelledMail, trainModel } from '../../src/desk/trainModel.ts';

const patterns = parsePatterns(`== I (incidents)
{MOD} no abre
sale error al guardar {MOD}
== R
quisiéramos un filtro en {MOD}
agregar una columna a {MOD}
== W
{CORE}
== N
usamos {MOD}
`);
const slots = { MOD: ['el reporte', 'la pantalla'], MODN: ['pagos'] };
const mails = exampleMails({ es: patterns, en: patterns, pt: patterns }, { es: slots, en: slots, pt: slots }, { count: 120, seed: 3 });
const model = trainModel(mails);

function scoreIn(text: string, trained = model): number {
  return scoreOf(featuresOf(caseTextOf({ subject: '', newText: text })), trained).score;
}

test('the same patterns and seed make the same mails, half of each kind', () => {
  const again = exampleMails({ es: patterns, en: patterns, pt: patterns }, { es: slots, en: slots, pt: slots }, { count: 120, seed: 3 });

  expect(again).toEqual(mails);
  expect(mails.filter(({ kind }) => kind === TicketKind.incident)).toHaveLength(60);
});

test('a line of patterns under no known heading is refused with its number', () => {
  expect(() => parsePatterns('== I\nno abre\n== Q\nalgo\n')).toThrow('line 3');
});

test('training is deterministic, byte for byte', () => {
  expect(encodeModel(trainModel(mails)).equals(encodeModel(model))).toBe(true);
});

test('a trained model tells what it has seen apart', () => {
  expect(scoreIn('la factura no abre')).toBeGreaterThan(0);
  expect(scoreIn('quisiéramos un filtro en la factura')).toBeLessThan(0);
});

test('a mail of more weight pulls the model further', () => {
  const correction: LabelledMail = { subject: '', newText: 'la factura sale rosada', kind: TicketKind.incident };

  const light = trainModel([...mails, { ...correction, weight: 0.1 }, { ...correction, weight: 0.1 }]);
  const heavy = trainModel([...mails, { ...correction, weight: 4 }, { ...correction, weight: 4 }]);

  expect(scoreIn(correction.newText, heavy)).toBeGreaterThan(scoreIn(correction.newText, light));
});

test('a score is the sum over the vector that training sees, and the shares of the findings add up to it', () => {
  for (const { subject, newText } of mails.slice(0, 20)) {
    const features = featuresOf(caseTextOf({ subject, newText: `${newText} ${newText}` }));
    const { slots, values } = vectorOf(countsOf(slotsOf(features)), model.rarity);

    const { score, shares } = scoreOf(features, model);

    expect(score).toBeCloseTo(
      slots.reduce((sum, slot, i) => sum + model.weight[slot]! * values[i]!, model.bias),
      9,
    );
    expect(shares.reduce((sum, share) => sum + share, model.bias)).toBeCloseTo(score, 9);
  }
});

test('calibration turns scores into frequencies of the mails it is fitted to', () => {
  const text = 'la factura no abre';
  const asLabelled = (kind: TicketKind, count: number): LabelledMail[] =>
    Array.from({ length: count }, () => ({ subject: '', newText: text, kind }));

  const fitted = calibrated(model, [...asLabelled(TicketKind.incident, 80), ...asLabelled(TicketKind.requirement, 20)]);

  expect(probabilityOf(scoreIn(text), fitted)).toBeCloseTo(0.8, 2);
});

test('a model read back from its bytes scores as before, but for rounding', () => {
  const read = decodeModel(encodeModel(model));

  for (const { newText } of mails.slice(0, 20)) expect(Math.abs(scoreIn(newText, read) - scoreIn(newText))).toBeLessThan(0.02);
  expect(encodeModel(read).length).toBe(encodeModel(model).length);
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['of another format', Buffer.from('{"format":"other"}\n')],
  ['cut', encodeModel(model).subarray(0, -1)],
  ['no JSON at all', Buffer.from('no model\n')],
])('bytes that are %s are refused', (_, bytes) => {
  expect(() => decodeModel(bytes)).toThrow();
});
