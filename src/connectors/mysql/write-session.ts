import type { Applied, ChangeSet } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Keep, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { loadRows } from './append.ts'
import { applyChanges } from './apply.ts'
import { clearLeftovers, forgetCommit, type NotedCommit, noteCommit, prepareCommits, settleCommit, toProof } from './commits.ts'
import type { Connections } from './connections.ts'
import { addColumns, createTable } from './create-table.ts'
import { lockAgainstOthers } from './lock.ts'
import { qualified, type RelationName, relationName } from './names.ts'
import type { MysqlOptions } from './options.ts'
import { findRelation } from './relation.ts'
import { dropBeside, type Renaming, rename, renamingOf } from './renaming.ts'
import { adoptRows, replaceRows, type Swapping } from './replace.ts'
import type { Session } from './session.ts'
import { MysqlSnapshot } from './snapshot.ts'
import { type Target, toTarget } from './target.ts'
import { WriterLock } from './writer-lock.ts'

/**
 * One transaction, and what MySQL cannot roll back kept out of it: tables that are new or replaced are filled beside, under
 * names that nobody lists, and take their own by one RENAME after the commit. Columns are added at once.
 */
export class MysqlWriteSession implements WriteSession {
  readonly #connections: Connections
  readonly #session: Session
  /** For statements that commit by themselves. */
  readonly #ddl: Session
  readonly #options: MysqlOptions
  readonly #locked = new Set<string>()
  readonly #renamings = new Map<string, Renaming>()
  readonly #writerLocks: WriterLock[] = []
  /** Tables with former rows, which are in them once all is committed. */
  readonly #copies: RelationName[] = []
  readonly #replaced: RelationName[] = []
  #started = false
  /** Rows were added that a second run would add again. */
  #unrepeatable = false
  #database: string | undefined
  #noted: NotedCommit | undefined
  #settled = false

  static async open(connections: Connections, options: MysqlOptions): Promise<MysqlWriteSession> {
    await using opened = new AsyncDisposableStack()
    const [session, ddl] = [opened.use(await connections.open()), opened.use(await connections.open())]
    await connections.writers?.begin([session, ddl])
    opened.move()
    return new MysqlWriteSession(connections, session, ddl, options)
  }

  private constructor(connections: Connections, session: Session, ddl: Session, options: MysqlOptions) {
    this.#connections = connections
    this.#session = session
    this.#ddl = ddl
    this.#options = options
  }

