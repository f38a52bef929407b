import { ResourceServer } from '../../services/resource-server.ts'
import type { FoundTable, MatrixSystem, OpenSystem, SampleTable } from '../system.ts'
import { json, jsonLines, parseJson } from './text-files.ts'

/** An API that keeps whatever JSON it is sent, and gives it back. */
export const rest: MatrixSystem = {
  id: 'rest',
  title: 'REST',
  target: true,
  samples: json.samples,
  ...(json.equates ? { equates: json.equates } : {}),
  open: async () => new OpenRest(await ResourceServer.start({ key: 'id' })),
}

class OpenRest implements OpenSystem {
  readonly options = { from: { rows: '$.items' }, to: { read: { rows: '$.items' } } }
  readonly #server: ResourceServer

  constructor(server: ResourceServer) {
    this.#server = server
  }

  get connection() {
    return { type: 'rest', url: this.#server.url }
  }

  object(name: string): string {
    return `/${name}`
  }

  async create(name: string, table: SampleTable): Promise<void> {
    this.#server.resources.set(name, new Map(jsonLines(table).map((line, at) => [String(at), line])))
  }

  async read(name: string): Promise<FoundTable> {
    return parseJson(`[${[...(this.#server.resources.get(name)?.values() ?? [])].join(',')}]`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
  }
}
