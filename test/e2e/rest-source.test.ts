import { describe, expect, test } from 'vitest'
import { HttpServer } from '../services/http.ts'
import { byToken, type From, fromApi, idsOf, paged, people } from './rest-world.ts'
import { World } from './world.ts'

const all = people.map(({ id }) => id)

describe('pages', () => {
  test.each<[string, NonNullable<From['paginate']>, number]>([
    ['numbers', { page: 'page' }, 4],
    ['numbers, with a total', { page: 'page', total: '$.total' }, 4],
    ['numbers, to a short page', { page: 'page', size: 10, stop: 'short' }, 3],
    ['numbers, as long as there are more', { page: 'page', more: '$.more' }, 3],
    ['offsets', { offset: 'offset', limit: 'limit', size: 10 }, 4],
    ['tokens', { token: '$.next', param: 'after' }, 3],
    ['the last row', { last: 'id', param: 'after' }, 4],
  ])('by %s are read to the end', async (_, paginate, pages) => {
    using world = new World()
    await using server = await HttpServer.open(paged(people))
    const config = fromApi(server, { resource: '/contacts', rows: '$.items', paginate })
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 25, inserted: 25 } })
    expect(idsOf(world)).toEqual(all)
    // The first page is looked at once more, for its columns.
    expect(server.requests).toHaveLength(pages + 1)
    expect((await world.runOne(config)).counts).toMatchObject({ unchanged: 25, inserted: 0, updated: 0, deleted: 0 })
  })

  test('are of the size that the server gives, whatever was asked for', async () => {
    using world = new World()
    await using server = await HttpServer.open(paged(people, 4))
    const paginate = { offset: 'offset', limit: 'limit', size: 10 }
    await world.runOne(fromApi(server, { resource: '/contacts', rows: '$.items', paginate }))
    expect(idsOf(world)).toEqual(all)
    expect(server.asked).toContain('GET /v2/contacts?limit=10&offset=4')
  })

  test.each(['body', 'header'])('follow links in the %s, absolute and relative', async (place) => {
    using world = new World()
    await using server = await HttpServer.open(({ query }) => {
      const page = Number(query.get('p') ?? 0)
      const items = people.slice(page * 10, page * 10 + 10)
      const link = page === 0 ? `${server.url}/v2/contacts?p=1&sig=a%2Fb%20c` : page === 1 ? '?p=2' : null
      if (place === 'body') return { json: { items, links: { next: link } } }
      const headers = link === null ? {} : { link: `<https://x.example/?a=,;>; rel="prev", <${link}>; title="a, b"; rel="last next"` }
      return { json: { items }, headers }
    })
    const paginate = { next: place === 'body' ? '$.links.next' : 'link' }
    const from: From = { resource: '/contacts', params: { q: 'x' }, rows: '$.items', paginate }
    expect(await world.runOne(fromApi(server, from, {}, { auth: { api_key: { param: 'key', value: 'k' } } }))).toMatchObject({
      error: null,
    })
    expect(idsOf(world)).toEqual(all)
    expect(server.asked.slice(1)).toEqual([
      'GET /v2/contacts?q=x&key=k',
      'GET /v2/contacts?p=1&sig=a%2Fb+c&key=k',
      'GET /v2/contacts?p=2&key=k',
    ])
  })

  test('of a search have their parameters in its body', async () => {
    using world = new World()
    await using server = await HttpServer.open(({ body }) => {
      const { offset = 0, count, filter } = JSON.parse(body)
      return { json: { items: filter.active && count === 10 ? people.slice(offset, offset + 10) : [] } }
    })
    const paginate = { offset: 'offset', limit: 'count', size: 10, in: 'body' as const }
    const from: From = { resource: '/search', method: 'POST', body: { filter: { active: true } }, rows: '$.items', paginate }
    expect(await world.runOne(fromApi(server, from))).toMatchObject({ error: null, counts: { inserted: 25 } })
    expect(server.requests.map(({ method, headers }) => `${method} ${headers['content-type']}`)).toContain('POST application/json')
  })

  test('are not all read for a preview', async () => {
    using world = new World()
    await using server = await HttpServer.open(paged(people))
    const { openSyncline } = await import('../../src/index.ts')
    await using syncline = await openSyncline({ config: fromApi(server, byToken), cwd: world.folder })
    expect((await syncline.preview('s', 12)).rows).toHaveLength(12)
    expect(server.requests).toHaveLength(3)
  })
})

