import { expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { keylessReplaceLeavesOut } from './rejects-keyless.ts'
import { World } from './world.ts'

const config = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', ...more } },
})

const everyConstraint = [
  'CREATE TABLE parent (id int PRIMARY KEY)',
  'INSERT INTO parent VALUES (1), (2)',
  `CREATE TABLE t (id int PRIMARY KEY, net numeric CONSTRAINT positive CHECK (net > 0), parent int CONSTRAINT belongs REFERENCES parent,
     code text CONSTRAINT one_code UNIQUE, seat int, CONSTRAINT one_seat EXCLUDE USING btree (seat WITH =))`,
  `CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     IF NEW.code = 'banned' THEN RAISE EXCEPTION 'the code % is banned', NEW.code; END IF; RETURN NEW; END $$`,
  'CREATE TRIGGER judge BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION judge()',
]

async function rejected(world: World, run: ConfigInput) {
  return (await world.rejects(run))
    .map(({ row, reason, detail }) => [row.id, reason, detail.replace(/^.*?(constraint \w+|a trigger).*$/s, '$1')])
    .sort((one, other) => Number(one[0]) - Number(other[0]))
}

test.each(['upsert', 'mirror', 'append', 'replace'] as const)(
  '%s: what a constraint refuses stands alone, and the rest is delivered',
  async (mode) => {
    await using database = await freshDatabase()
    await database.run(...everyConstraint)
    using world = new World()
    const good = Array.from({ length: 200 }, (_, index) => `${index + 100},1,1,good${index},${index + 100}`)
    const bad = ['1,-1,1,a,1', '2,1,99,b,2', '3,1,1,good7,3', '4,1,1,c,107', '5,1,1,banned,5']
    world.write('in.csv', ['id,net,parent,code,seat', ...good.slice(0, 100), ...bad, ...good.slice(100)].join('\n'))
    const run = config(database.url, mode, { on_reject: 'continue' })
    const result = await world.runOne(run)
    expect(result).toMatchObject({ status: 'succeeded', counts: { read: 205, inserted: 200, rejected: 5 } })
    expect(result.details.verified).toBeDefined()
    expect(await database.rows('SELECT count(*), min(id) FROM t')).toEqual([['200', '100']])
    expect(await rejected(world, run)).toEqual([
      ['1', 'constraint', 'constraint positive'],
      ['2', 'constraint', 'constraint belongs'],
      ['3', 'constraint', 'constraint one_code'],
      ['4', 'constraint', 'constraint one_seat'],
      ['5', 'constraint', 'a trigger'],
    ])
    const fifth = (await world.rejects(run)).find(({ row }) => row.id === '5')
    expect(fifth).toMatchObject({ answer: 'the code banned is banned', row: { id: '5', net: '1', parent: '1', code: 'banned', seat: '5' } })

    if (mode === 'append' || mode === 'replace') return
    await database.run('INSERT INTO parent VALUES (99)')
    world.write('in.csv', ['id,net,parent,code,seat', ...good, '1,1,1,a,1', '2,1,99,b,2', '5,1,1,banned,5'].join('\n'))
    expect((await world.runOne(run)).counts).toMatchObject({ inserted: 2, updated: 0, deleted: 0, rejected: 1 })
    expect(await rejected(world, run)).toEqual([['5', 'constraint', 'a trigger']])
  },
)

test('updates and deletes that are refused leave their rows as they were, and nothing else', async () => {
  await using database = await freshDatabase()
  await database.run(
    'CREATE TABLE t (id int PRIMARY KEY, net int CHECK (net > 0))',
    'INSERT INTO t SELECT i, i FROM generate_series(1, 100) i',
    'CREATE TABLE child (of int REFERENCES t)',
    'INSERT INTO child VALUES (97), (99)',
  )
  using world = new World()
  world.write(
    'in.csv',
    `id,net\n${Array.from({ length: 95 }, (_, index) => `${index + 1},${index % 40 === 7 ? -1 : index + 1000}`).join('\n')}\n`,
  )
  const run = config(database.url, 'mirror')
  expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', counts: { updated: 92, deleted: 3, rejected: 5 } })
  expect(await database.rows('SELECT id, net FROM t WHERE net < 1000 ORDER BY id')).toEqual(
    [8, 48, 88, 97, 99].map((id) => [String(id), String(id)]),
  )
  expect((await world.rejects(run)).map(({ row }) => Number(row.id)).sort((a, b) => a - b)).toEqual([8, 48, 88, 97, 99])
})

test('rows that refer to each other are kept together, also where a bad one is among them', async () => {
  await using database = await freshDatabase()
  await database.run('CREATE TABLE t (id int PRIMARY KEY, boss int REFERENCES t, CHECK (id <> 40))')
  using world = new World()
  const rows = Array.from({ length: 50 }, (_, index) => `${index + 1},${index === 49 ? '' : index + 2}`)
  world.write('in.csv', `id,boss\n${rows.join('\n')}\n`)
  const run = config(database.url, 'mirror')
  // Each refers to the next: without the fortieth those before it cannot be there.
  expect((await world.runOne(run)).counts).toMatchObject({ inserted: 10, rejected: 40 })
  expect(await database.rows('SELECT min(id) FROM t')).toEqual([['41']])
})

