CREATE TABLE alias (
  former_number TEXT NOT NULL PRIMARY KEY,
  ticket_number INTEGER REFERENCES ticket (number),
  next_former_number TEXT,
  imported_at TEXT NOT NULL,
  CHECK ((ticket_number IS NULL) <> (next_former_number IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_ticket ON alias (ticket_number) WHERE ticket_number IS NOT NULL;

CREATE TABLE attachment (
  id INTEGER NOT NULL PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES entry (id),
  filename TEXT NOT NULL,
  content_type TEXT NOT NULL,
  sniffed_type TEXT,
  size INTEGER NOT NULL,
  inline INTEGER NOT NULL CHECK (inline IN (0, 1)),
  content_id TEXT,
  sha256 TEXT NOT NULL
) STRICT;

CREATE INDEX attachment_entry ON attachment (entry_id);

CREATE TABLE attempt (
  ref TEXT NOT NULL PRIMARY KEY,
  begun INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE client_domain (
  domain TEXT NOT NULL PRIMARY KEY,
  client_id INTEGER NOT NULL REFERENCES client (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_domain_client ON client_domain (client_id);

CREATE TABLE contact (
  address TEXT NOT NULL,
  client_id INTEGER NOT NULL REFERENCES client (id),
  name TEXT NOT NULL,
  -- In which they want to be answered; null: in that of their mail.
  language TEXT CHECK (language IN ('es', 'en', 'pt')),
  PRIMARY KEY (address, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_client ON contact (client_id);

CREATE TABLE correction (
  ticket_number INTEGER NOT NULL PRIMARY KEY REFERENCES ticket (number),
  staff_act_id INTEGER NOT NULL UNIQUE REFERENCES staff_act (id),
  kind TEXT NOT NULL CHECK (kind IN ('incidencia', 'requerimiento')),
  subject TEXT NOT NULL,
  new_text TEXT NOT NULL,
  -- Domain of the requester's address.
  client TEXT NOT NULL,
  -- Equal for mails of the same words; null when there are none.
  case_hash TEXT
) STRICT;

CREATE INDEX correction_case ON correction (case_hash, staff_act_id) WHERE case_hash IS NOT NULL;

CREATE TABLE entry (
  id INTEGER NOT NULL PRIMARY KEY,
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  inbound_id INTEGER UNIQUE REFERENCES inbound (id),
  what TEXT NOT NULL CHECK (what IN ('message', 'automatic', 'bounce')),
  author_name TEXT NOT NULL,
  author_address TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  flags TEXT NOT NULL CHECK (json_valid(flags)),
  new_text TEXT NOT NULL,
  quoted_text TEXT NOT NULL,
  signature TEXT NOT NULL,
  entered_at TEXT NOT NULL
) STRICT;

CREATE INDEX entry_ticket ON entry (ticket_number);

CREATE TABLE inbound (
  id INTEGER NOT NULL PRIMARY KEY,
  -- The source's own name: mailbox, UIDVALIDITY, UID, or a file name.
  ref TEXT NOT NULL UNIQUE,
  -- Name of the kept bytes; null when only the arrival was recorded.
  raw_id TEXT,
  size INTEGER NOT NULL,
  fingerprint TEXT,
  -- The first row of the same message: two mailboxes, moved and back, renumbered by the server.
  duplicate_of INTEGER REFERENCES inbound (id),
  content_hash TEXT,
  message_id TEXT,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('open', 'append', 'bounce', 'note', 'ignore', 'quarantine')),
  -- The list of causes grows with the rules, so it is kept in the program (QuarantineCause, IgnoreCause) and not here.
  cause TEXT,
  reply TEXT NOT NULL CHECK (reply IN ('acknowledge', 'fixed-text', 'none')),
  ticket_number INTEGER REFERENCES ticket (number),
  trace TEXT NOT NULL CHECK (json_valid(trace)),
  received_at TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  CHECK ((cause IS NOT NULL) = (outcome IN ('ignore', 'quarantine')))
) STRICT;

CREATE INDEX inbound_duplicate_of ON inbound (duplicate_of) WHERE duplicate_of IS NOT NULL;

CREATE UNIQUE INDEX inbound_fingerprint ON inbound (fingerprint) WHERE fingerprint IS NOT NULL AND duplicate_of IS NULL;

CREATE INDEX inbound_quarantine ON inbound (id) WHERE outcome = 'quarantine';

CREATE INDEX inbound_raw_id ON inbound (raw_id) WHERE raw_id IS NOT NULL;

CREATE INDEX inbound_received_at ON inbound (received_at);

CREATE INDEX inbound_same_content ON inbound (sender, content_hash, received_at) WHERE content_hash IS NOT NULL AND ticket_number IS NOT NULL;

CREATE INDEX inbound_ticket ON inbound (ticket_number) WHERE ticket_number IS NOT NULL;

CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY,
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  inbound_id INTEGER REFERENCES inbound (id),
  kind TEXT NOT NULL CHECK (kind IN ('acknowledge', 'fixed-text')),
  -- In lower case; the envelope keeps what is written on it.
  recipient TEXT NOT NULL,
  recipient_domain TEXT NOT NULL,
  message_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  queued_at TEXT NOT NULL,
  next_attempt_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  -- The end of it: sent, failed or dropped.
  settled_at TEXT,
  -- What the server said last.
  response TEXT,
  -- What a delivery report said later (RFC 3463 status, RFC 3464 diagnostic).
  reported_at TEXT,
  reported_permanent INTEGER CHECK (reported_permanent IN (0, 1)),
  reported_status TEXT,
  reported_diagnostic TEXT,
  envelope_from TEXT NOT NULL,
  envelope_to TEXT NOT NULL,
  bytes BLOB NOT NULL,
  CHECK ((settled_at IS NULL) = (state IN ('queued', 'sending')))
) STRICT;

CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'queued';

CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';

CREATE INDEX outbox_recipient ON outbox (recipient, queued_at) WHERE state <> 'dropped';

CREATE INDEX outbox_recipient_domain ON outbox (recipient_domain, queued_at) WHERE state <> 'dropped';

CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';

CREATE INDEX outbox_ticket ON outbox (ticket_number);

CREATE INDEX outbox_waiting ON outbox (ticket_number) WHERE state IN ('queued', 'sending');

CREATE TABLE participant (
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  address TEXT NOT NULL,
  joined_at TEXT NOT NULL,
  PRIMARY KEY (ticket_number, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_migration (
    number INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
  ) STRICT;

CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_act (
  id INTEGER NOT NULL PRIMARY KEY,
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  -- The list of deeds grows with the commands, so it is kept in the program (StaffChange) and not here.
  what TEXT NOT NULL,
  done_by TEXT NOT NULL,
  -- The survivor of a merge.
  other_ticket_number INTEGER REFERENCES ticket (number),
  done_at TEXT NOT NULL
, corrected_to TEXT CHECK (corrected_to IN ('incidencia', 'requerimiento')), outbox_id INTEGER REFERENCES outbox (id)) STRICT;

CREATE INDEX staff_act_ticket ON staff_act (ticket_number);

CREATE TABLE suppressed_address (
  address TEXT NOT NULL PRIMARY KEY,
  outbox_id INTEGER NOT NULL REFERENCES outbox (id),
  until_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE thread_message (
  message_id TEXT NOT NULL,
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  origin TEXT NOT NULL CHECK (origin IN ('client', 'ours', 'provider')),
  PRIMARY KEY (message_id, ticket_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE thread_reference (
  message_id TEXT NOT NULL,
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  PRIMARY KEY (message_id, ticket_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
  number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  kind TEXT NOT NULL CHECK (kind IN ('incidencia', 'requerimiento')),
  review INTEGER NOT NULL CHECK (review IN (0, 1)),
  subject TEXT NOT NULL,
  requester_name TEXT NOT NULL,
  requester_address TEXT NOT NULL,
  requester_domain TEXT NOT NULL,
  -- What the classifier said at the opening, whole; `kind` and `review` are what people made of it since.
  classification TEXT NOT NULL CHECK (json_valid(classification)),
  -- The closed ticket of which this one is the continuation.
  linked_to INTEGER REFERENCES ticket (number),
  -- The survivor, when two tickets became one.
  merged_into INTEGER REFERENCES ticket (number),
  -- Arrival of the mail that opened it, and of the newest one on it.
  opened_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  closed_at TEXT, client_id INTEGER REFERENCES client (id),
  CHECK ((closed_at IS NULL) = (state = 'open')),
  CHECK (merged_into IS NULL OR merged_into <> number)
) STRICT;

CREATE INDEX ticket_client ON ticket (client_id) WHERE client_id IS NOT NULL;

CREATE INDEX ticket_merged_into ON ticket (merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX ticket_open ON ticket (number) WHERE state = 'open';

CREATE INDEX ticket_opened_at ON ticket (opened_at);

CREATE INDEX ticket_requester_address ON ticket (requester_address);

CREATE INDEX ticket_requester_domain ON ticket (requester_domain);

CREATE INDEX ticket_review ON ticket (number) WHERE review = 1;

CREATE TABLE training (
  id INTEGER NOT NULL PRIMARY KEY,
  -- SHA-256 of the model's file, and of the base it was trained from.
  model_id TEXT NOT NULL,
  base_id TEXT NOT NULL,
  -- The newest act whose correction took part, and how many corrections did.
  through_act INTEGER NOT NULL REFERENCES staff_act (id),
  corrections INTEGER NOT NULL,
  -- How many of the acceptance mails it got right, and the base.
  correct INTEGER NOT NULL,
  base_correct INTEGER NOT NULL,
  judged INTEGER NOT NULL,
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  trained_at TEXT NOT NULL
) STRICT;