  async ensureTable(table: Table): Promise<readonly string[]> {
    const name = await this.#lock(table)
    const existing = this.#renamings.has(qualified(name)) ? undefined : await findRelation(this.#ddl, name, this.#options)
    if (existing) return await addColumns(this.#ddl, existing, table.columns)
    if (this.#renamings.has(qualified(name))) return []
    const renaming = renamingOf(name, false)
    this.#renamings.set(qualified(name), renaming)
    return await createTable(this.#ddl, name, renaming.beside, table)
  }

  async append(table: Table, rows: Rows): Promise<number> {
    const target = await this.#target(table)
    this.#unrepeatable = true
    return await loadRows(this.#session, target, table, rows)
  }

  async replace(table: Table, rows: Rows, keep?: Keep, look?: () => Promise<void>): Promise<Replaced> {
    const target = await this.#target(table)
    const { name } = target.relation
    const swapping = { ...this.#swapping(target, keep, (kept) => this.#replacing(name, renamingOf(name, true, kept))), look }
    return await replaceRows({ session: this.#session, ddl: this.#ddl }, target, table, rows, swapping)
  }

  async adopt(table: Table, beside: TableRef, keep?: Keep): Promise<Replaced> {
    const target = await this.#target(table)
    const { name } = target.relation
    const gathered = relationName(beside, this.#options.database)
    const created = this.#renamings.get(qualified(name))
    if (created) await dropBeside(this.#ddl, [created])
    const swapping = this.#swapping(target, keep, (kept) =>
      this.#replacing(name, { ...renamingOf(name, !created, kept), beside: gathered, gathered: true }),
    )
    return await adoptRows({ session: this.#session, ddl: this.#ddl }, target, table, gathered, swapping)
  }

  async apply(table: Table, changes: ChangeSet): Promise<Applied> {
    const target = await this.#target(table)
    if (changes.key.length === 0) this.#unrepeatable = true
    return await applyChanges(this.#session, target, changes)
  }

  async snapshot(): Promise<Snapshot> {
    await this.#start()
    const placeOf = (name: RelationName) => this.#placeOf(name)
    return new MysqlSnapshot({
      session: this.#session,
      database: this.#options.database,
      options: this.#options,
      placeOf,
      close: async () => {},
    })
  }

  async proof(): Promise<CommitProof> {
    await this.#start()
    const database = this.#database ?? this.#options.database ?? ''
    if (await prepareCommits(this.#ddl, database)) {
      this.#noted = await noteCommit(this.#session, database, [...this.#renamings.values()])
      return toProof(this.#noted)
    }
    if (!this.#unrepeatable) return { kind: 'none' }
    throw new RunError({
      code: 'NO_COMMIT_PROOF',
      message: `nothing could tell after a crash whether rows were appended: the table _syncline_commits cannot be created in ${database}`,
      hint: 'grant CREATE on that database, or use a mode that can be repeated: upsert, mirror, replace',
    })
  }

  async commit(): Promise<void> {
    if (this.#started) await this.#session.execute('COMMIT')
    await this.#takeNames()
    this.#settled = true
    if (this.#noted) await settleCommit(this.#ddl, this.#noted)
    for (const name of this.#replaced) await refreshStatistics(this.#ddl, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#session[Symbol.asyncDispose]()
      const loaded = [...this.#renamings.values()].filter(({ gathered }) => !gathered)
      const left = [...loaded, ...this.#copies.map((beside) => ({ beside }))]
      if (!this.#settled) await dropBeside(this.#ddl, left).catch(() => {})
    } finally {
      await Promise.all(this.#writerLocks.map(async (lock) => await lock[Symbol.asyncDispose]()))
      await this.#ddl[Symbol.asyncDispose]()
      await this.#connections.writers?.end([this.#session, this.#ddl])
    }
  }

  /** Where another session keeps a name from being taken, the commit is taken back: nobody has seen it. */
  async #takeNames(): Promise<void> {
    const renamings = [...this.#renamings.values()]
    if (renamings.length === 0) return
    const renaming = rename(this.#ddl, renamings)
    renaming.catch(() => {})
    for (const lock of this.#writerLocks) await lock.handOver(this.#ddl.server.connectionId)
    try {
      await renaming
    } catch (error) {
      if (this.#noted) await forgetCommit(this.#ddl, this.#noted)
      throw error
    }
  }

  async #target(table: Table): Promise<Target> {
    const name = await this.#lock(table)
    await this.#start()
    const place = this.#placeOf(name)
    const relation = await findRelation(this.#ddl, place, this.#options)
    if (relation) return toTarget({ ...relation, name }, place, this.#renamings.has(qualified(name)))
    throw new RunError({
      code: 'TABLE_NOT_FOUND',
      message: `\`${table.ref.name}\` does not exist`,
      hint: 'was it dropped or renamed meanwhile? Run again',
    })
  }

  #placeOf(name: RelationName): RelationName {
    return this.#renamings.get(qualified(name))?.beside ?? name
  }

  #swapping({ relation: { name } }: Target, keep: Keep | undefined, beside: Swapping['beside']): Swapping {
    this.#replaced.push(name)
    return {
      keep,
      lock: async () => void this.#writerLocks.push(await WriterLock.take(this.#connections, name)),
      beside,
      copied: (copy) => void this.#copies.push(copy),
    }
  }

  #replacing(name: RelationName, renaming: Renaming): RelationName {
    this.#renamings.set(qualified(name), renaming)
    return renaming.beside
  }

  async #lock(table: Table): Promise<RelationName> {
    const name = relationName(table.ref, this.#options.database)
    if (this.#locked.has(qualified(name))) return name
    await lockAgainstOthers(this.#session, name, this.#options.lockTimeoutSeconds)
    this.#locked.add(qualified(name))
    this.#database ??= name.database
    await clearLeftovers(this.#ddl, name)
    return name
  }

  /** What others commit meanwhile is seen by each statement; so is what moved. */
  async #start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    await this.#session.execute('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
    await this.#session.execute('START TRANSACTION')
  }
}

/** A few pages are looked at, past the commit because it ends transactions. Whether it may be done changes nothing about the rows. */
async function refreshStatistics(ddl: Session, name: RelationName): Promise<void> {
  await ddl.rows(`ANALYZE NO_WRITE_TO_BINLOG TABLE ${qualified(name)}`).catch(() => {})
}
