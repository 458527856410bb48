import { createCipheriv } from 'node:crypto';
import { randomNumbers } from '../../src/desk/randomNumbers.ts';
import type { Outcome } from '../../src/desk/ticket.ts';
import type { TakenMail } from './smtpServer.ts';

/** A mail as it may come in one day, and what must become of it. */
export interface ExpectedMail {
  /** Also in its header field `X-Test`; a second delivery of the same mail has the same name. */
  name: string;
  bytes: Buffer;
  outcome: Outcome;
  answered: boolean;
  sender: string;
  /** Without angle brackets. */
  messageId: string;
  /** Words that a person must find on the ticket, accents and all; null when there is nothing to be read. */
  words: string | null;
}

/** Header lines and body of a mail; text is written byte for byte as latin1 where it is not a Buffer. */
interface Content {
  headers: string[];
  body: Buffer;
}

interface Draft {
  kind: string;
  from?: string;
  subject: string;
  /** Lines above the others, as our own server writes them. */
  above?: string[];
  headers?: string[];
  content: Content;
  outcome: Outcome;
  answered?: boolean;
  words?: string | null;
}

export interface StreamOptions {
  /** One mail in so many carries an attachment. */
  attachmentEvery?: number;
  /** Octets of an attachment, before base64. */
  attachmentBytes?: { min: number; max: number };
}

const MODULES = ['facturación', 'nómina', 'cartera', 'inventario', 'tesorería', 'contabilidad'];

/** Makes mails that are the same in each run with the same seed. */
export class MailStream {
  private readonly seed: number;
  private readonly random: () => number;
  private readonly options: Required<StreamOptions>;
  private made = 0;
  private readonly originals: ExpectedMail[] = [];

  constructor(seed: number, { attachmentEvery = 6, attachmentBytes = { min: 1_000, max: 740_000 } }: StreamOptions = {}) {
    this.seed = seed;
    this.random = randomNumbers(seed);
    this.options = { attachmentEvery, attachmentBytes };
  }

  /** First mails of many senders, and everything else that lands in a support mailbox. */
  firstMails(count: number): ExpectedMail[] {
    return Array.from({ length: count }, () => this.firstMail());
  }

  /** What comes back after our answers: replies, absences, reports that an answer failed, strangers with a code that was forwarded to them. */
  followUps(count: number, answers: readonly TakenMail[]): ExpectedMail[] {
    return Array.from({ length: count }, (_, i) => this.followUp(i, answerOf(answers[i % answers.length]!)));
  }

  /** A person's first mail. */
  fromAPerson(): ExpectedMail {
    const n = this.made;
    const text = textOf(n, this.pick(MODULES));
    const withAttachment = n % this.options.attachmentEvery === 1;
    const content = withAttachment ? this.withAttachment(text) : this.pick(WRITERS)(text);
    const vouched = this.random() < 0.75;
    return this.finish({
      kind: 'person',
      subject: `No guarda el documento ${n}`,
      above: vouched ? [`Authentication-Results: mx.itac.co; dmarc=pass header.from=${domainOf(n)}`] : [],
      content,
      outcome: 'open',
      answered: true,
      words: `la contraseña del módulo, caso ${n}.`,
    });
  }

  private firstMail(): ExpectedMail {
    const chance = this.random();
    if (chance < 0.72) return this.fromAPerson();
    if (chance < 0.77 && this.originals.length > 0) {
      return { ...this.pick(this.originals), outcome: 'ignore', answered: false, words: null };
    }
    return this.finish(this.pick(MACHINES)(this.made));
  }

  private followUp(i: number, answer: Answer): ExpectedMail {
    const n = this.made;
    const text = textOf(n, this.pick(MODULES));
    const thread = [`In-Reply-To: <${answer.messageId}>`, `References: <${answer.messageId}>`];
    const quote = `\r\n\r\nEl lun, 23 nov 2026 a las 10:00, Soporte ITAC (<soporte@itac.co>) escribió:\r\n> Recibimos su correo.\r\n`;
    const words = `la contraseña del módulo, caso ${n}.`;
    const from = answer.to;
    const subject = `RE: ${answer.token} No guarda`;
    switch (i % 6) {
      case 0:
        return this.finish({ kind: 'token', from, subject, content: plain(text + quote), outcome: 'append', words });
      case 1:
        return this.finish({
          kind: 'thread',
          from,
          subject: 'Otra cosa',
          headers: thread,
          content: latin1(text),
          outcome: 'append',
          words,
        });
      case 2:
        return this.finish({ kind: 'both', from, subject, headers: thread, content: this.withAttachment(text), outcome: 'append', words });
      case 3:
        return this.finish({
          kind: 'absence',
          from,
          subject: `Respuesta automática: ${answer.token}`,
          headers: [...thread, 'Auto-Submitted: auto-replied'],
          content: plain('Estoy de vacaciones.'),
          outcome: 'note',
        });
      case 4:
        return this.finish({ ...failureReport(answer), outcome: 'bounce' });
      default:
        return this.finish({ kind: 'stranger', from: `x${n}@otro.example`, subject, content: plain(text), outcome: 'quarantine' });
    }
  }

