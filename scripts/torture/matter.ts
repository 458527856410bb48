import { createHash } from 'node:crypto';
import type { Outcome } from '../../src/desk/ticket.ts';
import { type ExpectedMail, MailStream } from '../../test/support/mailStream.ts';
import type { Acceptance } from './smtpSink.ts';

/** What one author wrote once, and each copy of it that was delivered. Exactly one of the copies may have an effect. */
export interface Matter {
  name: string;
  /** What must become of it; null: it lay in the mailbox before the first start, is only recorded, and stays where it is. */
  outcome: Outcome | null;
  answered: boolean;
  sender: string;
  /** Message-ID of the answer of ours to which it replies: its ticket is that answer's. */
  repliesTo: string | null;
  /** SHA-256 of each copy, in the order of delivery. */
  copies: string[];
  /** Copies that a person deleted; nobody need know of them. */
  deleted: number;
}

/** A copy on its way into the mailbox. */
export interface Letter {
  matter: Matter;
  bytes: Buffer;
  /** Days that it lies in the mailbox already. */
  ageDays: number;
}

/** Old enough to be passed over at the first start, whatever the clock does meanwhile. */
const OLD_DAYS = 30;
/** More than the program fetches in one piece. */
const LARGE_OCTETS = 2_600_000;

/** Writes the mails of one world: persons, replies, machines, bounces, broken mail, large mail, and the same mail twice. */
export class Senders {
  readonly matters = new Map<string, Matter>();
  private readonly stream: MailStream;
  private readonly random: () => number;
  private readonly seed: number;
  private made = 0;

  constructor(seed: number, random: () => number) {
    this.seed = seed;
    this.random = random;
    this.stream = new MailStream(seed, { attachmentEvery: 5, attachmentBytes: { min: 1_000, max: 90_000 } });
  }

  /** The mail that lies in a mailbox before the first start. */
  oldMail(count: number): Letter[] {
    const earlier = new MailStream(this.seed + OLD_DAYS / 1000); // its mails never come again
    return earlier.firstMails(count).map((mail) => this.letter({ ...mail, answered: false }, { old: true }));
  }

  /** So many letters, a person's among them; replies too when there are answers to reply to. */
  letters(count: number, answers: readonly Acceptance[]): Letter[] {
    const letters = [this.letter(this.stream.fromAPerson())];
    letters.push(...this.replies(Math.floor(count * 0.4), answers));
    while (letters.length < count) letters.push(...this.oneMore(letters));
    return letters;
  }

  private oneMore(before: readonly Letter[]): Letter[] {
    const chance = this.random();
    if (chance < 0.12) return [this.copyFor(this.pick(before.filter(({ matter }) => matter.outcome === 'open')))];
    if (chance < 0.17) return [this.broken()];
    if (chance < 0.19) return [this.large()];
    const [mail] = this.stream.firstMails(1);
    return mail === undefined ? [] : [this.letter(mail)];
  }

  private replies(count: number, answers: readonly Acceptance[]): Letter[] {
    if (answers.length === 0) return [];
    const sorted = answers.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
    const start = Math.floor(this.random() * sorted.length);
    const turned = [...sorted.slice(start), ...sorted.slice(0, start)];
    const asTaken = turned.map(({ to, bytes }) => ({ from: '', to: [to], bytes, user: null, secure: false }));
    // One of each sort, of which some are sent: the stream makes them in a fixed order.
    const mails = this.stream.followUps(6, asTaken).map((mail, i) => ({ mail, answer: turned[i % turned.length]! }));
    return mails
      .filter(() => this.random() < count / mails.length)
      .map(({ mail, answer }) => this.letter(mail, { repliesTo: mail.outcome === 'quarantine' ? null : answer.messageId }));
  }

