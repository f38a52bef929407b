import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDuckDB } from '../../src/duckdb/open.ts'
import { type ConfigInput, openSyncline, type RunResult } from '../../src/index.ts'
import { command } from './command.ts'
import { World } from './world.ts'

/** Of no other text in any file. */
const secrets = ['078-05-1120', '219-09-9999', '457-55-5462', '987-65-4320'] as const
const key = { columns: ['SSN'], key: '${env:REDACT_TEST_KEY}' }

beforeEach(() => void vi.stubEnv('REDACT_TEST_KEY', 'correct horse battery staple'))
afterEach(() => void vi.unstubAllEnvs())

type Settings = Partial<NonNullable<ConfigInput['syncs']>[string]>

/** One row to insert, one whose redacted cell changes, one to delete, and one that the target refuses. */
function filled(): World {
  const world = new World()
  const columns = 'id INTEGER PRIMARY KEY, ssn TEXT, name TEXT'
  world.sqlite(
    'a.db',
    `CREATE TABLE p (${columns})`,
    `INSERT INTO p VALUES (1, '${secrets[0]}', 'new'), (2, '${secrets[1]}', 'changed'), (4, '${secrets[3]}', 'refused'), (5, NULL, 'none')`,
  )
  world.sqlite(
    'b.db',
    `CREATE TABLE p (${columns}, CHECK (name <> 'refused'))`,
    `INSERT INTO p VALUES (2, '${secrets[2]}', 'changed'), (3, '${secrets[3]}', 'gone')`,
  )
  return world
}

function config(settings: Settings = {}): ConfigInput {
  return {
    connections: { a: './a.db', b: './b.db' },
    syncs: { p: { from: 'a#p', to: 'b#p', mode: 'mirror', guard: 'off', redact: 'ssn', ...settings } },
  }
}

const rows = (world: World) => world.rows('b.db', 'SELECT * FROM p ORDER BY id')

/** The first of the values that some file below holds, as bytes or in the tables that DuckDB reads out of it. */
async function found(world: World, ...files: readonly string[]): Promise<string | undefined> {
  const kept = readdirSync(world.path('.syncline'), { recursive: true, encoding: 'utf8' }).map((name) => join('.syncline', name))
  for (const name of [...kept, ...files]) {
    const path = world.path(name)
    if (!statSync(path).isFile()) continue
    const content = `${readFileSync(path, 'latin1')}${await tablesIn(path)}`
    const value = secrets.find((secret) => content.includes(secret))
    if (value !== undefined) return `${name} holds ${value}`
  }
  return undefined
}

async function tablesIn(path: string): Promise<string> {
  const instance = await openDuckDB(':memory:', { temporaryDirectory: `${path}.spill`, memoryLimit: '500MB' })
  const engine = await instance.connect()
  const all = async (query: string) =>
    JSON.stringify((await engine.runAndReadAll(query)).getRows(), (_, cell) => String(cell) && cell?.toString())
  try {
    if (path.endsWith('.parquet')) return await all(`SELECT t::VARCHAR FROM read_parquet('${path}') AS t`)
    if (!path.endsWith('.plan')) return ''
    await engine.run(`ATTACH '${path}' AS f (READ_ONLY)`)
    return (await all('SELECT p::VARCHAR FROM f.plans AS p')) + (await all('SELECT c::VARCHAR FROM f.changes_0 AS c'))
  } finally {
    engine.disconnectSync()
    instance.closeSync()
  }
}

async function first<Result>(results: Promise<readonly Result[]>): Promise<Result> {
  const [result] = await results
  if (result === undefined) throw new Error('there is no result')
  return result
}

async function undo(world: World, run: RunResult, using: ConfigInput): Promise<RunResult> {
  await using syncline = await openSyncline({ config: using, cwd: world.folder })
  return await first(syncline.undo(run.id).results)
}