test('values are swapped also where another row of the batch is refused', async () => {
  await using database = await freshDatabase()
  await database.run(
    'CREATE TABLE t (id int PRIMARY KEY, place int NOT NULL UNIQUE CHECK (place <> 13))',
    'INSERT INTO t SELECT i, i FROM generate_series(1, 8) i',
  )
  using world = new World()
  world.write('in.csv', 'id,place\n1,8\n2,2\n3,13\n4,4\n5,5\n6,6\n7,7\n8,1\n')
  const run = config(database.url, 'mirror')
  expect((await world.runOne(run)).counts).toMatchObject({ updated: 2, rejected: 1 })
  expect(await database.rows('SELECT id, place FROM t WHERE id IN (1, 3, 8) ORDER BY id')).toEqual([
    ['1', '8'],
    ['3', '3'],
    ['8', '1'],
  ])
})

test.each(['a foreign key', 'a unique value'])('%s that waits for the commit is found before it', async (what) => {
  await using database = await freshDatabase()
  await database.run(
    'CREATE TABLE parent (id int PRIMARY KEY)',
    'INSERT INTO parent VALUES (1)',
    'CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED, u int UNIQUE DEFERRABLE INITIALLY DEFERRED)',
  )
  using world = new World()
  world.write('in.csv', what === 'a foreign key' ? 'id,parent,u\n1,1,1\n2,9,2\n3,1,3\n' : 'id,parent,u\n1,1,1\n2,1,1\n3,1,3\n')
  const run = config(database.url, 'upsert')
  expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', counts: { inserted: 2, rejected: 1 } })
  expect(await database.rows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['3']])
})

test('`on_reject: stop` rolls everything back and keeps the rows', async () => {
  await using database = await freshDatabase()
  await database.run('CREATE TABLE t (id int PRIMARY KEY, net int CHECK (net > 0))')
  using world = new World()
  world.write('in.csv', 'id,net\n1,1\n2,-1\n3,3\n')
  const run = config(database.url, 'upsert', { on_reject: 'stop' })
  expect(await world.runOne(run)).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
  expect(await database.rows('SELECT * FROM t')).toEqual([])
  expect(await world.rejects(run)).toMatchObject([{ reason: 'constraint', row: { id: '2', net: '-1' } }])
})

test('a text with a NUL byte is a reject: PostgreSQL has no such character', async () => {
  await using database = await freshDatabase()
  await database.run('CREATE TABLE t (id int PRIMARY KEY, v text)')
  using world = new World()
  world.write('in.csv', 'id,v\n1,a\n2,b\0c\n3,d\n')
  for (const mode of ['upsert', 'replace', 'append'] as const) {
    await database.run('TRUNCATE t')
    const run = config(database.url, mode, { on_reject: 'continue' })
    expect((await world.runOne(run)).counts).toMatchObject({ read: 3, inserted: 2, rejected: 1 })
    expect(await world.rejects(run)).toMatchObject([{ reason: 'value', column: 'v', row: { id: '2' } }])
  }
})

test('a deadlock is nobody’s fault: the run fails and can be run again', async () => {
  await using database: FreshDatabase = await freshDatabase()
  await database.run(
    'CREATE TABLE t (id int PRIMARY KEY, net int)',
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40P01'; END $$`,
    'CREATE TRIGGER fail BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION fail()',
  )
  using world = new World()
  world.write('in.csv', 'id,net\n1,1\n2,2\n')
  const run = config(database.url, 'upsert')
  expect(await world.runOne(run)).toMatchObject({ status: 'failed', error: { code: 'DEADLOCK', fix: 'retry' } })
  expect(await world.rejects(run)).toEqual([])
})

test('replace without a key: what is refused is left out, and the others arrive', async () => {
  await using database = await freshDatabase()
  await keylessReplaceLeavesOut({
    connection: database.url,
    run: async (...statements) => await database.run(...statements),
    rows: async (query) => await database.rows(query),
  })
})

test('a replace of many tables names the one without a key and the way out where a row is refused', async () => {
  await using database = await freshDatabase()
  await database.run('CREATE TABLE t (v int, CONSTRAINT positive CHECK (v > 0))', 'INSERT INTO t VALUES (7)')
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (v INTEGER)', 'INSERT INTO t VALUES (1), (-2)')
  const { error } = await world.runOne({
    connections: { a: './a.db', b: database.url },
    syncs: { t: { from: 'a#*', to: 'b#{table}', mode: 'replace', guard: 'off', on_reject: 'continue' } },
  })
  expect(error).toMatchObject({
    code: 'ROW_REFUSED',
    message: expect.stringMatching(/^`t` .*constraint positive/),
    hint: expect.stringContaining('`key`'),
  })
  expect(error?.message).not.toMatch(/_syncline|-2/)
  expect(await database.rows('SELECT v FROM t')).toEqual([['7']])
})
