import { handOver } from '../../../core/handed-over.ts'
import type { Rows } from '../../../core/rows.ts'
import type { SpooledCell } from './column-set.ts'
import type { Download } from './origin.ts'

export interface SpooledRowsOptions {
  /** The request, for messages. */
  readonly subject: string
  readonly limit: number | undefined
  readonly signal: AbortSignal
}

/** Downloaded rows as CSV of the one profile; with numbers as they were written, nothing is rounded. */
export function spooledRows(download: Download, { subject, limit = Infinity, signal }: SpooledRowsOptions): Rows {
  const columns = download.columns.columns(subject)
  const text = download.columns.texts()
  let given = 0
  const line = (record: readonly SpooledCell[]) => columns.map((_, index) => field(text(record[index] ?? null, index))).join(',')
  const stream = async function* () {
    given = 0
    for (const spool of download.spools) {
      for await (const records of spool.records()) {
        signal.throwIfAborted()
        const wanted = records.slice(0, limit - given)
        given += wanted.length
        if (wanted.length > 0) yield handOver(Buffer.from(`${wanted.map(line).join('\n')}\n`))
        if (given >= limit) return
      }
    }
    signal.throwIfAborted()
  }
  return { columns, csv: () => [stream()], given: () => given }
}

/** In quotes only where it has to be: what is written into a CSV file goes there as it is. */
function field(text: string | null): string {
  if (text === null) return ''
  return plain.test(text) ? text : `"${text.replaceAll('"', '""')}"`
}

const plain = /^[^\s",\\]([^",\r\n]*[^\s",])?$/