describe.each([
  ['without a key', 'ssn'],
  ['with a key', key],
] as const)('redacted columns %s', (_, redact) => {
  test('are in no file that is kept, and in nothing that is shown', async () => {
    using world = filled()
    const said = typeof redact === 'string' ? redact : '{ columns: [SSN], key: "${env:REDACT_TEST_KEY}" }'
    world.write(
      'syncline.yaml',
      `connections: { a: ./a.db, b: ./b.db }\nsyncs: { p: { from: a#p, to: b#p, mode: mirror, guard: { deletes: 0 }, redact: ${said} } }\n`,
    )
    const shown: string[] = []
    for (const args of [
      ['preview', 'p'],
      ['plan', '--verbose', '--save', 'x.plan', '--html', 'x.html'],
      ['plan', '--json', '--all'],
      ['verify', '--json'],
      ['run', '--verbose'],
      ['show', ''],
      ['show', '', '--json'],
      ['run', '--set', 'syncs.p.guard=off', '--json'],
      ['rejects'],
      ['rejects', '--json'],
      ['retry', 'p', '--json'],
    ]) {
      const [id = ''] = /\b[0-9a-f]{12}\b/.exec(shown.find((text) => text.includes('syncline show')) ?? '') ?? []
      const { stdout, stderr } = await command(
        world.folder,
        args.map((arg) => (arg === '' ? id : arg)),
      )
      shown.push(stdout + stderr)
    }
    expect(shown.find((text) => secrets.some((secret) => text.includes(secret)))).toBeUndefined()
    expect(shown.filter((text) => text.includes('[redacted'))).toHaveLength(8)
    expect(shown[1]).toMatch(/~ +2 +ssn +\[redacted\] → \[redacted, changed\]/)
    expect(await found(world, 'x.plan', 'x.html')).toBeUndefined()
    expect(rows(world)).toEqual([
      [1n, secrets[0], 'new'],
      [2n, secrets[1], 'changed'],
      [5n, null, 'none'],
    ])
  }, 120_000)

  test('are applied as they were planned, and refused once they moved', async () => {
    using world = filled()
    world.sqlite('a.db', 'DELETE FROM p WHERE id = 4')
    await using syncline = await openSyncline({ config: config({ redact }), cwd: world.folder })
    await syncline.plan({ save: 'x.plan' }).results
    for (const [file, id] of [
      ['a.db', 2],
      ['b.db', 2],
      ['b.db', 3],
    ] as const) {
      const before = world.rows(file, 'SELECT ssn FROM p WHERE id = ?', id) as readonly (readonly string[])[]
      world.sqlite(file, `UPDATE p SET ssn = '111-22-3333' WHERE id = ${id}`)
      expect(await first(syncline.apply('x.plan').results)).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' } })
      world.sqlite(file, `UPDATE p SET ssn = '${before[0]?.[0]}' WHERE id = ${id}`)
    }
    const applied = await first(syncline.apply('x.plan').results)
    expect(applied).toMatchObject({ status: 'succeeded', counts: { inserted: 2, updated: 1, deleted: 1 } })
    expect(rows(world)).toEqual(world.rows('a.db', 'SELECT * FROM p ORDER BY id'))
  })

  test('may be the key itself', async () => {
    using world = new World()
    world.sqlite(
      'a.db',
      'CREATE TABLE p (ssn TEXT PRIMARY KEY, v TEXT)',
      `INSERT INTO p VALUES ('${secrets[0]}', 'a'), ('${secrets[1]}', 'b')`,
    )
    world.sqlite(
      'b.db',
      "CREATE TABLE p (ssn TEXT PRIMARY KEY, v TEXT CHECK (v <> 'b'))",
      `INSERT INTO p VALUES ('${secrets[2]}', 'x'), ('${secrets[1]}', 'y')`,
    )
    const using = config({ redact })
    await using syncline = await openSyncline({ config: using, cwd: world.folder })
    expect(await first(syncline.run().results)).toMatchObject({ counts: { inserted: 1, updated: 0, deleted: 1, rejected: 1 } })
    expect(await found(world)).toBeUndefined()
    world.sqlite('a.db', `UPDATE p SET v = 'c' WHERE ssn = '${secrets[1]}'`)
    const retried = await first(syncline.retry('p').results)
    if (typeof redact === 'string') expect(retried).toMatchObject({ status: 'failed', error: { code: 'CANNOT_RETRY' } })
    else expect(retried).toMatchObject({ status: 'succeeded', counts: { updated: 1, rejected: 0 } })
    await syncline.plan({ save: 'x.plan' }).results
    expect((await first(syncline.apply('x.plan').results)).status).toBe('succeeded')
    expect(world.rows('b.db', 'SELECT * FROM p ORDER BY ssn')).toEqual(world.rows('a.db', 'SELECT * FROM p ORDER BY ssn'))
    expect(await found(world, 'x.plan')).toBeUndefined()
  })
})

