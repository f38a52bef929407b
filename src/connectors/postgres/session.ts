import type { Client, QueryResultRow } from 'pg'
import { RunError } from '../../core/errors.ts'
import { Turns } from '../sql/turns.ts'
import { copyFrom } from './copy-in.ts'
import { copyOut } from './copy-out.ts'
import { postgresError } from './errors.ts'
import type { Place } from './place.ts'

/** Facts about the server and this session's backend. */
export interface Server {
  readonly major: number
  /** As people know it: `15.4`. */
  readonly version: string
  readonly encoding: string
  readonly pid: number
  readonly startedAt: string
  /** Whether a transaction that begins now may not write: a standby, or a setting. */
  readonly readOnly: boolean
  /** The schemas that unqualified names are looked up in, as SQL. */
  readonly searchPath: string
}

/** A column of a result, by its type's OID. */
export interface Field {
  readonly name: string
  readonly oid: number
  readonly typmod: number
}

interface SessionParts {
  readonly server: Server
  readonly place: Place
  readonly signal: AbortSignal
  /** Ends the backend from outside. */
  readonly terminate: () => Promise<void>
}

/**
 * One connection. Calls wait for each other, so that one may be begun while another goes on; of two streams the second
 * waits for the end of the first. When the signal is aborted, whatever is under way throws its reason.
 */
export class Session implements AsyncDisposable {
  readonly server: Server
  readonly #client: Client
  readonly #parts: SessionParts
  readonly #stop = () => this.#kill()
  readonly #turns = new Turns()
  #killed: Promise<void> | undefined
  #closed: (() => void) | undefined

  constructor(client: Client, parts: SessionParts) {
    this.#client = client
    this.#parts = parts
    this.server = parts.server
    parts.signal.addEventListener('abort', this.#stop, { once: true })
  }

  onClose(closed: () => void): void {
    this.#closed = closed
  }

  /** The rows of a statement; values are bound. */
  async rows<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const result = await this.#guarded(async () => await this.#client.query<Row>(sql, [...values]))
    return result.rows
  }

  /** The columns of a statement's result. */
  async fields(sql: string): Promise<readonly Field[]> {
    const result = await this.#guarded(async () => await this.#client.query({ text: sql, rowMode: 'array' }))
    return result.fields.map(({ name, dataTypeID, dataTypeModifier }) => ({ name, oid: dataTypeID, typmod: dataTypeModifier }))
  }

  /** Runs a statement. @returns the rows it affected. */
  async execute(sql: string, values: readonly unknown[] = []): Promise<number> {
    const result = await this.#guarded(async () => await this.#client.query(sql, [...values]))
    return result.rowCount ?? 0
  }

  /** @throws RunError where the server rolled back instead, as it does after an error it was not asked to forget. */
  async commit(): Promise<void> {
    const result = await this.#guarded(async () => await this.#client.query('COMMIT'))
    if (result.command === 'COMMIT') return
    throw new RunError({
      code: 'ROLLED_BACK',
      message: `${this.#parts.place.connection}: the server rolled the transaction back at its end`,
    })
  }

  /**
   * What a `COPY … TO STDOUT` sends, in chunks of 256 KiB. The end comes only after the last row; where the reader stops
   * earlier, the rest is thrown away, and the session waits for that.
   * @param sent told at the end how many rows the server says that was.
   */
  async *copyOut(sql: string, sent: (rows: number) => void): AsyncGenerator<Uint8Array> {
    const release = await this.#turns.take()
    try {
      this.#parts.signal.throwIfAborted()
      const { chunks, rows } = copyOut(this.#client, sql, release)
      yield* chunks
      sent(rows())
    } catch (error) {
      release()
      throw this.#translated(error)
    }
  }

  /** Feeds a `COPY … FROM STDIN`. @returns how many rows the server took. Where the chunks end by an error, so does the COPY. */
  async copyIn(sql: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    return await this.#guarded(async () => await copyFrom(this.#client, sql, chunks))
  }

  /** Closes the connection; what was not committed is rolled back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.signal.removeEventListener('abort', this.#stop)
    this.#closed?.()
    if (this.#turns.isBusy) this.#kill()
    await this.#killed
    await this.#client.end().catch(() => {})
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#turns.take()
    try {
      this.#parts.signal.throwIfAborted()
      return await work()
    } catch (error) {
      throw this.#translated(error)
    } finally {
      release()
    }
  }

  #translated(error: unknown): unknown {
    const { signal, place } = this.#parts
    return signal.aborted ? signal.reason : postgresError(error, place)
  }

  /** The socket is cut at once; the backend is ended from outside, because it might not notice for a long time. */
  #kill(): void {
    if (this.#killed !== undefined) return
    this.#client.connection.stream.destroy()
    this.#killed = this.#parts.terminate()
  }
}