describe('rows', () => {
  test('keep every digit, and texts stay texts', async () => {
    using world = new World()
    const body = '[{"id":1,"n":12345678901234567890.1230,"code":"007","big":9007199254740993,"ok":true,"none":null,"e":1.5e3}]'
    await using server = await HttpServer.open(() => ({ body, headers: { 'content-type': 'application/json' } }))
    const result = await world.runOne(fromApi(server, { resource: '/a' }, { to: './t.csv', mode: 'replace' }))
    expect(result.error).toBe(null)
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(world.path('t.csv'), 'utf8')).toBe(
      'id,n,code,big,ok,none,e\n1,12345678901234567890.1230,007,9007199254740993,true,,1.5e3\n',
    )
  })

  test('may have more fields, and other kinds of values, than the first page shows', async () => {
    using world = new World()
    const rows = [
      { id: 1, a: 1, flag: true, mixed: 'text', late: null },
      { id: 2, a: 'x', flag: 'maybe', mixed: { n: 1 }, late: 'T', extra: { deep: [1.0] } },
    ]
    await using server = await HttpServer.open(paged(rows, 1))
    expect(await world.runOne(fromApi(server, byToken))).toMatchObject({ error: null, counts: { inserted: 2, rejected: 0 } })
    expect(world.rows('t.db', 'SELECT id, a, flag, mixed, late, extra FROM t ORDER BY id')).toEqual([
      [1n, '1', 'true', '"text"', null, null],
      [2n, 'x', 'maybe', '{"n":1}', 'T', '{"deep":[1]}'],
    ])
  })

  test('are flattened where that is asked for', async () => {
    using world = new World()
    const row = { id: 1, name: { first: 'A', last: null }, tags: ['x'], at: { geo: { lat: 1.5 } }, empty: {} }
    await using server = await HttpServer.open(() => ({ json: [row] }))
    await world.runOne(fromApi(server, { resource: '/a', flatten: true }))
    expect(world.rows('t.db', 'SELECT id, name_first, name_last, tags, at_geo_lat FROM t')).toEqual([[1n, 'A', null, '["x"]', '1.5']])
    await world.runOne(fromApi(server, { resource: '/a', flatten: '.' }, { to: './t.db#dotted' }))
    expect(world.rows('t.db', 'SELECT "at.geo.lat" FROM dotted')).toEqual([['1.5']])
  })

  test('that flatten to one name are refused', async () => {
    using world = new World()
    await using server = await HttpServer.open(() => ({ json: [{ id: 1, a_b: 1, a: { b: 2 } }] }))
    expect((await world.runOne(fromApi(server, { resource: '/a', flatten: true }))).error).toMatchObject({
      code: 'COLUMN_TWICE',
      message: expect.stringContaining('`a_b`'),
    })
  })

  test('are split into child tables, with the key of their parent and their position', async () => {
    using world = new World()
    const orders = [
      {
        id: 7,
        lines: [
          { sku: 'a', n: 1 },
          { sku: 'b', n: 2 },
        ],
      },
      { id: 8, lines: [] },
      { id: 9, lines: null },
      { id: 10 },
      { id: 11, lines: [{ sku: 'a', n: 3 }] },
    ]
    await using server = await HttpServer.open(paged(orders, 2))
    const split = { at: '$.lines', carry: { id: 'order_id' }, position: 'line' }
    const sync = { key: ['order_id', 'line'] }
    expect(await world.runOne(fromApi(server, { ...byToken, split }, sync))).toMatchObject({ error: null, counts: { inserted: 3 } })
    expect(world.rows('t.db', 'SELECT order_id, line, sku, n FROM t ORDER BY 1, 2')).toEqual([
      [7n, 1n, 'a', 1n],
      [7n, 2n, 'b', 2n],
      [11n, 1n, 'a', 3n],
    ])
    expect((await world.runOne(fromApi(server, { ...byToken, split }, sync))).counts).toMatchObject({ unchanged: 3 })
  })

  test('that are single values are split, too', async () => {
    using world = new World()
    await using server = await HttpServer.open(() => ({ json: [{ id: 7, tags: ['x', 'y'] }] }))
    const from: From = { resource: '/a', split: { at: '$.tags', carry: { id: 'id' } } }
    await world.runOne(fromApi(server, from, { key: ['id', 'position'] }))
    expect(world.rows('t.db', 'SELECT id, position, value FROM t ORDER BY 2')).toEqual([
      [7n, 1n, 'x'],
      [7n, 2n, 'y'],
    ])
  })

  test('of types that the config names are of those', async () => {
    using world = new World()
    await using server = await HttpServer.open(() => ({ json: [{ id: '1', at: '2024-01-31T10:00:00Z', n: 1 }] }))
    const from: From = { resource: '/a', columns: { id: 'integer', at: 'timestamptz(3)', n: 'decimal(9,2)', never: 'date' } }
    expect(await world.runOne(fromApi(server, from))).toMatchObject({ error: null })
    expect(world.rows('t.db', 'SELECT id, at, n, never FROM t')).toEqual([[1n, '2024-01-31 10:00:00+00', 1n, null]])
  })
})

