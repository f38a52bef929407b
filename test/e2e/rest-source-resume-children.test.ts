import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Arrived, type Handle, HttpServer } from '../services/http.ts'
import { type From, fromApi } from './rest-world.ts'
import { World } from './world.ts'

/** Seven contacts on three pages, each with five notes on three pages, all by token. */
const contacts = Array.from({ length: 7 }, (_, index) => ({ id: index + 1 }))

function well({ path, query }: Arrived) {
  const from = Number(query.get('after') ?? 0)
  const [, , , contact] = path.split('/')
  const rows =
    contact === undefined ? contacts : Array.from({ length: 5 }, (_, at) => ({ number: at + 1, text: `note ${at + 1} of ${contact}` }))
  const size = contact === undefined ? 3 : 2
  return { json: { items: rows.slice(from, from + size), next: from + size < rows.length ? from + size : null } }
}

const paginate = { token: '$.next', param: 'after' }
const notes: From = {
  resource: '/contacts/{id}/notes',
  rows: '$.items',
  paginate,
  parent: { resource: '/contacts', rows: '$.items', paginate, carry: { id: 'contact' } },
}

/** Requests that tell the columns, before everything else: the first parents and the first page of each one's children. */
const look = 4

function configOf(server: HttpServer, concurrency: number, from: Partial<From> = {}) {
  return fromApi(server, { ...notes, ...from }, { key: ['contact', 'number'] }, { concurrency, retries: { times: 0 } })
}

const all = contacts.flatMap(({ id }) => [1, 2, 3, 4, 5].map((number) => [BigInt(id), BigInt(number), `note ${number} of ${id}`]))

function arrived(world: World) {
  return world.rows('t.db', 'SELECT contact, number, text FROM t ORDER BY contact, number')
}

function keptFiles(world: World): readonly string[] {
  const folder = join(world.folder, '.syncline')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ndjson|\.log|progress/.test(name))
    .map((name) => join(folder, name))
}

test('children of a read that broke off are not asked for again, page by page, and are readable by nobody else meanwhile', async () => {
  using world = new World()
  let isWell = false
  const handle: Handle = (request) =>
    !isWell && request.path.startsWith('/v2/contacts/4') && request.query.get('after') === '4' ? { status: 500 } : well(request)
  await using server = await HttpServer.open(handle)
  expect(await world.runOne(configOf(server, 1))).toMatchObject({ status: 'failed', error: { code: 'SERVER_FAILED' } })
  expect(keptFiles(world).length).toBeGreaterThan(0)
  for (const file of keptFiles(world)) expect(statSync(file).mode & 0o077).toBe(0)
  isWell = true
  const before = server.requests.length
  expect(await world.runOne(configOf(server, 1))).toMatchObject({ error: null, counts: { read: 35, inserted: 35 } })
  const page = (contact: number) => ['', '?after=2', '?after=4'].map((query) => `GET /v2/contacts/${contact}/notes${query}`)
  // The parents are known.
  expect(server.asked.slice(before + look)).toEqual(['GET /v2/contacts/4/notes?after=4', ...[5, 6, 7].flatMap(page)])
  expect(arrived(world)).toEqual(all)
  expect(keptFiles(world)).toEqual([])
})

test.each([1, 3])('wherever reads break off, with %s requests at a time, every child arrives once', async (concurrency) => {
  for (const breaks of [[0], [1, 1], [2, 4], [5, 3, 6], [9, 13], [13, 2, 5], [21], [22, 1]]) {
    using world = new World()
    let left = 0
    await using server = await HttpServer.open((request) => (left-- > 0 ? well(request) : { status: 503 }))
    for (const [run, after] of breaks.entries()) {
      left = after + look
      // Fewer or more of them than in the run before.
      expect((await world.runOne(configOf(server, concurrency + (run % 2)))).status).toBe('failed')
    }
    left = Infinity
    const before = server.requests.length
    expect(await world.runOne(configOf(server, concurrency))).toMatchObject({ error: null, counts: { read: 35, inserted: 35 } })
    expect(arrived(world)).toEqual(all)
    const [only = 0, more] = breaks
    if (more === undefined) expect(server.requests.length - before).toBe(look + 24 - only)
  }
})

test('a contact that is gone does not stand in the way of the next run', async () => {
  using world = new World()
  const state = { isGone: true, list: contacts }
  await using server = await HttpServer.open((request) => {
    if (state.isGone && request.path === '/v2/contacts/4/notes') return { status: 404 }
    const answer = well(request)
    return request.path === '/v2/contacts' ? { json: { items: state.list, next: null } } : answer
  })
  expect((await world.runOne(configOf(server, 1))).error).toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  state.list = contacts.filter(({ id }) => id !== 4)
  expect(await world.runOne(configOf(server, 1))).toMatchObject({ error: null, counts: { read: 30 } })
})

test('a child whose page is known by number begins anew, those that are complete do not', async () => {
  using world = new World()
  let isWell = false
  await using server = await HttpServer.open((request) => {
    const page = Number(request.query.get('page') ?? 1)
    if (!isWell && request.path === '/v2/contacts/2/notes' && page === 2) return { status: 500 }
    if (request.path === '/v2/contacts') return { json: { items: contacts.slice(0, 2) } }
    return { json: { items: page > 2 ? [] : [{ number: page }] } }
  })
  const config = configOf(server, 1, {
    paginate: { page: 'page' },
    parent: { resource: '/contacts', rows: '$.items', carry: { id: 'contact' } },
  })
  await world.runOne(config)
  isWell = true
  const before = server.requests.length
  expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 4 } })
  expect(server.asked.slice(before + 3)).toEqual([1, 2, 3].map((page) => `GET /v2/contacts/2/notes?page=${page}`))
})

test('a place in a child that the server no longer knows is read from its beginning', async () => {
  using world = new World()
  let isWell = false
  await using server = await HttpServer.open((request) => {
    const isChild = request.path !== '/v2/contacts'
    if (isChild && request.query.has('after') && request.path.includes('/3/'))
      return isWell && isFirst() ? { status: 410 } : { status: 500 }
    return well(request)
  })
  const isFirst = () => !server.asked.slice(mark + look).includes('GET /v2/contacts/3/notes')
  let mark = 0
  await world.runOne(configOf(server, 1))
  isWell = true
  mark = server.requests.length
  const run = await world.runOne(configOf(server, 1))
  // The token was refused, the child begun again, and its second page fails as before.
  expect(server.asked.slice(mark + look, mark + look + 3)).toEqual([
    'GET /v2/contacts/3/notes?after=2',
    'GET /v2/contacts/3/notes',
    'GET /v2/contacts/3/notes?after=2',
  ])
  expect(run.status).toBe('failed')
})
