import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const from = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: {
    t: { from: './in.csv', to: 'b#t', mode, ...(mode === 'append' ? {} : { key: 'id' }), guard: 'off', on_reject: 'continue', ...more },
  },
})

const modes: readonly Mode[] = ['append', 'replace', 'upsert', 'mirror']

/** Texts that PostgreSQL's COPY takes and bends, and others that it takes as they are (rules 7 and 9). */
const bent: readonly (readonly [string, string])[] = [
  ['numeric(12,2)', '1.555'],
  ['numeric(4,0)', '1.5'],
  ['timestamp(6)', '2024-01-01 10:00:00.1234567'],
  ['timestamp(0)', '2024-01-01 10:00:00.5'],
  ['timestamp', '2024-01-01 10:00:00+02'],
  ['timestamptz(3)', '2024-01-01 10:00:00.0001+00'],
  ['date', '2024-01-01 10:00:00'],
  ['date', '1/2/2024'],
  ['time', '10:00:00+02'],
  ['varchar(3)', 'abc  '],
  ['integer', '1.0000001'],
  ['boolean', 'of'],
]

describe.each(modes)('CSV into PostgreSQL by %s', (mode) => {
  test('a text that the server would bend is a reject that names its column, and the rest arrives', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(`CREATE TABLE t (id integer PRIMARY KEY, ${bent.map(([type], index) => `c${index} ${type}`).join(', ')})`)
    const cells = (at: number) => bent.map(([, text], index) => (index === at ? text : ''))
    const lines = bent.map((_, at) => [at, ...cells(at)].join(','))
    world.write('in.csv', `id,${bent.map((_, index) => `c${index}`).join(',')}\n${lines.join('\n')}\n100${','.repeat(bent.length)}\n`)
    const result = await world.runOne(from(target.url, mode))
    const rejects = (await world.rejects(from(target.url, mode))).map(({ row, column }) => [row.id, column])
    expect(rejects.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(bent.map((_, index) => [String(index), `c${index}`]))
    expect(result).toMatchObject({ error: null, counts: { read: bent.length + 1, inserted: 1, rejected: bent.length } })
    expect(await target.rows('SELECT id FROM t')).toEqual([['100']])
  })

  test('lines that would end COPY, and texts that look like its marks, arrive as they are', async () => {
    await using target = await freshDatabase()
    using world = new World()
    const texts = ['\\.', '\\N', 'NULL', '""', '\\', 'a\\\nb', '\\.\n\\.', ' ', '\t', '\r\n']
    await target.run('CREATE TABLE t (id integer PRIMARY KEY, v text)')
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    world.write('in.csv', `id,v\n${texts.map((text, index) => `${index},${quoted(text)}`).join('\n')}\n`)
    expect(await world.runOne(from(target.url, mode))).toMatchObject({ error: null, counts: { inserted: texts.length, rejected: 0 } })
    expect(await target.rows('SELECT v FROM t ORDER BY id')).toEqual(texts.map((text) => [text]))
  })
})

test.each(bent)('the audit beside a direct load finds by itself that no %s is %s', async (type, text) => {
  await using target = await freshDatabase()
  using world = new World()
  await target.run(`CREATE TABLE t (id integer PRIMARY KEY, v ${type})`)
  world.write('in.csv', `id,v\n1,${text}\n2,\n`)
  expect(await world.runOne(from(target.url, 'append'))).toMatchObject({ error: null, counts: { inserted: 1, rejected: 1 } })
  expect(await target.rows('SELECT id, v FROM t')).toEqual([['2', null]])
})

