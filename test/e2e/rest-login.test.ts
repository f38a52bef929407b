import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { type Arrived, HttpServer } from '../services/http.ts'
import { ResourceServer } from '../services/resource-server.ts'
import { command } from './command.ts'
import { byToken, fromApi, idsOf, paged, people } from './rest-world.ts'
import { World } from './world.ts'

/** A token server that takes each refresh token once, as RFC 9700 has it, before an API that takes the newest access token alone. */
class Rotating {
  issued = 0
  /** The only refresh token that is taken. */
  newest = 'refresh-secret-0'
  refused = 0

  readonly handle = ({ path, body, headers, query }: Arrived) => {
    if (path === '/token') return this.#exchange(new URLSearchParams(body))
    const [, number] = /^Bearer access-secret-(\d+)$/.exec(headers.authorization ?? '') ?? []
    if (number === undefined || Number(number) > this.issued) return { status: 401 }
    return path === '/v2/list' ? { json: people } : paged(people)({ query } as Arrived)
  }

  #exchange(form: URLSearchParams) {
    if (form.get('refresh_token') !== this.newest) {
      this.refused++
      return { status: 400, json: { error: 'invalid_grant' } }
    }
    const number = ++this.issued
    this.newest = `refresh-secret-${number}`
    return { json: { access_token: `access-secret-${number}`, expires_in: 3600, refresh_token: this.newest } }
  }
}

function oauth2(server: { readonly url: string }, more: object = {}) {
  const login = { client_id: 'me', client_secret: 'client-secret', refresh_token: 'refresh-secret-0', ...more }
  return { auth: { oauth2: { token_url: new URL('/token', server.url).href, ...login } } }
}

/** Every file that is kept, and what is in it. */
function kept(world: World): readonly { readonly path: string; readonly mode: number; readonly bytes: string }[] {
  const folder = world.path('.syncline')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name)
    const facts = statSync(path)
    return facts.isFile() ? [{ path: name, mode: facts.mode & 0o777, bytes: readFileSync(path, 'latin1') }] : []
  })
}

describe('refresh tokens that are taken once', () => {
  test('the newest is kept from one run to the next, and from a look at the connection, too', async () => {
    using world = new World()
    const api = new Rotating()
    await using server = await HttpServer.open(api.handle)
    const config = fromApi(server, byToken, {}, oauth2(server))
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 25 } })
    await using syncline = await openSyncline({ config, cwd: world.folder })
    expect(await syncline.discover('crm#/list')).toHaveProperty('table')
    expect((await world.plan(config)).error).toBeNull()
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { unchanged: 25 } })
    expect(api).toMatchObject({ issued: 4, refused: 0 })
  })

  test('a source and a target with one login, and two processes at once, spend each of them once', async () => {
    using world = new World()
    const api = new Rotating()
    await using login = await HttpServer.open(api.handle)
    await using server = await ResourceServer.start({
      key: 'id',
      trouble: ({ headers }) => (headers.authorization?.startsWith('Bearer access-secret-') ? undefined : { status: 401 }),
    })
    for (const id of [1, 2, 3]) server.items.set(String(id), JSON.stringify({ id }))
    const sync = (to: string) => ({
      from: { connection: 'api', resource: '/items', rows: '$.items' },
      to: { connection: 'api', object: to, read: { rows: '$.items' } },
      mode: 'mirror',
      key: 'id',
    })
    const config = { connections: { api: { type: 'rest', url: server.url, ...oauth2(login) } }, syncs: { a: sync('/a'), b: sync('/b') } }
    world.write('syncline.yaml', JSON.stringify(config))
    const ended = await Promise.all(['a', 'b'].map(async (name) => await command(world.folder, ['run', name, '--json', '--verbose'])))
    for (const { code, stdout, stderr } of ended) {
      expect(code, stdout + stderr).toBe(0)
      expect(stdout + stderr).not.toContain('-secret')
    }
    expect([server.resources.get('a')?.size, server.resources.get('b')?.size]).toEqual([3, 3])
    expect(api.refused).toBe(0)
    expect(api.issued).toBeGreaterThanOrEqual(4)
  })

  test('they rest in a file of their owner, encrypted; no other file has a secret, the database of the state least', async () => {
    using world = new World()
    const api = new Rotating()
    await using server = await HttpServer.open(api.handle)
    await world.runOne(fromApi(server, byToken, {}, oauth2(server)))
    const files = kept(world)
    expect(files.map(({ path }) => path)).toContain('state.db')
    const [token] = files.filter(({ path }) => path.endsWith('.token'))
    expect(token).toMatchObject({ mode: 0o600, path: expect.stringMatching(/^logins.[0-9a-f]{32}\.token$/) })
    expect(statSync(world.path('.syncline/logins')).mode & 0o777).toBe(0o700)
    for (const { path, bytes } of files) expect(`${path} ${bytes.includes('-secret')}`).toBe(`${path} false`)
  })

  test('another one in the config is taken in its place', async () => {
    using world = new World()
    const api = new Rotating()
    await using server = await HttpServer.open(api.handle)
    await world.runOne(fromApi(server, byToken, {}, oauth2(server)))
    api.newest = 'refresh-secret-anew'
    const spent = await world.runOne(fromApi(server, byToken, {}, oauth2(server)))
    expect(spent.error).toMatchObject({
      code: 'LOGIN_FAILED',
      message: 'crm: the token server answered with 400 (invalid_grant) and no token',
      hint: 'the refresh token that the server gave last is no longer taken: authorize anew, and put the new one into the config',
    })
    const config = fromApi(server, byToken, {}, oauth2(server, { refresh_token: 'refresh-secret-anew' }))
    expect((await world.runOne(config)).error).toBeNull()
    expect(idsOf(world)).toHaveLength(25)
  })

  test('a file that was damaged is not taken for a token', async () => {
    using world = new World()
    const api = new Rotating()
    await using server = await HttpServer.open(api.handle)
    const config = fromApi(server, byToken, {}, oauth2(server))
    await world.runOne(config)
    const [token] = kept(world).filter(({ path }) => path.endsWith('.token'))
    world.write(join('.syncline', token?.path ?? ''), Buffer.from(`${token?.bytes.slice(0, -1)}x`, 'latin1'))
    api.newest = 'refresh-secret-0'
    expect((await world.runOne(config)).error).toBeNull()
  })
})
