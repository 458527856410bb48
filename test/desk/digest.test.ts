import { expect, test } from '@jest/globals';
import { composeDigest, type DigestFacts, digestText, isQuiet } from '../../src/desk/digest.ts';
import type { Identity } from '../../src/desk/policy.ts';
import { ticketOfMessageId } from '../../src/mail/signature.ts';

const AT = new Date('2026-11-23T12:00:00.000Z'); // a Monday, 7:00 in Bogotá
const ADDRESS = 'soporte@itac.co';
const NO_GAPS = { unrecorded: 0, waiting: 0, 'bytes-missing': 0, 'bytes-damaged': 0 };
const IDENTITY: Identity = {
  address: ADDRESS,
  name: 'Soporte ITAC',
  domain: 'itac.co',
  secret: 'a secret of the tests',
  tokens: { prefix: 'ITAC', secret: 'a secret of the tests', legacyPatterns: [] },
  ownAddresses: [],
  platformUrl: 'http://soporte.itac.com.co/',
  bounceAddress: '',
};

function facts(some: Partial<DigestFacts> = {}): DigestFacts {
  return {
    since: new Date('2026-11-20T12:00:00.000Z'),
    held: { count: 0, oldestAt: null, newest: [] },
    expiring: { count: 0, firstAt: null },
    failed: { count: 0, newest: [] },
    waiting: { count: 0, oldestAt: null },
    tickets: { incidencia: 0, requerimiento: 0 },
    review: 0,
    ignored: [],
    unanswered: 0,
    reconciled: null,
    ...some,
  };
}

function holding(subject: string, sender = 'eva@otro.example'): DigestFacts {
  const mail = { id: 12, cause: 'stranger-on-ticket' as const, sender, subject, recordedAt: new Date('2026-11-22T15:00:00.000Z') };
  return facts({ held: { count: 1, oldestAt: mail.recordedAt, newest: [mail] } });
}

test('a single message that leaves quarantine soon is told as one', () => {
  const firstAt = new Date('2026-11-24T15:00:00.000Z');
  const held = { count: 1, oldestAt: AT, newest: [] };

  const { text } = digestText(facts({ held, expiring: { count: 1, firstAt } }), ADDRESS, AT);

  expect(text).toContain('  1 mensaje expira en menos de una semana, el 2026-11-24 10:00.\n');
});

test('everything that waits for a person is named, with the command that shows it', () => {
  const whole = facts({
    held: {
      count: 25,
      oldestAt: new Date('2026-11-01T15:00:00.000Z'),
      newest: [
        {
          id: 31,
          cause: 'stranger-on-ticket',
          sender: 'eva@otro.example',
          subject: 'RE: hola',
          recordedAt: new Date('2026-11-22T15:00:00Z'),
        },
        { id: 30, cause: 'unreadable', sender: '', subject: '', recordedAt: new Date('2026-11-21T15:00:00Z') },
        { id: 29, cause: 'stranger-on-ticket', sender: 'leo@otro.example', subject: '', recordedAt: new Date('2026-11-20T15:00:00Z') },
      ],
    },
    expiring: { count: 2, firstAt: new Date('2026-11-24T15:00:00.000Z') },
    failed: { count: 1, newest: [{ id: 7, ticketNumber: 3, recipient: 'ana@cliente.example', response: '550 5.1.1 no such user' }] },
    waiting: { count: 1, oldestAt: new Date('2026-11-23T02:00:00.000Z') },
    tickets: { incidencia: 4, requerimiento: 1 },
    review: 2,
    ignored: [
      { cause: 'duplicate', count: 3 },
      { cause: 'own', count: 1 },
    ],
    unanswered: 9,
    reconciled: { at: new Date('2026-11-23T08:00:00Z'), gaps: { ...NO_GAPS, unrecorded: 2, 'bytes-missing': 1 } },
  });

  const { subject, text } = digestText(whole, ADDRESS, AT);

  expect(subject).toBe('Buzón: 3 mensajes sin cuadrar, 25 en cuarentena, 1 respuesta fallida, 1 respuesta demorada, una avalancha');
  expect(text).toMatchInlineSnapshot(`
"Resumen de soporte@itac.co, lunes 23 de noviembre a las 7:00 a. m. (hora de Colombia).

SIN CUADRAR ENTRE EL BUZÓN Y EL LIBRO: 3 MENSAJES
─────────────────────────────────────────────────

2: en el servidor figura como atendido y no consta en el libro: nunca entraría (unrecorded).

1: en el libro, pero sin sus octetos en la carpeta de datos (bytes-missing).

  Se compararon el 2026-11-23 03:00; cuáles son y qué hacer:
      buzon reconcile

EN CUARENTENA: 25 MENSAJES; EL MÁS ANTIGUO, DESDE EL 2026-11-01 10:00
─────────────────────────────────────────────────────────────────────

  2 mensajes expiran en menos de una semana, el primero el 2026-11-24 10:00.
      buzon quarantine list

No participa en el ticket (stranger-on-ticket):

  2026-11-22 10:00  eva@otro.example: RE: hola
      buzon quarantine show 31

  2026-11-20 10:00  leo@otro.example: (sin asunto)
      buzon quarantine show 29

No se puede leer (unreadable):

  2026-11-21 10:00  sin leer
      buzon quarantine show 30

  … y 22 más, de antes.
      buzon quarantine list

RESPUESTAS QUE FALLARON: 1
──────────────────────────

  ticket 3, a ana@cliente.example: 550 5.1.1 no such user
      buzon outbox show 7

RESPUESTAS DEMORADAS: 1
───────────────────────

  La más antigua espera desde el 2026-11-22 21:00.
      buzon outbox list

DESDE EL 2026-11-20 07:00
─────────────────────────

Tickets nuevos: 5 (4 incidencias, 1 requerimiento).

Hubo una avalancha: 9 tickets quedaron sin acuse de recibo (limits.newTicketsPerMinute).

  2 tickets esperan revisión.
      buzon tickets --review

  Correos ignorados: 4 (repetido (duplicate): 3; correo nuestro (own): 1).
      buzon quarantine list --all

Lo escribió Buzón; las respuestas a este mensaje no las lee nadie.
"
`);
});

