import type { Connection } from 'mysql2'
import { RunError } from '../../core/errors.ts'
import { handOver } from '../../core/handed-over.ts'
import { type CellForm, RowEncoder } from './row-encoder.ts'
import { RowPackets } from './row-packets.ts'
import { underWay, wireOf } from './wire.ts'

/** What a statement returns. */
export interface ResultRows {
  /**
   * CSV in large chunks, read once. They end only after the server said that the last row was sent.
   * @throws OddCells at a cell that is no value of its column's type, unless its column is known to have some.
   */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How many rows came; known once the chunks have ended. */
  rows(): number
}

/** A statement, and what is known of its columns. */
export interface RowRequest {
  readonly sql: string
  readonly forms: readonly CellForm[]
  /** Columns, by position, in which any cell is taken as it is. */
  readonly doubted: ReadonlySet<number>
}

/** Cells that are no values of their column's type, by the column's position. */
export class OddCells extends Error {
  readonly column: number

  constructor(column: number) {
    super('a cell is no value of its type')
    this.column = column
  }
}

/** Chunks that wait for the reader before the server is made to wait. */
const mostWaiting = 2

/** Starts a statement and encodes its rows. Where the reader stops early, `stop` ends the statement and the rest is thrown away. */
export function readRows(connection: Connection, request: RowRequest, stop: () => Promise<void>): ResultRows {
  const reading = new Reading(connection, request, stop)
  return { chunks: reading.chunks(), rows: () => reading.rows }
}

class Reading {
  readonly #connection: Connection
  readonly #stop: () => Promise<void>
  readonly #waiting: Buffer[] = []
  readonly #encoder: RowEncoder
  readonly #doubted: ReadonlySet<number>
  readonly #finished = Promise.withResolvers<void>()
  #discarding = false
  #packets: RowPackets | undefined
  #ended = false
  #error: unknown
  #wake = Promise.withResolvers<void>()
  rows = 0

  constructor(connection: Connection, { sql, forms, doubted }: RowRequest, stop: () => Promise<void>) {
    this.#connection = connection
    this.#doubted = doubted
    this.#stop = stop
    this.#encoder = new RowEncoder(forms, (chunk) => this.#arrived(chunk))
    this.#start(sql)
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        this.#refuseOdd()
        const chunk = this.#waiting.shift()
        if (chunk) {
          if (this.#waiting.length < mostWaiting) wireOf(this.#connection).stream.resume()
          yield chunk
        } else if (this.#ended) {
          if (this.#error !== undefined) throw this.#error
          return
        } else {
          this.#wake = Promise.withResolvers<void>()
          await this.#wake.promise
        }
      }
    } finally {
      await this.#discardRest()
    }
  }

  #start(sql: string): void {
    const wire = wireOf(this.#connection)
    const query = underWay(this.#connection.query({ sql, rowsAsArray: true }, (error) => this.#end(error)))
    this.#packets = new RowPackets(wire, query, (from, start, end) => {
      this.rows += 1
      if (!this.#discarding) this.#encoder.row(from, start, end)
    })
  }

  #refuseOdd(): void {
    for (const column of this.#encoder.odd) if (!this.#doubted.has(column)) throw new OddCells(column)
  }

  #arrived(chunk: Buffer): void {
    this.#waiting.push(handOver(chunk))
    if (this.#waiting.length >= mostWaiting) wireOf(this.#connection).stream.pause()
    this.#wake.resolve()
  }

  #end(error: unknown): void {
    if (this.#ended) return
    if (error) this.#error = error
    else if (!this.#packets?.ended) this.#error = incomplete()
    else if (!this.#discarding) this.#encoder.flush()
    this.#ended = true
    this.#wake.resolve()
    this.#finished.resolve()
  }

  async #discardRest(): Promise<void> {
    if (this.#ended) return
    this.#discarding = true
    this.#waiting.length = 0
    wireOf(this.#connection).stream.resume()
    await Promise.all([this.#stop().catch(() => {}), this.#finished.promise])
  }
}

function incomplete(): RunError {
  return new RunError({
    code: 'READ_INCOMPLETE',
    message: 'the server ended a result without saying that it is complete',
    hint: 'run again; a proxy between here and the server may be at fault',
  })
}
