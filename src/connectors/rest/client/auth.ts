import type { Context } from '../../connector.ts'
import type { AuthOptions, OAuth2Options } from './auth-options.ts'
import type { RestResponse } from './client.ts'
import { KeptToken } from './kept-token.ts'
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

export function openLogin(auth: AuthOptions, context: Context, ask: Ask): Login {
  if (auth.kind === 'oauth2') return new OAuth2Login(auth, context, ask)
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
  readonly #context: Context
  readonly #ask: Ask
  /** Where refresh tokens are spent, and there is a place to keep those that come of it. */
  #kept: Promise<KeptToken | undefined> | undefined
  #refreshToken: string | undefined
  #current: { readonly credentials: Credentials; readonly until: number } | undefined
  #renewing: Promise<Credentials> | undefined
  #hasWarned = false

  constructor(options: OAuth2Options, context: Context, ask: Ask) {
    this.#options = options
    this.#context = context
    this.#ask = ask
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
    this.#kept ??= this.#openKept()
    const kept = await this.#kept
    const token = kept
      ? await kept.alone(this.#context.signal, async () => await this.#exchangeKept(kept))
      : await this.#exchange(() => this.#warn())
    const credentials = { headers: { authorization: `Bearer ${token.token}` }, params: {} }
    this.#current = { credentials, until: token.until }
    return credentials
  }

  async #openKept(): Promise<KeptToken | undefined> {
    const { loginDirectory } = this.#context
    if (this.#options.refreshToken === undefined || loginDirectory === undefined) return undefined
    return await KeptToken.open(loginDirectory, this.#options)
  }

  /** Spends the newest refresh token, whoever was given it, and keeps the one that comes of it before anybody goes on. */
  async #exchangeKept(kept: KeptToken): Promise<AccessToken> {
    this.#refreshToken = (await kept.read()) ?? this.#refreshToken
    return await this.#exchange(async (newest) => await kept.keep(newest).catch(() => this.#warn()))
  }

  /** @param rotated is told of a refresh token that takes the place of the one that was spent. */
  async #exchange(rotated: (newest: string) => void | Promise<void>): Promise<AccessToken> {
    const spent = this.#refreshToken
    const response = await this.#ask(this.#options.tokenUrl, tokenRequest(this.#options, spent))
    const token = await readToken(response, this.#context.connection, { isConfigured: spent === this.#options.refreshToken })
    if (token.refreshToken === undefined || spent === undefined || token.refreshToken === spent) return token
    this.#refreshToken = token.refreshToken
    await rotated(token.refreshToken)
    return token
  }

  #warn(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const { logger, connection } = this.#context
    logger.warn(`${connection}: the token server gave a new refresh token, which cannot be kept: it may not take the configured one again`)
  }
}
