import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { type Answer, cutAfter, type Handle, HttpServer, hangUp, silence } from '../services/http.ts'
import { byToken, type From, fillTarget, fromApi, idsOf, isUntouched, paged, people } from './rest-world.ts'
import { World } from './world.ts'

const good = paged(people)

const page = JSON.stringify({ items: people.slice(10, 20), next: '20', total: 25 })

describe('a page that is bad fails the read, and nothing is deleted', () => {
  test.each<[string, Answer, string]>([
    ['breaks off', cutAfter(page, 100), 'CONNECTION_LOST'],
    ['is cut short within good HTTP', { body: page.slice(0, 100), headers: { 'content-type': 'application/json' } }, 'MALFORMED_ANSWER'],
    ['is HTML', { body: '<html>s3cret</html>', headers: { 'content-type': 'text/html; charset=utf-8' } }, 'NOT_DATA'],
    ['has no rows where they should be', { json: { error: 's3cret' } }, 'ROWS_NOT_FOUND'],
    ['has null for rows', { json: { items: null, next: null } }, 'ROWS_NOT_FOUND'],
    ['is HTML called JSON', { body: ' <!doctype html>s3cret', headers: { 'content-type': 'application/json' } }, 'NOT_DATA'],
    ['is no JSON', { body: '{"items":[s3cret', headers: { 'content-type': 'application/json' } }, 'MALFORMED_ANSWER'],
    ['is no more than a part', { status: 206, json: { items: [], next: null } }, 'UNEXPECTED_STATUS'],
    ['is not ready', { status: 202, json: { items: [], next: null } }, 'UNEXPECTED_STATUS'],
    ['fails again and again', { status: 500, body: 's3cret' }, 'SERVER_FAILED'],
    ['is refused', { status: 403, body: 's3cret' }, 'PERMISSION_DENIED'],
    ['was there before', { json: { items: people.slice(0, 10), next: '20' } }, 'ENDLESS_PAGES'],
    ['leads to itself', { json: { items: people.slice(10, 20), next: '10' } }, 'ENDLESS_PAGES'],
    ['has a field twice', { body: '{"items":[{"id":1,"id":2}]}', headers: { 'content-type': 'application/json' } }, 'MALFORMED_ANSWER'],
    ['has a token that is none', { json: { items: [], next: { a: 1 } } }, 'MALFORMED_ANSWER'],
  ])('that %s', async (_, answer, code) => {
    using world = new World()
    fillTarget(world)
    await using server = await HttpServer.open(({ query, ...request }) =>
      query.get('after') === '10' ? answer : good({ query, ...request }),
    )
    const result = await world.runOne(fromApi(server, byToken))
    expect(result).toMatchObject({ status: 'failed', error: { code, message: expect.stringContaining('crm: GET /contacts') } })
    expect(JSON.stringify(result)).not.toContain('s3cret')
    expect(isUntouched(world)).toBe(true)
  })

  test.each([
    ['<html></html>', 'is it a login page or an error page? Check `url`, `resource` and `auth`'],
    ['[{id:1}]', 'where it is another format, name it by `format`'],
    ['[{"id":1},', 'ask for smaller pages'],
  ])('%s called JSON says what to do', async (body, hint) => {
    using world = new World()
    await using server = await HttpServer.open(() => ({ body, headers: { 'content-type': 'application/json' } }))
    const { error } = await world.runOne(fromApi(server, { resource: '/contacts' }))
    expect(error?.hint).toContain(hint)
  })

  test.each<[string, Handle, NonNullable<From['paginate']>, string]>([
    ['a total that is too large', paged(people), { page: 'page', total: '$.wrong' }, 'WRONG_TOTAL'],
    ['a total that is too small', paged(people), { page: 'page', total: '$.small' }, 'WRONG_TOTAL'],
    ['no total at all', paged(people), { page: 'page', total: '$.none' }, 'MALFORMED_ANSWER'],
    ['a parameter that the server does not know', paged(people), { page: 'pagina' }, 'ENDLESS_PAGES'],
    ['more pages than are allowed', paged(people), { page: 'page', max_pages: 2 }, 'ENDLESS_PAGES'],
    ['no word on whether there are more', paged(people), { page: 'page', more: '$.none' }, 'MALFORMED_ANSWER'],
  ])('%s', async (_, handle, paginate, code) => {
    using world = new World()
    fillTarget(world)
    await using server = await HttpServer.open(async (request) => {
      const answer = await handle(request)
      return 'json' in answer ? { json: { ...(answer.json as object), wrong: 30, small: 20 } } : answer
    })
    const result = await world.runOne(fromApi(server, { resource: '/contacts', rows: '$.items', paginate }))
    expect(result).toMatchObject({ status: 'failed', error: { code } })
    expect(isUntouched(world)).toBe(true)
  })

  test('rows that move from one page to the next while they are read', async () => {
    using world = new World()
    fillTarget(world)
    let asked = 0
    await using server = await HttpServer.open((request) => paged(asked++ < 2 ? people : [{ id: 0, name: 'new' }, ...people])(request))
    const result = await world.runOne(fromApi(server, { resource: '/contacts', rows: '$.items', paginate: { page: 'page' } }))
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ROWS_MOVED' } })
    expect(isUntouched(world)).toBe(true)
  })

  test('rows without a key that are equal on two pages are no rows that have moved', async () => {
    using world = new World()
    const rows = [{ v: 1 }, { v: 2 }, { v: 1 }, { v: 3 }]
    await using server = await HttpServer.open(paged(rows, 2))
    const from: From = { resource: '/contacts', rows: '$.items', paginate: { page: 'page' } }
    expect(await world.runOne(fromApi(server, from, { mode: 'replace', key: undefined }))).toMatchObject({
      error: null,
      counts: { inserted: 4 },
    })
  })

  test('a keyless replace takes no page twice', async () => {
    using world = new World()
    fillTarget(world)
    const rows = [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }]
    await using server = await HttpServer.open(({ query }) => ({
      json: { items: rows.slice(0, 2), next: query.has('after') ? null : '2' },
    }))
    const result = await world.runOne(fromApi(server, byToken, { mode: 'replace', to: './other.db#t', key: 'name' }))
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ENDLESS_PAGES' } })
  })

  test('an empty answer meets the guard of every mirror', async () => {
    using world = new World()
    fillTarget(world)
    await using server = await HttpServer.open(() => ({ json: { items: [], next: null } }))
    const result = await world.runOne(fromApi(server, { ...byToken, columns: { id: 'bigint', name: 'text' } }, { guard: undefined }))
    expect(result.status).toBe('withheld')
    // What columns it has is then known by the target alone.
    expect(await world.runOne(fromApi(server, byToken, { guard: undefined }))).toMatchObject({
      status: 'withheld',
      error: { message: expect.stringContaining('the source is empty and the target holds 3 rows') },
    })
    expect((await world.plan(fromApi(server, byToken, { guard: undefined }))).status).toBe('withheld')
    const replace = { mode: 'replace', guard: undefined }
    expect((await world.runOne(fromApi(server, byToken, replace))).status).toBe('withheld')
    expect((await world.runOne(fromApi(server, byToken, { ...replace, key: undefined }))).status).toBe('withheld')
    expect(isUntouched(world)).toBe(true)
  })

  test('an empty answer for a target that is not there yet names no columns', async () => {
    using world = new World()
    await using server = await HttpServer.open(() => ({ json: { items: [], next: null } }))
    expect((await world.runOne(fromApi(server, byToken, { guard: undefined }))).error).toMatchObject({ code: 'NO_COLUMNS' })
  })

  test.each(['text/csv', 'application/x-ndjson'])('%s that ends with its connection may be cut short anywhere', async (type) => {
    using world = new World()
    fillTarget(world)
    await using server = await HttpServer.open(() => (response) => {
      response.socket?.end(
        `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nConnection: close\r\n\r\n${type === 'text/csv' ? 'id,name\n1,x\n' : '{"id":1}\n'}`,
      )
    })
    expect((await world.runOne(fromApi(server, { resource: '/contacts' }))).error).toMatchObject({ code: 'OPEN_END' })
    expect(isUntouched(world)).toBe(true)
  })
})

