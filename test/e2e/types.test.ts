import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatType } from '../../src/core/types.ts'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { World } from './world.ts'

const copy = (from: string | object, to: string): ConfigInput => ({ syncs: { t: { from: from as string, to, mode: 'replace' } } })

async function typesOf(world: World, address: string): Promise<Readonly<Record<string, string>>> {
  await using syncline = await openSyncline({ cwd: world.folder })
  const found = await syncline.discover(address)
  const { columns } = 'table' in found ? found.table : { columns: [] }
  return Object.fromEntries(columns.map(({ name, type }) => [name, formatType(type)]))
}

/** What inference makes of a column of a CSV file: its cells, its type, and the cells as they arrive (rule 9). */
const columns: Readonly<
  Record<string, { readonly cells: readonly string[]; readonly type: string; readonly arrive?: readonly (string | null)[] }>
> = {
  whole: { cells: ['1', '-20', '0'], type: 'bigint' },
  big: { cells: ['9223372036854775807', '-9223372036854775808', '1'], type: 'bigint' },
  past: { cells: ['9223372036854775808', '1', '2'], type: 'decimal(38,0)' },
  zip: { cells: ['01234', '00000', '99999'], type: 'text' },
  phone: { cells: ['+4930', '1', '2'], type: 'text' },
  money: { cells: ['1.5', '-0.05', '100'], type: 'decimal(18,2)', arrive: ['1.50', '-0.05', '100.00'] },
  long: {
    cells: ['12345678901234567890.123456789', '1', '2'],
    type: 'decimal(38,9)',
    arrive: ['12345678901234567890.123456789', '1.000000000', '2.000000000'],
  },
  digits40: { cells: [`${'1'.repeat(40)}.5`, '1', '2'], type: 'decimal', arrive: [`${'1'.repeat(40)}.5`, '1', '2'] },
  exponent: { cells: ['1e3', '1.5E-2', '2'], type: 'decimal(18,3)', arrive: ['1000.000', '0.015', '2.000'] },
  flag: { cells: ['true', 'false', 'TRUE'], type: 'boolean', arrive: ['true', 'false', 'true'] },
  yes: { cells: ['yes', 'no', 'yes'], type: 'text' },
  day: { cells: ['2024-02-29', '0001-01-01', '9999-12-31'], type: 'date' },
  noday: { cells: ['2024-02-30', '2024-01-01', '2024-01-02'], type: 'text' },
  german: { cells: ['31.12.2024', '01.01.2024', '02.01.2024'], type: 'text' },
  moment: {
    cells: ['2024-01-01 10:00:00', '2024-01-01T10:00:00.5', '2024-01-01 10:00'],
    type: 'timestamp(6)',
    arrive: ['2024-01-01 10:00:00', '2024-01-01 10:00:00.5', '2024-01-01 10:00:00'],
  },
  instant: {
    cells: ['2024-01-01 10:00:00+02', '2024-01-01T10:00:00Z', '2024-01-01 10:00:00.123456-05:30'],
    type: 'timestamptz(6)',
    arrive: ['2024-01-01 08:00:00+00', '2024-01-01 10:00:00+00', '2024-01-01 15:30:00.123456+00'],
  },
  mixed: { cells: ['1', 'x', '2.5'], type: 'text' },
  none: { cells: ['', '', ''], type: 'text', arrive: [null, null, null] },
  sometimes: { cells: ['', '2024-02-29', ''], type: 'date', arrive: [null, '2024-02-29', null] },
  now: { cells: ['', '2024-01-01 10:00', ''], type: 'timestamp(6)', arrive: [null, '2024-01-01 10:00:00', null] },
  sparse: { cells: ['', '7', ''], type: 'bigint', arrive: [null, '7', null] },
  nan: { cells: ['NaN', '1', '2'], type: 'text' },
}

