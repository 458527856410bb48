-- What people of the desk did to a ticket: who, when, and, when two became one, with which other ticket.
CREATE TABLE staff_act (
  id INTEGER NOT NULL PRIMARY KEY,
  ticket_number INTEGER NOT NULL REFERENCES ticket (number),
  -- The list of deeds grows with the commands, so it is kept in the program (StaffChange) and not here.
  what TEXT NOT NULL,
  done_by TEXT NOT NULL,
  -- The survivor of a merge.
  other_ticket_number INTEGER REFERENCES ticket (number),
  done_at TEXT NOT NULL
) STRICT;

CREATE INDEX staff_act_ticket ON staff_act (ticket_number);
CREATE INDEX ticket_merged_into ON ticket (merged_into) WHERE merged_into IS NOT NULL;
