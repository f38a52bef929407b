import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Handle, HttpServer, silence } from '../services/http.ts'
import { installedCommand } from '../services/installed-command.ts'
import { byToken, type From, fillTarget, fromApi, idsOf, isUntouched, paged, people } from './rest-world.ts'
import { World } from './world.ts'

/** An API that fails from the third page on, until it is well. */
function ailing() {
  const state = { isWell: false, people }
  const handle: Handle = (request) =>
    request.query.get('after') === '20' && !state.isWell ? { status: 500 } : paged(state.people)(request)
  return { state, handle }
}

/** Files that are kept with rows in them. */
function keptFiles(world: World): readonly string[] {
  const folder = join(world.folder, '.syncline')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /rows\.ndjson|progress\.json/.test(name))
}

describe('a read that broke off', () => {
  test('goes on after its last complete page', async () => {
    using world = new World()
    fillTarget(world)
    const { state, handle } = ailing()
    await using server = await HttpServer.open(handle)
    expect(await world.runOne(fromApi(server, byToken))).toMatchObject({ status: 'failed', error: { code: 'SERVER_FAILED' } })
    expect(isUntouched(world)).toBe(true)
    expect(keptFiles(world)).toHaveLength(2)
    for (const name of keptFiles(world)) expect(statSync(join(world.folder, '.syncline', name)).mode & 0o077).toBe(0)
    state.isWell = true
    const before = server.requests.length
    expect(await world.runOne(fromApi(server, byToken))).toMatchObject({
      error: null,
      counts: { read: 25, inserted: 23, updated: 1, deleted: 1 },
    })
    // One look at the columns, and the page that was missing.
    expect(server.asked.slice(before)).toEqual(['GET /v2/contacts', 'GET /v2/contacts?after=20'])
    expect(idsOf(world)).toEqual(people.map(({ id }) => id))
    expect(keptFiles(world)).toEqual([])
  })

  test('begins anew once it was complete', async () => {
    using world = new World()
    const { state, handle } = ailing()
    state.isWell = true
    await using server = await HttpServer.open(handle)
    await world.runOne(fromApi(server, byToken))
    state.people = people.slice(0, 24)
    expect((await world.runOne(fromApi(server, byToken))).counts).toMatchObject({ read: 24, deleted: 1 })
  })

  test.each<[string, Partial<From>]>([
    ['is off', { resume: 'off' }],
    ['would be of another request', { params: { other: 'x' } }],
    ['would be too old', { resume: '1 ms' }],
  ])('begins anew where resuming %s', async (_, second) => {
    using world = new World()
    const { state, handle } = ailing()
    await using server = await HttpServer.open(handle)
    await world.runOne(fromApi(server, byToken))
    state.isWell = true
    const before = server.requests.length
    expect(await world.runOne(fromApi(server, { ...byToken, ...second }))).toMatchObject({ error: null, counts: { read: 25 } })
    expect(server.requests.length - before).toBe(4)
  })

  test('begins anew by page: rows may have moved from a page that is to come to one that was read', async () => {
    using world = new World()
    let isWell = false
    await using server = await HttpServer.open((request) =>
      request.query.get('page') === '3' && !isWell ? { status: 500 } : paged(people)(request),
    )
    const config = fromApi(server, { resource: '/contacts', rows: '$.items', paginate: { page: 'page' } })
    expect(await world.runOne(config)).toMatchObject({ status: 'failed' })
    expect(keptFiles(world)).toEqual([])
    isWell = true
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 25 } })
  })

  test('begins anew where the server no longer knows the token', async () => {
    using world = new World()
    const { handle } = ailing()
    let run = 1
    await using server = await HttpServer.open((request) => {
      if (run === 1) return handle(request)
      const from = request.query.get('after')?.replace('new-', '')
      if (request.query.has('after') && !request.query.get('after')?.startsWith('new-')) return { status: 410 }
      const items = people.slice(Number(from ?? 0), Number(from ?? 0) + 10)
      return { json: { items, next: items.length < 10 ? null : `new-${Number(from ?? 0) + 10}` } }
    })
    await world.runOne(fromApi(server, byToken))
    run = 2
    expect(await world.runOne(fromApi(server, byToken))).toMatchObject({ error: null, counts: { read: 25, inserted: 25 } })
  })

  test('goes on after its last complete page where the process was killed, and one plan beside it takes nothing away', async () => {
    using world = new World()
    fillTarget(world)
    const stalled = Promise.withResolvers<void>()
    let isWell = false
    await using server = await HttpServer.open((request) => {
      if (request.query.get('after') !== '20' || isWell) return paged(people)(request)
      stalled.resolve()
      return silence
    })
    const config = fromApi(server, byToken)
    world.write('syncline.yaml', JSON.stringify(config))
    const child = spawn(process.execPath, [await installedCommand(), 'run'], {
      cwd: world.folder,
      stdio: 'ignore',
    })
    const ended = new Promise((settle) => child.on('close', settle))
    await stalled.promise
    isWell = true
    // The pages are the run's as long as it lives.
    const before = server.requests.length
    expect(await world.plan(config)).toMatchObject({ error: null, counts: { read: 25 } })
    expect(server.requests.length - before).toBe(4)
    child.kill('SIGKILL')
    await ended
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 25, deleted: 1 } })
    expect(server.asked.slice(before + 4)).toEqual(['GET /v2/contacts', 'GET /v2/contacts?after=20'])
    expect(keptFiles(world)).toEqual([])
  })
})
