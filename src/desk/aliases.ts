import type { Alias } from './ticket.ts';

/** One line of a file of former numbers. */
export interface AliasLine {
  line: number;
  /** Digits, as they stand in the subjects of old mails. */
  former: string;
  /** Digits: a ticket's number, or another former number. */
  now: string;
}

/** What is wrong with a line, in Spanish. */
export interface Fault {
  line: number;
  problem: string;
}

export interface KnownNumbers {
  aliases: readonly Alias[];
  /** Those numbers among the lines' that are tickets. */
  tickets: ReadonlySet<number>;
}

export type AliasPlan = { ok: true; aliases: Alias[]; unchanged: number } | { ok: false; faults: Fault[] };

/**
 * Where the lines of a file lead. A number on the right is a ticket when there is one of that number, and else a former number that the file or
 * the store leads on: the numbers of both systems may overlap (`T15`). One fault and nothing of the file holds.
 */
export function planAliases(lines: readonly AliasLine[], { aliases, tickets }: KnownNumbers): AliasPlan {
  const before = new Map(aliases.map((alias) => [alias.formerNumber, alias]));
  const first = new Map<string, AliasLine>();
  for (const line of lines) if (!first.has(line.former)) first.set(line.former, line);

  const aliasOf = ({ former, now }: AliasLine): Alias =>
    tickets.has(Number(now)) ? { formerNumber: former, ticketNumber: Number(now) } : { formerNumber: former, nextFormerNumber: now };
  const leadOf = (former: string): Alias | undefined => {
    const line = first.get(former);
    return line ? aliasOf(line) : before.get(former);
  };

  const faultOf = (line: AliasLine): string | undefined => {
    const alias = aliasOf(line);
    const earlier = first.get(line.former)!;
    if (earlier !== line && !sameEnd(aliasOf(earlier), alias))
      return `el número anterior ${line.former} ya lleva al ${earlier.now} en la línea ${earlier.line}`;
    const stored = before.get(line.former);
    if (stored && !sameEnd(stored, alias)) return `el número anterior ${line.former} ya lleva al ${endOf(stored)}, importado antes`;
    if ('nextFormerNumber' in alias && !leadOf(line.now)) return `no existe el ticket ${line.now}`;
    const circle = circleFrom(line.former, leadOf);
    return circle && `los números dan vueltas en círculo: ${circle.join(' → ')}`;
  };

  const faults = lines.flatMap((line) => {
    const problem = faultOf(line);
    return problem === undefined ? [] : [{ line: line.line, problem }];
  });
  if (faults.length > 0) return { ok: false, faults };
  const fresh = [...first.values()].filter((line) => !before.has(line.former)).map(aliasOf);
  return { ok: true, aliases: fresh, unchanged: first.size - fresh.length };
}

function sameEnd(a: Alias, b: Alias): boolean {
  return endOf(a) === endOf(b) && 'ticketNumber' in a === 'ticketNumber' in b;
}

function endOf(alias: Alias): string {
  return 'ticketNumber' in alias ? String(alias.ticketNumber) : alias.nextFormerNumber;
}

/** The numbers met on the way until one comes again; undefined when the way ends. */
function circleFrom(start: string, leadOf: (former: string) => Alias | undefined): string[] | undefined {
  const met = new Set<string>();
  for (let at = start; ; ) {
    if (met.has(at)) return [...met, at];
    met.add(at);
    const alias = leadOf(at);
    if (!alias || 'ticketNumber' in alias) return undefined;
    at = alias.nextFormerNumber;
  }
}
