import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadTemplates } from '../../src/adapters/templateFiles.ts';
import { type AcknowledgementFacts, acknowledgementFor, fixedText } from '../../src/desk/acknowledgement.ts';
import { BUSINESS_HOURS } from '../../src/desk/hours.ts';
import type { Language } from '../../src/desk/language.ts';
import type { Classification } from '../../src/desk/ticket.ts';
import { AppError } from '../../src/errors.ts';
import { formatToken } from '../../src/mail/subject.ts';

const PLATFORM = 'http://soporte.itac.com.co/';
const ORIGINALS = join(import.meta.dirname, '../../config/templates');
const LANGUAGES: Language[] = ['es', 'en', 'pt'];

const tokens = { prefix: 'ITAC', secret: 'demo', legacyPatterns: [] };
const token = formatToken(tokens, 12);
const templates = loadTemplates();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const incident: Classification = {
  kind: 'incidencia',
  confidence: 0.97,
  band: 'sure',
  review: false,
  service: false,
  language: 'es',
  evidence: [],
  criticality: { suggested: 'alta', evidence: [] },
  missing: ['ambiente', 'versiones', 'contacto', 'acceso remoto'],
};
const requirement: Classification = { ...incident, kind: 'requerimiento', missing: [] };

const FRIDAY_EVENING = new Date('2026-11-20T19:30:00-05:00');
const TUESDAY_MORNING = new Date('2026-11-24T09:41:00-05:00');

function acknowledge(facts: Partial<AcknowledgementFacts> = {}) {
  const now = facts.now ?? TUESDAY_MORNING;
  return acknowledgementFor(
    {
      ticketNumber: 12,
      tokens,
      language: 'es',
      classification: incident,
      echoSubject: null,
      requesterName: 'Ana Pérez',
      platformUrl: PLATFORM,
      receivedAt: now,
      hours: BUSINESS_HOURS,
      modality: null,
      ...facts,
      now,
    },
    templates,
  );
}

/** A copy of the templates with one file changed by `edit`; deleted when it returns null. */
function templatesWith(file: string, edit: (text: string) => string | null): string {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  folders.push(folder);
  for (const name of readdirSync(ORIGINALS)) {
    const text = readFileSync(join(ORIGINALS, name), 'utf8');
    const edited = name === file ? edit(text) : text;
    if (edited !== null) writeFileSync(join(folder, name), edited);
  }
  return folder;
}

function loadingError(folder: string): unknown {
  try {
    return loadTemplates(folder);
  } catch (error) {
    return error;
  }
}

test('the acknowledgement of an incident says what happened, what it is, what is missing, when it is attended and where to go', () => {
  const { subject, text } = acknowledge({ now: FRIDAY_EVENING });

  expect(subject).toBe(`${token} Recibimos su solicitud`);
  expect(text).toBe(`Cordial saludo, Ana Pérez:

Recibimos su correo del viernes 20 de noviembre a las 7:30 p. m. (hora de Colombia) y ya quedó registrado: es el ticket número 12.

La vía para registrar y seguir sus casos es la plataforma de soporte:
http://soporte.itac.com.co/

Lo clasificamos como INCIDENCIA: una falla de una función o un problema en el funcionamiento del producto.
La clasificación es automática; si no corresponde, díganoslo y la corregimos.

Para empezar a trabajar en el caso nos falta saber:
- El ambiente: desarrollo, calidad o producción, con direcciones, puertos, rutas, información de la consola y usuarios de prueba.
- Las versiones de cada componente y los parches aplicados.
- Las personas de contacto: nombre, teléfono, extensión y correo.
- El acceso remoto, si lo hay.
Complételo, por favor, en la plataforma. Si prefiere responder este correo, no cambie el asunto y no escriba contraseñas en él.

El correo se atiende de lunes a viernes, excepto festivos, de 8:00 a. m. a 6:00 p. m.; ahora estamos fuera de ese horario y volvemos a atenderlo el lunes 23 de noviembre a las 8:00 a. m. (hora de Colombia).
Si la falla es urgente y su contrato es 24/7, no espere: use la plataforma o la línea celular de su contrato.

Gracias por escribirnos.
Soporte ITAC

Este mensaje lo escribió un sistema automático. Si lo responde sin cambiar el asunto, su respuesta queda en el ticket 12.

Para su próximo caso, vaya directamente a la plataforma: allí queda completo desde el principio y usted puede seguirlo.
http://soporte.itac.com.co/
`);
});

test('the acknowledgement of a requirement asks for nothing and within the hours says so', () => {
  const { text, html } = acknowledge({ classification: requirement });

  for (const part of [text, html]) {
    expect(part).toContain('REQUERIMIENTO');
    expect(part).toContain('En este momento estamos en ese horario.');
    expect(part).not.toMatch(/INCIDENCIA|nos falta|24\/7|contraseñas/);
  }
});

