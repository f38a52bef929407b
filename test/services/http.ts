import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request that arrived, its body read. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** `performance.now()` when its head was there. */
  readonly at: number
}

/** What the server says: a value is sent as JSON, a text or bytes as they are, a function does what it wants with the socket. */
export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json: unknown }
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Uint8Array }
  | ((response: ServerResponse) => void | Promise<void>)

export type Handle = (request: Arrived) => Answer | Promise<Answer>

/** A real HTTP server in this process that answers as a test wants it to, however badly. Keeps every request that arrived. */
export class HttpServer implements AsyncDisposable {
  readonly requests: Arrived[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param handle answers every request. What it throws is answered with 500. */
  static async open(handle: Handle): Promise<HttpServer> {
    const server = createServer()
    const opened = new HttpServer(server)
    server.on('request', (request, response) => void opened.#answer(handle, request, response))
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
    return opened
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Method, path and query of all requests so far. */
  get asked(): readonly string[] {
    return this.requests.map(({ method, path, query }) => `${method} ${path}${query.size > 0 ? `?${query}` : ''}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((settle) => this.#server.close(settle))
  }

  async #answer(handle: Handle, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
      const at = performance.now()
      const arrived = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: await text(request),
        at,
      }
      this.requests.push(arrived)
      await send(await handle(arrived), response)
    } catch (thrown) {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(thrown))
    }
  }
}

async function send(answer: Answer, response: ServerResponse): Promise<void> {
  if (typeof answer === 'function') return await answer(response)
  const { status = 200, headers = {} } = answer
  if ('json' in answer) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(answer.json))
  } else {
    response.writeHead(status, headers)
    response.end(answer.body)
  }
}

/** Breaks the connection after so many bytes of what would have been longer. */
export function cutAfter(body: string, bytes: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers })
    await new Promise((settle) => response.write(Buffer.from(body).subarray(0, bytes), settle))
    response.destroy()
  }
}

/** Breaks the connection without a word. */
export const hangUp: Answer = (response) => void response.destroy()

/** Never answers. */
export const silence: Answer = () => {}

/** Answers from a list, one for each request; the last one again and again. */
export function inTurn(...answers: readonly Answer[]): Handle {
  let next = 0
  return () => answers[Math.min(next++, answers.length - 1)] ?? { status: 500 }
}
