import { expect, test } from '@jest/globals';
import { loadModel } from '../../src/adapters/modelFile.ts';
import { classify } from '../../src/desk/classify.ts';
import { type Classification, TicketKind } from '../../src/desk/ticket.ts';
import { newTextOf } from '../../src/mail/newText.ts';
import { parseMail } from '../../src/mail/parse.ts';

const model = loadModel();
const { incident, requirement } = TicketKind;

function classified(newText: string, subject = ''): Classification {
  return classify({ subject, newText }, model, { reviewBelow: 0.7 });
}

test.each([
  ['Solicitamos agregar un botón de exportar'],
  ['Solicitamos agregar un botón para exportar la consulta de saldos'],
  ['Requerimos que el reporte incluya la ciudad del cliente'],
])('C01 "%s" is a requirement', (text) => {
  const { kind, confidence } = classified(text);

  expect(kind).toBe(requirement);
  expect(confidence).toBeGreaterThan(0.9);
});

test.each([['La aplicación no abre, error 500 desde las 8'], ['El portal no carga desde esta mañana y sale tiempo de espera agotado']])(
  'C02 "%s" is an incident',
  (text) => {
    const { kind, confidence } = classified(text);

    expect(kind).toBe(incident);
    expect(confidence).toBeGreaterThan(0.9);
  },
);

test.each([['Requerimos apoyo urgente, el sistema está caído'], ['Solicitamos su colaboración porque no permite guardar la factura']])(
  'C03 "%s" is an incident although it asks politely',
  (text) => {
    expect(classified(text).kind).toBe(incident);
  },
);

test.each([['No es una falla, queremos una mejora'], ['Esto no es un error, funciona bien; queremos que además se pueda exportar']])(
  'C04 "%s" is a requirement although it names a failure',
  (text) => {
    expect(classified(text).kind).toBe(requirement);
  },
);

test('C05 a wish about an error message is a requirement, with the words for and against as evidence', () => {
  const { kind, evidence } = classified('Solicitud de mejora: que el error 404 muestre un mensaje');

  expect(kind).toBe(requirement);
  expect(evidence.some(({ weight }) => weight > 0)).toBe(true);
  expect(evidence.some(({ term, weight }) => weight < 0 && term.includes('error'))).toBe(true);
});

test('C06 words of the quoted text and of the signature do not count', () => {
  const text = [
    'Solicitamos agregar la ciudad en el reporte de ventas.',
    '',
    'Cordialmente,',
    'Pedro Ruiz',
    'Ingeniero de Incidencias y Fallas',
    '',
    'El lun, 5 ene 2026 a las 8:00, Soporte <soporte@itac.co> escribió:',
    '> El sistema está caído, no funciona, sale error 500.',
  ].join('\n');

  const { newText } = newTextOf({ text, html: null });
  const { kind, evidence } = classified(newText);

  expect(kind).toBe(requirement);
  expect(evidence.map(({ term }) => term).join(' ')).not.toMatch(/incidencias|caído|500/i);
});

test.each([
  ['INCIDENCIA PRODUCCION CAIDA', 'Incidencia: producción caída'],
  ['NO PERMITE GUARDAR LA FACTURA', 'No permite guardar la factura'],
  ['el sistma no fucniona desde aller', 'El sistema no funciona desde ayer'],
])('C07 "%s" is the same kind as "%s"', (careless, careful) => {
  expect(classified(careless).kind).toBe(incident);
  expect(classified(careful).kind).toBe(incident);
});

test.each([[''], ['Gracias'], ['ok'], ['Muchas gracias, quedo atento.'], ['???'], ['12345'], ['👍']])(
  'C08 "%s" says nothing: an incident of low confidence for review',
  (text) => {
    const { kind, confidence, review } = classified(text);

    expect(kind).toBe(incident);
    expect(confidence).toBeLessThanOrEqual(0.6);
    expect(review).toBe(true);
  },
);

test.each([
  ['The export button does nothing since the last update', incident, 'en'],
  ['Could you add an option to export the report to Excel?', requirement, 'en'],
  ['O sistema não abre desde ontem, aparece uma tela em branco', incident, 'pt'],
  ['Gostaríamos de um relatório com o total por filial', requirement, 'pt'],
] as const)('C09 "%s" is %s in %s', (text, kind, language) => {
  const classification = classified(text);

  expect(classification.kind).toBe(kind);
  expect(classification.language).toBe(language);
});

