import type { DatabaseSync } from 'node:sqlite'
import { RunError } from '../../core/errors.ts'
import type { Column, TableRef } from '../../core/table.ts'
import { quoteName, quoteNames } from '../sql/quote.ts'
import { bindingOf } from './binding.ts'
import { describeTable, tableName } from './describe.ts'
import type { LoadTarget } from './load.ts'
import { reactsToDeletes } from './replace.ts'
import { honestColumns } from './rows.ts'

/** Rows by their keys, as canonical texts. */
export interface Recalled {
  readonly key: readonly string[]
  readonly keys: AsyncIterable<readonly (readonly string[])[]>
}

/**
 * Gives rows the cells that they have in a kept table, which are of any type whatever their column declares. Nothing is done where all
 * of them are what their columns say, so that texts have told them.
 */
export async function recallRows(target: LoadTarget, kept: TableRef, { key, keys }: Recalled): Promise<void> {
  const { database, into, table } = target
  const there = describeTable(database, kept)
  if (!there) throw new RunError({ code: 'TABLE_NOT_FOUND', message: `there is no table \`${kept.name}\` any more` })
  const from = `main.${quoteName(tableName(kept))}`
  if (!holdsOthers(database, there.columns, from)) return
  const columns = table.columns.filter(({ name, generated }) => !generated && there.columns.some((column) => column.name === name))
  // What acts on deletes would do so twice: what reads the table back then tells that a cell is not as it was.
  if (key.length === 0) return reactsToDeletes(table) ? undefined : recallAll(database, { into, from, columns })
  await recallKeys(target, { into, from, columns }, { key, keys })
}

function holdsOthers(database: DatabaseSync, columns: readonly Column[], from: string): boolean {
  return honestColumns(database, { columns, from, bound: [] }).some(({ untyped }) => untyped)
}

interface Tables {
  readonly into: string
  readonly from: string
  readonly columns: readonly Column[]
}

function recallAll(database: DatabaseSync, { into, from, columns }: Tables): void {
  const names = quoteNames(columns.map(({ name }) => name))
  database.exec(`DELETE FROM ${into}; INSERT INTO ${into} (${names}) SELECT ${names} FROM ${from}`)
}

async function recallKeys(
  { database, table, signal }: LoadTarget,
  { into, from, columns }: Tables,
  { key, keys }: Recalled,
): Promise<void> {
  const cells = quoteNames(columns.filter(({ name }) => !key.includes(name)).map(({ name }) => name))
  if (cells === '') return
  const keyColumns = key.flatMap((name) => table.columns.find((column) => column.name === name) ?? [])
  const bindings = keyColumns.map(bindingOf)
  const places = key.map((name, index) => `${quoteName(name)} = ?${index + 1}`).join(' AND ')
  const index = quoteName('_syncline_recalled')
  database.exec(`CREATE INDEX main.${index} ON ${from.slice('main.'.length)} (${quoteNames(key)})`)
  const recall = database.prepare(`UPDATE ${into} SET (${cells}) = (SELECT ${cells} FROM ${from} WHERE ${places})
    WHERE ${places} AND EXISTS (SELECT 1 FROM ${from} WHERE ${places})`)
  for await (const some of keys) {
    for (const one of some) recall.run(...bindings.map((bind, at) => bind(one[at] ?? null)))
    signal.throwIfAborted()
  }
  database.exec(`DROP INDEX main.${index}`)
}
