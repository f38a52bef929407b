import { randomUUID } from 'node:crypto'
import { RunError } from '../../core/errors.ts'
import type { CommitProof } from '../connector.ts'
import { commitsTable } from '../sql/reserved.ts'
import { takeLock } from './lock.ts'
import { qualified } from './names.ts'
import { objectId } from './relation.ts'
import type { Session } from './session.ts'

const kind = 'sqlserver'

/** How many commits are remembered: a crashed run asks about its own last one only. */
const remembered = 1_000

/** Notes a commit in the transaction that it is about (rule 17), in a table of the target's schema. */
export async function noteCommit(session: Session, schema: string): Promise<CommitProof> {
  const id = randomUUID()
  const name = { schema, name: commitsTable }
  // Until this transaction has ended nobody can tell how, and who asks waits for this lock.
  await takeLock(session, lockOf(id), 0)
  await createCommitsTable(session, schema)
  await session.execute(`INSERT INTO ${qualified(name)} (id) VALUES (CONVERT(uniqueidentifier, @p0))`, [id])
  await session.execute(`DELETE FROM ${qualified(name)} WHERE number <= (SELECT MAX(number) FROM ${qualified(name)}) - ${remembered}`)
  return { kind, id, schema }
}

/** The DDL of the table, for people who make it themselves because Syncline may not. */
export function commitsTableSql(schema: string): string {
  return `CREATE TABLE ${qualified({ schema, name: commitsTable })} (number bigint IDENTITY NOT NULL PRIMARY KEY, id uniqueidentifier NOT NULL UNIQUE)`
}

/** `unknown`: its table is gone, or another writer's proof. A transaction of a client that died may be under way for a moment. */
export async function commitOutcome(session: Session, proof: CommitProof): Promise<'committed' | 'rolled back' | 'unknown'> {
  if (proof.kind !== kind) return 'unknown'
  const name = { schema: String(proof.schema), name: commitsTable }
  await session.execute('BEGIN TRANSACTION')
  try {
    if (!(await takeLock(session, lockOf(String(proof.id)), 10))) return 'unknown'
    const [table] = await session.rows<{ readonly id: number | null }>(`SELECT ${objectId(name)} AS id`)
    if (!table?.id) return 'rolled back'
    const found = await session.rows(`SELECT 1 AS there FROM ${qualified(name)} WHERE id = CONVERT(uniqueidentifier, @p0)`, [
      String(proof.id),
    ])
    return found.length > 0 ? 'committed' : 'rolled back'
  } finally {
    await session.execute('ROLLBACK')
  }
}

async function createCommitsTable(session: Session, schema: string): Promise<void> {
  const id = objectId({ schema, name: commitsTable })
  const there = async () => (await session.rows<{ readonly id: number | null }>(`SELECT ${id} AS id`))[0]?.id
  if (await there()) return
  // Two first runs of two syncs at the same time must not both create it.
  await takeLock(session, 'syncline commits', 30)
  if (await there()) return
  try {
    await session.execute(commitsTableSql(schema))
  } catch (error) {
    if (!(error instanceof RunError) || error.code !== 'PERMISSION_DENIED') throw error
    throw new RunError({
      code: 'COMMIT_NOT_PROVABLE',
      message: `${error.message}: a commit is proved by a row in ${schema}.${commitsTable}, which is not there and may not be created`,
      hint: `let someone who may run: ${commitsTableSql(schema)}`,
    })
  }
}

function lockOf(id: string): string {
  return `syncline commit ${id}`
}