describe('formats', () => {
  test('CSV by content type, with NULL apart from empty text', async () => {
    using world = new World()
    const body = 'id;name;note\r\n1;"a ""b""\r\nc";\r\n2;"";x'
    await using server = await HttpServer.open(() => ({
      body,
      headers: { 'content-type': 'text/csv; charset=utf-8', 'content-length': String(body.length) },
    }))
    expect(await world.runOne(fromApi(server, { resource: '/a', delimiter: ';' }))).toMatchObject({ error: null })
    expect(world.rows('t.db', 'SELECT id, name, note FROM t ORDER BY id')).toEqual([
      [1n, 'a "b"\r\nc', null],
      [2n, '', 'x'],
    ])
  })

  test('CSV in another encoding', async () => {
    using world = new World()
    const body = Buffer.from('id,name\n1,M\u00fcller\n', 'latin1')
    await using server = await HttpServer.open(() => ({ body, headers: { 'content-type': 'text/csv; charset=iso-8859-1' } }))
    await world.runOne(fromApi(server, { resource: '/a' }))
    expect(world.rows('t.db', 'SELECT name FROM t')).toEqual([['Müller']])
  })

  test('NDJSON by the end of a path, at a URL that stands for itself', async () => {
    using world = new World()
    await using server = await HttpServer.open(() => ({ body: '{"id":1}\n{"id":2}', headers: { 'content-length': '17' } }))
    const { openSyncline } = await import('../../src/index.ts')
    await using syncline = await openSyncline({ cwd: world.folder })
    const [result] = await syncline.copy(`${server.url}/data.ndjson?sig=s3cret`, './t.db#t', { mode: 'replace' }).results
    expect(result).toMatchObject({ error: null, counts: { inserted: 2 } })
    expect(JSON.stringify(await syncline.runs())).not.toContain('s3cret')
    expect(server.asked).toContain('GET /data.ndjson?sig=s3cret')
  })

  test('XML by element, with attributes, texts, documents and arrays', async () => {
    using world = new World()
    const xml = `<?xml version="1.0" encoding="ISO-8859-1"?><feed next="2" xmlns:xsi="x"><!-- c --><meta><total>2</total></meta>
      <entry id="1"><name>M\u00fcller &amp; Co</name><tag>a</tag><tag>b</tag><at lang="de">hier</at><none xsi:nil="true"/></entry>
      <entry id="2"><name><![CDATA[<x>]]></name><tag>c</tag><at lang="en">there</at></entry></feed>`
    await using server = await HttpServer.open(({ query }) => {
      const rest = '<feed><meta><total>2</total></meta></feed>'
      return { body: Buffer.from(query.has('p') ? rest : xml, 'latin1'), headers: { 'content-type': 'application/xml' } }
    })
    const paginate = { token: '$.feed.@next', param: 'p', total: '$.feed.meta.total' }
    const result = await world.runOne(fromApi(server, { resource: '/a', rows: '$.feed.entry', paginate }, { key: '@id' }))
    expect(result).toMatchObject({ error: null, counts: { inserted: 2 } })
    expect(world.rows('t.db', 'SELECT "@id", name, tag, at, none FROM t ORDER BY 1')).toEqual([
      [1n, 'Müller & Co', '["a","b"]', '{"@lang":"de","#text":"hier"}', null],
      [2n, '<x>', '"c"', '{"@lang":"en","#text":"there"}', null],
    ])
  })
})

