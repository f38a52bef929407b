import { readdirSync, rmSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ResourceServerOptions } from '../services/resource-server.ts'
import { Api, put, withoutKey } from './rest-api.ts'

describe('what was sent is remembered', () => {
  test('a mirror inserts, updates and deletes by requests, and finds nothing the second time', async () => {
    await using api = await Api.start()
    api.rows('1,one,1.10', '2,two,2.20', '3,three,3.30')
    expect(await api.run({ deletes: 'tracked' })).toMatchObject({
      status: 'succeeded',
      counts: { read: 3, inserted: 3, updated: 0, deleted: 0 },
    })
    expect(api.server.list).toEqual([
      { id: 1, name: 'one', net: 1.1 },
      { id: 2, name: 'two', net: 2.2 },
      { id: 3, name: 'three', net: 3.3 },
    ])
    const again = await api.run({ deletes: 'tracked' })
    expect(again).toMatchObject({ status: 'succeeded', counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 3 } })
    api.rows('1,one,1.10', '2,zwei,2.20', '4,four,4.40')
    const changed = await api.run({ deletes: 'tracked' })
    expect(changed).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1, unchanged: 1, rejected: 0 } })
    expect(api.server.received.slice(3).map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE /api/items/3',
      'PATCH /api/items/2',
      'POST /api/items',
    ])
    expect(changed.details.verified).toBe('the API acknowledged 3 changes')
    expect(changed.details.notes.join('\n')).toContain('at least once')
  })

  test('rows that this sync did not create are never deleted', async () => {
    await using api = await Api.start()
    api.server.items.set('7', '{"id":7,"name":"theirs"}')
    api.server.items.set('8', '{"id":8,"name":"theirs, too"}')
    api.rows('7,ours,1.00', '9,new,1.00')
    await api.run({ ...put, deletes: 'tracked' })
    api.rows('10,other,1.00')
    const result = await api.run({ ...put, deletes: 'tracked' })
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1, deleted: 1 } })
    expect(api.ids).toEqual(['10', '7', '8'])
    expect(result.details.notes.join('\n')).toContain('1 row that the source no longer has stay in the API')
    expect((await api.run({ ...put, deletes: 'tracked' })).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
  })

  test('deletes have to be asked for', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2')
    await api.run({})
    api.rows('1,one,1')
    const result = await api.run({})
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'DELETES_NOT_ALLOWED', hint: expect.stringContaining('deletes: tracked') },
    })
    expect(api.ids).toEqual(['1', '2'])
  })

  test('a lost memory deletes nothing and sends upserts again', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2')
    await api.run({ ...put, deletes: 'tracked' })
    rmSync(api.world.path('.syncline/kept'), { recursive: true })
    api.rows('1,one,1')
    const result = await api.run({ ...put, deletes: 'tracked' })
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1, deleted: 0 } })
    expect(api.ids).toEqual(['1', '2'])
  })

  test('the memory is for its owner only, and plans read it without changing it', async () => {
    await using api = await Api.start()
    api.rows('1,one,1')
    expect(await api.world.plan(api.config({}))).toMatchObject({ status: 'differs', counts: { inserted: 1 } })
    expect(api.server.received).toEqual([])
    await api.run({})
    const kept = api.world.path('.syncline/kept')
    const files = readdirSync(kept, { recursive: true }).map((name) => `${kept}/${String(name)}`)
    const databases = files.filter((name) => /\.db/.test(name))
    expect(databases.length).toBeGreaterThan(0)
    for (const file of databases) expect(statSync(file).mode & 0o777).toBe(0o600)
    api.rows('1,eins,1')
    const plan = await api.world.plan(api.config({}))
    expect(plan).toMatchObject({ status: 'differs', counts: { updated: 1 } })
    expect(plan.details.notes.join()).toContain('compared with what was sent there before')
    expect(plan.details.schema).toEqual([])
  })

  test('another resource under the same name is filled from the beginning', async () => {
    await using one = await Api.start()
    await using two = await Api.start()
    one.rows('1,one,1')
    await one.run(put)
    const moved = one.config(put)
    const result = await one.world.runOne({ ...moved, connections: { api: { type: 'rest', url: two.server.url } } })
    expect(result.counts).toMatchObject({ inserted: 1 })
    expect(two.ids).toEqual(['1'])
  })
})

