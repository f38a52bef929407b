import { RunError } from '../../core/errors.ts'
import { formatName } from '../../core/names.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table, TableRef } from '../../core/table.ts'
import type { Ranges, TableBeside } from '../connector.ts'
import { inRanges } from '../sql/digest.ts'
import { loadRows } from './append.ts'
import { newOf, shapeOf } from './beside-shape.ts'
import { forgetPending } from './commits.ts'
import type { Connections } from './connections.ts'
import { createTable } from './create-table.ts'
import { shortHash } from './lock.ts'
import { qualified, type RelationName } from './names.ts'
import type { MysqlOptions } from './options.ts'
import { findRelation } from './relation.ts'
import { exists } from './renaming.ts'
import type { Session } from './session.ts'
import { identifier, literal } from './sql.ts'
import { type Target, toTarget } from './target.ts'

/** How long the server may take to notice that the process which was at a table before has died. */
const patienceSeconds = 3

/** Opens the table beside a target; `undefined` as the contract says. */
export async function openBeside(
  connections: Connections,
  options: MysqlOptions,
  name: RelationName,
  table: Table,
): Promise<TableBeside | undefined> {
  await using opened = new AsyncDisposableStack()
  const session = await connections.open()
  // Noted until it is closed, so that what it does for a process that died is ended by the next.
  opened.defer(async () => await connections.writers?.end([session]))
  opened.use(session)
  await connections.writers?.begin([session])
  const begun = (await hold(session, name, patienceSeconds)) ? await make(session, options, name, table) : undefined
  const relation = begun && (await findRelation(session, besideOf(name), options))
  if (!relation) return undefined
  return new MysqlBeside(session, toTarget(relation, relation.name, false), begun === 'found', opened.move())
}

/** Drops what lies beside a target, where no process is at it. */
export async function dropBeside(connections: Connections, catalog: Session, name: RelationName): Promise<void> {
  if (!(await exists(catalog, besideOf(name)))) return
  await using session = await connections.open()
  if (await hold(session, name, 0)) await forget(session, besideOf(name))
}

class MysqlBeside implements TableBeside {
  readonly ref: TableRef
  readonly begun: boolean
  /** Its lock keeps other processes away, and nothing is written here by another one: a session that was lost writes no more. */
  readonly #session: Session
  readonly #target: Target
  readonly #opened: AsyncDisposableStack

  constructor(session: Session, target: Target, begun: boolean, opened: AsyncDisposableStack) {
    this.#session = session
    this.#target = target
    this.#opened = opened
    this.begun = begun
    const { database, name } = target.relation.name
    this.ref = { name: formatName([database, name]) }
  }

  async retain(ranges: Ranges): Promise<void> {
    await this.#session.execute(`DELETE FROM ${this.#target.sql} WHERE NOT (${inRanges(ranges, identifier)})`)
  }

  async append(table: Table, rows: Rows): Promise<number> {
    await this.#session.execute('START TRANSACTION')
    try {
      const taken = await loadRows(this.#session, this.#target, table, rows)
      await this.#session.execute('COMMIT')
      return taken
    } catch (error) {
      await this.#session.execute('ROLLBACK').catch(() => {})
      throw error
    }
  }

  async drop(): Promise<void> {
    await forget(this.#session, this.#target.relation.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }
}

/** Hidden from listings, and the same for every run that replaces the table. */
function besideOf(name: RelationName): RelationName {
  return { database: name.database, name: `_syncline_load_${shortHash(name)}` }
}

/** Keeps other processes away for as long as the session lasts. @returns whether nobody else does. */
async function hold(session: Session, name: RelationName, seconds: number): Promise<boolean> {
  const [[held] = []] = await session.rows(`SELECT GET_LOCK(${literal(`syncline beside ${shortHash(name)}`)}, ${seconds})`)
  return held === '1'
}

/**
 * One is made anew as the target is now, which shows whether the one that is there is still made so.
 * @returns `undefined` where the user may make none, or none can be made: beside a view, in a database that is not there yet.
 */
async function make(session: Session, options: MysqlOptions, name: RelationName, table: Table): Promise<'found' | 'made' | undefined> {
  const beside = besideOf(name)
  const made = newOf(beside)
  try {
    await session.execute(`DROP TABLE IF EXISTS ${qualified(made)}`)
    if (!(await createAlike(session, options, name, made, table))) return undefined
  } catch (error) {
    if (error instanceof RunError && error.code === 'PERMISSION_DENIED') return undefined
    throw error
  }
  if (await exists(session, beside)) {
    await forgetPending(session, beside)
    if ((await shapeOf(session, beside)) === (await shapeOf(session, made))) {
      await session.execute(`DROP TABLE ${qualified(made)}`)
      return 'found'
    }
    await session.execute(`DROP TABLE ${qualified(beside)}`)
  }
  await session.execute(`RENAME TABLE ${qualified(made)} TO ${qualified(beside)}`)
  return 'made'
}

async function createAlike(session: Session, options: MysqlOptions, name: RelationName, made: RelationName, table: Table) {
  const target = await findRelation(session, name, options)
  if (target && (target.kind !== 'table' || target.engine?.toLowerCase() !== 'innodb')) return false
  if (target) {
    await session.execute(`CREATE TABLE ${qualified(made)} LIKE ${qualified(name)}`)
    return true
  }
  const [database] = await session.rows(`SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(name.database)}`)
  if (!database) return false
  await createTable(session, name, made, table)
  return true
}

/** Renames that were noted and never made are not made up for any more. */
async function forget(session: Session, beside: RelationName): Promise<void> {
  await forgetPending(session, beside)
  for (const name of [beside, newOf(beside)]) await session.execute(`DROP TABLE IF EXISTS ${qualified(name)}`)
}
