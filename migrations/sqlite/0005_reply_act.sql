-- Staff may send a reply of ours again or cancel it: the act says which one.
ALTER TABLE staff_act ADD COLUMN outbox_id INTEGER REFERENCES outbox (id);
