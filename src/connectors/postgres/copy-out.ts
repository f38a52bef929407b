import type { Duplex } from 'node:stream'
import type { Client, Connection, Submittable } from 'pg'
import { RunError } from '../../core/errors.ts'
import { free, handOver } from '../../core/handed-over.ts'
import { CopyMessages } from './copy-messages.ts'

/** What a `COPY … TO STDOUT` sends. */
export interface CopyOut {
  /** Large chunks, read once. They end only after the server said that the COPY is complete. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How many rows the server says it sent; known once the chunks have ended. */
  rows(): number
}

/**
 * Starts a `COPY … TO STDOUT`. `done` is called when the connection is free again, also where the reader stopped early: the
 * rest is then thrown away. The server waits while the reader does.
 */
export function copyOut(client: Client, sql: string, done: () => void): CopyOut {
  const query = client.query(new CopyOutQuery(sql, done))
  return { chunks: query.chunks(), rows: () => query.rows }
}

/** Chunks that wait for the reader before the server is made to wait. */
const mostWaiting = 2

type Listener = (bytes: Buffer) => void

/**
 * Reads the rows off the socket itself: the driver would make an object of each, which costs more than the server's own
 * work. Whatever is not a row is left to the driver.
 */
class CopyOutQuery implements Submittable {
  readonly #sql: string
  readonly #done: () => void
  readonly #messages = new CopyMessages({ chunk: (rows) => this.#arrived(rows), aside: (bytes) => this.#driver?.(Buffer.from(bytes)) })
  readonly #take = (bytes: Buffer) => this.#read(bytes)
  #socket: Duplex | undefined
  /** What the driver listens with, while it does not. */
  #driver: Listener | undefined
  readonly #waiting: Buffer[] = []
  #completed = false
  #ended = false
  #error: unknown
  #wake = Promise.withResolvers<void>()
  rows = 0

  constructor(sql: string, done: () => void) {
    this.#sql = sql
    this.#done = done
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#waiting.shift()
        if (chunk) {
          if (this.#waiting.length < mostWaiting) this.#resume()
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
      this.#messages.discard()
      this.#waiting.length = 0
      this.#resume()
    }
  }

  submit(connection: Connection): void {
    this.#socket = connection.stream
    // Node tells no more of a listener than that it is a function; the driver has this one.
    this.#driver = this.#socket.listeners('data')[0] as Listener
    this.#socket.removeListener('data', this.#driver)
    this.#socket.on('data', this.#take)
    connection.query(this.#sql)
  }

  handleError(error: unknown): void {
    this.#error ??= error
    this.#end()
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const rows = /^COPY (\d+)$/.exec(text)?.[1]
    this.#completed = rows !== undefined
    this.rows = Number(rows ?? 0)
  }

  handleReadyForQuery(): void {
    if (!this.#completed) this.#error ??= incomplete()
    this.#messages.flush()
    this.#end()
  }

  #read(bytes: Buffer): void {
    try {
      const rest = this.#messages.read(bytes)
      // Each read of the socket has memory of its own, and everything in it was copied. What is shared is left alone.
      if (bytes.length === bytes.buffer.byteLength) free(handOver(bytes))
      if (rest) this.#giveBack(rest)
      else if (this.#waiting.length >= mostWaiting) this.#socket?.pause()
    } catch (error) {
      this.#socket?.destroy(error instanceof Error ? error : undefined)
    }
  }

  #arrived(rows: Buffer): void {
    this.#waiting.push(handOver(rows))
    this.#wake.resolve()
  }

  #end(): void {
    this.#giveBack()
    this.#ended = true
    this.#wake.resolve()
    this.#done()
  }

  /** The driver goes on: with the count of rows, and that the server is ready, or with an error. */
  #giveBack(rest?: Buffer): void {
    const driver = this.#driver
    if (!driver || !this.#socket) return
    this.#driver = undefined
    this.#socket.removeListener('data', this.#take)
    this.#socket.on('data', driver)
    this.#socket.resume()
    if (rest) driver(rest)
  }

  /** Once the driver has the socket again, it is not this query's to move. */
  #resume(): void {
    if (this.#driver) this.#socket?.resume()
  }
}

function incomplete(): RunError {
  return new RunError({
    code: 'READ_INCOMPLETE',
    message: 'the server ended a COPY without saying that it is complete',
    hint: 'run again; a proxy between here and the server may be at fault',
  })
}
