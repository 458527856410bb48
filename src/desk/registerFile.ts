import { isPlainAddress } from '../mail/plainAddress.ts';
import type { Fault } from './aliases.ts';
import type { Language } from './language.ts';
import { isPublicMail } from './publicMail.ts';
import { type Contact, type Contract, clientKey, type Modality, type RegisteredClient } from './register.ts';

/** One row of a file of clients and contacts, as it was typed. */
export interface RegisterLine {
  line: number;
  client: string;
  modality: string;
  validUntil: string;
  sla: string;
  /** Parted by blanks, commas, semicolons or bars. */
  domains: string;
  name: string;
  address: string;
  language: string;
}

export interface RegisterRules {
  /** Names of the service levels in the settings. */
  slas: readonly string[];
  isOurAddress(address: string): boolean;
  /** Our own people's domain; null when our address is at a public provider. */
  staffDomain: string | null;
}

export type RegisterPlan = { ok: true; clients: RegisteredClient[] } | { ok: false; faults: Fault[] };

/** What one row says, when nothing is wrong with it alone. */
interface Row {
  line: number;
  client: string;
  contract: Contract | null;
  domains: string[];
  contact: Contact | null;
}

/**
 * The clients of a file, one row for each contact, or for a client without any. Rows of one client must agree on its contract; its domains are those
 * of all its rows together. One fault and nothing of the file holds.
 */
export function registeredClients(lines: readonly RegisterLine[], rules: RegisterRules): RegisterPlan {
  const faults: Fault[] = [];
  const clients = new Map<string, RegisteredClient & { line: number }>();
  const owners = new Map<string, { key: string; line: number }>();

  for (const line of lines) {
    const read = rowOf(line, rules);
    if ('problem' in read) {
      faults.push(read);
      continue;
    }
    const key = clientKey(read.client);
    const { domains, contact } = read;
    const client = clients.get(key) ?? { line: read.line, name: read.client, contract: read.contract, domains: [], contacts: [] };
    clients.set(key, client);
    const problem = contradiction(client, read) ?? domainTaken(domains, key, owners);
    if (problem !== null) {
      faults.push({ line: read.line, problem });
      continue;
    }
    for (const domain of domains) if (!owners.has(domain)) owners.set(domain, { key, line: read.line });
    client.domains = [...new Set([...client.domains, ...domains])];
    if (contact && !client.contacts.some(({ address }) => address === contact.address)) client.contacts.push(contact);
  }
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, clients: [...clients.values()].map(({ line: _, ...client }) => client) };
}

function contradiction(client: RegisteredClient & { line: number }, { contract, contact }: Row): string | null {
  if (JSON.stringify(contract) !== JSON.stringify(client.contract))
    return `modalidad, vigencia y SLA de ${client.name} son otros que en la línea ${client.line}; deje los mismos en todas`;
  const earlier = contact && client.contacts.find(({ address }) => address === contact.address);
  if (earlier && (earlier.name !== contact.name || earlier.language !== contact.language))
    return `${contact.address} ya está en ${client.name} con otro nombre o idioma`;
  return null;
}

function domainTaken(domains: readonly string[], key: string, owners: ReadonlyMap<string, { key: string; line: number }>): string | null {
  for (const domain of domains) {
    const owner = owners.get(domain);
    if (owner && owner.key !== key)
      return `el dominio ${domain} ya es de otro cliente en la línea ${owner.line}; registre a sus personas una por una`;
  }
  return null;
}