  private letter(mail: ExpectedMail, { old = false, repliesTo = null }: { old?: boolean; repliesTo?: string | null } = {}): Letter {
    const { name, answered, sender, bytes } = mail;
    const matter = this.matters.get(name) ?? {
      ...{ name, answered, sender, repliesTo, copies: [], deleted: 0 },
      outcome: old ? null : mail.outcome,
    };
    this.matters.set(name, matter);
    return { matter, bytes, ageDays: old ? OLD_DAYS : 0 };
  }

  /** The same mail as it comes for another of the addresses in To and Cc: another way, other trace fields on top. */
  private copyFor({ matter, bytes, ageDays }: Letter): Letter {
    const way = `Delivered-To: soporte+copia${this.made++}@itac.co\r\nReceived: from relay.itac.co by mx.itac.co; Mon, 23 Nov 2026 10:00:07 -0500\r\n`;
    const vouched = bytes.toString('latin1', 0, 22) === 'Authentication-Results'; // the server's findings stay on top
    const end = vouched ? bytes.indexOf('\r\n') + 2 : 0;
    return { matter, ageDays, bytes: Buffer.concat([bytes.subarray(0, end), Buffer.from(way), bytes.subarray(end)]) };
  }

  private broken(): Letter {
    const n = this.made++;
    const name = `${this.seed}-x${n}-broken`;
    const head = `From: Roto ${n} <roto${n}@danado.example>\r\nTo: soporte@itac.co\r\nSubject: Roto ${n}\r\nMessage-ID: <roto${n}.${this.seed}@danado.example>\r\nX-Test: ${name}\r\n`;
    const { bytes, outcome, answered } = this.pick(BROKEN)(head, n);
    return this.letter({ ...{ name, outcome, answered, bytes, sender: `roto${n}@danado.example`, messageId: '', words: null } });
  }

  private large(): Letter {
    const n = this.made++;
    const name = `${this.seed}-y${n}-large`;
    const sender = `grande${n}@grande.example`;
    const head = [
      `From: Grande <${sender}>`,
      'To: soporte@itac.co',
      `Subject: La copia de la base ${n}`,
      `Message-ID: <grande${n}.${this.seed}@grande.example>`,
      `X-Test: ${name}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=frontera',
      '',
      `--frontera\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nNo funciona la restauración ${n}; adjunto la copia.`,
      '--frontera\r\nContent-Type: application/octet-stream; name=copia.bak\r\nContent-Transfer-Encoding: base64\r\n\r\n',
    ].join('\r\n');
    const line = Buffer.from(`${Buffer.alloc(57, `copia ${n}`).toString('base64')}\r\n`);
    const body = Buffer.alloc(LARGE_OCTETS - (LARGE_OCTETS % line.length), line);
    const bytes = Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n--frontera--\r\n')]);
    return this.letter({ name, outcome: 'open', answered: true, bytes, sender, messageId: '', words: null });
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}

/** SHA-256, hex: under this name the program keeps what was delivered. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

type Wreck = (head: string, n: number) => { bytes: Buffer; outcome: Outcome; answered: boolean };

const BROKEN: readonly Wreck[] = [
  // Nobody wrote it, and it says nothing.
  (_head, n) => ({ bytes: Buffer.from(`\xff\xfe ruido ${n} \x80\x81`, 'latin1'), outcome: 'quarantine', answered: false }),
  // A part that never ends, in a transfer encoding that does not exist.
  (head, n) => ({
    bytes: Buffer.from(
      `${head}Content-Type: text/plain; charset=nada\r\nContent-Transfer-Encoding: magia\r\n\r\nNo abre el módulo ${n} =\xf1`,
      'latin1',
    ),
    outcome: 'open',
    answered: true,
  }),
  // Deeper than anybody writes.
  (head, n) => {
    const levels = Array.from({ length: 300 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join('');
    return { bytes: Buffer.from(`${head}${levels}Content-Type: text/plain\r\n\r\nhondo ${n}\r\n`), outcome: 'quarantine', answered: false };
  },
];