  private finish(draft: Draft): ExpectedMail {
    const n = this.made;
    this.made += 1;
    const name = `${this.seed}-${n}-${draft.kind}`;
    const sender = draft.from ?? `p${n}@${domainOf(n)}`;
    const messageId = `s${this.seed}.n${n}@mail.${domainOf(n)}`;
    const lines = [
      ...(draft.above ?? []),
      `Received: from mail.${domainOf(n)} by mx.itac.co; Mon, 23 Nov 2026 10:00:00 -0500`,
      ...(draft.headers ?? []),
      ...(draft.kind === 'authorless' ? [] : [`From: Persona ${n} <${sender}>`]),
      'To: soporte@itac.co',
      `Subject: ${draft.subject}`,
      'Date: Mon, 23 Nov 2026 09:59:00 -0500',
      `Message-ID: <${messageId}>`,
      `X-Test: ${name}`,
      'MIME-Version: 1.0',
      ...draft.content.headers,
    ];
    const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), draft.content.body]);
    const { outcome, answered = false, words = null } = draft;
    const mail = { name, bytes, outcome, answered, sender, messageId, words };
    if (draft.kind === 'person') this.originals.push(mail);
    return mail;
  }

  private withAttachment(text: string): Content {
    const { min, max } = this.options.attachmentBytes;
    const size = Math.round(min * (max / min) ** this.random());
    const bytes = noise(size, this.seed * 1_000_000 + this.made);
    return mixed([
      part(['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'], Buffer.from(text)),
      part(
        [
          'Content-Type: application/pdf',
          'Content-Transfer-Encoding: base64',
          "Content-Disposition: attachment; filename*=utf-8''informaci%C3%B3n.pdf",
        ],
        Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\r\n')),
      ),
    ]);
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}

function domainOf(n: number): string {
  return `cliente${n % 40}.example`;
}

function textOf(n: number, module: string): string {
  return `Buenos días.\r\n\r\nDesde ayer no se puede guardar la contraseña del módulo, caso ${n}.\r\nEs el de ${module}, en producción.\r\n`;
}

