import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { type Arrived, HttpServer } from '../services/http.ts'
import { paged } from './rest-world.ts'
import { World } from './world.ts'

const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'connect-rest.md'), 'utf8')
const examples = docs.split(/^## /m).flatMap((section) => {
  const title = section.slice(0, section.indexOf('\n'))
  return [...section.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, config = ''], index) => ({ title: `${title} ${index + 1}`, config }))
})

const people = [
  { id: 1, name: 'Ada', address: { city: 'London' }, phones: ['1', '2'], score: 1.5, updated_at: '2024-01-31T10:00:00Z' },
  { id: 2, name: 'Emmy', address: { city: 'Erlangen' }, phones: [], score: 2, updated_at: '2024-02-01T10:00:00.5Z' },
]
const contacts = Array.from({ length: 12 }, (_, i) => ({ id: i + 1 }))

/** The API that the page is about. */
function answer(request: Arrived) {
  const { path, query, method, body } = request
  if (path === '/token') return { json: { access_token: 'token', expires_in: 60 } }
  if (path === '/people') return { json: people }
  if (path === '/tickets/search' && method === 'POST' && JSON.parse(body).filter.state === 'open')
    return { json: { result: { tickets: [{ ticket: { id: 1 } }, { ticket: { id: 2 } }] } } }
  if (path.endsWith('/notes')) return { json: [{ number: 1, text: 'called' }] }
  if (path !== '/contacts') return { status: 404 }
  const from = Number(query.get('offset') ?? query.get('after') ?? 0)
  const links = { next: from + 5 < contacts.length ? `/contacts?after=${from + 5}` : undefined }
  const page = paged(contacts, 5)(request)
  return { json: { ...('json' in page ? (page.json as object) : {}), links } }
}

beforeEach(() => vi.stubEnv('API_TOKEN', 'token'))
afterEach(() => vi.unstubAllEnvs())

const inserted: Readonly<Record<string, readonly number[]>> = {
  'Where the rows are 1': [2],
  'Nested values 1': [2, 2],
  'Pages 1': [12, 12, 12, 12, 12],
  'Resources of resources 1': [12],
  'When a read breaks off 1': [12],
}

test('the page has its examples', () => {
  expect(examples).toHaveLength(11)
  expect(Object.keys(inserted).filter((title) => !examples.some((one) => one.title === title))).toEqual([])
})

test.each(examples)('$title: the config does what the page says, twice', async ({ title, config }) => {
  using world = new World()
  await using server = await HttpServer.open(answer)
  vi.stubEnv('API_URL', server.url)
  world.write('syncline.yaml', config)
  await using syncline = await openSyncline({ cwd: world.folder })
  const first = await syncline.run().results
  expect(first.map(({ error }) => error)).toEqual(first.map(() => null))
  expect(first.map(({ counts }) => counts.inserted)).toEqual(inserted[title] ?? [2])
  for (const { counts } of await syncline.run().results) expect(counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
})

test('credentials, headers and parameters of the page are sent', async () => {
  const { config = '' } = examples.find(({ title }) => title === 'Who you are 1') ?? {}
  using world = new World()
  await using server = await HttpServer.open(answer)
  vi.stubEnv('API_URL', server.url)
  world.write('syncline.yaml', config)
  await using syncline = await openSyncline({ cwd: world.folder })
  await syncline.run().results
  expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer token', 'x-tenant': 'north' })
  expect(server.asked[0]).toBe('GET /people?lang=de')
})