describe('single rows that are refused', () => {
  const refuses: ResourceServerOptions['refuses'] = ({ name }) => (String(name).startsWith('bad') ? `the name ${name} is taken` : undefined)

  test('are rejects with what the server said; the others are done', async () => {
    await using api = await Api.start({ refuses })
    api.rows('1,one,1', '2,bad two,2', '3,three,3')
    const result = await api.run({})
    expect(result).toMatchObject({ status: 'succeeded', counts: { read: 3, inserted: 2, rejected: 1 } })
    expect(await api.world.rejects(api.config({}))).toMatchObject([
      {
        reason: 'constraint',
        detail: 'the API refused the insert with 422',
        answer: '{"error":"the name bad two is taken"}',
        row: { id: '2', name: 'bad two', net: '2' },
      },
    ])
    api.rows('1,one,1', '2,good two,2', '3,bad three,3')
    const next = await api.run({})
    expect(next.counts).toMatchObject({ inserted: 1, updated: 0, unchanged: 1, rejected: 1 })
    expect(api.server.list.map(({ name }) => name)).toEqual(['one', 'good two', 'three'])
  })

  test('stop the run where that is asked for, which says what stays', async () => {
    await using api = await Api.start({ refuses })
    api.connection = { concurrency: 1 }
    api.rows('1,one,1', '2,bad two,2', '3,three,3', '4,four,4')
    const result = await api.run({}, { on_reject: 'stop' })
    expect(result).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
    const { inserted } = result.counts
    expect(api.server.list).toHaveLength(inserted)
    expect(inserted).toBeLessThan(3)
    expect(result.details.notes.join()).toMatch(/\d inserts?, 0 updates, 0 deletes had been made by then and stay/)
    expect(await api.world.rejects(api.config({}))).toHaveLength(1)
  })

  test.each(['checksum', 'full'] as const)('are left out of what is read back: %s', async (verify) => {
    await using api = await Api.start()
    const read = { read: { rows: '$.items' } }
    api.rows('1,one,1', '2,two,2', '3,three,3')
    await api.run(read)
    api.server.options = {
      key: 'id',
      refuses,
      trouble: ({ method, url }) => (method === 'DELETE' && url.endsWith('/3') ? { status: 422, body: 'still needed' } : undefined),
    }
    api.rows('1,eins,1', '2,bad zwei,2', '4,bad four,4', '5,five,5')
    const result = await api.run(read, { verify })
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 0, rejected: 3 } })
    expect((await api.world.rejects(api.config(read))).map(({ row, answer }) => [row.id, answer]).sort()).toEqual([
      ['2', '{"error":"the name bad zwei is taken"}'],
      ['3', 'still needed'],
      ['4', '{"error":"the name bad four is taken"}'],
    ])
    expect(api.server.list.map(({ name }) => name)).toEqual(['eins', 'two', 'three', 'five'])
  })

  test('hold the watermark back', async () => {
    await using api = await Api.start({ refuses })
    const cursor = { mode: 'upsert', from: { connection: './', object: 'items.csv', cursor: 'id' } } as const
    api.rows('1,one,1', '2,bad two,2', '3,three,3')
    expect((await api.run({}, cursor)).watermark).toBeNull()
    api.server.options = { key: 'id' }
    expect(await api.run({}, cursor)).toMatchObject({ watermark: '3', counts: { inserted: 1, unchanged: 2 } })
    expect(api.server.list.map(({ name }) => name)).toEqual(['one', 'bad two', 'three'])
  })

  test('are told apart though they have no key', async () => {
    await using api = await Api.start({ key: 'name', refuses })
    api.rows(',one,1', ',bad,2', ',bad,2', ',three,3')
    const config = withoutKey(api.config({}, { mode: 'append', from: { connection: './', object: 'items.csv', select: ['name', 'net'] } }))
    expect((await api.world.runOne(config)).counts).toMatchObject({ inserted: 2, rejected: 2 })
    expect((await api.world.rejects(config)).map(({ row }) => row)).toEqual([
      { name: 'bad', net: '2' },
      { name: 'bad', net: '2' },
    ])
  })

  test('an empty cell never leads to another place', async () => {
    await using api = await Api.start()
    api.world.write('items.csv', 'id,name\n..,up\n"",nowhere\na/b?c#d,odd\n')
    const result = await api.run(put, { mode: 'upsert' })
    expect(result.counts).toMatchObject({ inserted: 1, rejected: 2 })
    expect(api.server.received.map(({ url }) => url)).toEqual(['/api/items/a%2Fb%3Fc%23d'])
  })
})

