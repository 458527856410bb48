import { givesReason } from './addressFate.ts';
import { anyOf } from './anyOf.ts';
import { decodeWords } from './encodedWords.ts';
import { failurePhraseIn } from './failurePhrases.ts';
import { fieldValues } from './fields.ts';
import { addressesIn } from './mailboxesIn.ts';
import { isServerAddress } from './mailServer.ts';
import type { ParsedMail } from './message.ts';

const MAX_RECIPIENTS = 100;
const MAX_SAID_CHARS = 500;

/** A recipient as a report in words names it. */
export interface NamedRecipient {
  address: string;
  /** What the report says about it, in one line; `''` when nothing stands behind it. */
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
    const blamed = !listed && (RCPT.test(line) || givesReason(line) || failurePhraseIn(line) !== null);
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
/** A line of an SMTP session that names a recipient: `RCPT TO:<ana@cliente.co>`; not `MAIL FROM`. */
const RCPT = /\brcpt to\b/i;

/** What stands behind a recipient until the next one; recipients in one list share what follows it. */
function saidAbout(prose: readonly string[], at: number): string {
  const said: string[] = [prose[at]!.trim()];
  for (let i = at + 1; i < prose.length && i <= at + 8; i++) {
    const line = prose[i]!.trim();
    const names = LISTED.test(line);
    if (names && (said.length > 1 || !BARE.test(said[0]!) || !BARE.test(line))) break;
    if (line !== '' && !names) said.push(line);
  }
  return said.length === 1 && BARE.test(said[0]!) ? '' : said.join(' ').slice(0, MAX_SAID_CHARS);
}

/** Nothing but a recipient: `<ana@cliente.co>`, `* ana@cliente.co,`; not `ana@cliente.co: user unknown`. */
const BARE = /^[\s*•<-]{0,10}[^\s@<>]{1,320}@[^\s@<>]{1,255}[>,;]{0,3}$/;

/** The one who gets the report, or who wrote it. */
function isPartyToReport(mail: ParsedMail, address: string): boolean {
  const same = (other: { address: string }) => other.address.toLowerCase() === address.toLowerCase();
  return mail.to.some(same) || same(mail.from) || isServerAddress(address);
}
