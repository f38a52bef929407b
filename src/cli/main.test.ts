import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { installedCommand } from '../../test/services/installed-command.ts'
import { lockSync } from '../state/lock.ts'

const command = await installedCommand()
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'syncline-cli-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real command in its own process, as users run it. */
async function syncline(...args: readonly string[]): Promise<Ended> {
  return await ended(start(...args))
}

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [command, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: ChildProcess): Promise<Ended> {
  if (!child.stdout || !child.stderr) throw new Error('the pipes of a child that was just started are there')
  const closed = new Promise<number | null>((settle) => child.on('close', settle))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}

function database(file: string, rows: readonly (readonly [number, string])[]): void {
  using db = new DatabaseSync(join(directory, file))
  db.exec('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)')
  const insert = db.prepare('INSERT INTO people VALUES (?, ?)')
  for (const row of rows) insert.run(...row)
}

function many(count: number): readonly (readonly [number, string])[] {
  return Array.from({ length: count }, (_, i) => [i, `name ${i}`] as const)
}

function config(sync: string): void {
  writeFileSync(
    join(directory, 'syncline.yaml'),
    `connections: { a: ./a.db, b: ./b.db }\nsyncs:\n  people: { from: a#people, to: b#people, mode: mirror, key: id${sync} }\n`,
  )
}

test('from a first config to both sides in step', async () => {
  database('a.db', [
    [1, 'Ada'],
    [2, 'Bob\u001b[31m'],
  ])
  database('b.db', [
    [2, 'Rob'],
    [3, 'Carl'],
  ])
  const written = await syncline('init', '--from', './a.db#people', '--to', './b.db#people', '--key', 'id')
  expect(written).toMatchObject({ code: 0, stdout: 'wrote syncline.yaml\nnext: syncline check, then syncline plan, then syncline run\n' })

  const plan = await syncline('plan')
  expect(plan).toMatchObject({ code: 2, stderr: '' })
  expect(plan.stdout).toBe(
    `people   ./a.db#people → ./b.db#people   mirror by id

    id   name
  +  1   Ada
  ~  2   name   Rob → Bob\\u001b[31m
  -  3   Carl

  1 insert   1 update   1 delete
  nothing was changed; \`syncline run people\` applies this

`,
  )

  const run = await syncline('run', 'people')
  expect(run.code).toBe(0)
  expect(run.stdout).toMatch(/^people {5}✓ 1 insert, 1 update, 1 delete in [\d.]+ m?s, verified\n$/)

  expect((await syncline('verify')).stdout).toContain('both sides agree   2 unchanged')
  expect(await syncline('run', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })

  const runs = await syncline('runs', '--json')
  const [, first] = JSON.parse(runs.stdout).runs
  expect(first).toMatchObject({ sync: 'people', counts: { inserted: 1, updated: 1, deleted: 1 } })
  expect((await syncline('show', first.id.slice(0, 6))).stdout).toContain('status       succeeded')
})

test('--json is one document on stdout, progress is JSON lines on stderr, neither shows cells where logs could', async () => {
  database('a.db', [[1, 'secret name']])
  database('b.db', [])
  config('')
  const { code, stdout, stderr } = await syncline('plan', '--json')
  expect(code).toBe(2)
  const { runs } = JSON.parse(stdout)
  expect(Object.keys(runs[0]).slice(0, 5)).toEqual(['id', 'sync', 'mode', 'command', 'status'])
  expect(runs[0]).toMatchObject({
    sync: 'people',
    mode: 'mirror',
    status: 'differs',
    counts: { read: 1, inserted: 1, updated: 0, deleted: 0, unchanged: 0, rejected: 0 },
    watermark: null,
    error: null,
    details: { key: ['id'] },
    samples: [{ kind: 'insert', after: ['1', 'secret name'] }],
  })
  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events[0]).toMatchObject({ type: 'started', sync: 'people' })
  expect(events.at(-1)).toMatchObject({ type: 'finished', result: { status: 'differs' } })
  expect(stderr).not.toContain('secret name')
})

