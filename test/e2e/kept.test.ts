import { describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { World } from './world.ts'

const formats = ['csv', 'csv.gz', 'json', 'ndjson', 'parquet'] as const

/** The rows of a file, read into a database of its own. */
async function content(world: World, file: string, order = 'id'): Promise<readonly unknown[]> {
  const table = `t${file.replaceAll(/\W/g, '_')}`
  await world.runOne({ syncs: { look: { from: `./${file}`, to: `./look.db#${table}`, mode: 'replace' } } })
  return world.rows('look.db', `SELECT * FROM ${table} ORDER BY ${order}`)
}

describe.each(formats)('what a sync into %s is not about stays', (format) => {
  test('rows before the window of a cursor', async () => {
    using world = new World()
    world.write('s.csv', 'id,v\n1,a\n2,b\n3,c\n')
    const from = { connection: './', object: 's.csv', cursor: 'id' }
    const config: ConfigInput = { syncs: { c: { from, to: `./t.${format}`, mode: 'append' } } }
    await world.runOne(config)
    world.write('s.csv', 'id,v\n1,a\n2,b\n3,c\n4,d\n5,e\n')
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 2 }, details: { notes: [] } })
    expect(await content(world, `t.${format}`)).toMatchObject([{ 0: 1n }, { 0: 2n }, { 0: 3n }, { 0: 4n }, { 0: 5n }])
  })

  test('rows outside of a scope, and columns that only the target has', async () => {
    using world = new World()
    world.write('start.csv', 'id,region,v,note\n3,US,1,three\n4,,2,four\n5,EU,7,five\n9,EU,1,nine\n')
    await world.runOne({ syncs: { s: { from: './start.csv', to: `./t.${format}`, mode: 'replace' } } })
    world.write('s.csv', 'id,region,v\n1,EU,1\n2,US,1\n5,EU,8\n')
    const mirror: ConfigInput = {
      syncs: { s: { from: './s.csv', to: `./t.${format}`, mode: 'mirror', key: 'id', scope: "region = 'EU'", guard: 'off' } },
    }
    const counts = { inserted: 1, updated: 1, deleted: 1, unchanged: 0 }
    expect(await world.plan(mirror)).toMatchObject({ error: null, counts })
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts, details: { notes: [expect.stringContaining('note')] } })
    expect(await content(world, `t.${format}`)).toEqual([
      [1n, 'EU', 1n, null],
      [3n, 'US', 1n, 'three'],
      [4n, null, 2n, 'four'],
      [5n, 'EU', 8n, 'five'],
    ])
    expect((await world.runOne(mirror)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 2 })
  })

  test('a file that was emptied takes rows again', async () => {
    using world = new World()
    const mirror: ConfigInput = {
      syncs: { s: { from: './a.db#t', to: `./t.${format}`, mode: 'mirror', key: 'id', guard: { empty: 'allow' } } },
    }
    world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts: { read: 0, inserted: 0 } })
    world.sqlite('a.db', "INSERT INTO t VALUES (1, 'x')")
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts: { inserted: 1 } })
    world.sqlite('a.db', 'DELETE FROM t')
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts: { deleted: 1 } })
    world.sqlite('a.db', "INSERT INTO t VALUES (2, 'y')")
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts: { inserted: 1 } })
  })
})