describe('a field that a row lacks', () => {
  const alone = [{ id: 2, name: 'b' }]
  const inCompany = [...alone, { id: 3, name: 'c', zip: '3' }]
  const left = 'columns that only the target has keep their values: zip'

  test.each([
    ['is NULL where `columns` names it, though no row does', alone, { zip: 'text' }, null, []],
    ['is NULL where `columns` names it and another row has it', inCompany, { zip: 'text' }, null, []],
    ['is NULL where another row has it', inCompany, {}, null, []],
    ['is no column where nobody names it, which a note says', alone, {}, '02', [left]],
  ])('%s', async (_, rows, columns, zip, notes) => {
    using world = new World()
    world.sqlite('t.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, zip TEXT)', "INSERT INTO t VALUES (2, 'b', '02')")
    await using server = await HttpServer.open(() => ({ json: rows }))
    const result = await world.runOne(fromApi(server, { resource: '/people', columns }, { mode: 'upsert' }))
    expect(result).toMatchObject({ error: null, details: { notes } })
    expect(world.rows('t.db', 'SELECT zip FROM t WHERE id = 2')).toEqual([[zip]])
  })
})

describe('children', () => {
  const orders = Array.from({ length: 12 }, (_, i) => ({ id: i + 1, shop: 'north', number: `A/${i}` }))

  test('are read for every parent, side by side, with the columns that they carry', async () => {
    using world = new World()
    let open = 0
    let most = 0
    await using server = await HttpServer.open(async (request) => {
      if (request.path === '/v2/orders') return paged(orders, 5)(request)
      most = Math.max(most, ++open)
      await new Promise((settle) => setTimeout(settle, 10))
      open--
      const id = Number(request.path.split('/')[3])
      const lines = Array.from({ length: id % 3 }, (_, i) => ({ line: i + 1 }))
      return paged(lines, 1)(request)
    })
    const from: From = {
      ...byToken,
      resource: '/orders/{id}/lines',
      parent: {
        resource: '/orders',
        rows: '$.items',
        paginate: { token: '$.next', param: 'after' },
        carry: { id: 'order_id', shop: 'shop' },
      },
    }
    const config = fromApi(server, from, { key: ['order_id', 'line'] }, { concurrency: 3 })
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 12 } })
    expect(world.rows('t.db', 'SELECT order_id, line, shop FROM t WHERE order_id = 5 ORDER BY 2')).toEqual([
      [5n, 1n, 'north'],
      [5n, 2n, 'north'],
    ])
    expect(most).toBe(3)
    expect((await world.runOne(config)).counts).toMatchObject({ unchanged: 12 })
  })

  test('of a parent whose key has to be encoded, named after it where nothing is said', async () => {
    using world = new World()
    await using server = await HttpServer.open(({ path }) => ({ json: path === '/v2/orders' ? orders.slice(0, 1) : [{ id: 1 }] }))
    await world.runOne(fromApi(server, { resource: '/orders/{number}/lines', parent: { resource: '/orders' } }))
    expect(server.asked).toContain('GET /v2/orders/A%2F0/lines')
    expect(world.rows('t.db', 'SELECT parent_number, id FROM t')).toEqual([['A/0', 1n]])
  })

  test('of one parent that fail fail the read, and no value of it is named', async () => {
    using world = new World()
    world.sqlite('t.db', 'CREATE TABLE t (parent_id INTEGER, id INTEGER, PRIMARY KEY (parent_id, id))', 'INSERT INTO t VALUES (77, 1)')
    await using server = await HttpServer.open(({ path }) => {
      if (path === '/v2/orders') return { json: orders }
      return path === '/v2/orders/9/lines' ? { status: 404 } : { json: [{ id: 1 }] }
    })
    const from: From = { resource: '/orders/{id}/lines', parent: { resource: '/orders' } }
    expect((await world.runOne(fromApi(server, from, { key: ['parent_id', 'id'] }))).error).toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      message: 'crm: GET /orders/{id}/lines was answered with 404 (there is no such resource), for one of its parents (row 9 of `parent`)',
      hint: expect.stringContaining('that row may be gone meanwhile'),
    })
    expect(world.rows('t.db', 'SELECT * FROM t')).toEqual([[77n, 1n]])
  })

  test.each(['..', '', null, { a: 1 }])('of a parent whose key is %j are refused', async (id) => {
    using world = new World()
    await using server = await HttpServer.open(({ path }) => ({ json: path === '/v2/orders' ? [{ id }] : [{ id: 1 }] }))
    const from: From = { resource: '/orders/{id}/lines', parent: { resource: '/orders' } }
    expect((await world.runOne(fromApi(server, from))).error).toMatchObject({
      message: expect.stringContaining('the field `id` of every parent'),
    })
  })
})

