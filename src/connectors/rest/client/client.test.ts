import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { cutAfter, HttpServer, hangUp, inTurn, silence } from '../../../../test/services/http.ts'
import { openTestClient } from './testing.ts'

const get = (path: string) => ({ method: 'GET', path, repeatable: true })
const post = (path: string, repeatable = false) => ({ method: 'POST', path, body: '{}', repeatable })
const fine = { json: { ok: true } }

test('paths go on behind the url, parameters of connection and request are sent', async () => {
  await using server = await HttpServer.open(() => fine)
  await using client = await openTestClient({ url: `${server.url}/v2?tenant=7`, params: { lang: 'de' } })
  for (const path of ['/contacts', 'contacts?size=2', '/', `${server.url}/v3/x?lang=fr`]) await (await client.send(get(path))).discard()
  expect(server.asked).toEqual([
    'GET /v2/contacts?tenant=7&lang=de',
    'GET /v2/contacts?size=2&tenant=7&lang=de',
    'GET /v2?tenant=7&lang=de',
    'GET /v3/x?lang=fr&tenant=7',
  ])
})

test.each([
  [{ bearer: 's3cret' }, 'authorization', 'Bearer s3cret'],
  [{ basic: { user: 'ä', password: 'p:w' } }, 'authorization', `Basic ${Buffer.from('ä:p:w').toString('base64')}`],
  [{ api_key: { header: 'X-Key', value: 'k' } }, 'x-key', 'k'],
])('auth %j is sent', async (auth, header, value) => {
  await using server = await HttpServer.open(() => fine)
  await using client = await openTestClient({ url: server.url, auth })
  await (await client.send(get('/'))).discard()
  expect(server.requests[0]?.headers[header]).toBe(value)
})

test('an api key may be a parameter, which no next link can take away', async () => {
  await using server = await HttpServer.open(() => fine)
  await using client = await openTestClient({ url: server.url, auth: { api_key: { param: 'key', value: 'k&' } } })
  await (await client.send(get('/x?key=other&a=1'))).discard()
  expect(server.asked).toEqual(['GET /x?key=k%26&a=1'])
})

test('a login in the url becomes basic auth', async () => {
  await using server = await HttpServer.open(() => fine)
  await using client = await openTestClient({ url: server.url.replace('//', '//me:p%40w@') })
  await (await client.send(get('/'))).discard()
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@w').toString('base64')}`)
})

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
])('answers in %s are read, and refused where they are cut short', async (encoding, compress) => {
  const packed = compress(Buffer.from('x'.repeat(100_000)))
  const answer = (body: Uint8Array) => ({ headers: { 'content-encoding': encoding }, body })
  await using server = await HttpServer.open(inTurn(answer(packed), answer(packed.subarray(0, -4))))
  await using client = await openTestClient({ url: server.url })
  expect((await (await client.send(get('/'))).text()).length).toBe(100_000)
  await expect((await client.send(get('/'))).text()).rejects.toMatchObject({ code: 'ANSWER_DAMAGED' })
})

test('a body that breaks off is an error', async () => {
  await using server = await HttpServer.open(() => cutAfter('{"a":1}', 3))
  await using client = await openTestClient({ url: server.url })
  await expect((await client.send(get('/'))).text()).rejects.toMatchObject({ code: 'CONNECTION_LOST', name: 'RetryableError' })
})

test('what failed is tried again where that is safe', async () => {
  await using server = await HttpServer.open(inTurn({ status: 500 }, hangUp, { status: 503 }, fine))
  await using client = await openTestClient({ url: server.url })
  expect((await client.send(get('/a'))).status).toBe(200)
  expect(server.requests).toHaveLength(4)
})

test('a POST is not sent twice: its outcome is unknown, unless the server said that it did nothing', async () => {
  await using server = await HttpServer.open(inTurn(hangUp, { status: 500 }, { status: 429, headers: { 'retry-after': '0' } }, fine))
  await using client = await openTestClient({ url: server.url })
  await expect(client.send(post('/a'))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('POST /a') })
  await expect(client.send(post('/a'))).rejects.toMatchObject({ code: 'SERVER_FAILED' })
  expect((await client.send(post('/a'))).status).toBe(200)
  expect(server.requests).toHaveLength(4)
})

test('a POST that may be repeated is', async () => {
  await using server = await HttpServer.open(inTurn(hangUp, fine))
  await using client = await openTestClient({ url: server.url })
  expect((await client.send(post('/a', true))).status).toBe(200)
})

test('retries end', async () => {
  await using server = await HttpServer.open(() => ({ status: 500 }))
  await using client = await openTestClient({ url: server.url })
  await expect(client.send(get('/a?token=s3cret'))).rejects.toMatchObject({
    name: 'RetryableError',
    message: 'crm: GET /a was answered with 500 (the server failed)',
  })
  expect(server.requests).toHaveLength(4)
})

test.each([
  [401, 'LOGIN_FAILED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'RESOURCE_NOT_FOUND'],
  [422, 'REQUEST_REFUSED'],
  [304, 'UNEXPECTED_STATUS'],
])('status %i is %s at once, unless it is wanted', async (status, code) => {
  await using server = await HttpServer.open(() => ({ status }))
  await using client = await openTestClient({ url: server.url })
  await expect(client.send(get('/a'))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(`GET /a was answered with ${status}`),
  })
  expect(server.requests).toHaveLength(1)
  if (status >= 400) expect((await client.send({ ...get('/a'), accept: () => true })).status).toBe(status)
})