describe('CSV without types', () => {
  test('each column gets the type that all of its cells have, and no cell changes its value', async () => {
    using world = new World()
    const names = Object.keys(columns)
    const line = (at: number) => [at, ...names.map((name) => columns[name]?.cells[at] ?? '')].join(',')
    world.write('in.csv', `id,${names.join(',')}\n${[0, 1, 2].map(line).join('\n')}\n`)
    for (const to of ['./out.duckdb#t', './out.parquet', './out.db#t']) {
      expect(await world.runOne(copy('./in.csv', to))).toMatchObject({ error: null, counts: { inserted: 3, rejected: 0 } })
      await using syncline = await openSyncline({ cwd: world.folder, config: copy(to, './x.db#t') })
      const { rows } = await syncline.preview('t', 10)
      const types = await typesOf(world, to)
      const sorted = [...rows].sort((a, b) => Number(a[0]) - Number(b[0]))
      for (const [index, [name, { cells, type, arrive }]] of Object.entries(columns).entries()) {
        // SQLite has one type for integers; the others have none for so many digits.
        if (to !== './out.db#t') expect([to, name, types[name]]).toEqual([to, name, type === 'decimal' ? 'text' : type])
        expect([to, name, sorted.map((row) => row[index + 1])]).toEqual([to, name, arrive ?? cells])
      }
    }
  })

  test.each(['replace', 'append', 'mirror'] as const)(
    'other files, too, get values in canonical form and no bare text, by %s',
    async (mode) => {
      using world = new World()
      world.write('in.csv', 'id,flag,e,half,moment\n0,TRUE,1e3,.5,2024-01-01T10:00\n1,false,2.5E-1,1.,2024-01-01 10:00:00.500\n')
      const to = (name: string): ConfigInput => ({
        syncs: { t: { from: './in.csv', to: name, mode, ...(mode === 'mirror' ? { key: 'id' } : {}) } },
      })
      await world.runOne(to('./out.ndjson'))
      expect(readFileSync(world.path('out.ndjson'), 'utf8').split('\n').sort()).toEqual([
        '',
        '{"id":0,"flag":true,"e":1000.00,"half":0.5,"moment":"2024-01-01 10:00:00"}',
        '{"id":1,"flag":false,"e":0.25,"half":1.0,"moment":"2024-01-01 10:00:00.5"}',
      ])
      await world.runOne(to('./out.parquet'))
      expect(await typesOf(world, './out.parquet')).toEqual({
        id: 'bigint',
        flag: 'boolean',
        e: 'decimal(18,2)',
        half: 'decimal(18,1)',
        moment: 'timestamp(6)',
      })
    },
  )

  test('a column is judged by its last row as much as by its first', async () => {
    using world = new World()
    const numbers = Array.from({ length: 5000 }, (_, index) => `${index},${index}`)
    world.write('in.csv', `id,late\n${numbers.join('\n')}\n5000,x\n`)
    await world.runOne(copy('./in.csv', './b.duckdb#t'))
    expect(await typesOf(world, './b.duckdb#t')).toEqual({ id: 'bigint', late: 'text' })
    expect((await world.runOne(copy('./in.csv', './c.db#t'))).counts).toMatchObject({ inserted: 5001, rejected: 0 })
  })

  test('`columns` overrides, and a cell that is no such value is a reject', async () => {
    using world = new World()
    world.write('in.csv', 'id,zip,n\n1,01234,1\n2,00000,x\n')
    const from = { connection: './', object: 'in.csv', columns: { zip: 'integer', n: 'smallint' } }
    const config: ConfigInput = { syncs: { t: { from, to: './b.duckdb#t', mode: 'replace', on_reject: 'continue' } } }
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 1, rejected: 1 } })
    expect(await typesOf(world, './b.duckdb#t')).toEqual({ id: 'bigint', zip: 'integer', n: 'smallint' })
  })

  test('the target’s types win', async () => {
    using world = new World()
    world.sqlite('b.db', 'CREATE TABLE t (id TEXT, n DECIMAL_TEXT(10,2), day TEXT)')
    world.write('in.csv', 'id,n,day\n007,1,2024-01-01\n')
    await world.runOne(copy('./in.csv', './b.db#t'))
    expect(world.rows('b.db', 'SELECT id, n, day FROM t')).toEqual([['007', '1.00', '2024-01-01']])
  })
})

