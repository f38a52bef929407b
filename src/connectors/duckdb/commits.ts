import { randomUUID } from 'node:crypto'
import { literal } from '../../duckdb/sql.ts'
import type { CommitProof } from '../connector.ts'
import { commitsTable } from '../sql/reserved.ts'
import type { Work } from './work.ts'

/** Notes a commit in the transaction that it is about (rule 17). */
export async function noteCommit(work: Work): Promise<CommitProof> {
  const id = randomUUID()
  await work.run(`CREATE TABLE IF NOT EXISTS main.${commitsTable} (id UUID NOT NULL)`)
  await work.run(`INSERT INTO main.${commitsTable} VALUES (${literal(id)})`)
  return { kind: 'duckdb', id }
}

export async function isCommitted(work: Work, proof: CommitProof): Promise<boolean> {
  const [table] = await work.texts(`SELECT 'yes' FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = ${literal(commitsTable)}`)
  if (!table) return false
  return (await work.texts(`SELECT 'yes' FROM main.${commitsTable} WHERE id::VARCHAR = ${literal(String(proof.id))}`)).length > 0
}
