import type { Connection, Driver } from './driver.ts'

/** A value of a statement: texts as `nvarchar`, numbers as `bigint`, bytes as `varbinary`. */
export type Bound = string | number | bigint | Uint8Array | null

/** A row by column name. */
export type Row = Readonly<Record<string, unknown>>

/** A cell as the driver tells it. */
export interface DriverCell {
  readonly metadata: { readonly colName: string }
  readonly value: unknown
}

/** What runs until the server has answered all of it, and can be stopped by `cancel`. */
export interface Running<Result> {
  readonly result: Promise<Result>
  cancel(): void
}

/** Runs a statement and gathers its rows; values are bound as `@p0`, `@p1` … */
export function runStatement(driver: Driver, connection: Connection, sql: string, values: readonly Bound[]): Running<readonly Row[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Row[]>()
  const rows: Row[] = []
  const request = new driver.Request(sql, (error) => (error ? reject(error) : resolve(rows)))
  request.on('row', (cells: readonly DriverCell[]) => {
    rows.push(Object.fromEntries(cells.map(({ metadata, value }) => [metadata.colName, value])))
  })
  for (const [index, value] of values.entries()) bind(driver, request, `p${index}`, value)
  // A batch leaves temporary tables to the session; what is bound runs in a scope of its own.
  if (values.length === 0) connection.execSqlBatch(request)
  else connection.execSql(request)
  return { result: promise, cancel: () => request.cancel() }
}

function bind({ TYPES }: Driver, request: InstanceType<Driver['Request']>, name: string, value: Bound): void {
  if (value === null || typeof value === 'string') request.addParameter(name, TYPES.NVarChar, value)
  else if (value instanceof Uint8Array) request.addParameter(name, TYPES.VarBinary, Buffer.from(value))
  else request.addParameter(name, TYPES.BigInt, BigInt(value))
}
