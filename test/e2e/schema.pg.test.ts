import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const sync = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', ...more } },
})

const columnsSql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 't' ORDER BY ordinal_position"

describe.each(['append', 'replace', 'upsert', 'mirror'] as const)('%s', (mode) => {
  test('shows new columns in its plan, adds them, and drops, narrows or changes nothing', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      "CREATE TABLE t (id bigint PRIMARY KEY, name varchar(50), mine text DEFAULT 'kept', big numeric(30,10))",
      "INSERT INTO t VALUES (1, 'old', 'own', 1)",
    )
    world.write('in.csv', 'id,name,extra,day\n1,new,7,2024-01-01\n2,two,8,2024-01-02\n')
    const plan = await world.plan(sync(target.url, mode))
    expect(plan.details.schema).toEqual(['add column extra bigint', 'add column day date'])
    expect(await target.rows(columnsSql)).toHaveLength(4)
    expect(await world.runOne(sync(target.url, mode))).toMatchObject({ error: null })
    expect(await target.rows(columnsSql)).toEqual([
      ['id', 'bigint'],
      ['name', 'character varying'],
      ['mine', 'text'],
      ['big', 'numeric'],
      ['extra', 'bigint'],
      ['day', 'date'],
    ])
    expect(await target.rows('SELECT mine, extra FROM t WHERE id = 2')).toEqual([['kept', '8']])
    if (mode !== 'append')
      expect(await target.rows('SELECT name, mine, big, extra FROM t WHERE id = 1')).toEqual([['new', 'own', '1.0000000000', '7']])
  })

  test('creates a table with its key and the types of its source', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      'CREATE TABLE s (id smallint PRIMARY KEY, d numeric(12,2) NOT NULL, at timestamptz(3), v varchar(7))',
      "INSERT INTO s VALUES (1, 1.5, now(), 'x')",
    )
    const config: ConfigInput = { connections: { b: target.url }, syncs: { t: { from: 'b#s', to: 'b#made.t', mode } } }
    await target.run('CREATE SCHEMA made')
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 1 } })
    const declared = (name: string) =>
      target.rows(
        `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '${name}'::regclass AND attnum > 0 ORDER BY attnum`,
      )
    expect(await declared('made.t')).toEqual(await declared('s'))
    expect(
      await target.rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'made.t'::regclass AND contype = 'p'"),
    ).toEqual([['PRIMARY KEY (id)']])
  })
})

test('a run that fails takes its new table and its new columns back', async () => {
  await using target = await freshDatabase()
  using world = new World()
  await target.run("CREATE TABLE t (id integer PRIMARY KEY, v text CHECK (v <> 'forbidden'))")
  world.write('in.csv', 'id,v,extra\n1,forbidden,1\n')
  for (const mode of ['upsert', 'mirror', 'replace', 'append'] as const)
    expect([mode, (await world.runOne(sync(target.url, mode, { on_reject: 'stop' }))).status]).toEqual([mode, 'failed'])
  expect(await target.rows(columnsSql)).toEqual([
    ['id', 'integer'],
    ['v', 'text'],
  ])
})

test('a target column that needs a value which the source lacks is named before anything is read', async () => {
  await using target = await freshDatabase()
  using world = new World()
  await target.run('CREATE TABLE t (id integer PRIMARY KEY, must text NOT NULL)')
  world.write('in.csv', 'id\n1\n')
  expect(await world.runOne(sync(target.url, 'upsert'))).toMatchObject({
    error: { code: 'COLUMN_MISSING', message: expect.stringContaining('`must`') },
  })
})

describe('checksums (rule 25)', () => {
  test('prove a whole replace where both sides compute the same, counts where not, and say so', async () => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run(
      'CREATE TABLE s (id integer PRIMARY KEY, n numeric, j json)',
      "INSERT INTO s VALUES (1, 1.0, '{}'), (2, 1.00, '[1.0]')",
    )
    const verified = async (from: string, to: string, more: object = {}) => {
      const config: ConfigInput = { connections: { b: database.url }, syncs: { t: { from, to, mode: 'replace', ...more } } }
      return (await world.runOne(config)).details.verified
    }
    expect(await verified('b#s', 'b#t')).toBe('checksums of all 2 rows agree')
    expect(await verified('b#s', './x.db#t')).toBe(
      'row counts agree (2): both sides compute no checksum alike, and reading all rows back costs about what the load did',
    )
    expect(await verified('b#s', './x.db#t', { verify: 'full' })).toBe('the whole target was read back and agrees')
    expect(await verified('b#s', 'b#t', { verify: 'off' })).toBeUndefined()
  })

  test('see a difference of a trailing zero, of NULL against empty text, and of cells that change places', async () => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run('CREATE TABLE s (a text, b text, n numeric)', "INSERT INTO s VALUES ('1', '11', 1.0), ('', NULL, 1)")
    const bent = [
      ['NEW.n = trim_scale(NEW.n)', 'a trailing zero'],
      ["NEW.b = coalesce(NEW.b, '')", 'NULL and empty'],
      ["IF NEW.a = '1' THEN NEW.a = '11'; NEW.b = '1'; END IF", 'cells'],
    ]
    for (const [change, what] of bent) {
      await database.run(
        'DROP TABLE IF EXISTS t',
        'CREATE TABLE t (a text, b text, n numeric)',
        `CREATE OR REPLACE FUNCTION bend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${change}; RETURN NEW; END $$`,
        'CREATE TRIGGER bend BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION bend()',
      )
      const result = await world.runOne({ connections: { b: database.url }, syncs: { t: { from: 'b#s', to: 'b#t', mode: 'replace' } } })
      expect([what, result.error?.code]).toEqual([what, 'VERIFY_FAILED'])
      expect(await database.rows('SELECT count(*) FROM t')).toEqual([['0']])
    }
  })
})

test('triggers and cascading foreign keys of the target are shown in the plan (rule 19)', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run(
    'CREATE TABLE t (id integer PRIMARY KEY)',
    'INSERT INTO t VALUES (1), (2)',
    'CREATE TABLE child (t integer REFERENCES t ON DELETE CASCADE)',
    'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
    'CREATE TRIGGER told AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION f()',
  )
  world.write('in.csv', 'id\n1\n')
  const { details } = await world.plan(sync(database.url, 'mirror'))
  expect(details.notes.join('\n')).toContain('public.child.child_t_fkey')
  expect(details.notes.join('\n')).toContain('told')
  world.write('in.csv', 'id\n1\n2\n')
  expect((await world.plan(sync(database.url, 'mirror'))).details.notes).toEqual([])
})
