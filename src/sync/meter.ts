import type { Rows } from '../core/rows.ts'
import type { Batch } from '../core/value.ts'

/** The same rows, telling what has passed: bytes of byte streams, rows of batches. */
export function metered(rows: Rows, report: (done: { readonly rows: number; readonly bytes: number }) => void) {
  const done = { rows: 0, bytes: 0 }
  const bytes = async function* (stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      done.bytes += chunk.byteLength
      report(done)
      yield chunk
    }
  }
  const batches = async function* (stream: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    for await (const batch of stream) {
      done.rows += batch.rows
      report(done)
      yield batch
    }
  }
  const { pgcopy, csv } = rows
  const metered: Rows = {
    ...rows,
    ...(pgcopy ? { pgcopy: () => bytes(pgcopy.call(rows)) } : {}),
    ...(csv ? { csv: (parts: number) => csv.call(rows, parts).map(bytes) } : {}),
    ...(rows.batches ? { batches: () => batches(rows.batches?.() ?? none()) } : {}),
  }
  return { rows: metered, bytes: () => done.bytes }
}

async function* none(): AsyncGenerator<Batch> {}
