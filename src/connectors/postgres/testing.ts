import { Client } from 'pg'
import type { Endpoint, Reader, Writer } from '../connector.ts'
import { testContext } from '../sql/testing.ts'
import { postgres } from './postgres.ts'

/** For tests: an endpoint of a database, and a plain connection to look past it. */
export class Bench implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #client: Client

  private constructor(endpoint: Endpoint, client: Client) {
    this.endpoint = endpoint
    this.#client = client
  }

  static async open(url: string, options: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal): Promise<Bench> {
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

export async function openPostgres(input: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Endpoint> {
  return await postgres.open(postgres.parseOptions(input), testContext(signal))
}
