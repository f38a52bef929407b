import type { Table, TableRef } from '../../../core/table.ts'
import type { Context, Endpoint, Traits } from '../../connector.ts'
import { openRestClient } from '../client/open-client.ts'
import type { RestOptions } from '../client/options.ts'
import type { SeenColumn } from './column-set.ts'
import { describeResource } from './describe.ts'
import type { Origin } from './origin.ts'
import { RestSnapshot } from './rest-snapshot.ts'

const traits: Traits = {
  atomicity: 'none',
  consistentReads: false,
  parallelReads: 1,
  readsDuringWrite: true,
  judgesRows: false,
  // `?` begins the parameters of a resource, and no API lists what it has.
  globs: 'dataset',
}

/** An API as something to read from. Nothing is asked before it has to be. */
export async function openSource(options: RestOptions, context: Context): Promise<Endpoint> {
  return new RestSource({ client: await openRestClient(options, context), options, context })
}

class RestSource implements Endpoint {
  readonly traits = traits
  readonly summary: string
  readonly reader: NonNullable<Endpoint['reader']>
  readonly #origin: Origin
  /** By resource, what its columns have been: a later read may find no rows to tell them. */
  readonly #seen = new Map<string, readonly SeenColumn[]>()

  constructor(origin: Origin) {
    const { url, auth } = origin.options
    this.#origin = origin
    this.summary = `API at ${url.origin}${url.pathname.replace(/\/$/, '')}, ${logins[auth.kind]}`
    this.reader = { snapshot: async () => new RestSnapshot(origin, (ref) => this.#seen.get(keyOf(ref)) ?? []) }
  }

  async listTables(): Promise<readonly TableRef[]> {
    return []
  }

  async describe(ref: TableRef): Promise<Table> {
    const { table, seen } = await describeResource(this.#origin, ref)
    this.#seen.set(keyOf(ref), seen)
    return table
  }

  adopt: Endpoint['adopt'] = (column) => column

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#origin.client[Symbol.asyncDispose]()
  }
}

const logins = {
  none: 'without a login',
  bearer: 'by a bearer token',
  basic: 'by user and password',
  header: 'by an API key',
  param: 'by an API key',
  oauth2: 'by OAuth 2',
}

function keyOf({ name, options }: TableRef): string {
  return JSON.stringify([name, options])
}
