import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { seenMeanwhile } from './polling.ts'
import { World } from './world.ts'

const config = (url: string, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode: 'replace', key: 'id', guard: 'off', ...more } },
})

/** A table with everything that can hang on one, and rows that hang on its rows. */
async function hungWith(): Promise<FreshDatabase> {
  const database = await freshDatabase()
  await database.run(
    'CREATE TABLE parent (id integer PRIMARY KEY)',
    'INSERT INTO parent VALUES (1)',
    `CREATE TABLE t (id integer PRIMARY KEY, v text UNIQUE, p integer DEFAULT 1 REFERENCES parent,
       n bigint GENERATED ALWAYS AS IDENTITY, twice integer GENERATED ALWAYS AS (id * 2) STORED, CHECK (id > 0))`,
    "INSERT INTO t (id, v) SELECT i, 'v' || i FROM generate_series(1, 20) i",
    'CREATE INDEX by_twice ON t (twice)',
    "COMMENT ON TABLE t IS 'kept'",
    'CREATE VIEW seen AS SELECT id, v FROM t',
    'CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM t',
    'CREATE TABLE child (t integer REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE, note text)',
    "INSERT INTO child SELECT i, 'child of ' || i FROM generate_series(1, 20) i",
    'CREATE TABLE log (what text)',
    `CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO log VALUES (TG_OP || ' ' || coalesce(NEW.id, OLD.id)); RETURN NULL; END $$`,
    'CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note()',
    'GRANT SELECT (id, v) ON t TO PUBLIC',
    'CREATE PUBLICATION news FOR TABLE t',
    'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
    'CREATE POLICY every ON t USING (true)',
  )
  return database
}

/** Everything that hangs on the table, as the catalog says it, and the table's own identity. */
async function hanging(database: FreshDatabase) {
  return await database.rows(`
    SELECT 'oid', 't'::regclass::oid::text
    UNION ALL SELECT 'constraint', conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE 't'::regclass IN (conrelid, confrelid)
    UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE tablename = 't'
    UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 't'::regclass AND NOT tgisinternal
    UNION ALL SELECT 'grant', attacl::text FROM pg_attribute WHERE attrelid = 't'::regclass AND attacl IS NOT NULL
    UNION ALL SELECT 'policy', polname FROM pg_policy WHERE polrelid = 't'::regclass
    UNION ALL SELECT 'publication', pubname FROM pg_publication_tables WHERE tablename = 't'
    UNION ALL SELECT 'comment', obj_description('t'::regclass)
    UNION ALL SELECT 'view', pg_get_viewdef('seen'::regclass)
    ORDER BY 1, 2`)
}

const lines = (ids: readonly number[], value = (id: number) => `v${id}`) => `id,v\n${ids.map((id) => `${id},${value(id)}`).join('\n')}\n`
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe.each(['replace', 'mirror', 'upsert'] as const)('%s into a table on which much hangs', (mode) => {
  test('keeps all of it, and no child of a row that stays is lost', async () => {
    await using database = await hungWith()
    using world = new World()
    const before = await hanging(database)
    const identities = await database.rows('SELECT id, n FROM t WHERE id < 20 ORDER BY id')
    world.write(
      'in.csv',
      lines([...upTo(19), 30], (id) => (id === 1 ? 'changed' : id === 2 ? 'v3' : id === 3 ? 'v2' : `v${id}`)),
    )
    expect(await world.runOne(config(database.url, { mode }))).toMatchObject({ status: 'succeeded', error: null })
    expect(await hanging(database)).toEqual(before)
    expect(await database.rows('SELECT id, n FROM t WHERE id < 20 ORDER BY id')).toEqual(identities)
    expect(await database.rows('SELECT v, twice FROM seen JOIN t USING (id, v) WHERE id IN (1, 2, 3, 30) ORDER BY id')).toEqual([
      ['changed', '2'],
      ['v3', '4'],
      ['v2', '6'],
      ['v30', '60'],
    ])
    expect(await database.rows('SELECT count(*) FROM child')).toEqual([[mode === 'upsert' ? '20' : '19']])
    const noted = (await database.rows('SELECT DISTINCT what FROM log ORDER BY what')).flat()
    expect(noted.filter((what) => !/^UPDATE [23]$/.test(what ?? ''))).toEqual([
      ...(mode === 'upsert' ? [] : ['DELETE 20']),
      'INSERT 30',
      'UPDATE 1',
    ])
  })

  test('twice in a row changes nothing the second time', async () => {
    await using database = await hungWith()
    using world = new World()
    world.write('in.csv', lines(upTo(20)))
    await world.runOne(config(database.url, { mode }))
    expect(await database.rows('SELECT what FROM log')).toEqual([])
    expect(await database.rows('SELECT count(*) FROM child')).toEqual([['20']])
  })
})

