import { type ErrorParts, RunError } from '../../../core/errors.ts'
import type { OAuth2Options } from './auth-options.ts'
import type { RestResponse } from './client.ts'

/** What a token request sends. */
export interface TokenRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An access token and when it ends. */
export interface AccessToken {
  readonly token: string
  /** By `performance.now()`; some time before the server's own end. */
  readonly until: number
  /** In place of the one that was spent. */
  readonly refreshToken?: string
}

export function tokenRequest(options: OAuth2Options, refreshToken: string | undefined): TokenRequest {
  const { clientId, clientSecret, scope, client, params } = options
  const fields = new URLSearchParams({
    ...(refreshToken === undefined ? { grant_type: 'client_credentials' } : { grant_type: 'refresh_token', refresh_token: refreshToken }),
    ...(scope === undefined ? {} : { scope }),
    ...params,
  })
  const byHeader = client === 'basic' && clientSecret !== undefined
  if (!byHeader) fields.set('client_id', clientId)
  if (!byHeader && clientSecret !== undefined) fields.set('client_secret', clientSecret)
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    // Both parts are encoded as a form first (RFC 6749, 2.3.1).
    ...(byHeader ? { authorization: basicHeader(formEncoded(clientId), formEncoded(clientSecret)) } : {}),
  }
  return { headers, body: fields.toString() }
}

/**
 * @param spent whether the refresh token that was sent, if any, is the one of the config.
 * @throws RunError saying why there is no token, in the words of RFC 6749 and no others.
 */
export async function readToken(
  response: RestResponse,
  connection: string,
  spent: { readonly isConfigured: boolean },
): Promise<AccessToken> {
  const answer = parsed(await response.text())
  const { access_token: token, expires_in: seconds, refresh_token: refreshToken } = answer
  if (response.status >= 400 || typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const word = reasons.find((one) => one === answer.error)
    throw loginFailed({
      message: `${connection}: the token server answered with ${response.status}${word === undefined ? '' : ` (${word})`} and no token`,
      hint: word === 'invalid_grant' && !spent.isConfigured ? spentToken : checkConfig,
    })
  }
  const lifetime = Number(seconds ?? 3_600) * 1_000
  const reserve = Math.min(30_000, lifetime / 10)
  return {
    token,
    until: performance.now() + (Number.isFinite(lifetime) ? lifetime - reserve : 0),
    ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
  }
}

export function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

const checkConfig = 'check `auth.oauth2` of the connection: token_url, client_id, client_secret, scope, refresh_token'
const spentToken = 'the refresh token that the server gave last is no longer taken: authorize anew, and put the new one into the config'

const reasons = ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope']

function loginFailed(parts: Omit<ErrorParts, 'code'>): RunError {
  return new RunError({ code: 'LOGIN_FAILED', ...parts })
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
