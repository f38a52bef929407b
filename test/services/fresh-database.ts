import { randomBytes } from 'node:crypto'

/** A session that stays open until it is disposed of. */
export interface OpenClient extends AsyncDisposable {
  /** Runs statements, each by itself. */
  run(...statements: readonly string[]): Promise<void>
  /** The rows of a query, each cell as the server writes it, `null` for NULL. */
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>
}

/** A database of its own. Disposing drops it; each call has a session of its own. */
export interface FreshDatabase extends OpenClient {
  readonly url: string
  readonly name: string
  connect(): Promise<OpenClient>
}

export interface DatabaseServer {
  /** Of a user who may do everything. */
  readonly url: string
  open(url: string): Promise<OpenClient>
  create(name: string): string
  drop(name: string): string
}

/** Creates an empty database. */
export async function freshDatabaseOn({ url: server, open, create, drop }: DatabaseServer): Promise<FreshDatabase> {
  const name = `syncline_test_${randomBytes(6).toString('hex')}`
  await within(server, async (client) => await client.run(create(name)))
  const { href: url } = Object.assign(new URL(server), { pathname: `/${name}` })
  return {
    url,
    name,
    run: async (...statements) => await within(url, async (client) => await client.run(...statements)),
    rows: async (query) => await within(url, async (client) => await client.rows(query)),
    connect: async () => await open(url),
    [Symbol.asyncDispose]: async () => await within(server, async (client) => await client.run(drop(name))),
  }

  async function within<Result>(place: string, work: (client: OpenClient) => Promise<Result>): Promise<Result> {
    await using client = await open(place)
    return await work(client)
  }
}

/** The server that is named, or the one that the global setup starts at the first question. */
export async function serverUrl(named: string | undefined, desk: () => string): Promise<string> {
  return named || (await askDesk(desk()))
}

/** What a desk of the global setup hands out. */
export async function askDesk(desk: string): Promise<string> {
  const response = await fetch(desk)
  const answer = await response.text()
  if (!response.ok) throw new Error(answer)
  return answer
}
