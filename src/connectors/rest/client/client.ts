import type { Asked } from './errors.ts'

export interface RestRequest {
  readonly method: string
  /** Relative to the connection's url, or absolute on the same origin. */
  readonly path: string
  /** The path as messages may show it, where the real one holds values: `/orders/{id}`. */
  readonly shown?: string
  readonly params?: Readonly<Record<string, string>>
  /** In place of those of the connection. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Whether sending it twice does no harm: GET, PUT, DELETE, or anything with an idempotency key. */
  readonly repeatable: boolean
  /** Statuses from 400 on that the caller wants as a response rather than as an error. */
  readonly accept?: (status: number) => boolean
}

/** An answer whose head has come. Its body is read to the end, or discarded: until then its connection is taken. */
export interface RestResponse {
  readonly status: number
  readonly headers: Headers
  /** Where the answer came from, redirects followed: what relative links in it are relative to. Holds the query. */
  readonly url: URL
  /** The body, decompressed. @throws RetryableError where it breaks off. */
  bytes(): AsyncIterable<Uint8Array>
  /** The body as text. @throws RunError past 16 MiB. */
  text(): Promise<string>
  discard(): Promise<void>
}

export interface RestClient extends AsyncDisposable {
  /** Names a request in messages. */
  asked(request: Pick<RestRequest, 'method' | 'path' | 'shown'>): Asked
  /**
   * Sends, waits for its turn under the rate limit, renews the login, tries again where that is safe: what was refused
   * by 429 or never reached the server always, what a 5xx or a broken connection ended only where it is `repeatable`.
   * Redirects are followed within the origin and for GET and HEAD alone.
   * @throws RunError or RetryableError naming method, path and status; with the code `OUTCOME_UNKNOWN` where a request that
   * is not repeatable broke off after it was sent.
   */
  send(request: RestRequest): Promise<RestResponse>
}
