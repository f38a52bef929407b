import type { Applied, ChangeSet } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import type { CommitProof, Keep, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { applyChanges } from './apply.ts'
import { noteCommit } from './commits.ts'
import { describeTable } from './describe.ts'
import { ensureTable } from './ensure-table.ts'
import { type LoadTarget, load } from './load.ts'
import { qualified, tableName } from './names.ts'
import { replaceRows } from './replace.ts'
import { DuckdbSnapshot } from './snapshot.ts'
import type { Work } from './work.ts'

/** One transaction on a connection of its own; `keep` is told of its commit. */
export class DuckdbSession implements WriteSession {
  readonly #work: Work
  readonly #directory: string
  readonly #keep: () => void

  constructor(work: Work, directory: string, keep: () => void) {
    this.#work = work
    this.#directory = directory
    this.#keep = keep
  }

  async ensureTable(table: Table): Promise<readonly string[]> {
    return await ensureTable(this.#work, table)
  }

  async append(table: Table, rows: Rows): Promise<number> {
    return await load(await this.#target(table), rows)
  }

  async replace(table: Table, rows: Rows, keep?: Keep, look?: () => Promise<void>): Promise<Replaced> {
    await look?.()
    return await replaceRows(await this.#target(table), rows, keep)
  }

  async apply(table: Table, changes: ChangeSet): Promise<Applied> {
    return await applyChanges(await this.#target(table), changes)
  }

  async snapshot(): Promise<Snapshot> {
    return new DuckdbSnapshot(this.#work, this.#directory, async () => {})
  }

  async proof(): Promise<CommitProof> {
    return await noteCommit(this.#work)
  }

  async commit(): Promise<void> {
    await this.#work.commit()
    this.#keep()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work.end()
  }

  /** The table as it is in this transaction: its columns as they were really declared. */
  async #target(table: Table): Promise<LoadTarget> {
    const described = await describeTable(this.#work, table.ref)
    if (!described) {
      throw new RunError({
        code: 'TABLE_NOT_FOUND',
        message: `there is no table \`${table.ref.name}\` in ${this.#work.path}`,
        hint: 'it may have been dropped since the run began',
      })
    }
    return { work: this.#work, directory: this.#directory, into: qualified(tableName(table.ref)), table: described }
  }
}