describe('a line that is \\. alone', () => {
  const lines = 'v\na\n\\.\n"\\."\nb\n'

  test.each(['append', 'replace'] as const)('straight from a CSV file by %s', async (mode) => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run('CREATE TABLE t (v text)')
    world.write('in.csv', lines)
    const result = await world.runOne(from(target.url, mode, { key: undefined }))
    expect(result).toMatchObject({ error: null, counts: { read: 4, inserted: 4 } })
    expect(await target.rows('SELECT v FROM t ORDER BY ctid')).toEqual([['a'], ['\\.'], ['\\.'], ['b']])
  })

  test.each(['replace', 'append', 'upsert', 'mirror'] as const)('from SQLite, DuckDB, NDJSON and PostgreSQL itself by %s', async (mode) => {
    await using target = await freshDatabase()
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE t (v TEXT PRIMARY KEY)', "INSERT INTO t VALUES ('a'), ('\\.'), ('b')")
    await target.run('CREATE TABLE s (v text PRIMARY KEY)', "INSERT INTO s VALUES ('a'), ('\\.'), ('b')")
    await world.runOne({ syncs: { d: { from: './a.db#t', to: './a.duckdb#t', mode: 'replace' } } })
    await world.runOne({ syncs: { d: { from: './a.db#t', to: './a.ndjson', mode: 'replace' } } })
    for (const [index, source] of ['./a.db#t', './a.duckdb#t', './a.ndjson', 'b#s'].entries()) {
      const config: ConfigInput = { connections: { b: target.url }, syncs: { t: { from: source, to: `b#t${index}`, mode, key: 'v' } } }
      expect([source, await world.runOne(config)]).toMatchObject([source, { error: null, counts: { inserted: 3 } }])
      expect(await target.rows(`SELECT v FROM t${index} ORDER BY v COLLATE "C"`)).toEqual([['\\.'], ['a'], ['b']])
    }
  })
})

describe('counts (rule 9)', () => {
  test('a trigger that swallows rows is no success', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      'CREATE TABLE t (id integer, v text)',
      'CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 2 THEN RETURN NULL; END IF; RETURN NEW; END $$',
      'CREATE TRIGGER swallow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION swallow()',
    )
    world.write('in.csv', 'id,v\n1,a\n2,b\n3,c\n')
    for (const mode of ['append', 'replace'] as const) {
      const result = await world.runOne(from(target.url, mode, { key: undefined }))
      expect([mode, result.status, result.error?.code]).toEqual([mode, 'failed', 'ROWS_LOST'])
    }
    expect(await target.rows('SELECT count(*) FROM t')).toEqual([['0']])
  })

  test('a trigger that bends rows is found before the commit', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      'CREATE TABLE t (id integer PRIMARY KEY, v text)',
      'CREATE FUNCTION bend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v = upper(NEW.v); RETURN NEW; END $$',
      'CREATE TRIGGER bend BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION bend()',
    )
    world.write('in.csv', 'id,v\n1,A\n2,b\n')
    for (const mode of ['upsert', 'mirror'] as const) {
      const result = await world.runOne(from(target.url, mode))
      expect([mode, result.status, result.error?.code]).toEqual([mode, 'failed', 'VERIFY_FAILED'])
    }
    expect(await target.rows('SELECT count(*) FROM t')).toEqual([['0']])
  })
})

test('a float takes the nearest number, in any spelling, and the second run finds nothing', async () => {
  await using target = await freshDatabase()
  using world = new World()
  await target.run('CREATE TABLE t (id integer PRIMARY KEY, r real, d double precision)')
  world.write('in.csv', 'id,r,d\n1,16777217,0.10000000000000000999\n2,388697.625,1e23\n3,1.7e-7,8.41e21\n4,NaN,-Infinity\n')
  expect(await world.runOne(from(target.url, 'mirror'))).toMatchObject({ error: null, counts: { inserted: 4, rejected: 0 } })
  expect(await target.rows('SELECT r, d FROM t ORDER BY id')).toEqual([
    ['1.6777216e+07', '0.1'],
    ['388697.62', '9.999999999999999e+22'],
    ['1.7e-07', '8.409999999999999e+21'],
    ['NaN', '-Infinity'],
  ])
  expect((await world.runOne(from(target.url, 'mirror'))).counts).toMatchObject({ updated: 0, unchanged: 4 })
})
