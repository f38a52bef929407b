import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Context } from '../connector.ts'

/** What an open endpoint works with: temporary files of this run and an embedded engine, both removed with it. */
export class Workspace implements AsyncDisposable {
  readonly signal: AbortSignal
  readonly #directory: string
  readonly #files = new Set<string>()
  #engine: Promise<Engine> | undefined

  constructor({ temporaryDirectory, signal }: Context) {
    this.signal = signal
    this.#directory = temporaryDirectory
  }

  /** A path in the run's directory that nothing lies at yet. */
  temporaryFile(extension: string): string {
    const file = path.join(this.#directory, `.files-${randomUUID()}.${extension}`)
    this.#files.add(file)
    return file
  }

  async remove(file: string): Promise<void> {
    this.#files.delete(file)
    await rm(file, { force: true })
  }

  /** The rows of a statement as DuckDB shows them in JSON. Stopped by the signal. */
  async query(sql: string): Promise<readonly (readonly unknown[])[]> {
    this.signal.throwIfAborted()
    this.#engine ??= openEngine(this.#directory)
    const { connection } = await this.#engine
    const stop = () => connection.interrupt()
    this.signal.addEventListener('abort', stop)
    try {
      return (await connection.runAndReadAll(sql)).getRowsJson()
    } catch (thrown) {
      this.signal.throwIfAborted()
      throw thrown
    } finally {
      this.signal.removeEventListener('abort', stop)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = await this.#engine?.catch(() => undefined)
    engine?.connection.closeSync()
    engine?.instance.closeSync()
    await Promise.all([...this.#files].map((file) => this.remove(file)))
  }
}

interface Engine {
  readonly instance: DuckDBInstance
  readonly connection: DuckDBConnection
}

async function openEngine(temporaryDirectory: string): Promise<Engine> {
  // Loaded only when a file asks for it: most CSV never does.
  const { openDuckDB } = await import('../../duckdb/open.ts')
  const instance = await openDuckDB(':memory:', { temporaryDirectory, memoryLimit: '1GB' })
  return { instance, connection: await instance.connect() }
}
