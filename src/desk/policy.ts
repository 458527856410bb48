import type { TokenRules } from '../mail/subject.ts';

/** What the settings say about deciding and answering. */
export interface Policy {
  /** A person's reply on a ticket closed for at most this long reopens it; a later one opens a new, linked ticket. */
  reopenDays: number;
  /** A reply on a closed ticket that says nothing but thanks leaves it closed. */
  thanksKeepClosed: boolean;
  /** Mail that was received longer ago gets its ticket but no answer. */
  answerMaxAgeHours: number;
  limits: { repliesPerAddressPerHour: number; repliesPerDomainPerHour: number; newTicketsPerMinute: number };
  /** What senders get whose authentication nobody vouches for and whom the register of clients does not know. */
  unauthenticated: 'acknowledge' | 'fixed-text' | 'none';
  /** Addresses, and domains with all below them, in lower case: they get no automatic answer, whatever they write. */
  neverAnswer: readonly string[];
  /**
   * Authenticated people of this domain are our own staff: they may write on every ticket whose keyed token they hold. Null when our address is at a
   * public provider, whose people are strangers.
   */
  staffDomain: string | null;
  /** Name under which our own mail server signs its findings (RFC 8601 2.5); null when it does not. */
  authservId: string | null;
  /** What becomes of a new matter of a client whose contract is not in force. */
  withoutContract: 'open' | 'quarantine';
  /** Classifications below this confidence are marked for review. */
  reviewBelow: number;
}

/** Who we are. */
export interface Identity {
  address: string;
  /** Display name of our answers. */
  name: string;
  domain: string;
  /** Key of tokens and Message-IDs. */
  secret: string;
  tokens: TokenRules;
  /** Further addresses that are ours; each counts in any case and with any +tag. */
  ownAddresses: readonly string[];
  platformUrl: string;
  /** Envelope sender of automatic answers; `''` is the null path. */
  bounceAddress: string;
}

/** Ours in any case and with any +tag: `Soporte+x@ITAC.co` is `soporte@itac.co`. */
export function isOurAddress(address: string, identity: Identity): boolean {
  const plain = withoutTag(address);
  return plain === withoutTag(identity.address) || identity.ownAddresses.some((own) => withoutTag(own) === plain);
}

/** The mailbox behind an address, lower case: `Ana+x@Cliente.co` is delivered to `ana@cliente.co`. */
export function withoutTag(address: string): string {
  const at = address.lastIndexOf('@');
  const plus = address.indexOf('+');
  return (plus > 0 && plus < at ? address.slice(0, plus) + address.slice(at) : address).toLowerCase();
}
