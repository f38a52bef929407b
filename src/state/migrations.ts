import type { DatabaseSync } from 'node:sqlite'

/** Each takes the database from its index to the next version; they are never changed once released. */
const migrations: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     sync TEXT NOT NULL,
     status TEXT NOT NULL,
     started_at TEXT NOT NULL,
     result TEXT NOT NULL
   ) STRICT;
   CREATE INDEX runs_by_time ON runs (started_at);
   CREATE TABLE watermarks (sync TEXT PRIMARY KEY, value TEXT NOT NULL, course TEXT) STRICT;
   CREATE TABLE commits (sync TEXT PRIMARY KEY, proof TEXT NOT NULL, result TEXT NOT NULL) STRICT;
   CREATE TABLE rejects (
     run TEXT NOT NULL,
     sync TEXT NOT NULL,
     reason TEXT NOT NULL,
     column_name TEXT,
     detail TEXT NOT NULL,
     row TEXT NOT NULL
   ) STRICT;
   CREATE INDEX rejects_by_sync ON rejects (sync)`,
  'ALTER TABLE rejects ADD COLUMN answer TEXT',
  'ALTER TABLE rejects ADD COLUMN sealed TEXT',
]

/** Brings the database to the newest version; several processes may try at once. */
export function migrate(database: DatabaseSync): void {
  if (version(database) === migrations.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const migration of migrations.slice(version(database))) database.exec(migration)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function version(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
}
