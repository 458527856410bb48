import { domainOf, fieldValues } from './fields.ts';
import type { Authentication, ParsedMail } from './message.ts';

/** One method's result: `{ method: 'dkim', result: 'pass', properties: { 'header.d': 'cliente.co' } }` (RFC 8601 2.2). */
interface MethodResult {
  method: string;
  result: string;
  properties: Record<string, string>;
}

interface AuthenticationResults {
  authservId: string;
  results: MethodResult[];
}

/**
 * What our own server found out about the sender (RFC 8601). Only the topmost field of the trusted server counts: those below it came
 * with the mail, and anybody can write them. Without a trusted server, or without its field, the verdict is `none`, never `pass`.
 */
export function authenticationOf(mail: ParsedMail, trusted: { authservId: string | null }): Authentication {
  const ours = trusted.authservId?.toLowerCase();
  if (!ours) return { verdict: 'none', evidence: ['no se configuró un servidor de confianza (gate.authservId)'] };
  for (const value of fieldValues(mail, 'authentication-results')) {
    const parsed = authenticationResultsOf(value);
    if (parsed?.authservId === ours) return verdictOf(parsed.results, domainOf(mail.from.address));
  }
  return { verdict: 'none', evidence: [`sin Authentication-Results de ${ours}`] };
}

/** DMARC decides when it was asked; otherwise an aligned DKIM or SPF pass (RFC 7489 3.1), and an SPF fail of the author's own domain. */
function verdictOf(results: readonly MethodResult[], fromDomain: string): Authentication {
  const evidence = results.map((r) => describe(r, fromDomain));
  const said = (method: string, result: string) =>
    results.some((r) => r.method === method && r.result === result && isAligned(checkedDomain(r), fromDomain));
  if (results.some((r) => r.method === 'dmarc' && r.result === 'fail')) return { verdict: 'fail', evidence };
  if (said('dmarc', 'pass') || said('dkim', 'pass') || said('spf', 'pass')) return { verdict: 'pass', evidence };
  return { verdict: said('spf', 'fail') ? 'fail' : 'none', evidence };
}

function describe(result: MethodResult, fromDomain: string): string {
  const domain = checkedDomain(result);
  const said = `${result.method}=${result.result}`;
  if (domain === '') return said;
  return isAligned(domain, fromDomain) ? `${said} de ${domain}` : `${said} de ${domain}, que no es el dominio del autor`;
}

/** The properties that name the domain a method speaks of, best first (RFC 8601 2.7). */
const DOMAIN_PROPERTIES: Record<string, readonly string[]> = {
  dmarc: ['header.from'],
  dkim: ['header.d', 'header.i'],
  spf: ['smtp.mailfrom', 'smtp.helo'],
};

function checkedDomain({ method, properties }: MethodResult): string {
  const value = DOMAIN_PROPERTIES[method]?.map((name) => properties[name]).find((found) => found !== undefined);
  return domainOf(value ?? '').replace(/\.$/, '');
}

/** `com` of `com.co`: two letters of a country after it make it a public suffix that nobody owns. */
const SECOND_LEVEL = new Set(['com', 'co', 'net', 'org', 'edu', 'gov', 'gob', 'gub', 'mil', 'ac', 'or', 'ne', 'go', 'nom', 'info', 'web']);

/**
 * Relaxed alignment (RFC 7489 3.1.1): the same domain, or one below the other. Stricter than a list of public suffixes would allow: two
 * subdomains of one owner are not aligned.
 */
function isAligned(domain: string, fromDomain: string): boolean {
  if (domain === '' || fromDomain === '') return false;
  if (domain === fromDomain) return true;
  const [parent, child] = domain.length < fromDomain.length ? [domain, fromDomain] : [fromDomain, domain];
  const labels = parent.split('.');
  const isPublicSuffix = labels.length < 2 || (labels.length === 2 && labels[1]!.length === 2 && SECOND_LEVEL.has(labels[0]!));
  return child.endsWith(`.${parent}`) && !isPublicSuffix;
}

/** Reads one Authentication-Results body; null when it has no server's name. What does not follow the grammar of a result is left out. */
export function authenticationResultsOf(value: string): AuthenticationResults | null {
  const [head, ...statements] = statementsOf(value);
  const authservId = head?.[0]?.toLowerCase();
  if (!authservId || head![1] === '=') return null;
  return { authservId, results: statements.flatMap((words) => methodResultOf(words) ?? []) };
}

/** `dkim/1 = pass reason = "good" header.d = cliente.co` as words, `=` being one. */
function methodResultOf(words: readonly string[]): MethodResult | null {
  const [method, equals, result] = words;
  if (method === undefined || equals !== '=' || result === undefined) return null;
  const properties: Record<string, string> = Object.create(null);
  for (let i = 3; i < words.length; ) {
    if (words[i + 1] === '=' && words[i + 2] !== undefined) {
      properties[words[i]!.toLowerCase()] ??= words[i + 2]!;
      i += 3;
    } else i++;
  }
  return { method: method.toLowerCase().replace(/\/.*$/, ''), result: result.toLowerCase(), properties };
}

/**
 * Splits at the semicolons, and each statement into words; comments are dropped, a quoted string is never split, and the first `=` of a
 * pair is a word of its own (a later one belongs to the value: `header.b=Ab12=`). Linear.
 */
function statementsOf(value: string): string[][] {
  const statements: string[][] = [[]];
  let word: string | null = null;
  let depth = 0;
  let quoted = false;
  const endWord = () => {
    if (word !== null) statements.at(-1)!.push(word);
    word = null;
  };
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\' && (quoted || depth > 0)) {
      i++;
      if (quoted) word = (word ?? '') + (value[i] ?? '');
    } else if (quoted) {
      if (c === '"') quoted = false;
      else word = (word ?? '') + c;
    } else if (depth > 0) {
      if (c === '(') depth++;
      if (c === ')') depth--;
    } else if (c === '(') {
      endWord();
      depth = 1;
    } else if (c === '"') {
      quoted = true;
      word ??= '';
    } else if (c === ';') {
      endWord();
      statements.push([]);
    } else if (c === '=' && statements.at(-1)!.at(-1) !== '=') {
      endWord();
      statements.at(-1)!.push('=');
    } else if (/\s/.test(c)) endWord();
    else word = (word ?? '') + c;
  }
  endWord();
  return statements;
}
