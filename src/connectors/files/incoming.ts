import { NotDirectError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { rawBytes } from './content.ts'
import { type Cells, cellsOf } from './csv-cells.ts'
import { profile } from './csv-dialect.ts'
import { CsvScan, scannedRows } from './csv-scan.ts'
import type { Workspace } from './workspace.ts'

/** Rows to be written, as CSV in the profile, walked and counted on their way. */
export class Incoming {
  readonly rows: Rows
  readonly #workspace: Workspace
  readonly #scan: CsvScan

  constructor(rows: Rows, workspace: Workspace) {
    this.rows = rows
    this.#workspace = workspace
    this.#scan = profileScan(rows)
  }

  /** How many rows went through, once a stream has ended. */
  get count(): number {
    return this.#scan.facts.rows
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for (const stream of await profileStreams(this.rows, 1, this.#workspace))
      yield* scannedRows(stopping(stream, this.#workspace.signal), this.#scan)
  }

  cells(): AsyncGenerator<readonly Cells[]> {
    return cellsOf(this.bytes(), profile, [''])
  }
}

/** The stream until the signal says stop. */
export async function* stopping(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal.throwIfAborted()
    yield chunk
  }
  signal.throwIfAborted()
}

export function profileScan({ columns }: Rows): CsvScan {
  return new CsvScan({ file: 'the rows to be written', dialect: profile, fields: columns.length, header: false })
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