test.each([
  ['a view', 'CREATE VIEW seen AS SELECT * FROM t', 'SELECT count(*) FROM seen', '2'],
  ['children that cascade', 'CREATE TABLE child AS SELECT id FROM t', 'SELECT count(*) FROM child', '1'],
  ['a grant', 'GRANT SELECT ON t TO PUBLIC', "SELECT relacl::text LIKE '%=r/%' FROM pg_class WHERE oid = 't'::regclass", 't'],
  [
    'an identity',
    'ALTER TABLE t ALTER id ADD GENERATED BY DEFAULT AS IDENTITY',
    "SELECT pg_get_serial_sequence('t', 'id')",
    'public.t_id_seq',
  ],
  ['a publication', 'CREATE PUBLICATION news FOR TABLE t', 'SELECT count(*) FROM pg_publication_tables', '1'],
])('a table of which every column is replaced keeps %s that is all that hangs on it', async (what, hang, look, expected) => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run('CREATE TABLE t (id integer PRIMARY KEY, v text)', "INSERT INTO t VALUES (1, 'a'), (2, 'b')", hang)
  if (what.startsWith('children')) await database.run('ALTER TABLE child ADD FOREIGN KEY (id) REFERENCES t ON DELETE CASCADE')
  world.write('in.csv', 'id,v\n1,new\n3,c\n')
  if (what.startsWith('children')) {
    const guarded = await world.runOne(config(database.url, { guard: { deletes: '100%' } }))
    expect(guarded).toMatchObject({ status: 'withheld', error: { message: expect.stringContaining('child') } })
    const allowed = await world.runOne(config(database.url, { guard: { cascades: 'allow' } }))
    expect(allowed).toMatchObject({ error: null, counts: { inserted: 1, updated: 1, deleted: 1 } })
  } else {
    expect(await world.runOne(config(database.url))).toMatchObject({ error: null, counts: { inserted: 2, deleted: 2 } })
  }
  expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'new'],
    ['3', 'c'],
  ])
  expect(await database.rows(look)).toEqual([[expected]])
})

test('a child that forbids the delete stops a replace, and everything is as it was; a mirror goes on without that row', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run(
    'CREATE TABLE t (id integer PRIMARY KEY, v text)',
    "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
    'CREATE TABLE child (t integer REFERENCES t)',
    'INSERT INTO child VALUES (2)',
  )
  world.write('in.csv', 'id,v\n1,new\n')
  const replaced = await world.runOne(config(database.url, { mode: 'replace' }))
  expect(replaced).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('child') } })
  expect(JSON.stringify(replaced)).not.toContain('(2)')
  expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'a'],
    ['2', 'b'],
  ])
  const mirrored = await world.runOne(config(database.url, { mode: 'mirror' }))
  expect(mirrored).toMatchObject({ status: 'succeeded', counts: { updated: 1, deleted: 0, rejected: 1 } })
  expect(JSON.stringify(mirrored)).not.toContain('(2)')
  expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'new'],
    ['2', 'b'],
  ])
})

test('a reader sees all of the old rows or all of the new ones, never between (promise 2)', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run('CREATE TABLE t (id integer PRIMARY KEY, v text)', "INSERT INTO t SELECT i, 'old' FROM generate_series(1, 5000) i")
  world.write(
    'in.csv',
    lines(upTo(6000), () => 'new'),
  )
  for (const mode of ['replace', 'mirror'] as const) {
    await database.run("UPDATE t SET v = 'old'", 'DELETE FROM t WHERE id > 5000')
    const seen = new Set<string>()
    const look = async () => {
      for (const [v, n] of await database.rows('SELECT min(v) || max(v), count(*) FROM t')) seen.add(`${v} ${n}`)
    }
    let ended = false
    const run = world.runOne(config(database.url, { mode })).finally(() => {
      ended = true
    })
    while (!ended) await look()
    expect(await run).toMatchObject({ error: null })
    await look()
    expect([...seen]).toEqual(['oldold 5000', 'newnew 6000'])
  }
})

test.each([
  ['that is swapped in', []],
  ['that keeps its place', ['CREATE VIEW seen AS SELECT * FROM t']],
])('readers see a table %s before or after a replace, and never between', async (_, more) => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run(
    'CREATE TABLE t (id integer PRIMARY KEY, v text)',
    "INSERT INTO t SELECT i, 'old' FROM generate_series(1, 900) i",
    ...more,
  )
  world.write(
    'in.csv',
    lines(upTo(5_000), () => 'new'),
  )
  await using reader = await database.connect()
  const look = async () => (await reader.rows('SELECT count(*), min(v), max(v) FROM t')).flat().join(' ')
  const seen = await seenMeanwhile(look, world.runOne(config(database.url)))
  expect([...new Set(seen)]).toEqual(['900 old old', '5000 new new'])
})

test('a replace leaves statistics that fit what it loaded, of a new table too', async () => {
  await using database = await freshDatabase()
  using world = new World()
  const known = async () =>
    await database.rows(
      "SELECT c.reltuples::int, s.n_distinct::int FROM pg_class c JOIN pg_stats s ON s.tablename = c.relname WHERE c.relname = 't' AND s.attname = 'v'",
    )
  world.write(
    'in.csv',
    lines(upTo(3_000), (id) => `v${id % 10}`),
  )
  await world.runOne(config(database.url))
  expect(await known()).toEqual([['3000', '10']])
  world.write(
    'in.csv',
    lines(upTo(2_000), (id) => `v${id % 5}`),
  )
  await world.runOne(config(database.url))
  expect(await known()).toEqual([['2000', '5']])
})
