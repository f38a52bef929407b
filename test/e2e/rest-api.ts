import type { ConfigInput, RunResult } from '../../src/index.ts'
import { type Received, ResourceServer, type ResourceServerOptions } from '../services/resource-server.ts'
import { World } from './world.ts'

export type Target = Exclude<NonNullable<ConfigInput['syncs']>[string]['to'], string>
export type More = Partial<NonNullable<ConfigInput['syncs']>[string]>

/** PUT both inserts and updates, and nothing can be done twice: the simplest API. */
export const put = { insert: { method: 'PUT', path: '/items/{id}' }, update: { method: 'PUT' } }

/** A file on this side, an API on the other. */
export class Api implements AsyncDisposable {
  readonly world = new World()
  readonly server: ResourceServer
  /** Of the connection. */
  connection: object = {}

  static async start(options: Partial<ResourceServerOptions> = {}): Promise<Api> {
    return new Api(await ResourceServer.start({ key: 'id', ...options }))
  }

  private constructor(server: ResourceServer) {
    this.server = server
  }

  config(to: Partial<Target>, { mode = 'mirror', ...more }: More = {}): ConfigInput {
    const retries = { times: 2, wait: '20 ms' }
    return {
      connections: { api: { type: 'rest', url: this.server.url, retries, ...this.connection } },
      syncs: { items: { from: './items.csv', to: { connection: 'api', object: '/items', ...to }, mode, key: 'id', guard: 'off', ...more } },
    }
  }

  rows(...lines: readonly string[]): void {
    this.world.write('items.csv', `id,name,net\n${lines.map((line) => `${line}\n`).join('')}`)
  }

  async run(to: Partial<Target>, more?: More): Promise<RunResult> {
    return await this.world.runOne(this.config(to, more))
  }

  sent(method: string): readonly Received[] {
    return this.server.received.filter((one) => one.method === method)
  }

  get ids(): readonly string[] {
    return this.server.list.map(({ id }) => String(id))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    this.world[Symbol.dispose]()
  }
}

/** The same config with a sync whose rows have no key. */
export function withoutKey(config: ConfigInput): ConfigInput {
  const sync = config.syncs?.items
  if (!sync) throw new Error('no sync')
  const { key: _key, ...rest } = sync
  return { ...config, syncs: { items: rest } }
}
