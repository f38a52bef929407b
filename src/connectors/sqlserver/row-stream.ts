import type { Connection, Driver } from './driver.ts'
import type { DriverCell } from './request.ts'

/** Cells of some rows, row by row. */
export type Chunk = readonly (readonly unknown[])[]

/** A chunk is handed over at so many rows, or once its texts and bytes are about this long. */
const rowsPerChunk = 1_000
const sizePerChunk = 1 << 20

/**
 * The rows of a query, as the reader takes them: the server is held up while two chunks wait. The end comes only after the
 * last row; where the reader stops earlier, or the signal is aborted, the query is cancelled. Nothing else may run on the
 * connection meanwhile.
 */
export async function* streamRows(driver: Driver, connection: Connection, sql: string, signal: AbortSignal): AsyncGenerator<Chunk> {
  const ready: Chunk[] = []
  let chunk: unknown[][] = []
  let size = 0
  let ended = false
  let failure: unknown
  let wake = Promise.withResolvers<void>()
  const handOver = () => {
    if (chunk.length > 0) ready.push(chunk)
    chunk = []
    size = 0
    wake.resolve()
  }
  const request = new driver.Request(sql, (error) => {
    ended = true
    failure = error ?? undefined
    handOver()
  })
  request.on('row', (cells: readonly DriverCell[]) => {
    chunk.push(cells.map(({ value }) => value))
    for (const { value } of cells) size += sizeOf(value)
    if (chunk.length < rowsPerChunk && size < sizePerChunk) return
    handOver()
    if (ready.length >= 2) request.pause()
  })
  const stop = () => {
    request.resume()
    if (!ended) request.cancel()
  }
  signal.addEventListener('abort', stop)
  connection.execSqlBatch(request)
  try {
    while (true) {
      const next = ready.shift()
      if (next) {
        if (ready.length < 2) request.resume()
        yield next
      } else if (ended) {
        if (failure !== undefined) throw failure
        return
      } else {
        await wake.promise
        wake = Promise.withResolvers()
      }
    }
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
    while (!ended) {
      await wake.promise
      wake = Promise.withResolvers()
    }
  }
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 8
}
