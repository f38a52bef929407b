import { ReadAgainError } from '../../core/errors.ts'
import type { Relation } from './relation.ts'

/**
 * Columns in which a read met a cell that is no value of their type: a zero date, a boolean of 2. Nothing tells beforehand
 * without reading the table twice, so the read that meets one ends, and the next one knows.
 */
export class Doubts {
  readonly #columns = new Set<string>()

  has(relation: Relation, column: string): boolean {
    return this.#columns.has(keyOf(relation, column))
  }

  /** The error that ends the read; the next one gives the column as text that has to be judged. */
  raise(relation: Relation, column: string): ReadAgainError {
    this.#columns.add(keyOf(relation, column))
    return new ReadAgainError({ code: 'READ_AGAIN', message: `column ${column} holds values that its type does not have elsewhere` })
  }
}

function keyOf({ name }: Relation, column: string): string {
  return JSON.stringify([name.database, name.name, column])
}
