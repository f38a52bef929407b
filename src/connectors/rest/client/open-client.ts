import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { rootCertificates } from 'node:tls'
import { Agent } from 'undici'
import { RunError } from '../../../core/errors.ts'
import type { Context } from '../../connector.ts'
import { type Credentials, type Login, openLogin } from './auth.ts'
import type { RestClient, RestRequest, RestResponse } from './client.ts'
import { type Asked, type Failure, networkFailure, statusFailure, subject } from './errors.ts'
import type { TokenRequest } from './oauth2.ts'
import type { RestOptions } from './options.ts'
import { isRedirect, redirected } from './redirect.ts'
import { HttpResponse } from './response.ts'
import { exhaustedFor, retryAfter } from './server-limits.ts'
import { backoff, pause, Turns } from './turns.ts'
import { urlOf, withParams } from './url.ts'

/** @throws RunError where the file of `ca` cannot be read. Sends nothing yet. */
export async function openRestClient(options: RestOptions, context: Context): Promise<RestClient> {
  const ca = options.ca === undefined ? undefined : await authorities(options.ca, context)
  return new Client(options, context, ca)
}

async function authorities(file: string, { connection, baseDirectory }: Context): Promise<readonly string[]> {
  try {
    return [...rootCertificates, await readFile(path.resolve(baseDirectory, file), 'utf8')]
  } catch (cause) {
    const message = `${connection}: the file ${file}, which \`ca\` names, cannot be read`
    throw new RunError({ code: 'FILE_NOT_FOUND', message, hint: 'check the path; it is relative to the config', cause })
  }
}

const mostRedirects = 5

/** A request on its way, with what stays the same however often it is sent. */
interface Sending extends RestRequest {
  readonly asked: Asked
  readonly url: URL
}

class Client implements RestClient {
  readonly #options: RestOptions
  readonly #context: Context
  readonly #agent: Agent
  readonly #turns: Turns
  readonly #login: Login