test('C10 a label that the content contradicts does not decide and marks the ticket for review', () => {
  const contradicted = classified('Desde ayer el sistema no abre y sale error 500, no podemos trabajar.', '[REQUERIMIENTO] Facturación');
  const agreed = classified('Desde ayer el sistema no abre y sale error 500, no podemos trabajar.', 'INCIDENCIA: Facturación');

  expect(contradicted).toMatchObject({ kind: incident, review: true });
  expect(agreed).toMatchObject({ kind: incident, review: false });
});

test('C11 headers of importance are kept and raise no criticality', async () => {
  const raw = (headers: string): Buffer =>
    Buffer.from(`From: ana@cliente.example\r\nSubject: Reporte\r\n${headers}\r\nEl reporte sale sin la ciudad.\r\n`);
  const [plain, loud] = await Promise.all([parseMail(raw('')), parseMail(raw('X-Priority: 1\r\nImportance: high\r\n'))]);
  if (!plain.ok || !loud.ok) throw new Error('the mails must be readable');

  const options = { reviewBelow: 0.7 };

  expect(classify(loud.mail, model, options)).toEqual(classify(plain.mail, model, options));
  expect(loud.mail.headers).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'importance' })]));
});

test('C12 production that is down is critical, the same in a test environment is not, each with its words', () => {
  const production = classified('El ambiente de producción está caído, nadie puede facturar.').criticality;
  const testing = classified('El ambiente de pruebas está caído.').criticality;

  expect(production.suggested).toBe('crítica');
  expect(production.evidence.join(' ')).toMatch(/produccion/);
  expect(['media', 'baja']).toContain(testing.suggested);
  expect(testing.evidence.join(' ')).toMatch(/pruebas/);
});

test('C18 environment and version that the mail names are not missing', () => {
  const { missing } = classified('En producción, versión 8.2.1, no deja guardar la factura.');

  expect(missing).toEqual(['contacto', 'acceso remoto']);
});

test('a requirement lacks no information', () => {
  expect(classified('Solicitamos agregar un filtro por ciudad en el reporte.').missing).toEqual([]);
});

test('evidence stands where it says, in the subject or in the text', () => {
  const subject = 'Error al imprimir';
  const newText = 'Buenos días:\n\nLa impresora no imprime el código, sale en blanco.';

  const { evidence } = classify({ subject, newText }, model, { reviewBelow: 0.7 });

  expect(evidence.length).toBeGreaterThan(0);
  for (const { term, part, start, end } of evidence) expect((part === 'subject' ? subject : newText).slice(start, end)).toBe(term);
});

test.each([
  ['¿Cómo hago para anular una factura del mes pasado?'],
  ['Por favor crear el usuario mrojas con permisos de consulta.'],
  ['Agradezco me restablezcan la contraseña.'],
])('a question or service is given to a person: %s', (text) => {
  expect(classified(text)).toMatchObject({ service: true, review: true });
});

test.each([
  ['words', 'no funciona el reporte '.repeat(45_000)],
  ['one word', 'a'.repeat(1_000_000)],
  ['addresses', 'a@'.repeat(500_000)],
  ['line ends', '\n'.repeat(1_000_000)],
  ['quotes', '> no abre\n'.repeat(100_000)],
  ['figures', '1.2:3-'.repeat(170_000)],
  ['header lines', 'De: x\n'.repeat(170_000)],
  ['blanks', ' \t'.repeat(500_000)],
])('a megabyte of %s is classified within 50 ms', (_, newText) => {
  const once = (): number => {
    const started = performance.now();
    classify({ subject: newText, newText }, model, { reviewBelow: 0.7 });
    return performance.now() - started;
  };

  const fastest = Math.min(...Array.from({ length: 10 }, once));

  expect(fastest).toBeLessThan(50);
});

test.each([
  ['segura', 'La aplicación no abre, error 500 desde las 8.', { reviewBelow: 0.7, sureFrom: 0.9 }, 'sure'],
  ['por confirmar', 'La aplicación no abre, error 500 desde las 8.', { reviewBelow: 0.7, sureFrom: 1 }, 'confirm'],
  ['por revisar', 'La aplicación no abre, error 500 desde las 8.', { reviewBelow: 1, sureFrom: 0.9 }, 'review'],
  ['por revisar', 'Gracias', { reviewBelow: 0.5, sureFrom: 0.5 }, 'review'],
])('the bands of confidence are set by two thresholds: %s', (_, newText, options, band) => {
  expect(classify({ subject: '', newText }, model, options)).toMatchObject({ band, review: band === 'review' });
});
