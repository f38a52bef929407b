import { expect, test } from 'vitest'
import { type Answer, type Handle, HttpServer } from '../services/http.ts'
import { type From, fromApi } from './rest-world.ts'
import { World } from './world.ts'

interface Contact {
  readonly id: number
  readonly updated_at: string | null
}

/** An API that gives what is newer than its parameter says, by seconds and without the second itself. */
function strict(rows: readonly Contact[]): Handle {
  return ({ query }) => {
    const since = query.get('updated_since')
    const second = (text: string) => Math.floor(Date.parse(text) / 1_000)
    return { json: rows.filter(({ updated_at: at }) => since === null || at === null || second(at) > second(since)) }
  }
}

const untyped: From = { resource: '/contacts', cursor: 'updated_at', cursor_param: 'updated_since' }
const from: From = { ...untyped, columns: { updated_at: 'timestamptz' } }

function idsOf(world: World): readonly unknown[] {
  return world.rows('t.db', 'SELECT id FROM t ORDER BY id').map((row) => Number((row as readonly unknown[])[0]))
}

test('rows with the very value of the watermark are not missed, though the server leaves them out', async () => {
  using world = new World()
  const rows: Contact[] = [
    { id: 1, updated_at: '2024-01-31T10:00:00.100Z' },
    { id: 2, updated_at: '2024-01-31T10:00:00.500Z' },
  ]
  await using server = await HttpServer.open((request) => strict(rows)(request))
  const config = fromApi(server, from, { mode: 'upsert' })
  expect(await world.runOne(config)).toMatchObject({ error: null, watermark: '2024-01-31 10:00:00.5+00', counts: { inserted: 2 } })
  rows.push({ id: 3, updated_at: '2024-01-31T10:00:00.500Z' }, { id: 4, updated_at: '2024-01-31T10:00:07Z' })
  expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 3, inserted: 2, unchanged: 1 } })
  expect(server.asked.at(-1)).toBe('GET /v2/contacts?updated_since=2024-01-31T09%3A59%3A59Z')
  expect(idsOf(world)).toEqual([1, 2, 3, 4])
  expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0, unchanged: 1 })
})

test('nothing new is nothing to do, and the watermark stays', async () => {
  using world = new World()
  await using server = await HttpServer.open(({ query }) => ({
    json: query.has('updated_since') ? [] : [{ id: 1, updated_at: '2024-01-31' }],
  }))
  const config = fromApi(server, { ...untyped, columns: { updated_at: 'date' } }, { mode: 'upsert' })
  await world.runOne(config)
  expect(await world.runOne(config)).toMatchObject({ error: null, watermark: '2024-01-31', counts: { read: 0 } })
  expect(server.asked.at(-1)).toBe('GET /v2/contacts?updated_since=2024-01-30')
})

test('nothing new is nothing to do where the API shows nobody a row any more', async () => {
  using world = new World()
  const shown: object[] = [{ Id: 1, updated_at: '2024-01-31T10:00:00Z', name: 'one' }]
  await using server = await HttpServer.open(() => ({ json: shown }))
  const withType = fromApi(server, from, { mode: 'upsert', key: 'Id' })
  const noType = fromApi(
    server,
    { resource: '/contacts', cursor: 'updated_at', columns: {} },
    { mode: 'upsert', key: 'id', to: './u.db#t' },
  )
  world.sqlite('u.db', 'CREATE TABLE t (ID INTEGER PRIMARY KEY, updated_at DATE)')
  await world.runOne(withType)
  shown.pop()
  const quiet = { error: null, status: 'succeeded', counts: { read: 0, inserted: 0, updated: 0, deleted: 0 } }
  expect(await world.runOne(withType)).toMatchObject({
    ...quiet,
    watermark: '2024-01-31 10:00:00+00',
    details: { key: ['Id'], schema: [] },
  })
  expect(await world.runOne(withType)).toMatchObject(quiet)
  expect((await world.plan(withType)).status).toBe('succeeded')
  expect(world.rows('t.db', 'SELECT * FROM t')).toHaveLength(1)
  expect(await world.runOne(noType)).toMatchObject({ ...quiet, details: { schema: [] } })
  shown.push({ id: 2, updated_at: '2024-02-01' })
  expect(await world.runOne(noType)).toMatchObject({ error: null, watermark: '2024-02-01', counts: { inserted: 1 } })
  shown.pop()
  expect(await world.runOne(noType)).toMatchObject({ ...quiet, watermark: '2024-02-01' })
})

test('other parameters are other rows: their watermark is not taken over', async () => {
  using world = new World()
  await using server = await HttpServer.open(() => ({ json: [{ id: 1, updated_at: 5 }] }))
  await world.runOne(fromApi(server, { ...untyped, params: { status: 'open' } }, { mode: 'upsert' }))
  await world.runOne(fromApi(server, { ...untyped, params: { status: 'closed' } }, { mode: 'upsert' }))
  expect(server.asked.filter((asked) => asked.includes('updated_since'))).toEqual([])
  await world.runOne(fromApi(server, { ...untyped, params: { status: 'closed' } }, { mode: 'upsert' }))
  expect(server.asked.at(-1)).toBe('GET /v2/contacts?status=closed&updated_since=4')
})

test('an append takes each row once, rows without a cursor every time', async () => {
  using world = new World()
  const rows: Contact[] = [{ id: 1, updated_at: '2024-01-31T10:00:00Z' }]
  await using server = await HttpServer.open((request) => strict(rows)(request))
  const config = fromApi(server, from, { mode: 'append' })
  await world.runOne(config)
  rows.push({ id: 2, updated_at: '2024-01-31T10:00:00Z' }, { id: 3, updated_at: null })
  expect((await world.runOne(config)).counts).toMatchObject({ inserted: 2 })
  expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0 })
  expect(idsOf(world)).toEqual([1, 2, 3])
})

test('texts have no order: a cursor of text is refused, with the way out', async () => {
  using world = new World()
  await using server = await HttpServer.open(() => ({ json: [{ id: 1, updated_at: '2024-01-31T10:00:00Z' }] }))
  expect((await world.runOne(fromApi(server, untyped, { mode: 'upsert' }))).error).toMatchObject({
    code: 'CURSOR_TYPE',
    hint: expect.stringContaining('columns: { updated_at: timestamptz }'),
  })
})

const csvOf = (...lines: readonly string[]): Answer => ({ headers: { 'content-type': 'text/csv' }, body: `id,at\n${lines.join('\n')}` })

test.each<[string, string, Answer, Answer]>([
  ['CSV of moments', './t.csv', csvOf('1,2024-01-31T10:00:00Z'), csvOf()],
  ['CSV of moments', './t.json', csvOf('1,2024-01-31T10:00:00Z'), csvOf()],
  ['JSON of numbers', './t.csv', { json: [{ id: 1, at: 5 }] }, { json: [] }],
  ['JSON of numbers', './t.xlsx#S', { json: [{ id: 1, at: 5 }] }, { json: [] }],
])('a read of %s without rows tells no type, and is no failure, for a target without types: %s', async (_, to, first, second) => {
  using world = new World()
  let now = first
  await using server = await HttpServer.open(() => now)
  for (const mode of ['upsert', 'append']) {
    const config = fromApi(server, { resource: '/contacts', cursor: 'at' }, { mode, to: to.replace('/t', `/${mode}`) })
    now = first
    const { watermark } = await world.runOne(config)
    now = second
    for (const _again of [1, 2])
      expect(await world.runOne(config)).toMatchObject({ error: null, watermark, counts: { read: 0, inserted: 0 } })
    expect(watermark).not.toBeNull()
  }
})