describe('a page that is bad once is asked for again', () => {
  test.each<[string, Answer]>([
    ['breaks off', cutAfter(page, 100)],
    ['is cut short within good HTTP', { body: page.slice(0, 100), headers: { 'content-type': 'application/json' } }],
    ['fails', { status: 500 }],
    ['hangs up', hangUp],
    ['comes too soon', { status: 429, headers: { 'retry-after': '0' } }],
  ])('that %s', async (_, answer) => {
    using world = new World()
    let times = 0
    await using server = await HttpServer.open((request) => (request.query.get('after') === '10' && times++ === 0 ? answer : good(request)))
    expect(await world.runOne(fromApi(server, byToken))).toMatchObject({ error: null, counts: { inserted: 25, rejected: 0 } })
    expect(idsOf(world)).toEqual(people.map(({ id }) => id))
  })

  test('a storm of 429 is waited out', async () => {
    using world = new World()
    let times = 0
    await using server = await HttpServer.open((request) =>
      times++ % 3 === 0 ? { status: 429, headers: { 'retry-after': '0.01' } } : good(request),
    )
    expect(await world.runOne(fromApi(server, byToken))).toMatchObject({ error: null, counts: { inserted: 25 } })
  })

  test.each([
    ['says nothing for too long', async (): Promise<Answer> => silence],
    [
      'stops in the middle of a page',
      async (): Promise<Answer> => async (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        await new Promise((settle) => response.write('{"items":[', settle))
      },
    ],
  ])('a server that %s is asked again, and fails the run where it stays so', async (_, slow) => {
    using world = new World()
    fillTarget(world)
    let bad = 1
    await using server = await HttpServer.open((request) => (request.query.has('after') && bad-- > 0 ? slow() : paged(people)(request)))
    const config = fromApi(server, byToken, {}, { timeouts: { response: '300 ms', idle: '300 ms' } })
    bad = Infinity
    const failed = await world.runOne(config)
    expect(failed).toMatchObject({ status: 'failed', error: { fix: 'retry' } })
    expect(isUntouched(world)).toBe(true)
    bad = 1
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 25, deleted: 1 } })
  })

  test('a login that runs out midway is renewed', async () => {
    using world = new World()
    let token = 0
    await using server = await HttpServer.open((request) => {
      if (request.path === '/token') return { json: { access_token: `t${++token}`, expires_in: 3600 } }
      const isOld = request.query.get('after') === '20' && token === 1
      return request.headers.authorization === `Bearer t${token}` && !isOld ? good(request) : { status: 401 }
    })
    const oauth2 = { token_url: `${server.url}/token`, client_id: 'me', client_secret: 'pw' }
    expect(await world.runOne(fromApi(server, byToken, {}, { auth: { oauth2 } }))).toMatchObject({ error: null, counts: { inserted: 25 } })
    expect(token).toBe(2)
  })
})

