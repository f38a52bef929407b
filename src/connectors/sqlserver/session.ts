import { Turns } from '../sql/turns.ts'
import { type BulkColumn, bulkLoad } from './bulk.ts'
import type { Connection, Driver } from './driver.ts'
import { sqlServerError } from './errors.ts'
import type { Place } from './place.ts'
import { type Bound, type Row, type Running, runStatement } from './request.ts'
import { type Chunk, streamRows } from './row-stream.ts'
import type { Server } from './server.ts'

interface SessionParts {
  readonly driver: Driver
  readonly connection: Connection
  readonly place: Place
  readonly server: Server
  readonly signal: AbortSignal
  /** Takes the connection back; what is not `sound` cannot be used again. */
  readonly release: (sound: boolean) => Promise<void>
}

/**
 * One connection. A connection runs one statement at a time: calls wait for each other, and of two streams the second waits
 * for the end of the first. When the signal is aborted, whatever is under way throws its reason.
 */
export class Session implements AsyncDisposable {
  readonly server: Server
  readonly #parts: SessionParts
  readonly #stop = () => this.#cancel?.()
  readonly #turns = new Turns()
  #cancel: (() => void) | undefined
  #open = true

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.server = parts.server
    parts.signal.addEventListener('abort', this.#stop)
  }

  /** The rows of a statement; values are bound as `@p0`, `@p1` … */
  async rows<Found extends Row>(sql: string, values: readonly Bound[] = []): Promise<readonly Found[]> {
    const rows = await this.#guarded(({ driver, connection }) => runStatement(driver, connection, sql, values))
    return rows as readonly Found[]
  }

  async execute(sql: string, values: readonly Bound[] = []): Promise<void> {
    await this.rows(sql, values)
  }

  /** Runs a statement that changes rows. @returns how many, those not counted that its triggers changed. */
  async change(sql: string): Promise<number> {
    const rows = await this.rows<{ readonly changed: string }>(`${sql};\nSELECT ROWCOUNT_BIG() AS changed`)
    // Triggers may have sent rows of their own before.
    return Number(rows.at(-1)?.changed ?? 0)
  }

  /** The rows of a query in chunks, as they are taken. The end comes only after the last row. */
  async *stream(sql: string): AsyncGenerator<Chunk> {
    const release = await this.#turns.take()
    const { driver, connection, signal } = this.#parts
    try {
      signal.throwIfAborted()
      for await (const chunk of streamRows(driver, connection, sql, signal)) {
        signal.throwIfAborted()
        yield chunk
      }
    } catch (error) {
      throw this.#translated(error)
    } finally {
      release()
    }
  }

  /** Loads rows into a temporary table of exactly these columns. @returns how many the server took. */
  async bulk(table: string, columns: readonly BulkColumn[], rows: AsyncIterable<unknown[]>): Promise<number> {
    return await this.#guarded(({ driver, connection }) => bulkLoad(driver, connection, { table, columns, rows }))
  }

  /** Gives the connection back; what was not committed is rolled back. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return
    this.#open = false
    const { connection, driver, signal, release } = this.#parts
    signal.removeEventListener('abort', this.#stop)
    this.#cancel?.()
    await release(!this.#turns.isBusy && !signal.aborted && (await rolledBack(driver, connection)))
  }

  async #guarded<Result>(work: (parts: SessionParts) => Running<Result>): Promise<Result> {
    const release = await this.#turns.take()
    try {
      this.#parts.signal.throwIfAborted()
      const running = work(this.#parts)
      this.#cancel = () => running.cancel()
      return await running.result
    } catch (error) {
      throw this.#translated(error)
    } finally {
      this.#cancel = undefined
      release()
    }
  }

  #translated(error: unknown): unknown {
    const { signal, place } = this.#parts
    return signal.aborted ? signal.reason : sqlServerError(error, place)
  }
}

/** Waiting for the rollback frees the locks before anyone else asks for them. */
async function rolledBack(driver: Driver, connection: Connection): Promise<boolean> {
  return await runStatement(driver, connection, 'IF @@TRANCOUNT > 0 ROLLBACK', []).result.then(
    () => true,
    () => false,
  )
}
