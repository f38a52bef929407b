import type { ReadRequest, Snapshot } from '../connectors/connector.ts'
import type { SyncDefinition } from '../core/definition.ts'
import type { Rows } from '../core/rows.ts'
import type { Column, Table } from '../core/table.ts'
import { type Ends, endsAsRead, refuseWithoutColumns, type Work } from './ends.ts'

/** The source's rows, and both ends with what reading told of the source's columns. */
export interface ReadEnds {
  readonly ends: Ends
  readonly rows: Rows
}

/**
 * Reads the source. One that names its columns by its rows alone, and turns out to have none, has those of the target: nothing
 * new is then nothing to do, and an empty source is what rule 20 guards against, not a mistake in the config.
 * @throws RunError where neither side names a column.
 */
export async function readEnds(
  { definition }: Pick<Work, 'definition'>,
  ends: Ends,
  view: Snapshot,
  request: ReadRequest,
): Promise<ReadEnds> {
  const rows = await view.read(request)
  const { source, target } = ends
  if (!source.open) return { ends, rows }
  const isEmpty = target !== undefined && (await view.count(request)) === 0
  const columns = isEmpty ? [...rows.columns, ...columnsOf(target, rows.columns, definition)] : rows.columns
  const read = endsAsRead(ends, columns)
  refuseWithoutColumns(read.source, definition)
  return { ends: read, rows: { ...rows, columns } }
}

/** Those of the target's columns that are not known, without types, as the config spells them. */
function columnsOf(target: Table, known: readonly Column[], { key, from }: SyncDefinition): readonly Column[] {
  const spelled = [...(key ?? []), ...(from.select ?? []), ...(from.cursor === undefined ? [] : [from.cursor])]
  return target.columns
    .filter(({ name, generated }) => !generated && !known.some((column) => sameName(column.name, name)))
    .map(({ name }) => ({
      name: spelled.find((one) => sameName(one, name)) ?? name,
      type: { kind: 'text' },
      nullable: true,
      untyped: true,
    }))
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