  constructor(options: RestOptions, context: Context, ca: readonly string[] | undefined) {
    const { connect, response, idle } = options.timeouts
    this.#options = options
    this.#context = context
    this.#turns = new Turns(options.concurrency, options.spacing)
    this.#agent = new Agent({
      connections: options.concurrency,
      connect: { timeout: connect, ...(ca ? { ca: [...ca] } : {}) },
      headersTimeout: response,
      bodyTimeout: idle,
      allowH2: false,
    })
    this.#login = openLogin(options.auth, context, (url, request) => this.#askForToken(url, request))
  }

  asked({ method, path: given, shown = given }: Pick<RestRequest, 'method' | 'path' | 'shown'>): Asked {
    return { connection: this.#context.connection, method, path: shownPath(shown) }
  }

  async send(request: RestRequest): Promise<RestResponse> {
    const asked = this.asked(request)
    const url = urlOf(this.#options, request, asked)
    return await this.#persist({ ...request, asked, url }, (sending) => this.#sendLoggedIn(sending))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  /** Tries until it works, or until trying again is not safe or no use. */
  async #persist(sending: Sending, attempt: (sending: Sending) => Promise<HttpResponse>): Promise<RestResponse> {
    const { retries } = this.#options
    for (let retry = 0; ; retry++) {
      const tried = await this.#try(sending, attempt)
      if (tried instanceof HttpResponse) return tried
      const { failure, wait } = tried
      const safe = failure.again === 'always' || (failure.again === 'repeatable' && sending.repeatable)
      if (!safe || retry >= retries.times || (wait ?? 0) > retries.longest) throw finalError(sending, tried)
      const delay = wait ?? backoff(retries.wait, retry, retries.longest)
      this.#context.logger.debug(`${failure.error.message}; tried again in ${Math.round(delay)} ms`)
      await pause(delay, this.#context.signal)
    }
  }

  async #try(sending: Sending, attempt: (sending: Sending) => Promise<HttpResponse>): Promise<HttpResponse | Failed> {
    try {
      const response = await attempt(sending)
      if (response.status < 300 || (response.status >= 400 && sending.accept?.(response.status))) return response
      await response.discard()
      const wait = retryAfter(response.headers)
      if (wait !== undefined && wait <= this.#options.retries.longest) this.#turns.pause(wait)
      return { failure: statusFailure(sending.asked, response.status), answered: true, ...(wait === undefined ? {} : { wait }) }
    } catch (thrown) {
      this.#context.signal.throwIfAborted()
      return { failure: networkFailure(thrown, sending.asked, sending.url.host), answered: false }
    }
  }

  /** With the login's credentials; once more with new ones where the server no longer takes them. */
  async #sendLoggedIn(sending: Sending): Promise<HttpResponse> {
    const credentials = await this.#login.credentials()
    const response = await this.#follow(sending, credentials)
    if (response.status !== 401 || !this.#login.renewed) return response
    await response.discard()
    return await this.#follow(sending, await this.#login.renewed(credentials))
  }

  async #follow(sending: Sending, credentials: Credentials): Promise<HttpResponse> {
    let { url } = sending
    for (let hop = 0; ; hop++) {
      const response = await this.#exchange({ ...sending, url }, credentials)
      const location = isRedirect(response.status) && /^(GET|HEAD)$/.test(sending.method) ? response.headers.get('location') : null
      if (location === null || hop === mostRedirects) return response
      await response.discard()
      url = redirected(location, url, sending.asked)
    }
  }

  async #exchange({ method, url, headers, body, asked }: Sending, credentials: Credentials): Promise<HttpResponse> {
    const { signal } = this.#context
    using _turn = await this.#turns.take(signal)
    const data = await this.#agent.request({
      origin: url.origin,
      path: pathOf(withParams(url, credentials.params)),
      method,
      headers: { ...defaults, ...lowerCased(this.#options.headers), ...lowerCased(headers), ...credentials.headers },
      ...(body === undefined ? {} : { body }),
      signal,
    })
    const response = new HttpResponse(data, url, asked, signal)
    const exhausted = exhaustedFor(response.headers)
    if (exhausted !== undefined && exhausted <= this.#options.retries.longest) this.#turns.pause(exhausted)
    return response
  }

  async #askForToken(url: URL, { headers, body }: TokenRequest): Promise<RestResponse> {
    const asked = this.asked({ method: 'POST', path: url.pathname })
    // A refresh token may be spent by the first attempt, even where its answer is lost.
    const sending: Sending = {
      method: 'POST',
      path: url.pathname,
      headers,
      body,
      repeatable: false,
      accept: (status) => status < 500 && status !== 429,
      asked,
      url,
    }
    return await this.#persist(sending, async (request) => {
      const data = await this.#agent.request({
        origin: url.origin,
        path: pathOf(url),
        method: 'POST',
        headers: { ...defaults, ...request.headers },
        body,
        signal: this.#context.signal,
      })
      return new HttpResponse(data, url, asked, this.#context.signal)
    })
  }
}

interface Failed {
  readonly failure: Failure
  /** Whether the server said anything at all. */
  readonly answered: boolean
  readonly wait?: number
}

function finalError({ repeatable, asked }: Sending, { failure, answered, wait }: Failed) {
  if (!answered && failure.again === 'repeatable' && !repeatable) {
    const message = `${subject(asked)}: the connection broke off before the answer came, so nobody knows whether the server did it`
    return new RunError({ code: 'OUTCOME_UNKNOWN', message, hint: 'look there before you run again', cause: failure.error })
  }
  if (wait === undefined || wait <= 0) return failure.error
  const { code, message, hint } = failure.error
  const ErrorClass = failure.error.constructor as typeof RunError
  return new ErrorClass({
    code,
    message: `${message}; the server asks to wait ${Math.ceil(wait / 1_000)} s`,
    ...(hint === undefined ? {} : { hint }),
  })
}

const defaults = {
  accept: 'application/json, application/x-ndjson, text/csv, application/xml;q=0.9, */*;q=0.5',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'syncline',
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`
}

/** Without the query, whose values may be secrets, and without the origin. */
function shownPath(path: string): string {
  const bare = path.split(/[?#]/, 1)[0] ?? ''
  return bare.replace(/^https?:\/\/[^/]*/i, '') || '/'
}
