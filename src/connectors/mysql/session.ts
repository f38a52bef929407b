import { Readable } from 'node:stream'
import type { Connection, FieldPacket, ResultSetHeader, TypeCastField } from 'mysql2'
import { RunError } from '../../core/errors.ts'
import { Turns } from '../sql/turns.ts'
import { mysqlError } from './errors.ts'
import type { Place } from './place.ts'
import { OddCells, type RowRequest, readRows } from './result-rows.ts'
import type { Server } from './server.ts'
import { wireOf } from './wire.ts'

interface SessionParts {
  readonly server: Server
  readonly place: Place
  readonly signal: AbortSignal
  /** Ends the statement that is running, or the whole connection, from outside. */
  readonly kill: (what: 'connection' | 'query') => Promise<void>
}

/** What the server says about a statement that returns no rows. */
export interface Done {
  readonly affected: number
  readonly warnings: number
  /** Such as `Records: 3  Deleted: 0  Skipped: 0  Warnings: 0`. */
  readonly info: string
}

/**
 * One connection. Calls wait for each other, so that one may be begun while another goes on; of two streams the second
 * waits for the end of the first. When the signal is aborted, whatever is under way throws its reason.
 */
export class Session implements AsyncDisposable {
  readonly server: Server
  readonly #connection: Connection
  readonly #parts: SessionParts
  readonly #stop = () => this.#kill()
  readonly #turns = new Turns()
  #killed: Promise<void> | undefined
  #closed: (() => void) | undefined

  constructor(connection: Connection, parts: SessionParts) {
    this.#connection = connection
    this.#parts = parts
    this.server = parts.server
    parts.signal.addEventListener('abort', this.#stop, { once: true })
  }

  onClose(closed: () => void): void {
    this.#closed = closed
  }

  /** The rows of a statement as arrays of texts. Values are in the statement, as literals. */
  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    return (await this.#result(sql)).rows
  }

  /** The columns of a statement's result. */
  async fields(sql: string): Promise<readonly FieldPacket[]> {
    return (await this.#result(sql)).fields
  }

  async execute(sql: string): Promise<Done> {
    return await this.#guarded(async () => await this.#statement(sql))
  }

  /**
   * The rows of a statement as CSV (the profile of `core/rows.ts`), in large chunks. They end only after the last row; where
   * the reader stops earlier, the statement is ended, and the session waits for that.
   * @param sent told at the end how many rows came.
   * @throws OddCells as `ResultRows.chunks` does.
   */
  async *csv(request: RowRequest, sent: (rows: number) => void): AsyncGenerator<Uint8Array> {
    const release = await this.#take()
    try {
      this.#parts.signal.throwIfAborted()
      const { chunks, rows } = readRows(this.#connection, request, async () => await this.#parts.kill('query'))
      yield* chunks
      sent(rows())
    } catch (error) {
      throw this.#translated(error)
    } finally {
      release()
    }
  }

  /** Feeds a `LOAD DATA LOCAL`. Where the chunks end by an error, this ends with the same error, and what was loaded stands until the rollback. */
  async load(sql: string, chunks: AsyncIterable<Uint8Array>): Promise<Done> {
    const file = Readable.from(chunks, { objectMode: true, highWaterMark: 1 })
    file.on('error', () => {})
    try {
      return await this.#guarded(async () => await this.#statement(sql, () => file))
    } finally {
      file.destroy()
    }
  }

  /** Closes the connection; what was not committed is rolled back, and locks are released, before this returns. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.signal.removeEventListener('abort', this.#stop)
    this.#closed?.()
    if (this.#turns.isBusy) this.#kill()
    await this.#killed
    if (this.#killed === undefined) await this.#end()
    this.#connection.destroy()
  }

  /** A connection is gone for the server some time after it is closed; its locks shall not outlive this session. */
  async #end(): Promise<void> {
    await this.#statement('ROLLBACK').catch(() => {})
    await this.#statement('DO RELEASE_ALL_LOCKS()').catch(() => {})
    await new Promise<void>((resolve) => this.#connection.end(() => resolve()))
  }

  async #result(sql: string): Promise<{ rows: readonly (readonly (string | null)[])[]; fields: readonly FieldPacket[] }> {
    const query = { sql, rowsAsArray: true, typeCast: asText }
    return await this.#guarded(
      async () =>
        await new Promise((resolve, reject) => {
          this.#connection.query(query, (error, rows, fields) =>
            error ? reject(error) : resolve({ rows: rows as unknown as readonly (readonly (string | null)[])[], fields }),
          )
        }),
    )
  }

  async #statement(sql: string, file?: () => Readable): Promise<Done> {
    const query = { sql, ...(file ? { infileStreamFactory: file } : {}) }
    return await new Promise((resolve, reject) => {
      this.#connection.query<ResultSetHeader>(query, (error, result) => {
        if (error) reject(error)
        else resolve({ affected: result.affectedRows, warnings: result.warningStatus, info: result.info })
      })
    })
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#take()
    try {
      this.#parts.signal.throwIfAborted()
      return await work()
    } catch (error) {
      throw this.#translated(error)
    } finally {
      release()
    }
  }

  async #take(): Promise<() => void> {
    if (this.#killed !== undefined) throw this.#translated(new RunError({ code: 'CONNECTION_LOST', message: 'the session was ended' }))
    return await this.#turns.take()
  }

  #translated(error: unknown): unknown {
    const { signal, place } = this.#parts
    if (signal.aborted) return signal.reason
    return error instanceof OddCells ? error : mysqlError(error, place)
  }

  /** The socket is cut at once; the server is told by another connection, because it might not notice for a long time. */
  #kill(): void {
    if (this.#killed !== undefined) return
    wireOf(this.#connection).stream.destroy()
    this.#killed = this.#parts.kill('connection')
  }
}

/** The driver takes documents for bytes: they are texts. */
function asText(field: TypeCastField): string | null {
  return field.type === 'JSON' ? field.string('utf8') : field.string()
}
