import { expect, test } from '@jest/globals';
import { caseTextOf } from '../../src/desk/caseText.ts';
import { kindOf } from '../../src/desk/classify.ts';
import { exampleMails, parsePatterns } from '../../src/desk/exampleMails.ts';
import { type CorrectedMail, learnModel, weighed } from '../../src/desk/learnModel.ts';
import { type Model, scoreOf } from '../../src/desk/linearModel.ts';
import { encodeModel } from '../../src/desk/modelCodec.ts';
import { featuresOf } from '../../src/desk/textFeatures.ts';
import { TicketKind } from '../../src/desk/ticket.ts';
import { type LabelledMail, trainModel } from '../../src/desk/trainModel.ts';

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
const slots = { MOD: ['el reporte', 'la pantalla', 'la factura'], MODN: ['pagos'] };
const mails = exampleMails({ es: patterns, en: patterns, pt: patterns }, { es: slots, en: slots, pt: slots }, { count: 300, seed: 3 });
const base = trainModel(mails);

function corrections(count: number, client = 'bodega.example'): CorrectedMail[] {
  const where = ['Funza', 'Yumbo', 'Siberia', 'la sede', 'el muelle'];
  return Array.from({ length: count }, (_, n) => ({
    subject: '',
    newText: `el despacho sigue sin vitrina en ${where[n % where.length]} ${n}`,
    kind: TicketKind.requirement,
    client,
  }));
}

function scoreIn(mail: LabelledMail, model: Model): number {
  return Math.tanh(scoreOf(featuresOf(caseTextOf(mail)), model).score);
}

function sum(mails: readonly { weight: number }[]): number {
  return mails.reduce((all, { weight }) => all + weight, 0);
}

test('a client’s corrections decide further mails of that client’s words', () => {
  const mail = { subject: '', newText: 'el traslado sigue sin vitrina, sale en Funza' };

  const learned = learnModel(base, corrections(60), mails);

  expect(kindOf(mail, base)).toBe(TicketKind.incident);
  expect(kindOf(mail, learned)).toBe(TicketKind.requirement);
});

test('what corrections say nothing about stays as it was', () => {
  const learned = learnModel(base, corrections(60), mails);

  expect(mails.filter((mail) => kindOf(mail, learned) !== kindOf(mail, base))).toEqual([]);
});

test('rehearsing mails of the base holds it in its place', () => {
  const drift = (learned: Model): number =>
    mails.reduce((all, mail) => all + Math.abs(scoreIn(mail, learned) - scoreIn(mail, base)), 0) / mails.length;

  expect(drift(learnModel(base, corrections(60), mails))).toBeLessThan(drift(learnModel(base, corrections(60), [])) / 1.5);
});

test('the same corrections give the same model, byte for byte', () => {
  const [one, other] = [1, 2].map(() => encodeModel(learnModel(base, corrections(10), mails)));

  expect(one!.equals(other!)).toBe(true);
});

test('learning leaves the base untouched', () => {
  const before = encodeModel(base);

  learnModel(base, corrections(10), mails);

  expect(encodeModel(base).equals(before)).toBe(true);
});

test('a client who corrects ten times as much says no more than one who corrects sixty times', () => {
  expect(sum(weighed(corrections(600)))).toBeCloseTo(sum(weighed(corrections(60))));
});

test('a few corrections weigh the same each, whoever else corrects', () => {
  const few = weighed([...corrections(60, 'a.example'), ...corrections(2, 'b.example')]).filter(({ client }) => client === 'b.example');

  expect(sum(few)).toBeCloseTo(sum(weighed(corrections(2))));
});

test('all clients together weigh at most one mail in a hundred of those that are rehearsed', () => {
  const everybody = Array.from({ length: 40 }, (_, n) => corrections(60, `c${n}.example`)).flat();

  expect(sum(weighed(everybody))).toBeCloseTo(30);
});