test('a classification that is marked for review is said to be confirmed by a person', () => {
  const { text, html } = acknowledge({ classification: { ...incident, review: true } });

  for (const part of [text, html]) expect(part).toContain('En su caso la confirmará, además, una persona de nuestro equipo.');
  expect(acknowledge().text).not.toContain('confirmará');
});

test('C18 only the groups of information that the mail does not give are asked for', () => {
  const { text, html } = acknowledge({ classification: { ...incident, missing: ['versiones'] } });

  for (const part of [text, html]) {
    expect(part).toContain('Las versiones de cada componente');
    expect(part).not.toMatch(/El ambiente:|Las personas de contacto|El acceso remoto/);
  }
});

test.each([
  ['es', 'lunes 23 de noviembre a las 8:00 a. m.', 'INCIDENCIA'],
  ['en', 'Monday 23 November at 8:00 a.m.', 'INCIDENT'],
  ['pt', 'segunda-feira, 23 de novembro, às 8:00', 'INCIDENTE'],
] as const)('O14 the acknowledgement is written in the language %s with the time in Bogotá', (language, monday, kind) => {
  const { text, html } = acknowledge({ language, now: FRIDAY_EVENING });

  for (const part of [text, html]) {
    expect(part).toContain(monday);
    expect(part).toContain(kind);
    expect(part).not.toMatch(/\{\{|\}\}|undefined/);
  }
});

test.each(LANGUAGES)('O12 text and HTML in %s begin and end with the way to the platform, written out', (language) => {
  const { text, html } = acknowledge({ language });

  expect(text.split('\n').filter((line) => line === PLATFORM)).toHaveLength(2);
  expect(text.trimEnd().endsWith(PLATFORM)).toBe(true);
  expect(text.indexOf(PLATFORM)).toBeLessThan(text.length / 3);
  expect(html).toContain(`>${PLATFORM}<`);
  expect(html.indexOf(PLATFORM)).toBeLessThan(html.indexOf('INCIDEN'));
});

