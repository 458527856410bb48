import type Database from 'better-sqlite3';
import { type Client, type Contact, clientKey, type Modality, type RegisteredClient, type Registration } from '../desk/register.ts';
import { domainOf } from '../mail/fields.ts';

interface ClientRow {
  id: number;
  name: string;
  modality: Modality | null;
  valid_until: string | null;
  sla: string | null;
}

const CLIENT_COLUMNS = 'client.id, client.name, modality, valid_until, sla';

/** How the register knows a sender; two searches at most. */
export function registrationIn(db: Database.Database): (address: string) => Registration | null {
  const byAddress = db.prepare<[string], ClientRow & Pick<Contact, 'language'>>(
    `SELECT ${CLIENT_COLUMNS}, language FROM contact JOIN client ON client.id = client_id WHERE address = ? ORDER BY client.id`,
  );
  const byDomain = db.prepare<[string], ClientRow>(
    `SELECT ${CLIENT_COLUMNS} FROM client_domain JOIN client ON client.id = client_id WHERE domain = ?`,
  );
  return (address) => {
    const named = byAddress.all(address);
    if (named.length > 0) {
      const language = named.find((row) => row.language !== null)?.language ?? null;
      return { by: 'contact', clients: named.map(clientFrom), language };
    }
    const owner = byDomain.get(domainOf(address));
    return owner ? { by: 'domain', clients: [clientFrom(owner)], language: null } : null;
  };
}

export interface RegisterStatements {
  all(): RegisteredClient[];
  /** Takes the place of the whole register. To be called inside a transaction. @returns how many tickets belong to a client from now on */
  record(clients: readonly RegisteredClient[]): number;
}

export function registerIn(db: Database.Database): RegisterStatements {
  const clients = db.prepare<[], ClientRow>(`SELECT ${CLIENT_COLUMNS} FROM client ORDER BY name_key`);
  const domains = db.prepare<[number], string>('SELECT domain FROM client_domain WHERE client_id = ? ORDER BY domain').pluck();
  const contacts = db.prepare<[number], Contact>('SELECT address, name, language FROM contact WHERE client_id = ? ORDER BY address');
  const upsertClient = db
    .prepare<{ name: string; key: string; modality: Modality | null; validUntil: string | null; sla: string | null }, number>(
      `INSERT INTO client (name, name_key, modality, valid_until, sla) VALUES (@name, @key, @modality, @validUntil, @sla)
       ON CONFLICT (name_key) DO UPDATE SET name = @name, modality = @modality, valid_until = @validUntil, sla = @sla RETURNING id`,
    )
    .pluck();
  const clearContacts = db.prepare('DELETE FROM contact');
  const clearDomains = db.prepare('DELETE FROM client_domain');
  const insertDomain = db.prepare('INSERT INTO client_domain (domain, client_id) VALUES (?, ?)');
  const insertContact = db.prepare('INSERT INTO contact (address, client_id, name, language) VALUES (?, ?, ?, ?)');
  const adoptTickets = db.prepare(
    `UPDATE ticket SET client_id = (SELECT client_id FROM contact WHERE address = lower(requester_address))
     WHERE client_id IS NULL AND (SELECT count(*) FROM contact WHERE address = lower(requester_address)) = 1`,
  );

  return {
    all: () =>
      clients.all().map((row) => ({
        name: row.name,
        contract: clientFrom(row).contract,
        domains: domains.all(row.id),
        contacts: contacts.all(row.id),
      })),

    record(all) {
      clearContacts.run();
      clearDomains.run();
      for (const { name, contract, domains: theirs, contacts: people } of all) {
        const { modality = null, validUntil = null, sla = null } = contract ?? {};
        const id = upsertClient.get({ name, key: clientKey(name), modality, validUntil, sla })!;
        for (const domain of theirs) insertDomain.run(domain, id);
        for (const contact of people) insertContact.run(contact.address, id, contact.name, contact.language);
      }
      return adoptTickets.run().changes;
    },
  };
}

/** One client by its row number. */
export function clientIn(db: Database.Database): (id: number | null) => Client | null {
  const byId = db.prepare<[number], ClientRow>(`SELECT ${CLIENT_COLUMNS} FROM client WHERE client.id = ?`);
  return (id) => {
    const row = id === null ? undefined : byId.get(id);
    return row ? clientFrom(row) : null;
  };
}

function clientFrom({ id, name, modality, valid_until: validUntil, sla }: ClientRow): Client {
  return { id, name, contract: modality === null ? null : { modality, validUntil, sla } };
}
