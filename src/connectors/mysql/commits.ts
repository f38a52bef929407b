import { randomUUID } from 'node:crypto'
import { RunError } from '../../core/errors.ts'
import type { CommitProof } from '../connector.ts'
import { commitsTable } from '../sql/reserved.ts'
import { qualified, type RelationName } from './names.ts'
import { exists, leftovers, type Renaming, rename } from './renaming.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'

const kind = 'mysql'

/** How many commits are remembered: a crashed run asks about its own last one only. */
const remembered = 1000

/** A commit as it is noted, in the database of its tables. */
export interface NotedCommit {
  readonly database: string
  readonly id: string
}

/**
 * Creates the table in which commits are noted, where it is not there; by a session of its own, because that commits.
 * @returns whether it is there now.
 */
export async function prepareCommits(ddl: Session, database: string): Promise<boolean> {
  if (await exists(ddl, { database, name: commitsTable })) return true
  try {
    await ddl.execute(`CREATE TABLE IF NOT EXISTS ${place(database)} (
      number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, id CHAR(36) CHARACTER SET ascii NOT NULL UNIQUE, pending LONGTEXT NULL
    ) ENGINE = InnoDB CHARSET utf8mb4`)
    return true
  } catch (error) {
    if (error instanceof RunError && error.code === 'PERMISSION_DENIED') return false
    throw error
  }
}

/** Notes a commit in the transaction that it is about, with the renames that are to follow it (rule 17). */
export async function noteCommit(session: Session, database: string, renamings: readonly Renaming[]): Promise<NotedCommit> {
  const id = randomUUID()
  const pending = renamings.length === 0 ? 'NULL' : literal(JSON.stringify(renamings))
  await session.execute(`INSERT INTO ${place(database)} (id, pending) VALUES (${literal(id)}, ${pending})`)
  return { database, id }
}

export function toProof({ database, id }: NotedCommit): CommitProof {
  return { kind, database, id }
}

/** The commit is complete; those long ago are forgotten. */
export async function settleCommit(session: Session, { database, id }: NotedCommit): Promise<void> {
  await session.execute(`UPDATE ${place(database)} SET pending = NULL WHERE id = ${literal(id)}`)
  const [[last] = []] = await session.rows(`SELECT max(number) FROM ${place(database)}`)
  await session.execute(`DELETE FROM ${place(database)} WHERE number <= ${Number(last ?? 0) - remembered} AND pending IS NULL`)
}

/** The commit is taken back before anyone could see it. */
export async function forgetCommit(session: Session, { database, id }: NotedCommit): Promise<void> {
  await session.execute(`DELETE FROM ${place(database)} WHERE id = ${literal(id)}`)
}

/**
 * Clears away what sessions that died left beside a table, and their commits with it: nobody will ever see what they wrote. The
 * caller holds the table's lock, so that nobody is at work on it.
 */
export async function clearLeftovers(session: Session, name: RelationName): Promise<void> {
  const left = await leftovers(session, name)
  if (left.length === 0) return
  for (const table of left) {
    await forgetPending(session, table)
    await session.execute(`DROP TABLE IF EXISTS ${qualified(table)}`)
  }
}

/** Takes back the commits after which a table was to take another's place and never did: nobody has seen them. */
export async function forgetPending(session: Session, table: RelationName): Promise<void> {
  if (!(await exists(session, { database: table.database, name: commitsTable }))) return
  await session.execute(`DELETE FROM ${place(table.database)} WHERE LOCATE(${literal(JSON.stringify(table))}, pending) > 0`)
}

/**
 * Whether a commit happened. A transaction whose client has just died may be under way: the locking read waits for it. Where it
 * committed and died before its renames, they are made up for.
 */
export async function commitOutcome(session: Session, proof: CommitProof): Promise<'committed' | 'rolled back' | 'unknown'> {
  if (proof.kind !== kind || typeof proof.database !== 'string' || typeof proof.id !== 'string') return 'unknown'
  const noted = { database: proof.database, id: proof.id }
  if (!(await exists(session, { database: noted.database, name: commitsTable }))) return 'rolled back'
  const [row] = await session.rows(`SELECT pending FROM ${place(noted.database)} WHERE id = ${literal(noted.id)} LOCK IN SHARE MODE`)
  if (!row) return 'rolled back'
  const [pending] = row
  if (pending === null || pending === undefined) return 'committed'
  await rename(session, JSON.parse(pending) as readonly Renaming[])
  await settleCommit(session, noted)
  return 'committed'
}

function place(database: string): string {
  const name: RelationName = { database, name: commitsTable }
  return qualified(name)
}