describe('an undo', () => {
  test('brings redacted cells back by the key', async () => {
    using world = filled()
    const before = rows(world)
    const run = await world.runOne(config({ redact: key }))
    expect(run.details.journal).toMatchObject({ bytes: expect.any(Number) })
    expect(await undo(world, run, config({ redact: key }))).toMatchObject({ status: 'succeeded' })
    expect(rows(world)).toEqual(before)
    expect(await found(world)).toBeUndefined()
  })

  test('says before it starts that there is no key, or another one', async () => {
    using world = filled()
    const run = await world.runOne(config({ redact: key }))
    const after = rows(world)
    expect(await undo(world, run, config())).toMatchObject({
      status: 'failed',
      error: { code: 'CANNOT_UNDO', message: expect.stringContaining('names no key any more') },
    })
    vi.stubEnv('REDACT_TEST_KEY', 'another key of some length')
    expect(await undo(world, run, config({ redact: key }))).toMatchObject({ status: 'failed', error: { code: 'WRONG_KEY' } })
    vi.stubEnv('REDACT_TEST_KEY', undefined)
    expect(await undo(world, run, config({ redact: key }))).toMatchObject({ status: 'failed', error: { code: 'SECRET_MISSING' } })
    expect(rows(world)).toEqual(after)
  })

  test('is not offered where the run had no key', async () => {
    using world = filled()
    const run = await world.runOne(config())
    expect(run.details.journal).toEqual({ none: expect.stringContaining('ssn is redacted') })
    expect(await undo(world, run, config({ redact: key }))).toMatchObject({ status: 'failed', error: { code: 'CANNOT_UNDO' } })
  })
})

test('a plan is refused where other columns are redacted, or by another key', async () => {
  using world = filled()
  world.sqlite('a.db', 'DELETE FROM p WHERE id = 4')
  await using syncline = await openSyncline({ config: config({ redact: key }), cwd: world.folder })
  await syncline.plan({ save: 'x.plan' }).results
  for (const redact of ['ssn', ['ssn', 'name']]) {
    await using other = await openSyncline({ config: config({ redact }), cwd: world.folder })
    expect(await first(other.apply('x.plan').results)).toMatchObject({
      error: { code: 'PLAN_STALE', message: expect.stringContaining('redacted') },
    })
  }
})

describe('a slip is an error before anything is read or kept', () => {
  test('a name that neither side has, with the nearest one', async () => {
    using world = filled()
    const before = rows(world)
    expect(await world.runOne(config({ redact: ['snn'] }))).toMatchObject({
      status: 'failed',
      error: { fix: 'config', code: 'COLUMN_NOT_FOUND', hint: 'did you mean `ssn`?' },
    })
    expect(rows(world)).toEqual(before)
  })

  test('but not under defaults, which are for all syncs', async () => {
    using world = filled()
    const { redact: _, ...sync } = config().syncs?.p ?? {}
    const all = { ...config(), defaults: { redact: ['iban', 'ssn'] }, syncs: { p: sync } } as ConfigInput
    expect((await world.plan(all)).samples[0]?.after).toEqual(['1', '[redacted]', 'new'])
  })

  test.each([
    [{ from: { connection: 'a', object: 'p', cursor: 'ssn' }, mode: 'append' }, 'the last value of a cursor is kept as it is'],
    [{ redact: { columns: ['ssn'], key: 'a plain key in the config' } }, 'found the key itself'],
    [{ redact: [] }, 'redact: expected a list of column names; found an empty list'],
    [{ redact: { colums: ['ssn'] } }, 'did you mean `columns`'],
  ] as const)('%j', async (settings, message) => {
    using world = filled()
    const thrown = await world.plan(config(settings as Settings)).catch((error: unknown) => error)
    expect(`${thrown} ${(thrown as { hint?: string }).hint}`).toContain(message)
  })

  test('a key that is too short', async () => {
    using world = filled()
    vi.stubEnv('REDACT_TEST_KEY', 'short')
    expect(await world.runOne(config({ redact: key }))).toMatchObject({ status: 'failed', error: { code: 'WEAK_KEY' } })
  })
})
