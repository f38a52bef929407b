import type { Rows } from '../../core/rows.ts'
import type { ReadRequest } from '../connector.ts'
import type { Relation } from './relation.ts'
import { findColumn } from './select.ts'
import type { Session } from './session.ts'
import { type StagedCell, stagedCells } from './staging.ts'
import { loadTyped } from './typed.ts'

type Keys = NonNullable<ReadRequest['keys']>

/** Temporary tables of keys on one session: a statement holds 2,100 values at most, a request 10,000 keys. */
export class KeyTables {
  readonly #session: Session
  readonly #tables = new Map<Keys, Promise<string>>()

  constructor(session: Session) {
    this.#session = session
  }

  /** @returns the table with the keys in the types of their columns, `k0` … in the order of the request. */
  async load(relation: Relation, keys: Keys): Promise<string> {
    const known = this.#tables.get(keys) ?? this.#load(relation, keys)
    // Only the last one is needed again: a request is counted, then read.
    this.#tables.clear()
    this.#tables.set(keys, known)
    return await known
  }

  async #load(relation: Relation, { columns, values }: Keys): Promise<string> {
    const found = columns.map((name) => findColumn(relation, name))
    const cells = stagedCells(found.map(({ column, type }) => ({ column: { ...column, generated: false }, type }))).map(
      (cell, index): StagedCell => ({ ...cell, alias: `k${index}` }),
    )
    const rows: Rows = {
      columns: found.map(({ column }) => column),
      batches: async function* () {
        yield { rows: values.length, cells: columns.map((_, index) => values.map((key) => key[index] ?? null)) }
      },
    }
    const { table } = await loadTyped(this.#session, 'keys', cells, rows)
    return table
  }
}

/** Whole numbers in a temporary table, `n`: a list of many thousands in a statement is more than the server takes. @returns its name. */
export async function loadNumbers(session: Session, numbers: readonly number[]): Promise<string> {
  const table = '#syncline_numbers'
  await session.execute(`DROP TABLE IF EXISTS ${table}`)
  await session.execute(`CREATE TABLE ${table} (n bigint NULL)`)
  const rows = async function* () {
    for (const number of numbers) yield [number]
  }
  if (numbers.length > 0) await session.bulk(table, [{ name: 'n', carriage: { as: 'integer' } }], rows())
  return table
}
