import { existsSync, rmSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Applied, ChangeSet } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Keep, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { quoteName } from '../sql/quote.ts'
import { applyChanges } from './apply.ts'
import { noteCommit } from './commits.ts'
import { openDatabase, select, whenUnlocked } from './connection.ts'
import { describeTable, tableName } from './describe.ts'
import { ensureTable } from './ensure-table.ts'
import { isRefusedRow, translate } from './errors.ts'
import { type LoadTarget, load } from './load.ts'
import { recallRows } from './recall.ts'
import { replaceRows } from './replace.ts'
import { sessionSnapshot } from './snapshot.ts'

/** One transaction on a connection of its own, which holds the file's write lock from its beginning. */
export async function beginSession(path: string, signal: AbortSignal): Promise<WriteSession> {
  const created = !existsSync(path)
  const database = openDatabase(path)
  const session = new SqliteSession(database, { path, signal, created })
  try {
    // Foreign keys are judged at the commit, so that the order of changes does not matter.
    await whenUnlocked(path, signal, () => database.exec('BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON; PRAGMA cache_size = -65536'))
    return session
  } catch (thrown) {
    await session[Symbol.asyncDispose]()
    throw thrown
  }
}

interface SessionFacts {
  readonly path: string
  readonly signal: AbortSignal
  /** Whether the file came into being with the session. */
  readonly created: boolean
}

class SqliteSession implements WriteSession {
  readonly #database: DatabaseSync
  readonly #facts: SessionFacts
  /** More changes follow before references can be judged. */
  #deferred = false

  constructor(database: DatabaseSync, facts: SessionFacts) {
    this.#database = database
    this.#facts = facts
  }

  async ensureTable(table: Table): Promise<readonly string[]> {
    return await this.#try(async () => ensureTable(this.#database, table))
  }

  async append(table: Table, rows: Rows): Promise<number> {
    return await this.#try(async () => await load(this.#target(table), rows))
  }

  async replace(table: Table, rows: Rows, keep?: Keep, look?: () => Promise<void>): Promise<Replaced> {
    await look?.()
    return await this.#try(async () => await replaceRows(this.#target(table), rows, keep))
  }

  async deferReferences(): Promise<void> {
    this.#deferred = true
  }

  async apply(table: Table, changes: ChangeSet): Promise<Applied> {
    return await this.#try(async () => await applyChanges(this.#target(table), changes, this.#deferred))
  }

  async recall(table: Table, kept: TableRef, key: readonly string[], keys: AsyncIterable<readonly (readonly string[])[]>): Promise<void> {
    await this.#try(async () => await recallRows(this.#target(table), kept, { key, keys }))
  }

  async snapshot(): Promise<Snapshot> {
    return sessionSnapshot({ ...this.#facts, database: this.#database })
  }

  async proof(): Promise<CommitProof> {
    return await this.#try(async () => noteCommit(this.#database))
  }

  async commit(): Promise<void> {
    const { path, signal } = this.#facts
    await this.#try(async () => await whenUnlocked(path, signal, () => this.#commit()))
    this.#database.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#database.isOpen) return
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.#database.close()
    const { path, created } = this.#facts
    if (created && existsSync(path) && statSync(path).size === 0) rmSync(path)
  }

  /** The table as it is in this transaction: its columns as they were really declared. */
  #target(table: Table): LoadTarget {
    const described = describeTable(this.#database, table.ref)
    if (!described) {
      throw new RunError({
        code: 'TABLE_NOT_FOUND',
        message: `there is no table \`${table.ref.name}\` in ${this.#facts.path}`,
        hint: 'it may have been dropped since the run began',
      })
    }
    return { database: this.#database, into: `main.${quoteName(tableName(table.ref))}`, table: described, signal: this.#facts.signal }
  }

  #commit(): void {
    try {
      this.#database.exec('COMMIT')
    } catch (thrown) {
      throw isRefusedRow(thrown) ? brokenReference(this.#database, thrown) : thrown
    }
  }

  async #try<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action()
    } catch (thrown) {
      if (this.#facts.signal.aborted) throw this.#facts.signal.reason
      throw translate(thrown, this.#facts.path)
    }
  }
}

/** SQLite's own message names no table. */
function brokenReference(database: DatabaseSync, thrown: unknown): RunError {
  const broken = select(database, 'SELECT DISTINCT "table", parent FROM pragma_foreign_key_check LIMIT 5').map(
    ([child, parent]) => `${child} → ${parent}`,
  )
  return new RunError({
    code: 'CONSTRAINT',
    message: `the changes would break foreign keys${broken.length === 0 ? '' : `: ${broken.join(', ')}`}; nothing was changed`,
    hint: 'sync the referenced tables first (`after:`), or in one run',
    cause: thrown,
  })
}
