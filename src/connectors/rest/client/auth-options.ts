import type { Section } from '../section.ts'

/** How requests say who sends them. */
export type AuthOptions =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'header' | 'param'; readonly name: string; readonly value: string }
  | OAuth2Options

/** RFC 6749, sections 4.4 and 6. */
export interface OAuth2Options {
  readonly kind: 'oauth2'
  readonly tokenUrl: URL
  readonly clientId: string
  /** Absent for a public client, which names itself only. */
  readonly clientSecret: string | undefined
  /** Present: the grant is `refresh_token`; absent: `client_credentials`. */
  readonly refreshToken: string | undefined
  readonly scope: string | undefined
  /** Whether the client's id and secret go into the header (RFC 6749, 2.3.1) or into the body. */
  readonly client: 'basic' | 'body'
  /** More fields of the token request: `audience`, `resource` … */
  readonly params: Readonly<Record<string, string>>
}

export const authKeys = ['bearer', 'basic', 'api_key', 'oauth2']

/** @throws ConfigError naming the bad field. */
export function parseAuth(section: Section | undefined): AuthOptions {
  if (!section) return { kind: 'none' }
  const given = authKeys.filter((key) => section.has(key))
  if (given.length !== 1) throw section.bad('', `one of ${authKeys.join(', ')}, found ${given.join(' and ') || 'none'}`)
  switch (given[0]) {
    case 'bearer':
      return { kind: 'bearer', token: section.headerText('bearer') ?? '' }
    case 'basic':
      return parseBasic(section)
    case 'api_key':
      return parseApiKey(section)
    default:
      return parseOAuth2(section)
  }
}

function parseBasic(auth: Section): AuthOptions {
  const section = auth.section('basic', ['user', 'password'])
  const user = section?.needed('user') ?? ''
  if (user.includes(':')) throw auth.bad('basic.user', 'a name without `:`, which would begin the password')
  // Some APIs take a key for the user and no password.
  const password = section?.get('password') ?? ''
  if (typeof password !== 'string') throw auth.bad('basic.password', 'a text')
  return { kind: 'basic', user, password }
}

function parseApiKey(auth: Section): AuthOptions {
  const section = auth.section('api_key', ['header', 'param', 'value'])
  const header = section?.text('header')
  const param = section?.text('param')
  if ((header === undefined) === (param === undefined)) throw auth.bad('api_key', 'either `header` or `param`, and `value`')
  const value = header === undefined ? section?.needed('value') : section?.headerText('value')
  if (value === undefined) throw auth.bad('api_key.value', 'a text, found nothing')
  return header === undefined ? { kind: 'param', name: param ?? '', value } : { kind: 'header', name: header, value }
}

const oauth2Keys = ['token_url', 'client_id', 'client_secret', 'scope', 'grant', 'refresh_token', 'client', 'params']

function parseOAuth2(auth: Section): OAuth2Options {
  const section = auth.section('oauth2', oauth2Keys)
  if (!section) throw auth.bad('oauth2', 'a map')
  const tokenUrl = URL.parse(section.needed('token_url'))
  if (!tokenUrl || !/^https?:$/.test(tokenUrl.protocol)) throw section.bad('token_url', 'https://host/path')
  const grant = section.oneOf('grant', ['client_credentials', 'refresh_token'])
  const refreshToken = section.text('refresh_token')
  if (grant === 'refresh_token' && refreshToken === undefined) throw section.bad('refresh_token', 'a text, found nothing')
  if (grant === 'client_credentials' && refreshToken !== undefined) throw section.bad('grant', 'refresh_token where one is given')
  const clientSecret = section.text('client_secret')
  if (refreshToken === undefined && clientSecret === undefined) throw section.bad('client_secret', 'a text, found nothing')
  return {
    kind: 'oauth2',
    tokenUrl,
    clientId: section.needed('client_id'),
    clientSecret,
    refreshToken,
    scope: section.text('scope'),
    client: section.oneOf('client', ['basic', 'body']) ?? 'basic',
    params: section.texts('params'),
  }
}