function plain(text: string): Content {
  return { headers: ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'], body: Buffer.from(text) };
}

/** Latin-1 octets and not a word about it. */
function latin1(text: string): Content {
  return { headers: [], body: Buffer.from(text, 'latin1') };
}

const WRITERS: readonly ((text: string) => Content)[] = [
  plain,
  latin1,
  (text) => ({
    headers: ['Content-Type: text/plain; charset=windows-1252', 'Content-Transfer-Encoding: 8bit'],
    body: Buffer.from(`${text}Sale \x93error fatal\x94.\r\n`, 'latin1'),
  }),
  (text) => ({ headers: ['Content-Type: text/plain; charset=x-unknown'], body: Buffer.from(text) }),
  (text) => ({ headers: ['Content-Type: text/plain; charset=utf-7'], body: Buffer.from(utf7(text)) }),
  (text) => ({
    headers: ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'],
    body: Buffer.from(Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')),
  }),
  (text) => ({
    headers: ['Content-Type: text/html; charset=iso-8859-1', 'Content-Transfer-Encoding: quoted-printable'],
    body: Buffer.from(quotedPrintable(html(text))),
  }),
  (text) => alternative(text),
  // The last part and its boundary never come.
  (text) => {
    const whole = mixed([
      part(['Content-Type: text/plain; charset=utf-8'], Buffer.from(text)),
      part(['Content-Type: image/png'], Buffer.from('x')),
    ]);
    return { ...whole, body: whole.body.subarray(0, whole.body.lastIndexOf('Content-Type: image') + 15) };
  },
];

const MACHINES: readonly ((n: number) => Draft)[] = [
  (n) => ({
    kind: 'alarm',
    subject: `Alarma ${n}`,
    headers: ['Auto-Submitted: auto-generated'],
    content: plain(`Disco ${n} lleno.`),
    outcome: 'open',
  }),
  (n) => ({
    kind: 'newsletter',
    subject: `Boletín ${n}`,
    headers: ['Precedence: bulk', `List-Id: <lista${n}.noticias.example>`, `List-Unsubscribe: <https://noticias.example/${n}>`],
    content: alternative(`Ofertas de la semana ${n}.`),
    outcome: 'open',
  }),
  (n) => ({
    kind: 'vacation',
    subject: `Fuera de la oficina ${n}`,
    headers: ['Auto-Submitted: auto-replied; owner-email="a@cliente.example"'],
    content: plain('Regreso el lunes.'),
    outcome: 'note',
  }),
  (n) => ({
    kind: 'receipt',
    subject: `Leído: ${n}`,
    content: {
      headers: ['Content-Type: multipart/report; report-type=disposition-notification; boundary=frontera'],
      body: mixed([
        part(['Content-Type: text/plain'], Buffer.from('Su mensaje fue leído.')),
        part(
          ['Content-Type: message/disposition-notification'],
          Buffer.from('Disposition: manual-action/MDN-sent-manually; displayed\r\n'),
        ),
      ]).body,
    },
    outcome: 'note',
  }),
  (n) => ({ kind: 'ours', from: 'soporte@itac.co', subject: `Copia ${n}`, content: plain('Una copia de nosotros.'), outcome: 'ignore' }),
  (n) => ({ kind: 'authorless', subject: `Sin autor ${n}`, content: plain('Nadie firma esto.'), outcome: 'quarantine' }),
  (n) => ({
    kind: 'forged',
    subject: `Urgente ${n}`,
    above: [`Authentication-Results: mx.itac.co; dmarc=fail header.from=${domainOf(n)}`],
    content: plain('Entreguen las claves.'),
    outcome: 'quarantine',
  }),
  (n) => ({
    kind: 'guess',
    from: `g${n}@curioso.example`,
    subject: `Re: [ITAC #${n + 1}-ZZZ] hola`,
    content: plain(`¿Qué pasó con la contraseña del módulo, caso ${n}?`),
    outcome: 'open',
    answered: true,
  }),
];

/** What a person sees of our answer. */
interface Answer {
  to: string;
  token: string;
  messageId: string;
}

function answerOf({ to, bytes }: TakenMail): Answer {
  const head = bytes.toString('latin1').split('\r\n\r\n', 1)[0]!;
  const token = /\[ITAC #\d{1,9}-[A-Z0-9]{3}\]/.exec(head)?.[0];
  const messageId = messageIdOf(bytes);
  if (token === undefined || messageId === null) throw new Error(`our answer carries no code or no Message-ID: ${head}`);
  return { to: to[0]!, token, messageId };
}

/** Message-ID of a mail without angle brackets. */
export function messageIdOf(bytes: Buffer): string | null {
  return /^Message-ID:\s*<([^>\r\n]{1,300})>/im.exec(bytes.toString('latin1').split('\r\n\r\n', 1)[0]!)?.[1] ?? null;
}

function failureReport({ to, messageId }: Answer): Omit<Draft, 'outcome'> {
  return {
    kind: 'failure',
    from: 'MAILER-DAEMON@mx.cliente.example',
    subject: 'Undelivered Mail Returned to Sender',
    above: ['Return-Path: <>'],
    content: {
      headers: ['Content-Type: multipart/report; report-type=delivery-status; boundary=frontera'],
      body: mixed([
        part(['Content-Type: text/plain'], Buffer.from('Your mail could not be delivered.')),
        part(
          ['Content-Type: message/delivery-status'],
          Buffer.from(
            `Reporting-MTA: dns; mx.cliente.example\r\n\r\nFinal-Recipient: rfc822; ${to}\r\nAction: failed\r\nStatus: 5.2.2\r\n`,
          ),
        ),
        part(['Content-Type: text/rfc822-headers'], Buffer.from(`Message-ID: <${messageId}>\r\n`)),
      ]).body,
    },
  };
}

function part(headers: readonly string[], body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`), body]);
}

function mixed(parts: readonly Buffer[], type = 'multipart/mixed'): Content {
  const pieces = parts.flatMap((each) => [Buffer.from('--frontera\r\n'), each, Buffer.from('\r\n')]);
  return { headers: [`Content-Type: ${type}; boundary=frontera`], body: Buffer.concat([...pieces, Buffer.from('--frontera--\r\n')]) };
}

function alternative(text: string): Content {
  return mixed(
    [
      part(['Content-Type: text/plain; charset=utf-8'], Buffer.from(text)),
      part(['Content-Type: text/html; charset=utf-8'], Buffer.from(html(text))),
    ],
    'multipart/alternative',
  );
}

function html(text: string): string {
  return `<html><body><p>${text.replaceAll('\r\n', '<br>\r\n')}</p></body></html>\r\n`;
}

/** RFC 2045 6.7 for Latin-1 text with short lines. */
function quotedPrintable(text: string): string {
  return text.replace(/[=\x80-\xff]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** RFC 2152: each letter outside of ASCII (`ñ`, not `n`) in a shift of its own. */
function utf7(text: string): string {
  return text.replace(
    /[\u0080-\uffff]/g,
    (c) =>
      `+${Buffer.from([0, c.charCodeAt(0)])
        .toString('base64')
        .replace(/=+$/, '')}-`,
  );
}

/** Octets that look random and are the same in each run. */
function noise(size: number, seed: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeDoubleBE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
