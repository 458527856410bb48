import { bogotaClock } from './hours.ts';
import type { Language } from './language.ts';

/** How a contract is attended: round the clock (platform, e-mail, mobile line), or in office hours. */
export type Modality = '24/7' | '8/5';

export interface Contract {
  modality: Modality;
  /** The last day, in Bogotá: `2027-01-31`; null when no end was agreed. */
  validUntil: string | null;
  /** Which of the settings' service levels it has. */
  sla: string | null;
}

/** Who pays for support, and on what terms. */
export interface Client {
  id: number;
  name: string;
  contract: Contract | null;
}

/** How the register knows a sender: by the address itself, or only by its domain. There is at least one client. */
export interface Registration {
  by: 'contact' | 'domain';
  clients: Client[];
  /** In which a contact wants to be answered (`O14`); null: in that of the mail. */
  language: Language | null;
}

/** A client with all that the register holds of it. */
export interface RegisteredClient {
  name: string;
  contract: Contract | null;
  /** In lower case. */
  domains: string[];
  contacts: Contact[];
}

export interface Contact {
  /** In lower case. */
  address: string;
  name: string;
  language: Language | null;
}

/** The client for whom a sender writes; null when nobody is registered, and for somebody of two clients: none of them is preferred (`C16`). */
export function onlyClientOf(registration: Registration | null): Client | null {
  return registration?.clients.length === 1 ? registration.clients[0]! : null;
}

/** The contract of a client on a day in Bogotá; null when there is none, or it has ended. */
export function contractInForce({ contract }: Pick<Client, 'contract'>, now: Date): Contract | null {
  if (contract === null || contract.validUntil === null) return contract;
  return bogotaClock(now).toISOString().slice(0, 10) <= contract.validUntil ? contract : null;
}

/** `contrato 8/5 hasta 2027-01-31`, `sin contrato vigente (venció el 2025-12-31)`, `sin contrato registrado`. */
export function contractWords(client: Pick<Client, 'contract'>, now: Date): string {
  const { contract } = client;
  if (contract === null) return 'sin contrato registrado';
  if (contractInForce(client, now) === null) return `sin contrato vigente (venció el ${contract.validUntil})`;
  return `contrato ${contract.modality}${contract.validUntil === null ? '' : ` hasta ${contract.validUntil}`}`;
}

/** One name for `COOPROBLES`, `Cooprobles` and `Coopróbles `. */
export function clientKey(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim().toLowerCase();
}

/** What an import changes; contacts are counted by client: somebody of two counts twice. */
export interface RegisterChanges {
  clients: { added: number; changed: number; unchanged: number };
  contacts: { added: number; changed: number; removed: number; unchanged: number };
  /** Contacts that the file does not name and that stay. */
  kept: number;
}

/**
 * The register after a file. The file says all about the clients and about the addresses that it names; with `replace` it is the whole register, and
 * who is not in it has no contract and no contacts any more. A client never vanishes: tickets belong to it.
 */
export function registerAfter(
  before: readonly RegisteredClient[],
  file: readonly RegisteredClient[],
  replace: boolean,
): { clients: RegisteredClient[]; changes: RegisterChanges } {
  const named = new Map(file.map((client) => [clientKey(client.name), client]));
  const addresses = new Set(file.flatMap(({ contacts }) => contacts.map(({ address }) => address)));
  const domains = new Set(file.flatMap((client) => client.domains));
  const stay = ({ contacts }: RegisteredClient) => (replace ? [] : contacts.filter(({ address }) => !addresses.has(address)));

  const known = before.map((client): RegisteredClient => {
    const told = named.get(clientKey(client.name));
    if (told) return { ...told, contacts: [...stay(client), ...told.contacts] };
    if (replace) return { name: client.name, contract: null, domains: [], contacts: [] };
    return { ...client, domains: client.domains.filter((domain) => !domains.has(domain)), contacts: stay(client) };
  });
  const keys = new Set(before.map(({ name }) => clientKey(name)));
  const clients = [...known, ...file.filter(({ name }) => !keys.has(clientKey(name)))];
  return { clients, changes: { ...changesBetween(before, clients), kept: before.flatMap(stay).length } };
}

function changesBetween(before: readonly RegisteredClient[], after: readonly RegisteredClient[]): Omit<RegisterChanges, 'kept'> {
  const facts = ({ name, contract, domains }: RegisteredClient) => JSON.stringify([name, contract, domains.toSorted()]);
  const factsBefore = new Map(before.map((client) => [clientKey(client.name), facts(client)]));
  const factsAfter = new Map(after.map((client) => [clientKey(client.name), facts(client)]));
  const contactsOf = (clients: readonly RegisteredClient[]) =>
    new Map(
      clients.flatMap((client) =>
        client.contacts.map(({ address, ...rest }) => [`${clientKey(client.name)} ${address}`, JSON.stringify(rest)]),
      ),
    );
  const { removed: _none, ...clients } = compared(factsBefore, factsAfter);
  return { clients, contacts: compared(contactsOf(before), contactsOf(after)) };
}

function compared(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): RegisterChanges['contacts'] {
  const both = [...after].filter(([key]) => before.has(key));
  const changed = both.filter(([key, value]) => before.get(key) !== value).length;
  return { added: after.size - both.length, changed, removed: before.size - both.length, unchanged: both.length - changed };
}