describe('exit codes', () => {
  test('3 where a guard withholds, and nothing is changed', async () => {
    database('a.db', many(5))
    database('b.db', many(20))
    config(', guard: { deletes: 10% }')
    const plan = await syncline('plan', '--limit', '1')
    expect(plan.code).toBe(3)
    expect(plan.stdout).toContain('… 14 more (--all)')
    const run = await syncline('run', '--yes')
    expect(run.code).toBe(3)
    expect(run.stdout).toMatch(
      /^people {5}withheld: 15 rows of 20 would be deleted \(75%, the guard is 10%\)\n {11}look: syncline show (\w+) {3}approve: syncline apply \.syncline\/plans\/\1\.plan\n/,
    )
    const [, id = '', approve = ''] = /show (\w+) .*approve: syncline (apply .*)/.exec(run.stdout) ?? []
    const shown = await syncline('show', id, '--limit', '2')
    expect(shown.stdout).toMatch(/would change:\n\n {4}id.*\n {2}- +5 .*\n {2}- +6 .*\n {4}… 13 more \(--all\)\n\n {2}15 deletes/)
    expect(shown.stdout).toContain(`approve: syncline ${approve}`)
    const allowed = await syncline(...approve.split(' '))
    expect(allowed).toMatchObject({ code: 0, stdout: expect.stringContaining('15 deletes') })
    expect((await syncline('show', id)).stdout).toContain('its plan was applied, or is not kept any more')
  })

  test('4 where rows are rejected, which `rejects` lists', async () => {
    using source = new DatabaseSync(join(directory, 'a.db'))
    source.exec("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'Ada'), (2, NULL)")
    database('b.db', [])
    config('')
    const run = await syncline('run')
    expect(run.code).toBe(4)
    expect(run.stdout).toMatch(/! 1 insert, 1 reject in [\d.]+ m?s\n {11}look: syncline rejects people\n$/)
    const rejects = await syncline('rejects', 'people')
    expect(rejects.stdout).toMatch(/^people {3}1 reject of run \w+\n {2}not null: column name.*\n {4}id=2 {2}name=NULL\n$/)
    expect(JSON.parse((await syncline('rejects', '--json')).stdout).rejects).toMatchObject([
      { reason: 'not null', row: { id: '2', name: null } },
    ])
  })

  test('1 where a run fails', async () => {
    database('a.db', [])
    writeFileSync(join(directory, 'b.db'), 'no database at all, but long enough to be taken for one '.repeat(20))
    config('')
    const run = await syncline('run')
    expect(run.code).toBe(1)
    expect(run.stdout).toMatch(/^people {5}✗ /)
    const check = await syncline('check')
    expect(check.code).toBe(1)
    expect(check.stdout).toMatch(/^a {3}✓ sqlite .*\nb {3}✗ sqlite /)
  })

  test('1 where check finds that a sync cannot run, whatever of its target is not there yet', async () => {
    database('a.db', [])
    writeFileSync(
      join(directory, 'syncline.yaml'),
      'syncs:\n  good: { from: ./a.db#people, to: ./new.db#people, mode: mirror }\n  gone: { from: ./gone.csv, to: ./new.db#t, mode: replace }\n  next: { from: ./new.db#people, to: ./c.db#people, mode: mirror, after: good }\n',
    )
    const { code, stdout } = await syncline('check')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^good {3}✓ .*which will be created\ngone {3}✗ gone\.csv does not exist\n/)
    expect(stdout).toContain('whose source `good` will create')
    expect(stdout).toContain('3 syncs, 0 connections: the config is valid, 1 sync cannot run')
    expect(existsSync(join(directory, 'new.db'))).toBe(false)
  })

  test('1 where check finds that a sync has no key', async () => {
    database('a.db', [[1, 'Ada']])
    using db = new DatabaseSync(join(directory, 'a.db'))
    db.exec('CREATE TABLE bare (n INTEGER); CREATE VIEW vv AS SELECT id FROM people')
    writeFileSync(join(directory, 'in.csv'), 'id,name\n1,Ada\n')
    writeFileSync(
      join(directory, 'syncline.yaml'),
      [
        'syncs:',
        '  one: { from: ./a.db#bare, to: ./b.db#bare, mode: upsert }',
        '  text: { from: ./in.csv, to: ./c.db#people, mode: mirror }',
        '  keyed: { from: ./in.csv, to: ./f.db#people, mode: mirror, key: id }',
        '  wrong: { from: ./in.csv, to: ./g.db#people, mode: mirror, key: ident }',
        '  added: { from: ./a.db#bare, to: ./d.db#bare, mode: append }',
        '  all: { from: "./a.db#*", to: "./e.db#{table}", mode: mirror }',
        '  named: { from: "./a.db#*", to: "./h.db#{table}", mode: mirror, tables: { bare: { key: n } }, exclude: [vv] }',
      ].join('\n'),
    )
    const check = await syncline('check', '--json')
    expect(check.code).toBe(1)
    const { syncs } = JSON.parse(check.stdout)
    expect(syncs).toMatchObject([
      { sync: 'one', ok: false, summary: expect.stringContaining('needs a key') },
      { sync: 'text', ok: false, summary: expect.stringContaining('needs a key') },
      { sync: 'keyed', ok: true },
      { sync: 'wrong', ok: false, summary: expect.stringContaining('key column `ident`') },
      { sync: 'added', ok: true },
      { sync: 'all', ok: false, summary: expect.stringContaining('bare, vv'), hint: expect.stringContaining('exclude: ["bare", "vv"]') },
      { sync: 'named', ok: true },
    ])
  })

  test.each([
    ['a side of a diff', ['diff', './a.db#people', './a.db#peple', '--key', 'id'], 'a.db#peple does not exist\n  did you mean `people`?'],
    ['the target file of a diff', ['diff', './a.db#people', './b.db#people'], 'b.db#people does not exist'],
    ['a folder', ['discover', './nothere'], './nothere does not exist'],
    ['an object', ['discover', './a.db', 'peopel'], 'did you mean `people`?'],
  ])('1 for %s that does not exist', async (_, args, message) => {
    database('a.db', [[1, 'Ada']])
    const { code, stdout, stderr } = await syncline(...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
  })

  test.each([
    [['rejects', 'peopel'], 'did you mean `people`?'],
    [['runs', 'peopel'], 'did you mean `people`?'],
    [['show', 'people'], '`people` is a sync'],
    [['rejects', '--run', 'zzz'], 'no run has the id `zzz`'],
  ])('64 for a name that nobody knows: %s', async (args, message) => {
    config('')
    const { code, stdout, stderr } = await syncline(...args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('64 where nothing is left of a selection', async () => {
    config('')
    for (const command of ['plan', 'run', 'verify'])
      expect(await syncline(command, 'people', '--exclude', 'people')).toMatchObject({
        code: 64,
        stdout: '',
        stderr: expect.stringContaining('nothing is left to run: every selected sync is left out by `people`'),
      })
  })

  test('64 where the config has no syncs', async () => {
    writeFileSync(join(directory, 'syncline.yaml'), '')
    for (const command of ['plan', 'run', 'verify'])
      expect(await syncline(command)).toMatchObject({ code: 64, stderr: expect.stringContaining('the config has no syncs') })
  })

  test.each([
    ['an unknown command', ['plna'], 'Did you mean plan?'],
    ['an unknown flag', ['plan', '--al'], "unknown option '--al'"],
    ['a missing argument', ['show'], "missing required argument 'run'"],
    ['a bad number', ['runs', '--limit', 'x'], 'Expected a whole number'],
    ['no command', [], 'Usage: syncline'],
    ['no config', ['plan'], 'error: no config in '],
    ['a config that is not there', ['run', '--config', 'gone.yaml'], 'error: there is no config gone.yaml'],
    ['an unknown connection', ['discover', 'shop'], 'there is no connection `shop`'],
    ['an unknown mode', ['copy', './a.csv', './b.csv', '--mode', 'swap'], 'Allowed choices are replace'],
  ])('64 for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await syncline(...args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('64 for a wrong config, as text and as JSON', async () => {
    writeFileSync(join(directory, 'syncline.yaml'), 'syncs:\n  people: { form: ./a.db#people, to: ./b.db#people, mode: mirror }\n')
    const plain = await syncline('plan')
    expect(plain).toMatchObject({ code: 64, stdout: '' })
    expect(plain.stderr).toContain('syncline.yaml:2:13: unknown key `form` in syncs.people')
    expect(plain.stderr).toContain('did you mean `from`?')
    const json = await syncline('plan', '--json')
    expect(json).toMatchObject({ code: 64, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'BAD_CONFIG', message: expect.stringContaining('syncline.yaml:2:13') } })
    expect(JSON.parse((await syncline('--json', 'plna')).stdout)).toMatchObject({ error: { code: 'UNKNOWN_COMMAND' } })
  })

  test('64 where copy would have to guess what becomes of rows', async () => {
    database('a.db', [[1, 'Ada']])
    expect(await syncline('copy', './a.db#people', './c.db#people')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('✓ 1 insert'),
    })
    const again = await syncline('copy', './a.db#people', './c.db#people')
    expect(again).toMatchObject({ code: 64, stderr: expect.stringContaining('--mode replace') })
    expect((await syncline('copy', './a.db#people', './c.db#people', '--mode', 'merge', '--key', 'id')).code).toBe(0)
    expect((await syncline('diff', './a.db#people', './c.db#people', '--key', 'id')).code).toBe(0)
  })

  test('130 where a person stops it, the target as it was', async () => {
    database('a.db', [])
    database('b.db', [])
    using source = new DatabaseSync(join(directory, 'a.db'))
    source.exec(
      "INSERT INTO people WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i, 'name ' || i FROM n",
    )
    config('')
    const child = start('run', '--json')
    const reading = new Promise<void>((settle) => {
      child.stderr?.on('data', (chunk: Buffer) => chunk.includes('"reading"') && settle())
    })
    const result = ended(child)
    await reading
    child.kill('SIGINT')
    const { code, stdout } = await result
    expect(code).toBe(130)
    expect(JSON.parse(stdout).runs).toMatchObject([{ status: 'cancelled', error: { code: 'CANCELLED' } }])
    using target = new DatabaseSync(join(directory, 'b.db'))
    expect(target.prepare('SELECT count(*) AS rows FROM people').get()).toEqual({ rows: 0 })
  })
})

