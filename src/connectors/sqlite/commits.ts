import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { CommitProof } from '../connector.ts'
import { commitsTable } from '../sql/reserved.ts'
import { select } from './connection.ts'

/** How many commits are remembered: a crashed run asks about its own last one only. */
const remembered = 1000

/** Notes a commit in the transaction that it is about (rule 17). */
export function noteCommit(database: DatabaseSync): CommitProof {
  const id = randomUUID()
  database.exec(`CREATE TABLE IF NOT EXISTS ${commitsTable} (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)`)
  database.prepare(`INSERT INTO ${commitsTable} (id) VALUES (?)`).run(id)
  database.exec(`DELETE FROM ${commitsTable} WHERE number <= (SELECT max(number) FROM ${commitsTable}) - ${remembered}`)
  return { kind: 'sqlite', id }
}

export function isCommitted(database: DatabaseSync, proof: CommitProof): boolean {
  const [table] = select(database, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", commitsTable)
  return table !== undefined && select(database, `SELECT 1 FROM ${commitsTable} WHERE id = ?`, String(proof.id)).length > 0
}
