import { createHash } from 'node:crypto'
import { RetryableError } from '../../core/errors.ts'
import { formatName } from '../../core/names.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table, TableRef } from '../../core/table.ts'
import type { Ranges, TableBeside } from '../connector.ts'
import { inRanges } from '../sql/digest.ts'
import { loadRows } from './append.ts'
import { besideShape, createAlike, newOf } from './beside-shape.ts'
import type { Connections } from './connections.ts'
import { createTable } from './create-table.ts'
import { qualified, type RelationName } from './names.ts'
import { findRelation } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, literal } from './sql.ts'
import { type Target, toTarget } from './target.ts'

/** How long the server may take to notice that the process which was at a table before has died. */
const patienceSeconds = 3

/** Opens the table beside a target; `undefined` as the contract says. */
export async function openBeside(connections: Connections, name: RelationName, table: Table): Promise<TableBeside | undefined> {
  const session = await connections.open()
  try {
    const begun =
      (await mayCreate(session, name, table)) && (await hold(session, name, patienceSeconds)) && (await make(session, name, table))
    if (begun) return new PostgresBeside(session, await findBeside(session, name), begun === 'found')
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
  await session[Symbol.asyncDispose]()
  return undefined
}

/** Drops what lies beside a target, where no process is at it. */
export async function dropBeside(connections: Connections, catalog: Session, name: RelationName): Promise<void> {
  if (!(await isOurs(catalog, besideOf(name)))) return
  await using session = await connections.open()
  if (await hold(session, name, 0)) await session.execute(`DROP TABLE IF EXISTS ${qualified(besideOf(name))}`)
}

class PostgresBeside implements TableBeside {
  readonly ref: TableRef
  readonly begun: boolean
  /** Its lock keeps other processes away, and nothing is written here by another one: a session that was lost writes no more. */
  readonly #session: Session
  readonly #target: Target

  constructor(session: Session, target: Target, begun: boolean) {
    this.#session = session
    this.#target = target
    this.begun = begun
    const { schema, name } = target.relation.name
    this.ref = { name: formatName([schema, name]) }
  }

  async retain(ranges: Ranges): Promise<void> {
    const staying = inRanges(ranges, (name) => `t.${identifier(name)}`)
    await this.#session.execute(`DELETE FROM ${this.#target.sql} AS t WHERE NOT (${staying})`)
  }

  async append(table: Table, rows: Rows): Promise<number> {
    return await inTransaction(this.#session, async () => await loadRows(this.#session, this.#target, table, rows))
  }

  async drop(): Promise<void> {
    await this.#session.execute(`DROP TABLE IF EXISTS ${this.#target.sql}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The server notices a closed connection a little later than whoever asks for the lock next.
    await this.#session.rows('SELECT pg_catalog.pg_advisory_unlock_all()').catch(() => {})
    await this.#session[Symbol.asyncDispose]()
  }
}

/** Hidden from listings, and the same for every run that replaces the table. */
function besideOf({ schema, name }: RelationName): RelationName {
  const hash = createHash('sha256').update(qualified({ schema, name })).digest('hex')
  return { schema, name: `_syncline_load_${hash.slice(0, 16)}` }
}

async function findBeside(session: Session, name: RelationName): Promise<Target> {
  const relation = await findRelation(session, besideOf(name))
  if (relation) return toTarget(relation, false)
  throw new RetryableError({ code: 'CONFLICT', message: `${qualified(besideOf(name))} was dropped while it was made`, hint: 'run again' })
}

/** A schema or types that are yet to be made come with the table itself, or not at all. */
async function mayCreate(session: Session, { schema }: RelationName, { columns }: Table): Promise<boolean> {
  if (columns.some(({ native }) => native?.requires !== undefined)) return false
  const [right] = await session.rows<{ creates: boolean }>(
    `SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') AS creates FROM pg_catalog.pg_namespace WHERE nspname = $1`,
    [schema],
  )
  return right?.creates ?? false
}

/** Keeps other processes away for as long as the session lasts. @returns whether nobody else does. */
async function hold(session: Session, name: RelationName, seconds: number): Promise<boolean> {
  const key = `pg_catalog.hashtextextended(${literal(`syncline ${qualified(besideOf(name))}`)}, 0)`
  if (seconds === 0) {
    const [row] = await session.rows<{ held: boolean }>(`SELECT pg_catalog.pg_try_advisory_lock(${key}) AS held`)
    return row?.held ?? false
  }
  try {
    return await inTransaction(session, async () => {
      await session.execute(`SET LOCAL lock_timeout = '${seconds}s'`)
      await session.rows(`SELECT pg_catalog.pg_advisory_lock(${key})`)
      return true
    })
  } catch (error) {
    if (error instanceof RetryableError && error.code === 'LOCK_TIMEOUT') return false
    throw error
  }
}

/**
 * One is made anew as the target is now, which shows whether the one that is there is still made so.
 * @returns `undefined` where one is there that this user may not touch.
 */
async function make(session: Session, name: RelationName, table: Table): Promise<'found' | 'made' | undefined> {
  const beside = besideOf(name)
  const made = newOf(beside)
  const [there] = await session.rows('SELECT FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)', [qualified(beside)])
  if (there && !(await isOurs(session, beside))) return undefined
  return await inTransaction(session, async () => {
    const target = await findRelation(session, name)
    if (target) await createAlike(session, name, made)
    else await createTable(session, made, table)
    if (there && (await besideShape(session, beside)) === (await besideShape(session, made))) {
      await session.execute(`DROP TABLE ${qualified(made)}`)
      return 'found'
    }
    if (there) await session.execute(`DROP TABLE ${qualified(beside)}`)
    await session.execute(`ALTER TABLE ${qualified(made)} RENAME TO ${identifier(beside.name)}`)
    return 'made'
  })
}

/** Whether the table is there, and may be dropped and renamed by this user. */
async function isOurs(session: Session, beside: RelationName): Promise<boolean> {
  const [found] = await session.rows<{ ours: boolean }>(
    `SELECT pg_catalog.pg_has_role(relowner, 'USAGE') AS ours FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relkind = 'r'`,
    [qualified(beside)],
  )
  return found?.ours ?? false
}

async function inTransaction<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  await session.execute('BEGIN')
  try {
    const result = await work()
    await session.commit()
    return result
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {})
    throw error
  }
}