test('a link to another host is not followed: credentials stay where they belong', async () => {
  using world = new World()
  fillTarget(world)
  await using other = await HttpServer.open(() => ({ json: { items: [] } }))
  await using server = await HttpServer.open(() => ({ json: { items: people, next: `${other.url}/v2/contacts?page=2` } }))
  const from: From = { resource: '/contacts', rows: '$.items', paginate: { next: '$.next' } }
  const result = await world.runOne(fromApi(server, from, {}, { auth: { bearer: 's3cret' } }))
  expect(result.error).toMatchObject({ code: 'OTHER_HOST', message: expect.stringContaining(other.url) })
  expect(other.requests).toEqual([])
  expect(isUntouched(world)).toBe(true)
})

test('no secret reaches a result, the state or a log', async () => {
  using world = new World()
  const secrets = ['t0ken-s3cret', 'par4m-s3cret', 'he4der-s3cret', 'b0dy-s3cret', 'value-s3cret']
  await using server = await HttpServer.open(() => ({ status: 500, body: 'b0dy-s3cret', headers: { 'x-secret': 'b0dy-s3cret' } }))
  const from: From = { resource: '/contacts?sig=par4m-s3cret', params: { key: 'par4m-s3cret' } }
  const connection = { auth: { bearer: 't0ken-s3cret' }, headers: { 'x-key': 'he4der-s3cret' }, params: { k: 'par4m-s3cret' } }
  const config = fromApi(server, from, {}, connection)
  const said: string[] = []
  const logger = { debug: (message: string) => void said.push(message), warn: (message: string) => void said.push(message) }
  await using syncline = await openSyncline({ config, cwd: world.folder, logger })
  said.push(JSON.stringify(await syncline.run().results), JSON.stringify(await syncline.check()), JSON.stringify(await syncline.runs()))
  for (const name of readdirSync(world.folder, { recursive: true, withFileTypes: true }))
    if (name.isFile()) said.push(readFileSync(join(name.parentPath, name.name), 'latin1'))
  expect(said.join('\n')).toContain('was answered with 500')
  for (const secret of secrets) expect(said.join('\n')).not.toContain(secret)
})

