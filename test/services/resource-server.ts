import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as the server got it. */
export interface Received {
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the server does with a request in place of, or around, doing it. `undefined`: it is done and answered as it should be. */
export type Trouble =
  /** Answers so, and does nothing. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Cuts the connection before anything is done. */
  | 'cut before'
  /** Does it, then cuts the connection. */
  | 'cut after'
  /** Does it, then answers 500. */
  | 'fail after'
  | undefined

export interface ResourceServerOptions {
  /** The member that identifies an item. */
  readonly key: string
  /** Ids come from the server, under this name, and not from the client. */
  readonly assigns?: string
  /** Looks at each request before it is done, by its number from 0. */
  readonly trouble?: (request: Received, number: number) => Trouble | Promise<Trouble>
  /** Why an item is refused with 422, if it is. */
  readonly refuses?: (item: Item) => string | undefined
  /** Tells the version of an item, and honours `If-Match` (RFC 9110). */
  readonly etags?: 'strong' | 'weak'
  /** Milliseconds before each answer. */
  readonly delay?: number
}

interface Done {
  readonly status: number
  readonly body: string
}

export type Item = Readonly<Record<string, unknown>>

/**
 * An API with any resource, `/items` for example, kept in memory: list, create, replace, change, delete, `/items/batch` with a result for each
 * item, answers that are repeated for an `Idempotency-Key`. Items are kept as the text they came in, so that no digit is lost.
 */
export class ResourceServer implements AsyncDisposable {
  readonly url: string
  /** Items as JSON by key, by resource. */
  readonly resources = new Map<string, Map<string, string>>()
  readonly received: Received[] = []
  options: ResourceServerOptions
  /** The most requests that were under way at once. */
  busiest = 0
  readonly #server: ReturnType<typeof createServer>
  readonly #answers = new Map<string, { readonly status: number; readonly body: string }>()
  #underWay = 0
  #nextId = 9_007_199_254_740_993n

  static async start(options: ResourceServerOptions): Promise<ResourceServer> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new ResourceServer(server, options)
  }

  private constructor(server: ReturnType<typeof createServer>, options: ResourceServerOptions) {
    this.#server = server
    this.options = options
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
    server.on('request', (request, response) => void this.#serve(request, response))
  }

  /** Of `/items`. */
  get items(): Map<string, string> {
    return this.#resource('items')
  }

  /** As APIs do after a day: an idempotency key is new again. */
  forgetAnswers(): void {
    this.#answers.clear()
  }

  /** Bodies of the requests of a method, parsed. */
  bodies(method: string): readonly unknown[] {
    return this.received.filter((one) => one.method === method).map(({ body }) => JSON.parse(body))
  }

  /** Items in key order, parsed. */
  get list(): readonly Item[] {
    return [...this.items.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => JSON.parse(text) as Item)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.busiest = Math.max(this.busiest, ++this.#underWay)
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { method = '', url = '', headers } = request
      const received = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') }
      const number = this.received.push(received) - 1
      const trouble = await this.options.trouble?.(received, number)
      if (this.options.delay) await new Promise((resolve) => setTimeout(resolve, this.options.delay))
      await this.#answer(received, trouble, response)
    } catch {
      // The client went away.
    } finally {
      this.#underWay--
    }
  }

  async #answer(received: Received, trouble: Trouble, response: ServerResponse): Promise<void> {
    const cut = () => (response.socket as Socket | null)?.destroy()
    if (trouble === 'cut before') return void cut()
    if (typeof trouble === 'object') return void response.writeHead(trouble.status, trouble.headers).end(trouble.body)
    const { status, body } = this.#once(received)
    if (trouble === 'cut after') return void cut()
    if (trouble === 'fail after') return void response.writeHead(500).end('{"error":"something went wrong"}')
    const tag = received.method === 'GET' && status === 200 ? this.#tag(body) : undefined
    response.writeHead(status, { 'content-type': 'application/json', ...(tag === undefined ? {} : { etag: tag }) }).end(body)
  }