test('GraphQL: the place of the next page goes into the variables of a query, beside those that are there', async () => {
  using world = new World()
  const query = 'query ($after: Int, $first: Int, $kind: String) { people { nodes { id name } pageInfo { endCursor hasNextPage } } }'
  await using server = await HttpServer.open(({ body }) => {
    const { query: asked, variables } = JSON.parse(body) as { query: string; variables: { after?: string; first: number; kind: string } }
    expect([asked, variables.kind, variables.first]).toEqual([query, 'person', 10])
    const from = Number(variables.after ?? 0)
    const pageInfo = { endCursor: String(from + 10), hasNextPage: from + 10 < people.length }
    return { json: { data: { people: { nodes: people.slice(from, from + 10), pageInfo } } } }
  })
  const graphql: From = {
    resource: '/graphql',
    method: 'POST',
    body: { query, variables: { kind: 'person' } },
    rows: '$.data.people.nodes',
    paginate: {
      token: '$.data.people.pageInfo.endCursor',
      param: '$.variables.after',
      more: '$.data.people.pageInfo.hasNextPage',
      limit: '$.variables.first',
      size: 10,
      in: 'body',
    },
  }
  expect(await world.runOne(fromApi(server, graphql))).toMatchObject({ error: null, counts: { inserted: 25 } })
  const inQuery = { ...graphql, paginate: { ...graphql.paginate, in: 'query' } } as From
  expect((await world.runOne(fromApi(server, inQuery))).error).toMatchObject({ code: 'BAD_OPTION', fix: 'config' })
})

test.each([1, 2, 3, 100])('a byte order mark before JSON is none of it, in chunks of %s bytes', async (size) => {
  using world = new World()
  await using server = await HttpServer.open(() => async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const bytes = Buffer.from('\ufeff[{"id":1},{"id":2}]')
    for (let at = 0; at < bytes.length; at += size) await new Promise((settle) => response.write(bytes.subarray(at, at + size), settle))
    response.end()
  })
  expect(await world.runOne(fromApi(server, { resource: '/contacts' }))).toMatchObject({ error: null, counts: { inserted: 2 } })
})