describe('values', () => {
  test('arrive with every digit, documents nested, moments as RFC 3339 has them', async () => {
    await using api = await Api.start()
    api.world.sqlite(
      'a.db',
      'CREATE TABLE t (id BIGINT PRIMARY KEY, d DECIMAL_TEXT(30,5), j JSON, at TIMESTAMPTZ, b BOOLEAN, n TEXT)',
      `INSERT INTO t VALUES (9007199254740993, '1234567890123456789012345.67890', '{"a": [1.50, null]}', '2024-01-31 12:00:00.5+00', 1, NULL)`,
    )
    const config = api.config({}, { from: './a.db#t' })
    const result = await api.world.runOne(config)
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
    const body = api.server.received[0]?.body ?? ''
    expect(body).toContain('"id":9007199254740993,')
    expect(body).toContain('"d":1234567890123456789012345.67890,')
    expect(body).toContain('"n":null')
    expect(body).toMatchInlineSnapshot(
      `"{"id":9007199254740993,"d":1234567890123456789012345.67890,"j":{"a":[1.50,null]},"at":"2024-01-31T12:00:00.5Z","b":true,"n":null}"`,
    )
    expect((await api.world.runOne(config)).counts).toMatchObject({ unchanged: 1, updated: 0 })
  })

  test('bodies pick, rename and wrap; NULL may be left out; numbers may be texts', async () => {
    await using api = await Api.start()
    api.rows('1,one,', '2,two,2.20')
    const body = { item: { $row: ['name'], price: '{net}', label: 'no. {id}' }, id: '{id}' }
    await api.run({ insert: { body }, nulls: 'omit', numbers: 'text' })
    expect(api.server.bodies('POST')).toEqual([
      { item: { name: 'one', label: 'no. 1' }, id: '1' },
      { item: { name: 'two', price: '2.20', label: 'no. 2' }, id: '2' },
    ])
  })

  test('headers and parameters carry cells', async () => {
    await using api = await Api.start()
    api.rows('1,one & more,1')
    await api.run({ insert: { params: { q: '{name}' }, headers: { 'X-Id': 'item-{id}' } } })
    expect(api.server.received[0]).toMatchObject({ url: '/api/items?q=one+%26+more', headers: { 'x-id': 'item-1' } })
  })

  test('ids that the API assigns are remembered with every digit', async () => {
    await using api = await Api.start({ assigns: 'uid' })
    api.rows('1,one,1', '2,two,2')
    const to = { id: '$.uid', deletes: 'tracked' } as const
    expect((await api.run(to)).counts).toMatchObject({ inserted: 2 })
    api.rows('1,eins,1')
    expect((await api.run(to)).counts).toMatchObject({ updated: 1, deleted: 1 })
    expect(api.sent('PATCH')[0]?.url).toMatch(/^\/api\/items\/900719925474099[34]$/)
    expect(api.server.items.size).toBe(1)
    expect([...api.server.items.values()][0]).toContain('"name":"eins"')
  })
})