test.each(LANGUAGES)('the HTML in %s is well nested, fits a telephone and loads nothing', (language) => {
  const pages = [
    acknowledge({ language, now: FRIDAY_EVENING }).html,
    fixedText({ ticketNumber: 12, tokens, language, platformUrl: PLATFORM }, templates).html,
  ];

  for (const html of pages) {
    const open: string[] = [];
    for (const [, slash, name] of html.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
      if (['meta', 'br'].includes(name!)) continue;
      if (slash) expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
    expect(html).toContain('name="viewport" content="width=device-width');
    expect(html).toContain('max-width:560px');
    expect(html.match(/display:inline-block/g)).toHaveLength(1);
    expect(html).not.toMatch(/<img|<script|<link|<style|src=|url\(|@import/i);
    expect([...html.matchAll(/href="([^"]*)"/g)].every(([, target]) => target === PLATFORM)).toBe(true);
  }
});

test.each([
  ['our own subject without an echo', null, `${token} Recibimos su solicitud`],
  ["the client's subject after the token", 'Error en login', `${token} Re: Error en login`],
  ['reply prefixes of any language', 'RE: RV: Re[2]: Error en login', `${token} Re: Error en login`],
  ['a token that is already there', `Re: ${token} Error en login`, `${token} Re: Error en login`],
  ['the token of another ticket', 'Re: [ITAC #7] [itac # 8-ABC] Error', `${token} Re: Error`],
  ['a token that appears when another is removed', 'Re: [ITAC [ITAC #5]#6] Error', `${token} Re: Error`],
  ['nothing but prefixes and tokens', `Re: ${token} Re:`, `${token} Recibimos su solicitud`],
])('O05 the subject keeps one token: %s', (_title, echoSubject, expected) => {
  expect(acknowledge({ echoSubject }).subject).toBe(expected);
});

test('O05 after ten rounds the subject has one token and one prefix', () => {
  let subject = 'Error en la facturación';

  for (let round = 0; round < 10; round++) subject = acknowledge({ echoSubject: `RE: ${subject}` }).subject;

  expect(subject).toBe(`${token} Re: Error en la facturación`);
});

test("S12 what looks like a template in the client's words is shown as it is", () => {
  const subject = `Error {{platformUrl}} \${process.env.HOME} %s {{#incident}}`;

  const answer = acknowledge({ echoSubject: subject, requesterName: '{{token}}' });

  expect(answer.subject).toBe(`${token} Re: ${subject}`);
  expect(answer.text).toMatch(/^Cordial saludo:\n/);
  expect(answer.text + answer.html).not.toContain('{{');
});

test('O16 a value with HTML is escaped in HTML and plain in text', () => {
  const platformUrl = 'http://soporte.example/?a=1&b="<b>';

  const { text, html } = acknowledge({ platformUrl });

  expect(text).toContain(platformUrl);
  expect(html).not.toContain('<b>');
  expect(html).toContain('http://soporte.example/?a=1&#38;b=&#34;&#60;b&#62;');
});

test.each([
  ['María José Pérez-Ñáñez', 'Cordial saludo, María José Pérez-Ñáñez:'],
  ['  PEREZ   GOMEZ ', 'Cordial saludo, PEREZ GOMEZ:'],
  ["J. D'Arcy", "Cordial saludo, J. D'Arcy:"],
  ['<b>Ana</b>', 'Cordial saludo:'],
  ['Gane ya www.premios.example', 'Cordial saludo:'],
  ['ventas@otro.example', 'Cordial saludo:'],
  ['Ana\r\nBcc: x', 'Cordial saludo:'],
  [null, 'Cordial saludo:'],
])('O16 the greeting uses a name that looks like one: %j', (requesterName, greeting) => {
  expect(acknowledge({ requesterName }).text.split('\n')[0]).toBe(greeting);
});

test.each(LANGUAGES)('S18 the fixed text in %s holds number, token and link', (language) => {
  const { subject, text, html } = fixedText({ ticketNumber: 12, tokens, language, platformUrl: PLATFORM }, templates);

  expect(subject.startsWith(`${token} `)).toBe(true);
  expect(subject).not.toContain('Re:');
  for (const part of [text, html]) {
    expect(part).toContain(token);
    expect(part).toContain(PLATFORM);
    expect(part).not.toContain('{{');
  }
});

test('the fixed text says that the mail is registered and how to go on, without asking to register it again', () => {
  const { text } = fixedText({ ticketNumber: 12, tokens, language: 'es', platformUrl: PLATFORM }, templates);

  expect(text).toBe(`Cordial saludo:

Recibimos su correo y lo registramos con el número 12.

Si necesita completarlo o seguirlo, use la plataforma de soporte:
http://soporte.itac.com.co/

Cuando nos escriba sobre este caso, deje este código en el asunto del correo: ${token}

Soporte ITAC
Este mensaje lo escribió un sistema automático.
`);
});

test.each([
  ['an unknown variable', 'acknowledgement.es.txt', '{{ticketNumber}}', '{{ticketNo}}', '{{ticketNo}}: unknown variable'],
  ['an unknown section', 'acknowledgement.en.html', '{{#named}}', '{{#nombre}}', '{{nombre}}: unknown section'],
  ['a missing variable', 'fixed-text.pt.html', '{{platformUrl}}', 'x', '{{platformUrl}}: this variable must be used and is missing'],
  ['a section without end', 'acknowledgement.pt.txt', '{{/attendedNow}}', '', '{{attendedNow}}: this section has no end'],
  ['braces that mean nothing', 'fixed-text.en.txt', '{{token}}', '{{token}', '{{}}: a "{{" that begins neither'],
  ["the client's words in the fixed text", 'fixed-text.es.txt', '{{token}}', '{{requesterName}}', '{{requesterName}}: unknown variable'],
  ['a text without subject', 'fixed-text.es.txt', 'Subject:', 'Asunto:', 'does not begin with a subject'],
])('O15 a template with %s stops the start and names file and variable', (_title, file, written, instead, because) => {
  const error = loadingError(templatesWith(file, (text) => text.replaceAll(written, instead)));

  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', temporary: false });
  expect((error as AppError).message).toContain(file);
  expect((error as AppError).message).toContain(because);
});

test('O15 a template without its HTML half, and Spanish without files, stop the start', () => {
  expect(loadingError(templatesWith('fixed-text.en.html', () => null))).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(loadingError(mkdtempSync(join(tmpdir(), 'templates-')))).toMatchObject({ code: 'CONFIG_INVALID' });
});

test('O14 a language without files is answered in Spanish', () => {
  const folder = templatesWith('fixed-text.pt.txt', () => null);
  rmSync(join(folder, 'fixed-text.pt.html'));

  const { fixedText: wordings } = loadTemplates(folder);

  expect(wordings.pt).toBe(wordings.es);
  expect(wordings.en).not.toBe(wordings.es);
});

test('a template file with Windows line ends gives the same text', () => {
  const folder = templatesWith('acknowledgement.es.txt', (text) => text.replaceAll('\n', '\r\n'));

  expect(loadTemplates(folder).acknowledgement.es.text).toEqual(templates.acknowledgement.es.text);
});
