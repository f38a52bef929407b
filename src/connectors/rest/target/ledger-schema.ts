/** The tables of a ledger. `rows` is what was sent with success; `requests` and `waiting` what was sent without an answer. */
export const ledgerSchema = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, cells TEXT NOT NULL, id TEXT, created INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS requests (number INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS waiting (key TEXT PRIMARY KEY, request INTEGER NOT NULL, cells TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS waiting_by_request ON waiting (request);
  CREATE TABLE IF NOT EXISTS answered (key TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
`
