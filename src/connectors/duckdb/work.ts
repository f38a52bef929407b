import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { CancelledError } from '../../core/errors.ts'
import { translate } from './errors.ts'

/** A connection with an open transaction: statements one after the other; an abort interrupts the one under way. */
export class Work {
  readonly path: string
  readonly #connection: DuckDBConnection
  readonly #signal: AbortSignal
  readonly #interrupt: () => void
  #open = true
  #transaction = true
  #busy = 0

  static async begin(instance: DuckDBInstance, path: string, signal: AbortSignal): Promise<Work> {
    const work = new Work(await instance.connect(), path, signal)
    await work.run('BEGIN TRANSACTION')
    // A transaction sees the moment of its first look at the database.
    await work.texts('SELECT count(*)::VARCHAR FROM duckdb_tables()')
    return work
  }

  private constructor(connection: DuckDBConnection, path: string, signal: AbortSignal) {
    this.#connection = connection
    this.path = path
    this.#signal = signal
    this.#interrupt = () => this.#interruptWhileBusy()
    signal.addEventListener('abort', this.#interrupt)
  }

  /** @returns rows that the statement wrote. */
  async run(sql: string): Promise<number> {
    return await this.#guarded(async () => (await this.#connection.run(sql)).rowsChanged)
  }

  /** The whole result of a statement whose columns are all text. */
  async texts(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    return await this.#guarded(async () => {
      const rows = await (await this.#connection.run(sql)).getRowsJS()
      return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))))
    })
  }

  /** Errors come as DuckDB tells them, for callers that know better what they mean. */
  async raw(sql: string): Promise<number> {
    return await this.#interruptible(async () => (await this.#connection.run(sql)).rowsChanged)
  }

  throwIfAborted(): void {
    if (this.#signal.aborted) throw this.#signal.reason ?? new CancelledError()
  }

  async commit(): Promise<void> {
    await this.run('COMMIT')
    this.#transaction = false
    this.close()
  }

  /** Ends the transaction, taking back what was not committed. */
  async end(): Promise<void> {
    if (!this.#open) return
    if (this.#transaction) await this.#connection.run('ROLLBACK').catch(() => {})
    this.close()
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#signal.removeEventListener('abort', this.#interrupt)
    this.#connection.disconnectSync()
  }

  async #guarded<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#interruptible(action)
    } catch (thrown) {
      if (this.#signal.aborted) throw thrown
      throw translate(thrown, this.path)
    }
  }

  async #interruptible<Result>(action: () => Promise<Result>): Promise<Result> {
    this.throwIfAborted()
    this.#busy++
    try {
      return await action()
    } catch (thrown) {
      this.throwIfAborted()
      throw thrown
    } finally {
      this.#busy--
    }
  }

  /** Again and again: a statement that is only about to begin does not notice the first time. */
  #interruptWhileBusy(): void {
    if (!this.#open || this.#busy === 0) return
    this.#connection.interrupt()
    setTimeout(this.#interrupt, 20).unref()
  }
}
