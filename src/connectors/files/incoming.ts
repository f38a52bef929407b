import { NotDirectError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { rawBytes } from './content.ts'
import { type Cells, cellsOf } from './csv-cells.ts'
import { CsvCount, counted } from './csv-count.ts'
import { profile } from './csv-dialect.ts'
import { CsvScan, scannedRows } from './csv-scan.ts'
import type { Workspace } from './workspace.ts'

/** Rows to be written, as CSV in the profile, counted on their way. */
export class Incoming {
  readonly rows: Rows
  readonly #workspace: Workspace
  readonly #count = new CsvCount()
  readonly #scan: CsvScan

  constructor(rows: Rows, workspace: Workspace) {
    this.rows = rows
    this.#workspace = workspace
    const { columns } = rows
    this.#scan = new CsvScan({ file: incomingName, dialect: profile, fields: columns.length, header: false })
  }

  /** How many rows went through, once a stream has ended. */
  get count(): number {
    return this.#count.rows + this.#scan.facts.rows
  }

  /** The text as it comes, in chunks cut anywhere. */
  bytes(): AsyncGenerator<Uint8Array> {
    return counted(this.#stream(), this.#count, incomingName)
  }

  cells(): AsyncGenerator<readonly Cells[]> {
    return cellsOf(scannedRows(this.#stream(), this.#scan), profile, [''])
  }

  async *#stream(): AsyncGenerator<Uint8Array> {
    for (const stream of await profileStreams(this.rows, 1, this.#workspace)) yield* stopping(stream, this.#workspace.signal)
  }
}

/** What messages call rows that are no file yet. */
export const incomingName = 'the rows to be written'

/** The stream until the signal says stop. */
export async function* stopping(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal.throwIfAborted()
    yield chunk
  }
  signal.throwIfAborted()
}

/** @throws NotDirectError where the rows come in no form that a file is written from. */
export async function profileStreams(rows: Rows, parts: number, workspace: Workspace): Promise<readonly AsyncIterable<Uint8Array>[]> {
  if (rows.csv) return rows.csv(parts)
  if (rows.file) return [exported(rows.file, workspace)]
  throw new NotDirectError({ code: 'NO_COMMON_FORM', message: 'files are written from CSV, or by the engine that has the rows' })
}

async function* exported(file: NonNullable<Rows['file']>, workspace: Workspace): AsyncGenerator<Uint8Array> {
  const path = workspace.temporaryFile('csv')
  try {
    await file(path, { format: 'csv', ...profile, header: false, compression: 'none' })
    yield* rawBytes({ path, name: 'a temporary file' }, workspace.signal)
  } finally {
    await workspace.remove(path)
  }
}
