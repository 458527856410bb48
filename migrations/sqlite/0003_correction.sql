-- What a person said that a ticket is, with the opening mail's words as they were classified; at most one for a ticket, the last. Who and when
-- stand in the act.
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

ALTER TABLE staff_act ADD COLUMN corrected_to TEXT CHECK (corrected_to IN ('incidencia', 'requerimiento'));

-- One row for each time that the classifier was trained from corrections. The newest accepted one is in force, while the base is still the one
-- that comes with the program.
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

UPDATE ticket SET classification = json_set(classification, '$.band', CASE
  WHEN json_extract(classification, '$.review') THEN 'review'
  WHEN json_extract(classification, '$.confidence') >= 0.9 THEN 'sure'
  ELSE 'confirm' END);
