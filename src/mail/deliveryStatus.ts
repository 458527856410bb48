import { failedStatusIn, isPermanent, statusIn } from './addressFate.ts';
import { addressesIn } from './mailboxesIn.ts';
import type { ReportedRecipient } from './message.ts';

/** What one group of per-recipient fields says (RFC 3464 2.3). `address` is null when no field names a mailbox. */
export type StatedRecipient = Omit<ReportedRecipient, 'address'> & { address: string | null };

/** Fields of one recipient, names in lower case. */
type Group = Map<string, string>;

/** The fields that name a recipient, best first; a server that forwarded knows the final one, we know the original one. */
const NAMING = ['final-recipient', 'original-recipient', 'x-actual-recipient'] as const;
const TELLING = ['action', 'status', 'diagnostic-code'] as const;

/**
 * Reads the per-recipient fields of a delivery status (RFC 3464 2.3, RFC 6533 for other scripts), whole or damaged: groups without an
 * empty line between them, empty lines inside a group, missing actions. Lines that are no field are passed over, so that a whole text may
 * be given.
 */
export function statedRecipients(text: string): StatedRecipient[] {
  return groupsOf(text).map(recipientOf);
}

/** Whether it was not delivered, or not yet. */
export function isUndelivered({ action }: StatedRecipient): boolean {
  return action === 'failed' || action === 'delayed';
}

export function isNamed(recipient: StatedRecipient): recipient is ReportedRecipient {
  return recipient.address !== null;
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = [];
  let fields: Group = new Map();
  const close = () => {
    const last = groups.at(-1);
    if (NAMING.some((name) => fields.has(name))) groups.push(fields);
    else if (last && !TELLING.some((name) => last.has(name) && fields.has(name))) for (const [name, value] of fields) last.set(name, value);
    fields = new Map();
  };
  for (const line of unfolded(text)) {
    if (line.trim() === '') close();
    else {
      const field = FIELD.exec(line);
      if (!field) continue;
      const name = field[1]!.toLowerCase();
      if (fields.has(name) && (name === 'final-recipient' || name === 'original-recipient')) close();
      if (!fields.has(name)) fields.set(name, field[2]!.trim());
    }
  }
  close();
  return groups;
}

/** `Final-Recipient: rfc822; ana@cliente.co`, also indented or quoted; not `550: no such user`. */
const FIELD = /^[>\s]{0,8}([A-Za-z][A-Za-z-]{2,40})[ \t]{0,5}:(.{0,2000})/;

/** A continuation begins with white space and is no field itself. */
function unfolded(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const last = lines.at(-1);
    if (/^[ \t]+\S/.test(line) && last !== undefined && last.trim() !== '' && !NAMED_LINE.test(line))
      lines[lines.length - 1] = `${last} ${line.trim()}`;
    else lines.push(line);
  }
  return lines;
}

/** `  Action: failed`, which somebody indented; not `   550 5.1.1 Action: rejected`. */
const NAMED_LINE = /^[ \t]{1,8}(?:final-recipient|original-recipient|action|status|diagnostic-code|remote-mta|reporting-mta)[ \t]{0,5}:/i;

function recipientOf(fields: Group): StatedRecipient {
  const diagnostic = (fields.get('diagnostic-code') ?? '').replace(/^\s{0,3}[a-z0-9-]{1,20}\s{0,3};\s{0,3}/i, '').trim();
  const status = statusIn(fields.get('status') ?? '') ?? failedStatusIn(diagnostic);
  const action = actionOf(fields.get('action') ?? '', status, fields.has('will-retry-until'));
  const address = NAMING.map((name) => mailboxIn(name, fields.get(name) ?? '')).find((found) => found !== null) ?? null;
  return {
    address,
    action,
    status,
    permanent: action === 'delayed' ? false : isPermanent(status, diagnostic),
    diagnostic: diagnostic.slice(0, 500) || null,
  };
}

/** The registered actions (RFC 3464 2.3.3), as far as servers agree: `failed`, `Delayed (will retry)`, `delay`; not `bounced`. */
const ACTION = /^\s*(?:(fail)|(delay)|(deliver)|(relay)|(expand))/i;
const ACTIONS = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

/** What is no registered action, or missing, is read from the other fields. */
function actionOf(stated: string, status: string | null, retries: boolean): string {
  const found = ACTION.exec(stated)?.slice(1) ?? [];
  const named = ACTIONS.find((_, at) => found[at] !== undefined);
  return named ?? (status?.startsWith('2') ? 'delivered' : retries ? 'delayed' : 'failed');
}

/**
 * The two signs of an address that xtext (RFC 3461 4) writes as numbers, left so by some servers: `ana+2Bx@cliente.co`; not `ana+2026@cliente.co`,
 * where any other number may be meant as it stands.
 */
const XTEXT_SIGN = /\+(2B|3D)/g;

/**
 * An address as a recipient field names it: `rfc822; <ana@cliente.co>`, `utf-8; \x{F1}andu@cliente.co` (RFC 6533 3); not `x400; c=co;
 * s=perez`.
 */
function mailboxIn(field: (typeof NAMING)[number], value: string): string | null {
  const plain = (field === 'original-recipient' ? value.replace(XTEXT_SIGN, (_, sign: string) => (sign === '2B' ? '+' : '=')) : value)
    .replace(/\\x\{([0-9A-Fa-f]{1,6})\}/g, (whole, hex: string) =>
      Number.parseInt(hex, 16) <= 0x10ffff ? String.fromCodePoint(Number.parseInt(hex, 16)) : whole,
    )
    .replace(/^[^;@]{0,40};/, '');
  return addressesIn(plain)[0] ?? null;
}
