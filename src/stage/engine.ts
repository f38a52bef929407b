import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { CancelledError } from '../core/errors.ts'
import { openDuckDB } from '../duckdb/open.ts'
import { identifier } from '../duckdb/sql.ts'
import { engineError } from './engine-error.ts'

/** Cells as text. */
export type TextRow = readonly (string | null)[]

export interface EngineSettings {
  readonly directory: string
  readonly memoryLimit: string
  readonly signal: AbortSignal
}

/**
 * The embedded DuckDB of one stage: runs statements, each on a connection of its own, so that several may be under way.
 * An abort interrupts all of them; they reject with `CancelledError`. Failures are told without row values.
 */
export class Engine implements AsyncDisposable {
  readonly directory: string
  readonly #instance: DuckDBInstance
  readonly #signal: AbortSignal
  readonly #busy = new Set<DuckDBConnection>()
  readonly #interrupt = () => this.#interruptAll()
  #names = 0

  static async open({ directory, memoryLimit, signal }: EngineSettings): Promise<Engine> {
    const own = await mkdtemp(join(directory, 'stage-'))
    const instance = await openDuckDB(':memory:', { temporaryDirectory: join(own, 'spill'), memoryLimit })
    return new Engine(own, instance, signal)
  }

  private constructor(directory: string, instance: DuckDBInstance, signal: AbortSignal) {
    this.directory = directory
    this.#instance = instance
    this.#signal = signal
    signal.addEventListener('abort', this.#interrupt)
  }

  /** A name that no other table or file of this stage has. */
  name(prefix: string): string {
    this.#names += 1
    return `${prefix}_${this.#names}`
  }

  /** A new path in this stage's directory. */
  path(prefix: string): string {
    return join(this.directory, this.name(prefix))
  }

  /** @returns rows that the statement wrote, where it wrote any. */
  async run(sql: string): Promise<number> {
    return await this.#connected(async (connection) => {
      const result = await connection.run(sql)
      // COPY and CREATE TABLE AS tell their count only as a result.
      return result.columnCount === 1 && result.columnName(0) === 'Count'
        ? Number((await result.getRows())[0]?.[0] ?? 0)
        : result.rowsChanged
    })
  }

  async drop(table: string): Promise<void> {
    await this.run(`DROP TABLE ${identifier(table)}`)
  }

  /** The whole result of a query. */
  async texts(sql: string): Promise<readonly TextRow[]> {
    const rows: TextRow[] = []
    for await (const some of this.textRows(sql)) rows.push(...some)
    return rows
  }

  /** The result of a query as it is computed, some thousand rows at a time. */
  async *textRows(sql: string): AsyncGenerator<readonly TextRow[]> {
    const connection = await this.#begin()
    try {
      // The driver drops a byte order mark at the start of a text, so every text gets another start.
      const result = await connection.stream(`SELECT '.' || COLUMNS(*)::VARCHAR FROM (${sql})`)
      for await (const chunk of result)
        yield chunk.getRows().map((row) => row.map((cell) => (cell === null ? null : String(cell).slice(1))))
    } catch (thrown) {
      throw this.#signal.aborted ? new CancelledError(this.#signal.reason) : engineError(thrown)
    } finally {
      this.#end(connection)
    }
  }

  throwIfAborted(): void {
    if (this.#signal.aborted) throw new CancelledError(this.#signal.reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#interrupt)
    this.#instance.closeSync()
    await rm(this.directory, { recursive: true, force: true })
  }

  async #connected<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    const connection = await this.#begin()
    try {
      return await work(connection)
    } catch (thrown) {
      throw this.#signal.aborted ? new CancelledError(this.#signal.reason) : engineError(thrown)
    } finally {
      this.#end(connection)
    }
  }

  async #begin(): Promise<DuckDBConnection> {
    this.throwIfAborted()
    const connection = await this.#instance.connect()
    this.#busy.add(connection)
    return connection
  }

  #end(connection: DuckDBConnection): void {
    this.#busy.delete(connection)
    connection.disconnectSync()
  }

  /** Again and again until all have stopped: a statement that is only about to begin does not notice the first time. */
  #interruptAll(): void {
    for (const connection of this.#busy) connection.interrupt()
    if (this.#busy.size > 0) setTimeout(this.#interrupt, 20).unref()
  }
}
