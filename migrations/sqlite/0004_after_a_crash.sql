-- After a process has died in the middle of its work, messages are taken one by one, and each is counted before it is touched: the one that ends the
-- program again and again is found, and held.
CREATE TABLE attempt (
  ref TEXT NOT NULL PRIMARY KEY,
  begun INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Comparing the ledger with the mailbox looks at the messages of some days.
CREATE INDEX inbound_received_at ON inbound (received_at);