describe('looking around', () => {
  test('discover, preview, state', async () => {
    database('a.db', [[7, 'Ada']])
    config('')
    expect((await syncline('discover', './a.db')).stdout).toBe('people\n')
    expect((await syncline('discover', 'a', 'people')).stdout).toContain('key: id')
    expect((await syncline('preview', 'people', '--limit', '1')).stdout).toMatch(/^ {4}id {3}name\nbigint {3}text\n {5}7 {3}Ada\n$/)
    expect((await syncline('state', 'get', 'people')).stdout).toContain('no watermark')
    expect(await syncline('state', 'set', 'people', '5')).toMatchObject({ code: 64, stderr: expect.stringContaining('has no `cursor`') })
    expect((await syncline('state', 'reset', 'people')).stdout).toContain('the next run reads everything')
  })

  test('a TypeScript config needs nothing installed or declared beside it', async () => {
    database('a.db', [[7, 'Ada']])
    writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }')
    writeFileSync(join(directory, 'mode.ts'), "export const mode: 'replace' = 'replace'")
    writeFileSync(
      join(directory, 'syncline.config.ts'),
      `import { defineConfig } from 'syncline'
import { mode } from './mode.ts'
export default defineConfig({ syncs: { people: { from: './a.db#people', to: './b.db#people', mode } } })`,
    )
    expect(await syncline('run', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('schema and --version say the same on every machine', async () => {
    expect(JSON.parse((await syncline('schema')).stdout)).toMatchObject({ title: 'Syncline config' })
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect((await syncline('--version')).stdout).toBe(`${version}\n`)
    expect((await syncline('--json', '--version')).stdout).toBe(`${version}\n`)
  })

  test('a run whose process died is no longer running', async () => {
    database('a.db', [[7, 'Ada']])
    config('')
    await syncline('run')
    using state = new DatabaseSync(join(directory, '.syncline', 'state.db'))
    state.exec("UPDATE runs SET status = 'running', result = json_set(result, '$.status', 'running')")
    expect((await syncline('runs')).stdout).toContain('interrupted')
    const listed = (await syncline('runs')).stdout
    expect(listed).not.toMatch(/\d m?s\b/)
    const [id = ''] = listed.split('\n')[1]?.split(' ') ?? []
    expect((await syncline('show', id)).stdout).not.toContain('took')
    const { runs } = JSON.parse((await syncline('runs', '--json')).stdout)
    expect(runs).toMatchObject([{ status: 'failed', error: { code: 'INTERRUPTED' } }])
    using _lock = lockSync(join(directory, '.syncline', 'locks'), 'people')
    expect((await syncline('runs')).stdout).toContain('running')
  })

  test('a failure says its message first, then where it comes from', async () => {
    writeFileSync(join(directory, 'syncline.yaml'), 'syncs: { gone: { from: ./gone.csv, to: ./b.db#t, mode: replace } }\n')
    const { stdout, stderr } = await syncline('run', '--verbose')
    expect(stdout).toMatch(/^gone {7}✗ gone\.csv does not exist\n/)
    expect(stdout).not.toContain('path:')
    expect(stderr).toMatch(/^gone: RunError: gone\.csv does not exist\n {4}at /)
  })

  test('init in another folder says how to go on from here', async () => {
    expect((await syncline('init', 'my sync')).stdout).toContain("next: cd 'my sync' && syncline check, then")
  })

  test('init writes over nothing', async () => {
    writeFileSync(join(directory, 'syncline.config.ts'), 'export default {}')
    const { code, stderr } = await syncline('init')
    expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('is there already') })
    expect(existsSync(join(directory, 'syncline.yaml'))).toBe(false)
    const bad = await syncline('init', 'sub', '--from', 'orders.csv', '--to', './b.db#t')
    expect(bad).toMatchObject({ code: 64, stderr: expect.stringContaining('`orders.csv` is not an address') })
    expect(existsSync(join(directory, 'sub'))).toBe(false)
  })
})