describe('columns that only the target has', () => {
  test.each(['p.db', 'p.duckdb'])('keep their values through a replace by key in %s, and its plan says what its run does', async (name) => {
    using world = new World()
    world.write('start.csv', 'id,amt,note\n1,9.5,precious\n2,1.26,precious\n')
    world.write('b.csv', 'id,amt\n1,9.50\n2,1.27\n')
    await world.runOne({ syncs: { s: { from: './start.csv', to: `./${name}#t`, mode: 'replace', key: 'id' } } })
    const replace: ConfigInput = { syncs: { s: { from: './b.csv', to: `./${name}#t`, mode: 'replace', key: 'id' } } }
    expect((await world.plan(replace)).counts).toMatchObject({ updated: 1, unchanged: 1 })
    expect(await world.runOne(replace)).toMatchObject({ error: null, counts: { updated: 1, unchanged: 1 } })
    await world.runOne({ syncs: { s: { from: `./${name}#t`, to: './look.db#t', mode: 'replace' } } })
    expect(world.rows('look.db', 'SELECT id, note FROM t ORDER BY id')).toEqual([
      [1n, 'precious'],
      [2n, 'precious'],
    ])
  })

  test('stop a replace that has no key', async () => {
    using world = new World()
    world.sqlite('p.db', 'CREATE TABLE t (amt REAL, note TEXT)', "INSERT INTO t VALUES (1, 'precious')")
    world.write('b.csv', 'amt\n2\n')
    const result = await world.runOne({ syncs: { s: { from: './b.csv', to: './p.db#t', mode: 'replace' } } })
    expect(result.error).toMatchObject({ code: 'COLUMNS_LOST', message: expect.stringContaining('note') })
    expect(world.rows('p.db', 'SELECT * FROM t')).toEqual([[1, 'precious']])
  })

  test('that number rows by themselves do not stand in the way', async () => {
    using world = new World()
    world.sqlite('p.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, amt INTEGER)', 'INSERT INTO t VALUES (7, 1)')
    world.write('b.csv', 'amt\n2\n3\n')
    expect(await world.runOne({ syncs: { s: { from: './b.csv', to: './p.db#t', mode: 'append' } } })).toMatchObject({
      error: null,
      counts: { inserted: 2 },
    })
    expect(world.rows('p.db', 'SELECT amt FROM t ORDER BY id')).toEqual([[1n], [2n], [3n]])
  })

  test('are a difference to `diff`', async () => {
    using world = new World()
    world.write('x1.csv', 'id,v\n1,a\n')
    world.write('x2.csv', 'id,v,w\n1,a,b\n')
    await using syncline = await openSyncline({ cwd: world.folder })
    const [result] = await syncline.diff('./x1.csv', './x2.csv', { key: ['id'] }).results
    expect(result).toMatchObject({ status: 'differs', details: { notes: [expect.stringContaining('w')] } })
  })
})

describe('rows that a cursor run could not deliver', () => {
  const upsert: ConfigInput = {
    syncs: { u: { from: { connection: './', object: 's.csv', cursor: 'id' }, to: './t.db#t', mode: 'upsert', key: 'id' } },
  }

  test('are rejects until they are mended, and then delivered', async () => {
    using world = new World()
    world.sqlite('t.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT')
    world.write('s.csv', 'id,n\n1,1\n2,\n3,3\n')
    expect((await world.runOne(upsert)).counts).toMatchObject({ inserted: 2, rejected: 1 })
    world.write('s.csv', 'id,n\n1,1\n2,\n3,3\n4,4\n')
    expect((await world.runOne(upsert)).counts).toMatchObject({ inserted: 1, rejected: 1 })
    await using syncline = await openSyncline({ config: upsert, cwd: world.folder })
    expect(await syncline.rejects()).toHaveLength(1)
    world.write('s.csv', 'id,n\n1,1\n2,2\n3,3\n4,4\n')
    expect(await world.runOne(upsert)).toMatchObject({ counts: { inserted: 1, rejected: 0 }, watermark: '4' })
    expect(world.rows('t.db', 'SELECT id FROM t ORDER BY id')).toEqual([[1n], [2n], [3n], [4n]])
  })

  test.each([
    ['integer', '42'],
    ['timestamp', "'2024-03-01 09:30:00'"],
  ])('a watermark that became no %s since it was set is told with the form it has', async (type, example) => {
    using world = new World()
    world.write('s.csv', 'id,at\n1,2024-01-01 00:00:00\n')
    const cursor = type === 'integer' ? 'id' : 'at'
    const typed = (columns: Record<string, string>): ConfigInput => ({
      syncs: { u: { from: { connection: './', object: 's.csv', cursor, columns }, to: './t.duckdb#t', mode: 'upsert', key: 'id' } },
    })
    const config = typed({ at: 'timestamp', id: 'integer' })
    await using before = await openSyncline({ config: typed({ at: 'integer', id: 'date' }), cwd: world.folder })
    await before.watermarks.set('u', type === 'integer' ? '2024-01-01' : '7')
    await using syncline = await openSyncline({ config, cwd: world.folder })
    const [result] = await syncline.run().results
    expect(result).toMatchObject({ status: 'failed', error: { code: 'BAD_WATERMARK' } })
    expect(result?.error?.message).toMatch(/^`u`: its watermark is no value of the cursor/)
    expect(result?.error?.hint).toContain('`syncline state reset u`')
    expect(result?.error?.hint).toContain(`\`syncline state set u ${example}\``)
  })

  test('a cursor of text is refused: it would take later rows for old ones', async () => {
    using world = new World()
    world.write('s.csv', 'id,v\nJan 1 2000,a\n')
    expect((await world.runOne(upsert)).error).toMatchObject({ fix: 'config', code: 'CURSOR_TYPE' })
  })

  test('rows without a cursor are read every time', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE s (id INTEGER PRIMARY KEY, changed INTEGER)', 'INSERT INTO s VALUES (1, 10), (2, NULL)')
    const config: ConfigInput = {
      syncs: { u: { from: { connection: './a.db', object: 's', cursor: 'changed' }, to: './t.db#t', mode: 'upsert' } },
    }
    await world.runOne(config)
    world.sqlite('a.db', 'INSERT INTO s VALUES (3, NULL), (4, 11)')
    expect((await world.runOne(config)).counts).toMatchObject({ inserted: 2 })
    expect(world.rows('t.db', 'SELECT count(*) FROM t')).toEqual([[4n]])
  })

  test('a watermark that another target left is not taken for this one', async () => {
    using world = new World()
    world.write('s.csv', 'id,n\n1,1\n2,2\n')
    const to = (target: string): ConfigInput => ({
      syncs: { u: { from: { connection: './', object: 's.csv', cursor: 'id' }, to: target, mode: 'upsert', key: 'id' } },
    })
    await world.runOne(to('./t.db#t'))
    expect((await world.runOne(to('./t.db#t'))).counts).toMatchObject({ read: 1, unchanged: 1 })
    expect((await world.runOne(to('./t.db#other'))).counts).toMatchObject({ read: 2, inserted: 2 })
  })

  test('only a value of the cursor is taken for a watermark', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE s (id INTEGER PRIMARY KEY)', 'INSERT INTO s VALUES (1), (8)')
    const from = { connection: './a.db', object: 's', cursor: 'id' }
    const config: ConfigInput = {
      syncs: { u: { from, to: './t.db#t', mode: 'upsert' }, whole: { from: './a.db#s', to: './w.db#t', mode: 'mirror' } },
    }
    await using syncline = await openSyncline({ config, cwd: world.folder })
    for (const text of ['zz', '', '1.5', '99999999999999999999', '2024-01-01']) {
      const refused = syncline.watermarks.set('u', text)
      await expect(refused).rejects.toMatchObject({ code: 'BAD_WATERMARK', hint: 'for example: syncline state set u 42' })
      await expect(refused).rejects.toThrow('the cursor `id`, which is bigint')
    }
    expect(await syncline.watermarks.get('u')).toBeNull()
    await expect(syncline.watermarks.set('whole', '5')).rejects.toMatchObject({ code: 'NO_CURSOR' })
    await syncline.watermarks.set('u', '007')
    expect(await syncline.watermarks.get('u')).toBe('7')
    expect(await syncline.run({ syncs: ['u'] }).results).toMatchObject([{ status: 'succeeded', counts: { inserted: 1 } }])
  })

  test('a watermark of a column without a type is a number, a date or a time', async () => {
    using world = new World()
    world.write('s.csv', 'id,n\n1,1\n')
    await using syncline = await openSyncline({ config: upsert, cwd: world.folder })
    await expect(syncline.watermarks.set('u', 'zz')).rejects.toThrow('expected a number, a date or a time')
    await syncline.watermarks.set('u', '2024-03-01 09:30:00')
    await syncline.watermarks.set('u', '1')
    expect(await syncline.watermarks.get('u')).toBe('1')
  })
})