describe('an API that is read back', () => {
  const read = { read: { rows: '$.items' } }

  test('is mirrored as it is, whoever wrote it', async () => {
    await using api = await Api.start()
    api.server.items.set('7', '{"id":7,"name":"theirs","net":7.00,"extra":"stays"}')
    api.server.items.set('8', '{"id":8,"name":"goes","net":1}')
    api.rows('1,one,1.10', '7,seven,7')
    const plan = await api.world.plan(api.config(read))
    expect(plan).toMatchObject({ status: 'differs', counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(api.sent('GET').length).toBeLessThanOrEqual(2)
    const result = await api.run(read)
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1, rejected: 0 } })
    expect(result.details.verified).toBe('3 changed rows were read back and agree')
    expect(api.server.list).toEqual([
      { id: 1, name: 'one', net: 1.1 },
      { id: 7, name: 'seven', net: 7, extra: 'stays' },
    ])
    expect((await api.run(read)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 2 })
  })

  test('a document `null` is no other than NULL there', async () => {
    await using api = await Api.start()
    const columns = { id: 'bigint', meta: 'json', other: 'json' }
    const config = api.config(read, { from: { connection: './', object: 'items.csv', columns } })
    api.world.write('items.csv', 'id,meta,other\n1,null,null\n2,"{""a"":1}",null\n')
    expect(await api.world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 2 } })
    expect((await api.world.runOne(config)).counts).toMatchObject({ updated: 0, unchanged: 2 })
  })

  test('an empty one is filled', async () => {
    await using api = await Api.start()
    api.rows('1,one,1.10')
    expect(await api.run(read)).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
    expect((await api.run(read)).counts).toMatchObject({ unchanged: 1 })
  })

  test('a replace is done by comparing', async () => {
    await using api = await Api.start()
    api.server.items.set('8', '{"id":8,"name":"goes","net":1}')
    api.rows('1,one,1.10')
    const result = await api.run(read, { mode: 'replace' })
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1, deleted: 1 } })
    expect(api.ids).toEqual(['1'])
  })

  test('deletes of a read that fails never happen', async () => {
    await using api = await Api.start()
    api.rows('1,one,1')
    await api.run(read)
    api.server.options = { key: 'id', trouble: ({ method }) => (method === 'GET' ? { status: 200, body: '<html>' } : undefined) }
    api.rows('2,two,2')
    expect(await api.run(read)).toMatchObject({ status: 'failed', counts: { deleted: 0 } })
    expect(api.ids).toEqual(['1'])
  })

  test.each(['cut after', 'fail after'] as const)('an insert without an answer is looked for: %s', async (trouble) => {
    let left = 1
    await using api = await Api.start({ trouble: ({ body }) => (body.includes('"two"') && left-- > 0 ? trouble : undefined) })
    api.rows('1,one,1', '2,two,2')
    const result = await api.run(read)
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 2, rejected: 0 } })
    expect(api.sent('POST')).toHaveLength(2)
  })

  test('one that is not found is a reject of this run and is inserted by the next', async () => {
    let left = 1
    await using api = await Api.start({ trouble: ({ body }) => (body.includes('"two"') && left-- > 0 ? 'cut before' : undefined) })
    api.rows('1,one,1', '2,two,2')
    expect((await api.run(read)).counts).toMatchObject({ inserted: 1, rejected: 1 })
    expect((await api.run(read)).counts).toMatchObject({ inserted: 1, unchanged: 1, rejected: 0 })
  })

  test('rows that others change meanwhile are left and named', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2', '3,three,3')
    await api.run(read)
    api.rows('1,eins,1', '2,zwei,2', '4,four,4')
    api.server.options = {
      key: 'id',
      trouble: ({ method }) => {
        if (method === 'DELETE') api.server.items.delete('2')
        if (method === 'DELETE') api.server.items.set('4', '{"id":4,"name":"theirs"}')
        return undefined
      },
    }
    const result = await api.run(read)
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 0, updated: 1, deleted: 1, rejected: 2 } })
    expect((await api.world.rejects(api.config(read))).map(({ reason, row }) => [reason, row.id]).sort()).toEqual([
      ['moved', '2'],
      ['moved', '4'],
    ])
  })

  test('an API that alters what it is sent fails the verification, which says that it stays', async () => {
    await using api = await Api.start({
      trouble: ({ method, body }) => {
        if (method !== 'POST') return undefined
        api.server.items.set('1', body.replace('One', 'one'))
        return { status: 201, body: '{}' }
      },
    })
    api.rows('1,One,1')
    const result = await api.run(read)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'VERIFY_FAILED' }, counts: { inserted: 1 } })
    expect(result.error?.message).toContain('they stay as they are')
    expect(result.error?.hint).toContain('look at what the target does with the fields that it is sent')
    expect(result.error?.hint).not.toContain('trigger')
  })

  test('ids of the API are found by reading', async () => {
    await using api = await Api.start({ assigns: 'uid' })
    const to = { ...read, id: '$.uid' } as const
    api.rows('1,one,1', '2,two,2')
    expect((await api.run(to)).counts).toMatchObject({ inserted: 2 })
    api.rows('1,eins,1')
    expect((await api.run(to)).counts).toMatchObject({ updated: 1, deleted: 1 })
    expect(api.server.list).toMatchObject([{ id: 1, name: 'eins' }])
  })

  test('documents and moments agree however the API spells them', async () => {
    await using api = await Api.start()
    api.world.sqlite(
      'a.db',
      'CREATE TABLE t (id BIGINT PRIMARY KEY, j JSON, at TIMESTAMPTZ)',
      `INSERT INTO t VALUES (1, '{"a": [1.50, null], "b": "ä"}', '2024-01-31 12:00:00.5+00')`,
    )
    const config = api.config(read, { from: './a.db#t' })
    expect(await api.world.runOne(config)).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
    api.server.items.set('1', '{"at": "2024-01-31T13:00:00.500+01:00", "j": { "a" : [1.50,null], "b": "\\u00e4" }, "id": 1}')
    expect((await api.world.runOne(config)).counts).toMatchObject({ unchanged: 1, updated: 0 })
  })
})
