import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/adapters/modelFile.ts';
import { openReports } from '../../src/adapters/sqliteReports.ts';
import { openSqliteStore } from '../../src/adapters/sqliteStore.ts';
import { loadTemplates } from '../../src/adapters/templateFiles.ts';
import { classify } from '../../src/desk/classify.ts';
import { BUSINESS_HOURS } from '../../src/desk/hours.ts';
import type { Identity, Policy } from '../../src/desk/policy.ts';
import { type Arrival, type Desk, type Ingested, ingest, keep, read } from '../../src/ingest.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { formatToken } from '../../src/mail/subject.ts';
import type { Store } from '../../src/ports.ts';

export const SECRET = 'a secret of the tests';
export const TODAY = new Date('2026-11-23T15:00:00.000Z'); // a Monday, 10:00 in Bogotá

export interface MailParts {
  from?: string;
  to?: string;
  cc?: string;
  subject?: string;
  text?: string;
  messageId?: string | null;
  inReplyTo?: string;
  references?: string;
  date?: string;
  /** Further header lines, each `Name: value`. */
  headers?: string[];
}

let written = 0;

/** A plain mail with CRLF line ends; each one has its own Message-ID unless it is given one, or null for none. */
export function aMail(parts: MailParts = {}): string {
  written += 1;
  const { messageId = `m${written}@cliente.example` } = parts;
  const lines = [
    ...(parts.headers ?? []),
    `From: ${parts.from ?? 'Ana Pérez <ana@cliente.example>'}`,
    `To: ${parts.to ?? 'soporte@itac.co'}`,
    ...(parts.cc ? [`Cc: ${parts.cc}`] : []),
    `Subject: ${parts.subject ?? 'Error al guardar'}`,
    `Date: ${parts.date ?? 'Mon, 23 Nov 2026 09:58:00 -0500'}`,
    ...(messageId === null ? [] : [`Message-ID: <${messageId}>`]),
    ...(parts.inReplyTo ? [`In-Reply-To: ${parts.inReplyTo}`] : []),
    ...(parts.references ? [`References: ${parts.references}`] : []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    parts.text ?? `La aplicación muestra un error al guardar la factura ${written}.`,
    '',
  ];
  return lines.join('\r\n');
}

/** Header lines as our own mail server writes them about a sender it vouches for. */
export function vouchedFor(domain: string): string[] {
  return [`Authentication-Results: mx.itac.co; dmarc=pass header.from=${domain}`];
}

export interface Arriving {
  receivedAt?: Date;
  ref?: string;
}

/** The path of a mail on a real SQLite store in a folder of its own, with a clock that stands still. */
export class TestDesk implements AsyncDisposable {
  readonly desk: Desk;
  readonly folder: string;
  private store: Store;
  private clock: { now: Date };
  private arrivals = 0;

  constructor(folder: string, store: Store, policy: Policy, identity: Identity, clock: { now: Date }) {
    const model = loadModel();
    this.folder = folder;
    this.store = store;
    this.clock = clock;
    this.desk = {
      store,
      parse: async (input) =>
        parseMail('path' in input ? await import('node:fs/promises').then((fs) => fs.readFile(input.path)) : input.bytes),
      classify: ({ subject, newText, signature }) => classify({ subject, newText, signature }, model, { reviewBelow: policy.reviewBelow }),
      identity,
      policy,
      templates: loadTemplates(),
      hours: BUSINESS_HOURS,
      now: () => clock.now,
    };
  }

  get now(): Date {
    return this.clock.now;
  }

  set now(moment: Date) {
    this.clock.now = moment;
  }

  async whenMailArrives(mail: string, arriving: Arriving = {}): Promise<Ingested> {
    const [ingested] = await this.whenMailsArrive([mail], arriving);
    return ingested!;
  }

  /** All of them in one transaction, as a backlog comes in. */
  async whenMailsArrive(mails: readonly string[], arriving: Arriving = {}): Promise<Ingested[]> {
    const arrivals: Arrival[] = [];
    for (const mail of mails) {
      const bytes = Buffer.from(mail);
      this.arrivals += 1;
      const ref = arriving.ref ?? `maildir:${this.arrivals}`;
      const raw = { ref, receivedAt: arriving.receivedAt ?? this.now, size: bytes.length, chunks: [bytes], headerOnly: false };
      arrivals.push(await read(await keep(raw, this.desk), this.desk));
    }
    return ingest(arrivals, this.desk);
  }

  /** Opens a ticket by a mail and returns its number. */
  async givenTicket(parts: MailParts = {}): Promise<number> {
    const { receipt } = await this.whenMailArrives(aMail(parts));
    if (receipt.outcome !== 'open') throw new Error(`the mail was meant to open a ticket: ${receipt.outcome}`);
    return receipt.ticketNumber!;
  }

  tokenOf(ticketNumber: number): string {
    return formatToken(this.desk.identity.tokens, ticketNumber);
  }

  plainTokenOf(ticketNumber: number): string {
    return `[ITAC #${ticketNumber}]`;
  }

  /** Message-ID of our answer on a ticket, with angle brackets. */
  answerIdOf(ticketNumber: number): string {
    return `<${this.ticket(ticketNumber).replies[0]!.messageId}>`;
  }

  ticket(number: number) {
    return this.reading((reports) => {
      const found = reports.ticket(number);
      if (!found) throw new Error(`there is no ticket ${number}`);
      return found;
    });
  }

  entriesOf(number: number) {
    return this.ticket(number).contributions;
  }

  tickets() {
    return this.reading((reports) => reports.tickets({ limit: 1000 }));
  }

  outbox() {
    return this.reading((reports) => reports.outbox({ limit: 1000 }));
  }

  reading<T>(work: (reports: ReturnType<typeof openReports>) => T): T {
    const reports = openReports(this.folder);
    try {
      return work(reports);
    } finally {
      reports.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function givenADesk(policy: Partial<Policy> = {}): Promise<TestDesk> {
  const folder = await mkdtemp(join(tmpdir(), 'buzon-test-'));
  const clock = { now: TODAY };
  const store = await openSqliteStore({ folder, now: () => clock.now });
  const rules: Policy = {
    reopenDays: 30,
    thanksKeepClosed: true,
    answerMaxAgeHours: 24,
    limits: { repliesPerAddressPerHour: 2, repliesPerDomainPerHour: 30, newTicketsPerMinute: 60 },
    unauthenticated: 'fixed-text',
    neverAnswer: [],
    staffDomain: 'itac.co',
    authservId: null,
    withoutContract: 'open',
    reviewBelow: 0.7,
    ...policy,
  };
  const identity: Identity = {
    address: 'soporte@itac.co',
    name: 'Soporte ITAC',
    domain: 'itac.co',
    secret: SECRET,
    tokens: { prefix: 'ITAC', secret: SECRET, legacyPatterns: [/\[Ticket#(\d{10,20})\]/i, /\[#(\d{1,9})\]/] },
    ownAddresses: [],
    platformUrl: 'http://soporte.itac.com.co/',
    bounceAddress: '',
  };
  return new TestDesk(folder, store, rules, identity, clock);
}
