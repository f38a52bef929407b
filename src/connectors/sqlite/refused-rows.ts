import type { DatabaseSync } from 'node:sqlite'
import type { Moved, Refused } from '../../core/changes.ts'
import type { Value } from '../../core/value.ts'
import type { Part } from '../sql/halving.ts'
import { mostRefused, type Refusal, RefusedRowError, refusedRow, refusesTooMany } from '../sql/refusal.ts'
import { standardSavepoint } from '../sql/savepoint.ts'
import { type Change as SplitChange, Splitting } from '../sql/splitting.ts'
import { type Change, type Outcome, toldRow } from './change.ts'
import { select } from './connection.ts'
import { refusalOf } from './refusal.ts'

/** Makes the changes of rows that waited, all of them together. */
type MakeChanges = (rows: readonly (readonly Value[])[]) => Outcome

/**
 * Rows that SQLite refused one by one, of all kinds of change. What one of them lacks another may bring, or make room for, so
 * that such rows wait until every other row is done.
 */
export class RefusedRows {
  readonly #database: DatabaseSync
  readonly #table: string
  readonly #refused: Refused[] = []
  readonly #waiting: WaitingRows[] = []

  constructor(database: DatabaseSync, table: string) {
    this.#database = database
    this.#table = table
  }

  /** @returns where rows of this kind of change wait. */
  kind(change: Change, make: MakeChanges): (row: readonly Value[], thrown: unknown) => void {
    const waiting = new WaitingRows(change, make)
    this.#waiting.push(waiting)
    return (row, thrown) => {
      const refusal = refusalOf(thrown)
      // A trigger may end the transaction as a whole.
      if (!refusal || !this.#database.isTransaction) throw thrown
      if (refusal.dependsOnOthers) waiting.rows.push(row)
      else this.#refused.push(refusedRow({ kind: change.kind, key: toldRow(change, row) }, refusal))
      if (this.#refused.length + this.#waiting.reduce((sum, { rows }) => sum + rows.length, 0) > mostRefused)
        throw refusesTooMany(this.#table)
    }
  }

  /** Makes the changes that waited, as far as they can be made. */
  async settle(): Promise<{ readonly outcomes: ReadonlyMap<Change, Outcome>; readonly refused: readonly Refused[] }> {
    const waiting = this.#waiting.filter(({ rows }) => rows.length > 0)
    if (waiting.length === 0) return { outcomes: new Map(), refused: this.#refused }
    const splitting = new Splitting(
      standardSavepoint(async (sql) => this.#database.exec(sql)),
      mostRefused,
    )
    if (!this.#together(waiting)) {
      for (const one of waiting) await splitting.apply(one)
      await splitting.tryAgain()
    }
    const left = waiting.flatMap((one) => one.refused(splitting.refusedOf(one)))
    return { outcomes: new Map(waiting.map((one) => [one.change, one.outcome])), refused: [...this.#refused, ...left] }
  }

  /** All at once, references being judged at the end: rows may refer to each other in any order, and in circles. */
  #together(waiting: readonly WaitingRows[]): boolean {
    const database = this.#database
    const broken = () => select(database, 'SELECT count(*) FROM pragma_foreign_key_check')[0]?.[0]
    const before = broken()
    database.exec('SAVEPOINT together; PRAGMA defer_foreign_keys = ON')
    try {
      for (const one of waiting) one.make(one.rows)
      if (broken() !== before) throw new RefusedTogether()
      database.exec('RELEASE together')
      return true
    } catch (thrown) {
      if (!(thrown instanceof RefusedTogether || refusalOf(thrown)) || !database.isTransaction) throw thrown
      for (const one of waiting) one.forget()
      database.exec('ROLLBACK TO together; RELEASE together')
      return false
    } finally {
      if (database.isTransaction) database.exec('PRAGMA defer_foreign_keys = OFF')
    }
  }
}

class RefusedTogether extends Error {}

class WaitingRows implements SplitChange {
  readonly change: Change
  readonly rows: (readonly Value[])[] = []
  readonly #make: MakeChanges
  #changed = 0
  #moved: readonly Moved[] = []

  constructor(change: Change, make: MakeChanges) {
    this.change = change
    this.#make = make
  }

  get outcome(): Outcome {
    return { changed: this.#changed, moved: this.#moved }
  }

  make(rows: readonly (readonly Value[])[]): void {
    const { changed, moved } = this.#make(rows)
    this.#changed += changed
    this.#moved = [...this.#moved, ...moved]
  }

  forget(): void {
    this.#changed = 0
    this.#moved = []
  }

  async apply(part?: Part): Promise<void> {
    try {
      this.make(part ? [...part.numbers()].flatMap((number) => [this.rows[number - 1] ?? []]) : this.rows)
    } catch (thrown) {
      const refusal = refusalOf(thrown)
      throw refusal ? new RefusedRowError({ code: 'CONSTRAINT', message: refusal.detail, cause: thrown }, refusal) : thrown
    }
  }

  async number(): Promise<number> {
    return this.rows.length
  }

  refused(refusals: ReadonlyMap<number, Refusal>): readonly Refused[] {
    return [...refusals].map(([number, refusal]) =>
      refusedRow({ kind: this.change.kind, key: toldRow(this.change, this.rows[number - 1] ?? []) }, refusal),
    )
  }
}
