import type { Applied, ChangeSet } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Keep, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { loadRows } from './append.ts'
import { applyAllChanges, applyChanges } from './apply.ts'
import { proveCommit } from './commit-proof.ts'
import { addColumns, createTable } from './create-table.ts'
import { singleLease } from './leases.ts'
import { asNotDirect } from './load.ts'
import { lockAgainstOthers } from './lock.ts'
import { qualified, type RelationName, relationName } from './names.ts'
import { findRelation } from './relation.ts'
import { adoptRows, replaceRows } from './replace.ts'
import { advanceSequences } from './sequences.ts'
import type { Session } from './session.ts'
import { PostgresSnapshot } from './snapshot.ts'
import { type Target, toTarget } from './target.ts'

/** One transaction. Every table it writes to is locked against other machines' Syncline. */
export class PostgresWriteSession implements WriteSession {
  readonly #session: Session
  readonly #defaultSchema: string
  readonly #locked = new Set<string>()
  /** More changes follow before constraints can be judged. */
  #deferred = false
  /** Tables of this transaction, by name; the statement that adds the key until the first rows are in. */
  readonly #created = new Map<string, string | undefined>()

  constructor(session: Session, defaultSchema: string) {
    this.#session = session
    this.#defaultSchema = defaultSchema
  }

  async ensureTable(table: Table): Promise<readonly string[]> {
    const name = await this.#lock(table)
    const existing = await findRelation(this.#session, name)
    if (existing) return await addColumns(this.#session, existing, table.columns)
    const { statements, addKey } = await createTable(this.#session, name, table)
    this.#created.set(qualified(name), addKey)
    return addKey === undefined ? statements : [...statements, addKey]
  }

  async append(table: Table, rows: Rows): Promise<number> {
    const target = await this.#target(table)
    const taken = await loadRows(this.#session, target, table, rows)
    await this.#addKeys()
    if (taken > 0) await advanceSequences(this.#session, target)
    return taken
  }

  async replace(table: Table, rows: Rows, keep?: Keep, look?: () => Promise<void>): Promise<Replaced> {
    const target = await this.#target(table)
    const replaced = await replaceRows(this.#session, target, table, rows, { keep, look })
    await this.#addKeys()
    await advanceSequences(this.#session, target)
    return replaced
  }

  async adopt(table: Table, beside: TableRef, keep?: Keep): Promise<Replaced> {
    const target = await this.#target(table)
    const replaced = await adoptRows(this.#session, target, table, relationName(beside, this.#defaultSchema), keep)
    await this.#addKeys()
    await advanceSequences(this.#session, target)
    return replaced
  }

  async deferReferences(): Promise<void> {
    this.#deferred = true
    await this.#session.execute('SET CONSTRAINTS ALL DEFERRED')
  }

  async apply(table: Table, changes: ChangeSet): Promise<Applied> {
    await this.#addKeys()
    const apply = this.#deferred ? applyChanges : applyAllChanges
    const target = await this.#target(table)
    const applied = await apply(this.#session, target, changes)
    if (applied.inserted > 0) await advanceSequences(this.#session, target)
    return applied
  }

  async snapshot(): Promise<Snapshot> {
    await this.#addKeys()
    return new PostgresSnapshot(singleLease(this.#session), this.#defaultSchema)
  }

  async proof(): Promise<CommitProof> {
    await this.#addKeys()
    return await proveCommit(this.#session)
  }

  async commit(): Promise<void> {
    await this.#addKeys()
    await this.#session.commit()
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

  async #lock(table: Table): Promise<RelationName> {
    const name = relationName(table.ref, this.#defaultSchema)
    if (this.#locked.has(qualified(name))) return name
    await lockAgainstOthers(this.#session, name)
    this.#locked.add(qualified(name))
    return name
  }

  /** The keys of new tables, once their first rows are in. */
  async #addKeys(): Promise<void> {
    for (const [name, addKey] of this.#created) {
      if (addKey === undefined) continue
      this.#created.set(name, undefined)
      try {
        await this.#session.execute(addKey)
      } catch (error) {
        throw asNotDirect(error)
      }
    }
  }
}