test('on a quiet day it says that nothing is pending, and what happened all the same', () => {
  const quiet = facts({ tickets: { incidencia: 2, requerimiento: 0 }, review: 1, ignored: [{ cause: 'duplicate', count: 1 }] });

  const { subject, text } = digestText(quiet, ADDRESS, AT);

  expect(isQuiet(quiet)).toBe(true);
  expect(subject).toBe('Buzón: nada pendiente');
  expect(text).toContain('Nada pendiente.');
  expect(text).toContain('Tickets nuevos: 2 (2 incidencias, 0 requerimientos).');
});

test.each<[string, Partial<DigestFacts>]>([
  ['a held message', { held: { count: 1, oldestAt: AT, newest: [] } }],
  ['a failed reply', { failed: { count: 1, newest: [] } }],
  ['a late reply', { waiting: { count: 1, oldestAt: AT } }],
  ['a storm', { unanswered: 1 }],
  ['a gap', { reconciled: { at: AT, gaps: { ...NO_GAPS, waiting: 1 } } }],
])('%s is something to say', (_what, some) => {
  expect(isQuiet(facts(some))).toBe(false);
});

test('S13 a subject with markup is shown as it is written and is inert in the HTML part', () => {
  const { text, html } = digestText(holding('<img src=x onerror=alert(1)> & "más"'), ADDRESS, AT);

  expect(text).toContain('eva@otro.example: <img src=x onerror=alert(1)> & "más"');
  expect(html).not.toMatch(/<img|onerror=alert\(1\)>/);
  expect(html).toContain('&#60;img src=x onerror=alert(1)&#62; &#38; &#34;más&#34;');
});

test('S24 passwords in a subject or in what a server said are masked', () => {
  const held = holding('acceso VPN clave: Abc123*');
  const failed = { count: 1, newest: [{ id: 7, ticketNumber: 3, recipient: 'ana@x.example', response: '554 spam: "contraseña es Xy9"' }] };

  const { text, html } = digestText({ ...held, failed }, ADDRESS, AT);

  expect(text).toContain('acceso VPN clave: ***');
  expect(`${text}${html}`).not.toMatch(/Abc123|Xy9/);
});

test('P10 S11 hidden characters and line breaks of a subject neither move lines nor turn text', () => {
  const { text } = digestText(holding('uno\r\nBcc: x@y.co\u202e dos\u0007\u200b tres'), ADDRESS, AT);

  expect(text).toContain('eva@otro.example: uno Bcc: x@y.co dos tres\n');
  expect(text).not.toMatch(/[^\P{Cc}\n]|[\u200b\u202e]/u);
});

test('P12 a long subject is cut', () => {
  const { text } = digestText(holding('á'.repeat(5000)), ADDRESS, AT);

  expect(text).toContain(`${'á'.repeat(79)}…\n`);
  expect(text).not.toContain('á'.repeat(80));
});

test('O01 it is a mail by a machine that asks for no answer, from us to one person, with both parts', async () => {
  const mail = await composeDigest(holding('hola'), { identity: IDENTITY, to: 'mesa@itac.co', at: AT, now: AT });

  const bytes = mail.bytes.toString();
  expect(bytes).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(bytes).toMatch(/^X-Auto-Response-Suppress: All\r$/m);
  expect(bytes).toMatch(/^From: Soporte ITAC <soporte@itac\.co>\r$/m);
  expect(bytes).toMatch(/^To: mesa@itac\.co\r$/m);
  expect(bytes).toMatch(/^Content-Type: text\/plain/m);
  expect(bytes).toMatch(/^Content-Type: text\/html/m);
  expect(mail).toMatchObject({ envelopeFrom: '', envelopeTo: 'mesa@itac.co' });
});

test('its Message-ID is ours, about no ticket, and the same for one person and one time', async () => {
  const idOf = async (to: string, at: Date, subject: string) =>
    (await composeDigest(holding(subject), { identity: IDENTITY, to, at, now: new Date(at.getTime() + 1000) })).messageId;

  const id = await idOf('mesa@itac.co', AT, 'uno');

  expect(ticketOfMessageId(IDENTITY.secret, id, 'itac.co')).toBe(0);
  expect(await idOf('Mesa@itac.co', AT, 'dos')).toBe(id);
  expect(await idOf('otra@itac.co', AT, 'uno')).not.toBe(id);
  expect(await idOf('mesa@itac.co', new Date(AT.getTime() + 86_400_000), 'uno')).not.toBe(id);
});