describe('a target that does not keep what it is given', () => {
  test('a trigger that swallows a row fails a replace', async () => {
    using world = new World()
    world.write('s.csv', 'id,v\n1,a\n2,b\n')
    world.sqlite(
      't.db',
      'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)',
      'CREATE TRIGGER gone BEFORE INSERT ON t WHEN new.id = 2 BEGIN SELECT raise(ignore); END',
    )
    const result = await world.runOne({ syncs: { s: { from: './s.csv', to: './t.db#t', mode: 'replace' } } })
    expect(result.status).toBe('failed')
    expect(world.rows('t.db', 'SELECT count(*) FROM t')).toEqual([[0n]])
  })

  test('a text in an INTEGER column of SQLite goes on as it is, or is a reject where it does not fit', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)', "INSERT INTO t VALUES (1, 7), (2, 'abc')")
    expect(await world.runOne({ syncs: { s: { from: './a.db#t', to: './new.csv', mode: 'replace' } } })).toMatchObject({
      error: null,
      counts: { inserted: 2 },
    })
    const result = await world.runOne({ syncs: { s: { from: './a.db#t', to: './b.db#t', mode: 'mirror' } } })
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 1, rejected: 1 } })
  })

  test('a view is named', async () => {
    using world = new World()
    world.write('s.csv', 'id\n1\n')
    world.sqlite('t.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'CREATE VIEW v AS SELECT * FROM t')
    const result = await world.runOne({ syncs: { s: { from: './s.csv', to: './t.db#v', mode: 'replace' } } })
    expect(result.error?.message).toContain('view')
  })
})
