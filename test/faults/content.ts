import { hash } from 'node:crypto'
import type { Random } from './random.ts'

/** One row as every store of this suite holds it, each cell as text. */
export interface Row {
  readonly id: number
  readonly name: string | null
  readonly amount: string
  readonly note: string
}

/** What a source has to do next, and what it then holds. */
export interface Change {
  readonly inserts: readonly Row[]
  readonly updates: readonly Row[]
  readonly deletes: readonly number[]
}

/** Texts in which encodings, quoting and NULL marks are known to go wrong. */
const awkward = ['', '\\.', '\\N', 'NULL', "it's", 'a\tb', 'two\nlines', '"quoted", or not', 'ÿ 東京 🦊', ' ends with a blank ', '%s \\n']

export function randomRow(random: Random, id: number): Row {
  const name = random.chance(0.1) ? null : random.pick(awkward)
  const amount = `${random.integer(-999_999, 999_999)}.${String(random.integer(0, 9999)).padStart(4, '0')}`
  return { id, name, amount, note: 'abcdefghij '.repeat(random.integer(0, 20)).slice(0, random.integer(0, 200)) }
}

export function randomRows(random: Random, first: number, count: number): readonly Row[] {
  return Array.from({ length: count }, (_, index) => randomRow(random, first + index))
}

/** New rows at the end, and some of those that are there changed or gone, as far as a mode may have that. */
export function randomChange(
  random: Random,
  content: ReadonlyMap<number, Row>,
  kinds: { readonly updates: boolean; readonly deletes: boolean },
): Change {
  const ids = [...content.keys()]
  const last = ids.reduce((most, id) => Math.max(most, id), 0)
  const touched = new Map(Array.from({ length: random.integer(0, 120) }, () => [random.pick(ids), random.chance(0.7)]))
  const those = (changed: boolean) => [...touched].filter(([, one]) => one === changed).map(([id]) => id)
  return {
    inserts: randomRows(random, last + 1, random.integer(1, 400)),
    updates: kinds.updates ? those(true).map((id) => randomRow(random, id)) : [],
    deletes: kinds.deletes ? those(false) : [],
  }
}

export function changed(content: ReadonlyMap<number, Row>, { inserts, updates, deletes }: Change): ReadonlyMap<number, Row> {
  const after = new Map(content)
  for (const id of deletes) after.delete(id)
  for (const row of [...inserts, ...updates]) after.set(row.id, row)
  return after
}

export type Cells = readonly (string | null)[]

export function cellsOf({ id, name, amount, note }: Row): Cells {
  return [String(id), name, amount, note]
}

/**
 * Count and sum of the hashes of all rows, in any order, a row that is there twice counting twice: equal where, and only where,
 * the rows are equal.
 */
export function digestOf(rows: Iterable<Cells>): string {
  let sum = 0n
  let count = 0
  for (const cells of rows) {
    sum += hash('sha256', JSON.stringify(cells), 'buffer').readBigUInt64LE()
    count++
  }
  return `${count} rows, ${BigInt.asUintN(64, sum).toString(16).padStart(16, '0')}`
}
