import { Client } from 'pg'
import { silentLogger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Endpoint, Reader, Writer } from '../connector.ts'
import { postgres } from './postgres.ts'

/** For tests: an endpoint of a database, and a plain connection to look past it. */
export class Bench implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #client: Client

  private constructor(endpoint: Endpoint, client: Client) {
    this.endpoint = endpoint
    this.#client = client
  }

  static async open(url: string, options: Readonly<Record<string, unknown>> = {}, signal = new AbortController().signal): Promise<Bench> {
    const endpoint = await openPostgres({ url, ...options }, signal)
    const client = new Client(url)
    client.on('error', () => {})
    await client.connect()
    await client.query("SET TimeZone = 'UTC'")
    return new Bench(endpoint, client)
  }

  get reader(): Reader {
    if (!this.endpoint.reader) throw new Error('no reader')
    return this.endpoint.reader
  }

  get writer(): Writer {
    if (!this.endpoint.writer) throw new Error('no writer')
    return this.endpoint.writer
  }

  async sql(text: string): Promise<void> {
    await this.#client.query(text)
  }

  /** Rows as arrays of texts. */
  async texts(query: string): Promise<readonly (readonly (string | null)[])[]> {
    const types = { getTypeParser: () => (text: string) => text }
    const result = await this.#client.query<(string | null)[]>({ text: query, rowMode: 'array', types })
    return result.rows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint[Symbol.asyncDispose]()
    await this.#client.end().catch(() => {})
  }
}

export async function openPostgres(input: Readonly<Record<string, unknown>>, signal = new AbortController().signal): Promise<Endpoint> {
  return await postgres.open(postgres.parseOptions(input), {
    connection: 'shop',
    baseDirectory: '.',
    temporaryDirectory: '.',
    signal,
    logger: silentLogger,
  })
}

/** Rows of CSV in the profile of `core/rows.ts`. */
export function csvRows(columns: readonly Column[], text: string): Rows & { readonly count: number } {
  const count = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
  return {
    columns,
    count,
    csv: () => [
      (async function* () {
        yield Buffer.from(text)
      })(),
    ],
  }
}

export async function textOf(chunks: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks ?? []) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