test('the server says how long to wait, in seconds or by a date of its own clock', async () => {
  const date = { 'retry-after': 'Wed, 21 Oct 2015 07:28:01 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }
  await using server = await HttpServer.open(inTurn({ status: 429, headers: { 'retry-after': '1' } }, { status: 503, headers: date }, fine))
  await using client = await openTestClient({ url: server.url })
  await (await client.send(get('/'))).discard()
  const [first = 0, second = 0, third = 0] = server.requests.map(({ at }) => at)
  expect(second - first).toBeGreaterThan(950)
  expect(third - second).toBeGreaterThan(950)
})

test('while the server wants peace nobody else asks', async () => {
  await using server = await HttpServer.open(({ path }) =>
    path === '/last' ? { ...fine, headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1' } } : fine,
  )
  await using client = await openTestClient({ url: server.url })
  for (const path of ['/last', '/next']) await (await client.send(get(path))).discard()
  const [first = 0, second = 0] = server.requests.map(({ at }) => at)
  expect(second - first).toBeGreaterThan(950)
})

test('a wait that is too long ends the run, and says so', async () => {
  await using server = await HttpServer.open(() => ({ status: 429, headers: { 'retry-after': '86400' } }))
  await using client = await openTestClient({ url: server.url })
  await expect(client.send(get('/'))).rejects.toMatchObject({ code: 'RATE_LIMITED', message: expect.stringContaining('86400 s') })
  expect(server.requests).toHaveLength(1)
})

test('requests keep the rate and the concurrency', async () => {
  let open = 0
  let most = 0
  await using server = await HttpServer.open(async () => {
    most = Math.max(most, ++open)
    await new Promise((settle) => setTimeout(settle, 60))
    open--
    return fine
  })
  await using client = await openTestClient({ url: server.url, rate: '50/s', concurrency: 2 })
  await Promise.all(Array.from({ length: 8 }, async () => (await client.send(get('/'))).discard()))
  const times = server.requests.map(({ at }) => at).sort((a, b) => a - b)
  expect(most).toBe(2)
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(7 * 20 - 10)
})

test('redirects are followed within the origin, and to no other host', async () => {
  await using other = await HttpServer.open(() => fine)
  await using server = await HttpServer.open(({ path }) =>
    path === '/a'
      ? { status: 302, headers: { location: '/b?x=1' } }
      : path === '/b'
        ? fine
        : { status: 307, headers: { location: `${other.url}/b` } },
  )
  await using client = await openTestClient({ url: server.url, auth: { bearer: 's3cret' } })
  expect((await client.send(get('/a'))).url.pathname).toBe('/b')
  await expect(client.send(get('/c'))).rejects.toMatchObject({ code: 'OTHER_HOST', message: expect.stringContaining(other.url) })
  await expect(client.send(get(`${other.url}/c`))).rejects.toMatchObject({ code: 'OTHER_HOST' })
  expect(other.requests).toEqual([])
})

test('a server that says nothing runs into the timeout', async () => {
  await using server = await HttpServer.open(() => silence)
  await using client = await openTestClient({ url: server.url, timeouts: { response: '300 ms' }, retries: 0 })
  await expect(client.send(get('/a'))).rejects.toMatchObject({ code: 'TIMEOUT', name: 'RetryableError' })
})

test('a server that stops in the middle runs into the timeout', async () => {
  await using server = await HttpServer.open(() => (response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('1')
  })
  await using client = await openTestClient({ url: server.url, timeouts: { idle: '300 ms' }, retries: 0 })
  await expect((await client.send(get('/a'))).text()).rejects.toMatchObject({ code: 'TIMEOUT' })
})

test('hosts that are not there are named', async () => {
  const server = createServer()
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  await new Promise((settle) => server.close(settle))
  await using refused = await openTestClient({ url: `http://127.0.0.1:${port}` })
  await expect(refused.send(get('/'))).rejects.toMatchObject({
    code: 'HOST_UNREACHABLE',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  })
  await using nowhere = await openTestClient({ url: 'http://nowhere.invalid' })
  await expect(nowhere.send(get('/'))).rejects.toMatchObject({ code: expect.stringMatching(/HOST_(NOT_FOUND|UNREACHABLE)/) })
})

test('https at a port that speaks none is named', async () => {
  await using server = await HttpServer.open(() => fine)
  await using client = await openTestClient({ url: `https://127.0.0.1:${server.port}` })
  await expect(client.send(get('/'))).rejects.toMatchObject({ code: 'TLS_FAILED' })
})

test('an aborted signal ends a wait with its reason', async () => {
  const stop = new AbortController()
  await using server = await HttpServer.open(() => ({ status: 503, headers: { 'retry-after': '60' } }))
  await using client = await openTestClient({ url: server.url }, { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('stopped by the test')), 100)
  await expect(client.send(get('/'))).rejects.toThrow('stopped by the test')
})
