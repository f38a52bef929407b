import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/services/postgres.ts'
import { errorOf, textOf } from '../sql/testing.ts'
import { Bench, openPostgres } from './testing.ts'

/** 40 MB in 200,000 rows: enough to be read in parts. */
const big = "CREATE TABLE big AS SELECT i AS id, repeat('x', 150) AS v FROM generate_series(1, 200000) i"

test('big tables are read in parts side by side, every row once, all of one moment', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(big)
  await using view = await bench.reader.snapshot()
  await bench.sql("DELETE FROM big WHERE id <= 1000; INSERT INTO big SELECT i, 'new' FROM generate_series(300001, 310000) i")
  const rows = await view.read({ source: { table: { name: 'big' } }, columns: ['id'] })
  const streams = rows.csv?.(8) ?? []
  expect(streams.length).toBe(2)
  const texts = await Promise.all(streams.map(textOf))
  const ids = texts.flatMap((text) => text.split('\n').slice(0, -1).map(Number))
  expect(ids.length).toBe(200_000)
  expect(new Set(ids).size).toBe(200_000)
  expect(Math.max(...ids.slice(-1000))).toBeLessThanOrEqual(200_000)
  for (const text of texts) expect(text.length).toBeGreaterThan(400_000)
  expect(await view.count({ source: { table: { name: 'big' } } })).toBe(200_000)
  expect((await view.read({ source: { table: { name: 'big' } }, where: 'id > 5' })).csv?.(8).length).toBe(1)
  expect((await view.read({ source: { query: 'SELECT * FROM big' } })).csv?.(8).length).toBe(1)
})

test('chunks are large, whatever the server sends at a time', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(big)
  await using view = await bench.reader.snapshot()
  const sizes: number[] = []
  for await (const chunk of (await view.read({ source: { table: { name: 'big' } } })).pgcopy?.() ?? []) sizes.push(chunk.length)
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(128 * 1024)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(512 * 1024)
})

test('a reader that stops early, or reads something else meanwhile, disturbs nobody', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(big)
  await using view = await bench.reader.snapshot()
  const request = { source: { table: { name: 'big' } } }
  for (let round = 0; round < 3; round++) {
    for await (const _ of (await view.read(request)).pgcopy?.() ?? []) {
      expect(await view.count(request)).toBe(200_000)
      break
    }
  }
  expect(await view.count(request)).toBe(200_000)
  await using session = await bench.writer.begin()
  await using own = (await session.snapshot?.()) ?? view
  for await (const _ of (await own.read(request)).csv?.(1)[0] ?? []) break
  expect(await own.count(request)).toBe(200_000)
})

test('requests are bounded where the data lives', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(`
    CREATE EXTENSION citext; CREATE SCHEMA sales;
    CREATE TABLE sales."Odd Names" ("the id" numeric(6,2), "K" citext, b bytea, d date, ok boolean, c char(4));
    INSERT INTO sales."Odd Names" VALUES (1, 'Ann', '\\x00', 'infinity', true, 'a'), (2.5, 'it''s "x", \\', '\\x5c22', '2024-01-01', false, ''), (3, NULL, NULL, NULL, NULL, NULL)`)
  await using view = await bench.reader.snapshot()
  const table = { table: { name: 'sales.Odd Names' } }
  const read = async (request: Omit<Parameters<typeof view.read>[0], 'source'>) =>
    await textOf((await view.read({ source: table, ...request })).csv?.(1)[0])
  expect(await read({ columns: ['ok', 'c', 'the id'] })).toBe('true,a,1.00\nfalse,"",2.50\n,,3.00\n')
  expect(await read({ columns: ['the id'], where: 'true -- not more' })).toBe('1.00\n2.50\n3.00\n')
  expect(await read({ columns: ['the id'], cursor: { column: 'd', from: '2024-01-02' } })).toBe('1.00\n3.00\n')
  expect(await read({ columns: ['the id'], limit: 2 })).toBe('1.00\n2.50\n')
  const keys = {
    columns: ['K', 'b'],
    values: [
      ['ANN', '\\x00'],
      ['it\'s "x", \\', '\\x5c22'],
      ['Ann', '\\x01'],
    ],
  }
  expect(await read({ columns: ['the id'], keys })).toBe('1.00\n2.50\n')
  expect(await read({ columns: ['the id'], keys: { columns: ['the id'], values: [['2.5'], ['9']] } })).toBe('2.50\n')
  expect(await read({ columns: ['the id'], keys: { columns: ['the id'], values: [] } })).toBe('')
  expect(await view.count({ source: table, limit: 2 })).toBe(2)
  expect(await errorOf(view.read({ source: table, columns: ['nope'] }))).toMatchObject({ name: 'ConfigError', code: 'COLUMN_NOT_FOUND' })
  expect(await errorOf(view.read({ source: { table: { name: 'nope' } } }))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
})

test('queries are sources, with the types of their columns', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url, { schema: 'sales' })
  await bench.sql(
    "CREATE SCHEMA sales; CREATE TYPE sales.mood AS ENUM ('sad'); CREATE TABLE sales.t (m sales.mood, n numeric(5,1)); INSERT INTO sales.t VALUES ('sad', 1)",
  )
  const table = await bench.endpoint.describeQuery?.('SELECT m, n, n * 2 AS twice FROM t; ')
  expect(table).toMatchObject({
    kind: 'query',
    key: [],
    columns: [{ native: { name: 'sales.mood' } }, { native: { name: 'numeric(5,1)' } }, { native: { name: 'numeric' } }],
  })
  expect(table?.columns[0]?.native?.requires).toEqual([{ name: ['sales', 'mood'], sql: "CREATE TYPE sales.mood AS ENUM ('sad')" }])
  await using view = await bench.reader.snapshot()
  const rows = await view.read({ source: { query: 'SELECT m, n, n * 2 AS twice FROM t -- all\n;' }, where: 'twice > 1' })
  expect(await textOf(rows.csv?.(1)[0])).toBe('sad,1.0,2.0\n')
  expect(await errorOf(view.read({ source: { query: 'SELECT 1 AS a, 2 AS a' } }))).toMatchObject({ code: 'BAD_QUERY' })
  expect(await errorOf(view.read({ source: { query: 'SELECT 1' } }))).toMatchObject({ code: 'BAD_QUERY' })
  expect(await errorOf(view.read({ source: { query: 'SELEC 1' } }))).toMatchObject({ code: 'STATEMENT_REFUSED' })
})

test('an aborted signal ends a read with its reason, and the server with it', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(big)
  const controller = new AbortController()
  await using endpoint = await openPostgres({ url: db.url }, controller.signal)
  await using view = await endpoint.reader?.snapshot()
  const rows = await view?.read({ source: { query: 'SELECT pg_sleep(30) AS slept' } })
  const reading = errorOf(textOf(rows?.csv?.(1)[0]))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const reason = new Error('enough')
  controller.abort(reason)
  expect(await reading).toBe(reason)
  const running =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'syncline' AND query LIKE '%pg_sleep(30)%' AND datname = current_database()"
  for (let attempt = 0; attempt < 50 && (await bench.texts(running))[0]?.[0] !== '0'; attempt++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await bench.texts(running)).toEqual([['0']])
})
