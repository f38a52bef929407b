import { HttpServer } from '../../services/http.ts'
import type { FoundTable, MatrixSystem, OpenSystem, SampleTable } from '../system.ts'
import { json, jsonLines } from './text-files.ts'

/** A source alone: what a target makes of a value is each API's own. */
export const rest: MatrixSystem = {
  id: 'rest',
  title: 'REST',
  target: false,
  samples: json.samples,
  async open() {
    const bodies = new Map<string, string>()
    const server = await HttpServer.open(({ path }) => ({
      headers: { 'content-type': 'application/json' },
      body: bodies.get(path) ?? '[]',
    }))
    return new OpenRest(server, bodies)
  },
}

class OpenRest implements OpenSystem {
  readonly #server: HttpServer
  readonly #bodies: Map<string, string>

  constructor(server: HttpServer, bodies: Map<string, string>) {
    this.#server = server
    this.#bodies = bodies
  }

  get connection() {
    return { type: 'rest', url: this.#server.url }
  }

  object(name: string): string {
    return `/${name}`
  }

  async create(name: string, table: SampleTable): Promise<void> {
    this.#bodies.set(this.object(name), `[${jsonLines(table).join(',')}]`)
  }

  async read(): Promise<FoundTable> {
    throw new Error('the matrix reads no table of an API')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
  }
}