test.each<[string, string, From, string]>([
  ['text/csv', 'id\n1\n', { resource: '/a', rows: '$.items' }, 'expected rows at $.items, found csv'],
  ['text/csv', 'id\n1\n', { resource: '/a', paginate: { token: '$.next', param: 'a' } }, 'expected a page that tells of the next one'],
  [
    'application/x-ndjson',
    '{"id":1}\n',
    { resource: '/a', paginate: { page: 'p', total: '$.t' } },
    'expected a page that tells of the next one',
  ],
  ['application/xml', '<a><b id="1"/></a>', { resource: '/a' }, 'expected `rows` to name elements'],
  ['application/xml', '<a><b id="1"/></a>', { resource: '/a', rows: '$.a.b[*]' }, 'expected `rows` to name elements'],
  ['application/xml', '<a><b id="1"/></a>', { resource: '/a', rows: '$.a.c.d' }, 'expected rows at $.a.c.d'],
  ['application/xml', '<a><b id="1"></a>', { resource: '/a', rows: '$.a.b' }, 'expected XML'],
  ['application/xml', '<a><b id="1"/>', { resource: '/a', rows: '$.a.b' }, 'the XML is cut short'],
  ['application/xml', '<!DOCTYPE a [<!ENTITY x "s3cret">]><a><b>&x;</b></a>', { resource: '/a', rows: '$.a.b' }, 'expected XML'],
])('%s %j is refused: a page that says nothing of the next one is not the last', async (type, body, from, message) => {
  using world = new World()
  fillTarget(world)
  await using server = await HttpServer.open(() => ({ body, headers: { 'content-type': type, 'content-length': String(body.length) } }))
  const { error } = await world.runOne(fromApi(server, from))
  expect(error?.message).toContain(message)
  expect(isUntouched(world)).toBe(true)
})

test.each<[From, string, string | undefined]>([
  [{ resource: '/a', rows: 'items' }, '`rows`: expected a path', undefined],
  [{ resource: '/a', paginate: { token: '$.next' } }, '`paginate.param`', undefined],
  [{ resource: '/a', paginate: { page: 'p', token: '$.next', param: 'a' } }, 'expected one of page, offset, token, last, next', undefined],
  [{ resource: '/a/{id}' }, '`parent` of the resource `/a/{id}`', 'parent: {'],
  [{ resource: '/a', parent: { resource: '/b' } }, '`parent` of the resource `/a`', undefined],
  [{ resource: '/a', body: { a: 1 } }, '`method` of the resource `/a`: expected POST', undefined],
  [{ resource: '/a', header: true }, '`header` is not an option of the resource `/a`', 'headers'],
  [{ resource: '/a', paginate: { page: 'p', stop: 'short' } }, '`paginate.size`', undefined],
  [{ resource: '/a', cursor_format: 'unix' }, '`cursor_param`', undefined],
])('%j is refused: %s', async (from, message, hint) => {
  using world = new World()
  await using server = await HttpServer.open(good)
  const { error } = await world.runOne(fromApi(server, from))
  expect(error).toMatchObject({
    fix: 'config',
    message: expect.stringContaining(message),
    ...(hint ? { hint: expect.stringContaining(hint) } : {}),
  })
  expect(server.requests).toEqual([])
})
