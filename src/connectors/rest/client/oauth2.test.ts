import { expect, test } from 'vitest'
import { type Arrived, type Handle, HttpServer } from '../../../../test/services/http.ts'
import { openTestClient } from './testing.ts'

const get = { method: 'GET', path: '/data', repeatable: true }

/** An API whose tokens end: each token request gives the next one, and only the newest is taken. */
function api(expires: number) {
  const state = { issued: 0, accepted: 0, forms: [] as URLSearchParams[], heads: [] as Arrived['headers'][] }
  const handle: Handle = ({ path, headers, body }) => {
    if (path === '/token') {
      state.forms.push(new URLSearchParams(body))
      state.heads.push(headers)
      state.accepted = ++state.issued
      return { json: { access_token: `t${state.issued}`, token_type: 'bearer', expires_in: expires, refresh_token: `r${state.issued}` } }
    }
    return headers.authorization === `Bearer t${state.accepted}` ? { json: [] } : { status: 401 }
  }
  return { state, handle }
}

test('client credentials: one token for all requests, a new one where it is no longer taken', async () => {
  const { state, handle } = api(3600)
  await using server = await HttpServer.open(handle)
  const oauth2 = { token_url: `${server.url}/token`, client_id: 'me:', client_secret: 's&crét', scope: 'a b', params: { audience: 'x' } }
  await using client = await openTestClient({ url: server.url, auth: { oauth2 } })
  await Promise.all([client.send(get), client.send(get)].map(async (sent) => (await sent).discard()))
  expect(state.issued).toBe(1)
  expect(Object.fromEntries(state.forms[0] ?? [])).toEqual({ grant_type: 'client_credentials', scope: 'a b', audience: 'x' })
  expect(state.heads[0]?.authorization).toBe(`Basic ${Buffer.from('me%3A:s%26cr%C3%A9t').toString('base64')}`)
  state.accepted = -1
  expect((await client.send(get)).status).toBe(200)
  expect(state.issued).toBe(2)
})

test('a token that is about to end is renewed before it does; refresh tokens are exchanged', async () => {
  const { state, handle } = api(0)
  await using server = await HttpServer.open(handle)
  const oauth2 = {
    token_url: `${server.url}/token`,
    client_id: 'me',
    client_secret: 'pw',
    client: 'body',
    grant: 'refresh_token',
    refresh_token: 'r0',
  }
  const warnings: string[] = []
  const logger = { debug: () => {}, warn: (message: string) => void warnings.push(message) }
  await using client = await openTestClient({ url: server.url, auth: { oauth2 } }, { logger })
  for (let i = 0; i < 3; i++) await (await client.send(get)).discard()
  expect(state.forms.map((form) => form.get('refresh_token'))).toEqual(['r0', 'r1', 'r2'])
  expect(state.forms[0]?.get('client_secret')).toBe('pw')
  expect(warnings).toHaveLength(1)
})

test('a login that a new token does not mend fails', async () => {
  const { handle } = api(3600)
  await using server = await HttpServer.open((request) => (request.path === '/token' ? handle(request) : { status: 401 }))
  const oauth2 = { token_url: `${server.url}/token`, client_id: 'me', client_secret: 'pw' }
  await using client = await openTestClient({ url: server.url, auth: { oauth2 } })
  await expect(client.send(get)).rejects.toMatchObject({ code: 'LOGIN_FAILED' })
  expect(server.requests).toHaveLength(4)
})

test.each([
  [400, '{"error":"invalid_client","error_description":"s3cret"}', '400 (invalid_client)'],
  [200, '<html>s3cret</html>', '200 and no token'],
  [400, '{"error":"s3cret"}', '400 and no token'],
])('a token server that answers with %i is named, in no words of its own', async (status, body, expected) => {
  await using server = await HttpServer.open(() => ({ status, body }))
  const oauth2 = { token_url: `${server.url}/token`, client_id: 'me', client_secret: 's3cret' }
  await using client = await openTestClient({ url: server.url, auth: { oauth2 } })
  const error: unknown = await client.send(get).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'LOGIN_FAILED', message: expect.stringContaining(expected) })
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret')
})
