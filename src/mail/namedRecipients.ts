import { anyOf } from './anyOf.ts';
import { decodeWords } from './encodedWords.ts';
import { failurePhraseIn } from './failurePhrases.ts';
import { fieldValues } from './fields.ts';
import { addressesIn } from './mailboxesIn.ts';
import { isServerAddress } from './mailServer.ts';
import type { ParsedMail } from './message.ts';

const MAX_RECIPIENTS = 100;

/** A recipient as a report in words names it. */
export interface NamedRecipient {
  address: string;
  /** What the report says about it, in one line. */
  said: string;
}

/** How well a line names a recipient; the best ones found are taken. */
const Rank = { listed: 3, blamed: 2, mentioned: 1 } as const;

/** The recipients that a report's own words blame, as far as they can be told from those who are only mentioned. */
export function namedRecipients(mail: ParsedMail, prose: readonly string[]): NamedRecipient[] {
  const found = new Map<string, NamedRecipient & { rank: number }>();
  const note = (address: string, rank: number, said: string) => {
    const known = found.get(address.toLowerCase());
    if (!known) found.set(address.toLowerCase(), { address, rank, said });
    else {
      if (rank === Rank.listed || known.rank < rank) known.said = `${known.said} ${said}`.trim();
      known.rank = Math.max(known.rank, rank);
    }
  };
  for (const address of fieldValues(mail, 'x-failed-recipients').map(decodeWords).flatMap(addressesIn)) note(address, Rank.listed, '');
  prose.forEach((line, at) => {
    const addresses = addressesIn(line);
    if (addresses.length === 0) return;
    const listed = LISTED.test(line);
    const blamed = !listed && (SMTP_TALK.test(line) || failurePhraseIn(line) !== null);
    for (const [index, address] of addresses.entries()) {
      const rank = listed && index === 0 ? Rank.listed : blamed ? Rank.blamed : Rank.mentioned;
      note(address, rank, saidAbout(prose, at));
    }
  });
  const strangers = [...found.values()].filter(({ address }) => !isPartyToReport(mail, address));
  const candidates = strangers.length > 0 ? strangers : [...found.values()].filter(({ rank }) => rank === Rank.listed);
  const best = Math.max(0, ...candidates.map(({ rank }) => rank));
  const named = candidates.filter(({ rank }) => rank === best);
  return named.slice(0, MAX_RECIPIENTS).map(({ address, said }) => ({ address, said }));
}

/**
 * A line of a list of recipients: `<ana@cliente.co>:`, `  * ana@cliente.co`, `Recipient: [SMTP:ana@cliente.co]`, `ana@cliente.co on Mon`;
 * not `contact ana@cliente.co`.
 */
const LISTED = anyOf(
  String.raw`^[\s>|*•"'[(<-]{0,20}(?:(?:…)\s{0,5}:[\s["'<]{0,10}(?:smtp:|mailto:)?[<"']?)?[^\s<>()[\]{}"',;:|@]{1,64}@[^\s<>()[\]{}"',;:|@]{3,255}`,
  [
    /recipient(?: address)?|(?:intended|final) recipient|undeliverable address|failed address/,
    /rcpt to|addressed to|address|user|e-?mail/,
    /destinatari[oa]|destinat[aá]rio|direcci[oó]n|endere[cç]o/,
  ],
);
/** Words of an SMTP session that names a recipient: `RCPT TO:<ana@cliente.co>`, `550 5.1.1 <ana@cliente.co>`; not `MAIL FROM`. */
const SMTP_TALK = /\brcpt to\b|(?<![\d.])[45]\d\d[ -]/i;

function saidAbout(prose: readonly string[], at: number): string {
  const said: string[] = [prose[at]!.trim()];
  for (let i = at + 1; i < prose.length && i <= at + 8; i++) {
    if (addressesIn(prose[i]!).length > 0 && LISTED.test(prose[i]!)) break;
    if (prose[i]!.trim() !== '') said.push(prose[i]!.trim());
  }
  return said.join(' ').slice(0, 500);
}

/** The one who gets the report, or who wrote it. */
function isPartyToReport(mail: ParsedMail, address: string): boolean {
  const same = (other: { address: string }) => other.address.toLowerCase() === address.toLowerCase();
  return mail.to.some(same) || same(mail.from) || isServerAddress(address);
}
