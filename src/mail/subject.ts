import type { TicketToken } from './message.ts';
import { checkLetters, isCheckOf } from './signature.ts';

/** How tickets are named in subjects: ours, and those of former systems. */
export interface TokenRules {
  /** `ITAC` of `[ITAC #123-K7Q]`; compared without regard to case. */
  prefix: string;
  secret: string;
  /** Each with one capture group: the former number. */
  legacyPatterns: readonly RegExp[];
}

export interface FoundTokens {
  /** In order of appearance. */
  tokens: TicketToken[];
  /** Written like a token of ours but not one: wrong check letters, a leading zero, a number too long. Proves nothing. */
  refused: string[];
}

/** Tokens stand near the beginning; what follows is not searched, so that a configured pattern cannot be made slow. */
const MAX_SEARCHED_CHARS = 4000;
/** More digits than any ticket number of ours will have; also what fits into a signed Message-ID. */
const MAX_NUMBER_DIGITS = 9;

/**
 * Finds ticket tokens in a decoded subject (RFC 5322 3.6.5, after unfolding and RFC 2047). Case, spaces, no-break spaces, full-width
 * forms and typographic dashes do not matter. Tokens of others (`[OTRO #123]`, `pedido #123`) are not ours.
 */
export function tokensIn(subject: string, rules: TokenRules): FoundTokens {
  const written = subject.slice(0, MAX_SEARCHED_CHARS);
  const plain = plainForm(written);
  const found: (Place & { token: TicketToken | null })[] = [];
  for (const match of plain.matchAll(ownPattern(rules.prefix))) {
    const place = placeOf(match);
    found.push({ ...place, token: ownToken(match, written.slice(place.start, place.end), rules.secret) });
  }
  for (const pattern of rules.legacyPatterns) {
    for (const match of plain.matchAll(new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`))) {
      const place = placeOf(match);
      if (match[1] !== undefined && !found.some((other) => overlap(place, other))) {
        found.push({ ...place, token: formerToken(written.slice(place.start, place.end), match[1]) });
      }
    }
  }
  found.sort((a, b) => a.start - b.start);
  return {
    tokens: found.flatMap(({ token }) => token ?? []),
    refused: found.filter(({ token }) => !token).map(({ start, end }) => written.slice(start, end)),
  };
}

/** `[ITAC #123-K7Q]`. */
export function formatToken(rules: TokenRules, ticketNumber: number): string {
  return `[${rules.prefix} #${ticketNumber}-${checkLetters(rules.secret, ticketNumber)}]`;
}

/**
 * The subject without anything in brackets that looks like a token of ours, right or wrong; former numbers stay, they are the client's
 * words.
 */
export function withoutTokens(subject: string, rules: TokenRules): string {
  let rest = '';
  let from = 0;
  for (const match of plainForm(subject).matchAll(ownPattern(rules.prefix))) {
    if (!isBracketed(match)) continue;
    const { start, end } = placeOf(match);
    rest += subject.slice(from, start);
    from = end;
  }
  return collapsed(rest + subject.slice(from));
}

/** Translations of "Re" by mail programs, lower case. */
const REPLY_WORDS = new Set(
  're res rif r aw antw antwort sv vs svar odp ynt atb bls vá ha καθ σχετ отв ответ رد 回复 回覆 答复 答覆 返信 답장'.split(' '),
);
/** Translations of "Fwd" by mail programs, lower case; `rv` is Spanish, `enc` Portuguese, `tr` French, `wg` German. */
const FORWARD_WORDS = new Set(
  'fw fwd fwrd rv renv reenv enc tr trs wg vb vl pd i ilt doorst továbbítás πρθ hl 转发 轉寄 轉發 転送 전달'.split(' '),
);

/** `RE :`, `Re[2]:`, `Re^2:`, `Fwd(3):`, `回复：`; not `Report:` or `Re` without a colon. */
const REPLY_PREFIX = /\s{0,20}([\p{L}\p{M}]{1,12})\s{0,3}(?:[[(^]\s?\d{1,3}[\])]?|\d{1,2})?\s{0,3}:/uy;

/** What mail gateways put in front of a subject: `[EXTERNO] `, `[EXT]`, `***SPAM*** `, `{Spam?} `; not `[Extranet] `, `[Facturación] `. */
const GATEWAY_TAG =
  /\s{0,20}(?:\[\s?(?:(?:correo |mensaje |e-?mail )?extern[oa]|ext|external(?: e-?mail| sender)?|(?:posible |possible )?spam)\s?\]|\*{2,5}\s?spam\s?\*{2,5}|\{spam\?{0,2}\})/iuy;

/**
 * Takes reply and forward prefixes off the front, whatever their order and language, and the tags of mail gateways among them. `prefixes` are lower-case
 * words: `['re', 'rv']`.
 */
export function withoutReplyPrefixes(subject: string): { subject: string; prefixes: string[] } {
  const plain = plainForm(subject);
  const prefixes: string[] = [];
  let from = 0;
  for (;;) {
    GATEWAY_TAG.lastIndex = from;
    const tag = GATEWAY_TAG.exec(plain)?.[0];
    if (tag !== undefined) {
      from += tag.length;
      continue;
    }
    REPLY_PREFIX.lastIndex = from;
    const match = REPLY_PREFIX.exec(plain);
    const word = match?.[1]?.toLowerCase();
    if (!match || !word || !(REPLY_WORDS.has(word) || FORWARD_WORDS.has(word))) break;
    prefixes.push(word);
    from += match[0].length;
  }
  return { subject: subject.slice(from).trim(), prefixes };
}

/** Whether a prefix, as `withoutReplyPrefixes` returns it, says that the mail was passed on. */
export function isForwardPrefix(prefix: string): boolean {
  return FORWARD_WORDS.has(prefix.toLowerCase());
}

interface Place {
  start: number;
  end: number;
}

function placeOf(match: RegExpExecArray): Place {
  return { start: match.index, end: match.index + match[0].length };
}

function overlap(a: Place, b: Place): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Full-width forms, special spaces, brackets and dashes as their ASCII relatives. One UTF-16 unit each, so that positions stay. */
function plainForm(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\u2010-\u2015\u2212\ufe58\ufe63]/g, '-')
    .replace(/\u3010/g, '[')
    .replace(/\u3011/g, ']')
    .replace(/\s/g, ' ');
}

/**
 * For prefix ITAC: `[itac # 123 - k7q ]`, `ITAC #123`; not `[OTRO #123]`, `DIGITAC #123`. Groups: opening bracket, digits, check, closing
 * bracket.
 */
function ownPattern(prefix: string): RegExp {
  const escaped = prefix.replace(/[^\p{L}\p{N}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
  return new RegExp(
    `(\\[ {0,4})?(?<![\\p{L}\\p{N}])${escaped} {0,4}# {0,4}(\\d{1,40})(?!\\d)(?: {0,4}- {0,4}([a-z0-9]{1,12})(?![a-z0-9]))?( {0,4}\\])?`,
    'giu',
  );
}

function isBracketed(match: RegExpExecArray): boolean {
  return match[1] !== undefined && match[4] !== undefined;
}

function ownToken(match: RegExpExecArray, text: string, secret: string): TicketToken | null {
  const digits = match[2]!;
  const check = match[3];
  if (digits.length > MAX_NUMBER_DIGITS || digits.startsWith('0')) return null;
  const number = Number(digits);
  if (check !== undefined && !isCheckOf(secret, number, check)) return null;
  return { text, number, digits, signed: check !== undefined, legacy: false, bracketed: isBracketed(match) };
}

function formerToken(text: string, digits: string): TicketToken {
  return { text, number: Number(digits), digits, signed: false, legacy: true, bracketed: true };
}

function collapsed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
