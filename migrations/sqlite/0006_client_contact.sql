-- The register of clients: who they are, on what terms, and their people. Clients write on the tickets of their company, and are told what their
-- contract means.
CREATE TABLE client (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  -- The name in lower case, without accents: how a client is recognised in the next file.
  name_key TEXT NOT NULL UNIQUE,
  -- Null: no contract. valid_until is the last day, in Bogotá (YYYY-MM-DD); null: no end was agreed.
  modality TEXT CHECK (modality IN ('24/7', '8/5')),
  valid_until TEXT,
  sla TEXT,
  CHECK (modality IS NOT NULL OR (valid_until IS NULL AND sla IS NULL))
) STRICT;

-- Domains whose people all belong to one client; in lower case.
CREATE TABLE client_domain (
  domain TEXT NOT NULL PRIMARY KEY,
  client_id INTEGER NOT NULL REFERENCES client (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_domain_client ON client_domain (client_id);

-- One person of a client; the address in lower case. Somebody may work for two of them.
CREATE TABLE contact (
  address TEXT NOT NULL,
  client_id INTEGER NOT NULL REFERENCES client (id),
  name TEXT NOT NULL,
  -- In which they want to be answered; null: in that of their mail.
  language TEXT CHECK (language IN ('es', 'en', 'pt')),
  PRIMARY KEY (address, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_client ON contact (client_id);

-- Whose matter a ticket is; it stays when the contact leaves the register. Null: nobody whom the register knows, or somebody of two clients.
ALTER TABLE ticket ADD COLUMN client_id INTEGER REFERENCES client (id);

CREATE INDEX ticket_client ON ticket (client_id) WHERE client_id IS NOT NULL;