describe('values (promise 5)', () => {
  test('SQLite keeps decimals as text, every digit of them, and orders no float in between', async () => {
    using world = new World()
    world.write('in.csv', `id,d\n1,${'9'.repeat(30)}.01\n2,0.1\n`)
    await world.runOne(copy('./in.csv', './b.db#t'))
    expect(world.rows('b.db', 'SELECT typeof(d), d FROM t ORDER BY id')).toEqual([
      ['text', `${'9'.repeat(30)}.01`],
      ['text', '0.10'],
    ])
  })

  test('what a column cannot hold is a reject that names it, on every embedded target', async () => {
    using world = new World()
    world.write('in.csv', 'id,n,d,t\n1,128,1.5,a\n2,1,1.555,a\n3,1,1,2024-01-01 10:00\n4,1,1.50,\n')
    world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n TINYINT, d DECIMAL_TEXT(4,2), t DATE)')
    await world.runOne(copy({ connection: './b.db', query: 'SELECT * FROM t' }, './c.duckdb#t'))
    const config = (to: string): ConfigInput => ({ syncs: { t: { from: './in.csv', to, mode: 'upsert', key: 'id' } } })
    for (const to of ['./b.db#t', './c.duckdb#t']) {
      expect([to, (await world.runOne(config(to))).counts]).toMatchObject([to, { inserted: 1, rejected: 3 }])
      const rejects = await world.rejects(config(to))
      expect(rejects.map(({ row, column }) => [row.id, column]).sort()).toEqual([
        ['1', 'n'],
        ['2', 'd'],
        ['3', 't'],
      ])
    }
  })

  test.each(['append', 'replace', 'mirror'] as const)(
    'a cell that is not what its SQLite column declares is a reject, by %s',
    async (mode) => {
      using world = new World()
      world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)', "INSERT INTO t VALUES (1, 5), (2, 'abc'), (3, 1.5)")
      for (const to of ['./b.duckdb#t', './b.parquet', './b.db#t']) {
        const config: ConfigInput = { syncs: { t: { from: './a.db#t', to, mode, key: 'id', on_reject: 'continue' } } }
        expect([to, await world.runOne(config)]).toMatchObject([to, { error: null, counts: { inserted: 1, rejected: 2 } }])
        expect((await world.rejects(config)).map(({ column }) => column)).toEqual(['n', 'n'])
        expect((await world.runOne({ ...config, syncs: { t: { from: './a.db#t', to, mode: 'upsert', key: 'id' } } })).counts).toMatchObject(
          {
            inserted: 0,
            unchanged: 1,
            rejected: 2,
          },
        )
      }
      const csv: ConfigInput = { syncs: { t: { from: './a.db#t', to: './b.csv', mode, key: 'id' } } }
      expect(await world.runOne(csv)).toMatchObject({ error: null, counts: { inserted: 3, rejected: 0 } })
    },
  )

  test.each(['append', 'replace', 'mirror'] as const)(
    'a type that the config names for a column is proved cell by cell, by %s',
    async (mode) => {
      using world = new World()
      world.write('in.csv', 'id,n,d\n1,5,1.50\n2,x,1.5\n3,7,1.555\n')
      world.write('in.ndjson', '{"id":1,"n":"5","d":"1.50"}\n{"id":2,"n":"x","d":"1.5"}\n{"id":3,"n":"7","d":"1.555"}\n')
      for (const object of ['in.csv', 'in.ndjson'])
        for (const to of ['./b.duckdb', './b.parquet', './b.db']) {
          const from = { connection: './', object, columns: { n: 'smallint', d: 'decimal(4,2)' } }
          const target = to === './b.parquet' ? `./${object}.parquet` : `${to}#${object.slice(3)}`
          const config: ConfigInput = { syncs: { t: { from, to: target, mode, key: 'id', on_reject: 'continue' } } }
          expect([target, await world.runOne(config)]).toMatchObject([target, { error: null, counts: { inserted: 1, rejected: 2 } }])
          expect((await world.rejects(config)).map(({ column }) => column)).toEqual(['n', 'd'])
        }
    },
  )
})