  #tag(text: string): string | undefined {
    const { etags } = this.options
    if (etags === undefined) return undefined
    return `${etags === 'weak' ? 'W/' : ''}"${createHash('sha256').update(text).digest('hex').slice(0, 12)}"`
  }

  /** An idempotency key that came before is answered as it was then, and nothing is done. */
  #once(received: Received): { readonly status: number; readonly body: string } {
    const key = received.headers['idempotency-key']
    const before = typeof key === 'string' ? this.#answers.get(key) : undefined
    if (before) return before
    const answer = this.#do(received)
    if (typeof key === 'string') this.#answers.set(key, answer)
    return answer
  }

  #resource(name: string): Map<string, string> {
    const items = this.resources.get(name) ?? new Map<string, string>()
    this.resources.set(name, items)
    return items
  }

  #do({ method, url, body, headers }: Received): Done {
    const [, , resource = '', path = ''] = new URL(url, 'http://server').pathname.split('/')
    const items = this.#resource(decodeURIComponent(resource))
    const key = decodeURIComponent(path)
    if (method === 'GET') return this.#show(items, path === '' ? undefined : key)
    if (method === 'POST' && path === 'batch') return this.#batch(items, body)
    if (method === 'POST' && path === '') return this.#create(items, body)
    const wanted = headers['if-match']
    if (wanted !== undefined && wanted !== this.#tag(items.get(key) ?? '')) return { status: 412, body: '{"error":"it is another one"}' }
    return this.#change(items, method, key, body)
  }

  #change(items: Map<string, string>, method: string, key: string, body: string): Done {
    if (method === 'DELETE') return items.delete(key) ? { status: 204, body: '' } : notFound
    if (method === 'PUT') return this.#keep(items, key, body, items.has(key) ? 200 : 201)
    if (method !== 'PATCH') return { status: 405, body: '{"error":"no such method"}' }
    const former = items.get(key)
    return former === undefined ? notFound : this.#keep(items, key, merged(former, body), 200)
  }

  /** All of them, or one. */
  #show(items: ReadonlyMap<string, string>, key: string | undefined) {
    const one = key === undefined ? `{"items":[${[...items.values()].join(',')}],"next":null}` : items.get(key)
    return one === undefined ? notFound : { status: 200, body: one }
  }

  #create(items: Map<string, string>, body: string) {
    const { key, assigns } = this.options
    if (assigns !== undefined) {
      const id = String(this.#nextId++)
      return this.#keep(items, id, `{"${assigns}":${id},${body.trim().slice(1)}`, 201)
    }
    const name = String((JSON.parse(body) as Item)[key])
    if (items.has(name)) return { status: 409, body: '{"error":"such an item is there"}' }
    return this.#keep(items, name, body, 201)
  }

  /** Each item has a result of its own; the status of the whole says nothing. */
  #batch(items: Map<string, string>, body: string) {
    const results = (JSON.parse(body) as { readonly items: readonly Item[] }).items.map((item) => {
      const { status, body: text } = this.#create(items, JSON.stringify(item))
      return { key: item[this.options.key], status, ...(status < 400 ? {} : { error: JSON.parse(text).error }) }
    })
    return { status: 207, body: JSON.stringify({ results: results.reverse() }) }
  }

  #keep(items: Map<string, string>, key: string, text: string, status: number) {
    const problem = this.options.refuses?.(JSON.parse(text) as Item)
    if (problem !== undefined) return { status: 422, body: JSON.stringify({ error: problem }) }
    items.set(key, text)
    return { status, body: text }
  }
}

const notFound = { status: 404, body: '{"error":"no such item"}' }

/** The members of one object in place of those of another, every number as it was written. */
function merged(former: string, change: string): string {
  const members = new Map([former, change].flatMap((text) => membersOf(text)))
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

type Reviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown

function membersOf(text: string): readonly (readonly [string, string])[] {
  const { parse, rawJSON } = JSON as unknown as { parse(text: string, reviver: Reviver): Item; rawJSON(text: string): unknown }
  const keepNumbers: Reviver = (_name, value, { source }) => (typeof value === 'number' && source !== undefined ? rawJSON(source) : value)
  return Object.entries(parse(text, keepNumbers)).map(([name, value]) => [name, JSON.stringify(value)] as const)
}
