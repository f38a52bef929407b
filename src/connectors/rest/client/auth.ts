import type { Logger } from '../../../core/logger.ts'
import type { AuthOptions, OAuth2Options } from './auth-options.ts'
import type { RestResponse } from './client.ts'
import { type AccessToken, basicHeader, readToken, type TokenRequest, tokenRequest } from './oauth2.ts'

/** What a request carries so that the server knows its sender. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
}

export interface Login {
  /** Renews what has run out first. */
  credentials(): Promise<Credentials>
  /** After a 401: others than those that were refused, or `undefined` where there are none. */
  renewed?(refused: Credentials): Promise<Credentials>
}

/** Sends a token request, and answers whatever its status is. */
type Ask = (url: URL, request: TokenRequest) => Promise<RestResponse>

export function openLogin(auth: AuthOptions, connection: string, ask: Ask, logger: Logger): Login {
  if (auth.kind === 'oauth2') return new OAuth2Login(auth, connection, ask, logger)
  const credentials = fixed(auth)
  return { credentials: async () => credentials }
}

function fixed(auth: Exclude<AuthOptions, OAuth2Options>): Credentials {
  switch (auth.kind) {
    case 'none':
      return { headers: {}, params: {} }
    case 'bearer':
      return { headers: { authorization: `Bearer ${auth.token}` }, params: {} }
    case 'basic':
      return { headers: { authorization: basicHeader(auth.user, auth.password) }, params: {} }
    case 'header':
      return { headers: { [auth.name.toLowerCase()]: auth.value }, params: {} }
    case 'param':
      return { headers: {}, params: { [auth.name]: auth.value } }
  }
}

/** One token for all requests; those that need a new one wait for the same. */
class OAuth2Login implements Login {
  readonly #options: OAuth2Options
  readonly #connection: string
  readonly #ask: Ask
  readonly #logger: Logger
  #refreshToken: string | undefined
  #current: { readonly credentials: Credentials; readonly until: number } | undefined
  #renewing: Promise<Credentials> | undefined

  constructor(options: OAuth2Options, connection: string, ask: Ask, logger: Logger) {
    this.#options = options
    this.#connection = connection
    this.#ask = ask
    this.#logger = logger
    this.#refreshToken = options.refreshToken
  }

  async credentials(): Promise<Credentials> {
    if (this.#current && performance.now() < this.#current.until) return this.#current.credentials
    return await this.#renew()
  }

  async renewed(refused: Credentials): Promise<Credentials> {
    if (this.#current && this.#current.credentials !== refused) return this.#current.credentials
    return await this.#renew()
  }

  async #renew(): Promise<Credentials> {
    this.#renewing ??= this.#fetch().finally(() => {
      this.#renewing = undefined
    })
    return await this.#renewing
  }

  async #fetch(): Promise<Credentials> {
    const response = await this.#ask(this.#options.tokenUrl, tokenRequest(this.#options, this.#refreshToken))
    const token = await readToken(response, this.#connection)
    this.#rotate(token)
    const credentials = { headers: { authorization: `Bearer ${token.token}` }, params: {} }
    this.#current = { credentials, until: token.until }
    return credentials
  }

  #rotate({ refreshToken }: AccessToken): void {
    if (refreshToken === undefined || this.#refreshToken === undefined || refreshToken === this.#refreshToken) return
    if (this.#refreshToken === this.#options.refreshToken)
      this.#logger.warn(`${this.#connection}: the token server gave a new refresh token, and may not take the configured one again`)
    this.#refreshToken = refreshToken
  }
}
