import type { Connection, Driver } from './driver.ts'
import type { Running } from './request.ts'

/** How cells travel in a bulk load, each in a form that the driver writes exactly. */
export type Carriage =
  | { readonly as: 'text' /** UTF-16 units; any number where absent. */; readonly length?: number }
  | { readonly as: 'integer' | 'float' | 'boolean' | 'bytes' }

export interface BulkColumn {
  readonly name: string
  readonly carriage: Carriage
}

/** The column of a table that takes what is carried so; another type could store garbage without a word. */
export function carriedType({ as, ...carriage }: Carriage): string {
  if (as === 'text') return 'length' in carriage && carriage.length !== undefined ? `nvarchar(${carriage.length})` : 'nvarchar(max)'
  return { integer: 'bigint', float: 'float(53)', boolean: 'bit', bytes: 'varbinary(max)' }[as]
}

/**
 * Loads rows by TDS bulk load.
 * @param rows at least one: the driver fails on none.
 * @returns how many rows the server took.
 */
export function bulkLoad(
  driver: Driver,
  connection: Connection,
  { table, columns, rows }: { readonly table: string; readonly columns: readonly BulkColumn[]; readonly rows: AsyncIterable<unknown[]> },
): Running<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let failure: unknown
  const load = connection.newBulkLoad(table, { keepNulls: true }, (error, count) => {
    if (failure !== undefined || error) reject(failure ?? error)
    else resolve(count ?? 0)
  })
  for (const { name, carriage } of columns) load.addColumn(name, driverType(driver, carriage), { nullable: true, ...lengthOf(carriage) })
  // The reader's own error says more than what the driver makes of it.
  const watched = async function* () {
    try {
      yield* rows
    } catch (error) {
      failure = error
      throw error
    }
  }
  connection.execBulkLoad(load, watched())
  return { result: promise, cancel: () => load.cancel() }
}

function driverType({ TYPES }: Driver, { as }: Carriage) {
  return { text: TYPES.NVarChar, integer: TYPES.BigInt, float: TYPES.Float, boolean: TYPES.Bit, bytes: TYPES.VarBinary }[as]
}

function lengthOf(carriage: Carriage): { readonly length?: number } {
  if (carriage.as === 'bytes') return { length: Number.POSITIVE_INFINITY }
  return carriage.as === 'text' ? { length: carriage.length ?? Number.POSITIVE_INFINITY } : {}
}
