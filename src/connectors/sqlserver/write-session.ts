import type { Applied, ChangeSet } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import type { CommitProof, Keep, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { appendRows } from './append.ts'
import { applyChanges } from './apply.ts'
import { noteCommit } from './commits.ts'
import { addColumns, createTable } from './create-table.ts'
import { lockAgainstOthers } from './lock.ts'
import { type ObjectName, objectName, qualified } from './names.ts'
import { findRelation } from './relation.ts'
import { replaceRows } from './replace.ts'
import type { Session } from './session.ts'
import { SqlServerSnapshot } from './snapshot.ts'
import { type Target, toTarget, writtenColumns } from './target.ts'

interface SessionOptions {
  readonly defaultSchema: string
  readonly lockTimeoutSeconds: number
}

/** One transaction, DDL included. Every table it writes to is locked against other machines' Syncline. */
export class SqlServerWriteSession implements WriteSession {
  readonly #session: Session
  readonly #options: SessionOptions
  readonly #locked = new Set<string>()
  readonly #created = new Set<string>()

  /** @param session with a transaction that has begun. */
  constructor(session: Session, options: SessionOptions) {
    this.#session = session
    this.#options = options
  }

  async ensureTable(table: Table): Promise<readonly string[]> {
    const name = await this.#lock(table)
    const existing = await findRelation(this.#session, name)
    if (existing) return await addColumns(this.#session, existing, table.columns)
    const statements = await createTable(this.#session, name, table)
    this.#created.add(qualified(name))
    return statements
  }

  async append(table: Table, rows: Rows): Promise<number> {
    const target = await this.#target(table)
    const taken = await appendRows(this.#session, target, writtenColumns(target, table, rows), rows)
    // The next rows come to a table that is no longer empty.
    this.#created.delete(target.sql)
    return taken
  }

  async replace(table: Table, rows: Rows, _keep?: Keep, look?: () => Promise<void>): Promise<Replaced> {
    const target = await this.#target(table)
    const replaced = await replaceRows(this.#session, target, table, rows, look)
    this.#created.delete(target.sql)
    return replaced
  }

  async apply(table: Table, changes: ChangeSet): Promise<Applied> {
    return await applyChanges(this.#session, await this.#target(table), changes)
  }

  async snapshot(): Promise<Snapshot> {
    const { defaultSchema } = this.#options
    return new SqlServerSnapshot(this.#session, { defaultSchema, close: async () => {} })
  }

  async proof(): Promise<CommitProof> {
    return await noteCommit(this.#session, this.#options.defaultSchema)
  }

  async commit(): Promise<void> {
    await this.#session.execute('COMMIT TRANSACTION')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }

  async #target(table: Table): Promise<Target> {
    const name = await this.#lock(table)
    const relation = await findRelation(this.#session, name)
    if (relation) return toTarget(relation, this.#created.has(qualified(name)))
    throw new RunError({
      code: 'TABLE_NOT_FOUND',
      message: `\`${table.ref.name}\` does not exist`,
      hint: 'was it dropped or renamed meanwhile? Run again',
    })
  }

  async #lock(table: Table): Promise<ObjectName> {
    const { defaultSchema, lockTimeoutSeconds } = this.#options
    const name = objectName(table.ref, defaultSchema)
    if (this.#locked.has(qualified(name))) return name
    await lockAgainstOthers(this.#session, name, lockTimeoutSeconds)
    this.#locked.add(qualified(name))
    return name
  }
}