function rowOf(cells: RegisterLine, rules: RegisterRules): Row | Fault {
  const { line, client } = cells;
  const fault = (problem: string): Fault => ({ line, problem });
  if (client === '') return fault('falta el nombre del cliente');
  if (client.length > 200) return fault('el nombre del cliente pasa de 200 caracteres');

  const contract = contractOf(cells, rules);
  if (typeof contract === 'string') return fault(contract);
  const domains = cells.domains
    .toLowerCase()
    .split(/[\s,;|]+/)
    .map((domain) => domain.replace(/^@/, ''))
    .filter((domain) => domain !== '');
  for (const domain of domains) {
    const problem = domainProblem(domain, rules);
    if (problem !== null) return fault(problem);
  }
  const address = cells.address.toLowerCase();
  const whose = cells.name || cells.language;
  if (address === '' && whose !== '') return fault(`falta el correo del contacto (${whose.slice(0, 80)})`);
  if (address === '') return { line, client, contract, domains, contact: null };
  if (!isPlainAddress(address)) return fault(`"${cells.address}" no es una dirección de correo; por ejemplo ana@cliente.com`);
  if (rules.isOurAddress(address)) return fault(`${address} es una dirección nuestra, no la de un contacto`);
  const language = languageIn(cells.language);
  if (language === undefined) return fault(`el idioma "${cells.language}" no se entiende: escriba es, en o pt`);
  return { line, client, contract, domains, contact: { address, name: cells.name.slice(0, 200), language } };
}

/** What is wrong, in words, when it cannot be understood. */
function contractOf({ modality: written, validUntil, sla }: RegisterLine, { slas }: RegisterRules): Contract | null | string {
  if (written === '') return validUntil === '' && sla === '' ? null : 'falta la modalidad del contrato: 24x7 u 8x5';
  const modality = modalityIn(written);
  if (modality === null) return `la modalidad "${written}" no se entiende: escriba 24x7 u 8x5 (una hoja de cálculo convierte 8/5 en fecha)`;
  const until = validUntil === '' ? null : dayIn(validUntil);
  if (until === undefined) return `la fecha "${validUntil}" no se entiende: escriba 2027-01-31 o 31/01/2027`;
  if (sla !== '' && !slas.includes(sla))
    return slas.length === 0
      ? `el SLA "${sla}" no existe: la configuración no define ninguno en clients.sla`
      : `el SLA "${sla}" no existe; los de clients.sla son ${slas.join(', ')}`;
  return { modality, validUntil: until, sla: sla === '' ? null : sla };
}

/** `es`, `Inglés`, nothing; not `fr`. Undefined when we have no words in it. */
function languageIn(written: string): Language | null | undefined {
  const name = clientKey(written);
  if (name === '') return null;
  return LANGUAGES.find((names: readonly string[]) => names.includes(name))?.[0];
}

const LANGUAGES = [
  ['es', 'espanol', 'castellano'],
  ['en', 'ingles', 'english'],
  ['pt', 'portugues'],
] as const satisfies readonly (readonly [Language, ...string[]])[];

/** `24/7`, `24x7`, `7 x 24`, `8/5`, `5×8`; not `8-may`. */
function modalityIn(written: string): Modality | null {
  const numbers = /^(\d{1,2})\s?[x×/]\s?(\d{1,2})$/i
    .exec(written)
    ?.slice(1)
    .map(Number)
    .sort((a, b) => a - b)
    .join(' ');
  return numbers === '7 24' ? '24/7' : numbers === '5 8' ? '8/5' : null;
}

/** `2027-01-31` and `31/01/2027`, as they are written in Colombia; not `01/31/2027`, not `2027-02-30`. Undefined when it is no day. */
function dayIn(written: string): string | undefined {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(written);
  const local = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(written);
  const [year, month, day] = (iso ? iso.slice(1) : (local?.slice(1).reverse() ?? [])).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  const isThatDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThatDay ? date.toISOString().slice(0, 10) : undefined;
}

function domainProblem(domain: string, { staffDomain }: RegisterRules): string | null {
  if (!domain.includes('.') || !isPlainAddress(`x@${domain}`)) return `"${domain}" no es un dominio; por ejemplo cliente.com.co`;
  if (isPublicMail(domain))
    return `${domain} es de un proveedor público, y sus usuarios no son todos de un cliente: registre las direcciones`;
  if (domain === staffDomain) return `${domain} es nuestro dominio`;
  return null;
}
