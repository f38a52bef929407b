import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Endpoint, ReadRequest } from '../../src/connectors/connector.ts'
import { rest } from '../../src/connectors/rest/rest.ts'
import { silentLogger } from '../../src/core/logger.ts'
import { HttpServer } from '../services/http.ts'
import { type Cells, Exchange, formsOf, only, sorted } from './exchange.ts'

// What `describeConnector` asks of a reader, for an API that nobody writes to: its cases fill what they read by the connector.

const people = Array.from({ length: 1_200 }, (_, i) => ({
  id: i,
  name: i % 3 === 0 ? null : i % 3 === 1 ? '' : `n "${i}",\n`,
  doc: { n: 1.5 },
}))
const cells = people.map(({ id, name }): Cells => [String(id), name, '{"n":1.5}'])
const table = { name: '/people', options: { rows: '$.items', paginate: { token: '$.next', param: 'after' } } }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-rest-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function open(server: HttpServer, signal = new AbortController().signal): Promise<Endpoint> {
  const context = {
    connection: 'crm',
    baseDirectory: folder,
    temporaryDirectory: folder,
    end: 'source' as const,
    signal,
    logger: silentLogger,
  }
  return await rest.open(rest.parseOptions({ url: server.url }), context)
}

async function served(): Promise<HttpServer> {
  return await HttpServer.open(({ path, query }) => {
    if (path !== '/people') return { status: 404 }
    const from = Number(query.get('after') ?? 0)
    return { json: { items: people.slice(from, from + 500), next: from + 500 < people.length ? String(from + 500) : null } }
  })
}

describe('rest: source', () => {
  test('every form that a read gives tells the same rows, again and again, and counts them', async () => {
    await using server = await served()
    await using endpoint = await open(server)
    await using exchange = await Exchange.open(folder)
    await using view = await endpoint.reader?.snapshot()
    const read = await view?.read({ source: { table } })
    if (!view || !read) throw new Error('expected a reader')
    const forms = formsOf(read)
    expect(forms).not.toEqual([])
    for (const form of [...forms, ...forms]) {
      expect(await exchange.texts(only(read, form))).toEqual(sorted(cells))
      expect(read.given?.()).toBe(cells.length)
    }
    expect(await view.count({ source: { table } })).toBe(cells.length)
    expect(server.requests).toHaveLength(3)
  })

  test('a table is described by its first page, as open to more columns', async () => {
    await using server = await served()
    await using endpoint = await open(server)
    expect(await endpoint.describe(table)).toMatchObject({
      open: true,
      key: [],
      columns: [
        { name: 'id', type: { kind: 'text' }, untyped: true },
        { name: 'name', type: { kind: 'text' } },
        { name: 'doc', type: { kind: 'json' } },
      ],
    })
    expect(server.requests).toHaveLength(1)
  })

  test.each([0, 1, 700])('a limit of %i is honoured', async (limit) => {
    await using server = await served()
    await using endpoint = await open(server)
    await using exchange = await Exchange.open(folder)
    await using view = await endpoint.reader?.snapshot()
    const request = { source: { table }, limit }
    const read = await view?.read(request)
    if (!read) throw new Error('expected a reader')
    expect(await exchange.texts(read)).toEqual(sorted(cells.slice(0, limit)))
    expect(await view?.count(request)).toBe(limit)
  })

  test.each<[string, Partial<ReadRequest>]>([
    ['columns', { columns: ['id'] }],
    ['where', { where: 'id > 1' }],
    ['cursor', { cursor: { column: 'id', from: '1' } }],
    ['keys', { keys: { columns: ['id'], values: [['1']] } }],
    ['query', { source: { query: 'select 1' } }],
  ])('%s is refused', async (_, part) => {
    await using server = await served()
    await using endpoint = await open(server)
    await using view = await endpoint.reader?.snapshot()
    await expect(view?.read({ source: { table }, ...part })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    expect(server.requests).toEqual([])
  })

  test('reading a resource that is not there is refused by name', async () => {
    await using server = await served()
    await using endpoint = await open(server)
    await using view = await endpoint.reader?.snapshot()
    await expect(view?.read({ source: { table: { name: '/nowhere' } } })).rejects.toThrow(/nowhere/)
  })

  test('an aborted signal ends a read with its reason, on the way and in the rows', async () => {
    const stop = new AbortController()
    await using server = await served()
    await using endpoint = await open(server, stop.signal)
    await using view = await endpoint.reader?.snapshot()
    const read = await view?.read({ source: { table } })
    const drain = async () => {
      for await (const chunk of read?.csv?.(1)[0] ?? []) {
        expect(chunk).toBeDefined()
        stop.abort(new Error('stopped by the test'))
      }
    }
    await expect(drain()).rejects.toThrow('stopped by the test')
    await expect(view?.read({ source: { table }, limit: 3 })).rejects.toThrow('stopped by the test')
  })

  test('nothing is left in the directory of a run', async () => {
    const { readdirSync } = await import('node:fs')
    await using server = await served()
    {
      await using endpoint = await open(server)
      await using view = await endpoint.reader?.snapshot()
      await view?.read({ source: { table } })
      expect(readdirSync(folder)).toHaveLength(1)
    }
    expect(readdirSync(folder)).toEqual([])
  })
})
