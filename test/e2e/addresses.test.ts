import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { command } from './command.ts'
import { World } from './world.ts'

function withFolders(): World {
  const world = new World()
  mkdirSync(world.path('config'))
  mkdirSync(world.path('elsewhere'))
  world.write('config/in.csv', 'id,v\n1,beside the config\n')
  world.write('elsewhere/in.csv', 'id,v\n1,in the working directory\n')
  return world
}

describe('relative paths (rule 22)', () => {
  test('of a config begin at its file, wherever the command runs', async () => {
    using world = withFolders()
    world.write('config/syncline.yaml', 'syncs: { t: { from: ./in.csv, to: ./out.db#t, mode: replace } }\n')
    const { code } = await command(world.path('elsewhere'), ['run', '--config', '../config/syncline.yaml'])
    expect(code).toBe(0)
    expect(world.rows('config/out.db', 'SELECT v FROM t')).toEqual([['beside the config']])
  })

  test('of a command line begin in the working directory, even beside a config', async () => {
    using world = withFolders()
    world.write('config/syncline.yaml', 'connections: { here: ./ }\n')
    const args = ['copy', './in.csv', './out.db#t', '--config', '../config/syncline.yaml']
    expect((await command(world.path('elsewhere'), args)).code).toBe(0)
    expect(world.rows('elsewhere/out.db', 'SELECT v FROM t')).toEqual([['in the working directory']])
    expect(
      (await command(world.path('elsewhere'), ['copy', 'here#in.csv', './two.db#t', '--config', '../config/syncline.yaml'])).code,
    ).toBe(0)
    expect(world.rows('elsewhere/two.db', 'SELECT v FROM t')).toEqual([['beside the config']])
  })
})

describe('addresses (rule 21)', () => {
  test('a path, a URL and a connection lead to the same table', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (7)')
    const config = { connections: { shop: './a.db', home: `~/${relative(homedir(), world.folder)}/a.db` } }
    await using syncline = await openSyncline({ cwd: world.folder, config })
    for (const address of [
      'shop',
      'home',
      './a.db',
      world.path('a.db'),
      `sqlite:${world.path('a.db')}`,
      'sqlite:./a.db',
      `../${world.folder.split('/').at(-1)}/a.db`,
    ])
      expect([address, await syncline.discover(address)]).toEqual([address, { objects: ['t'] }])
  })

  test('names are exact in case, dots separate, double quotes protect, and a literal # needs the long form', async () => {
    using world = new World()
    world.sqlite(
      'a.db',
      'CREATE TABLE "a.b" (id INTEGER)',
      'CREATE TABLE "a#b" (id INTEGER)',
      'INSERT INTO "a.b" VALUES (1)',
      'INSERT INTO "a#b" VALUES (2)',
    )
    const copy = async (from: string | { connection: string; object: string }) =>
      await world.runOne({ syncs: { t: { from, to: './out.db#t', mode: 'replace' } } })
    expect(await copy('./a.db#"a.b"')).toMatchObject({ error: null, counts: { inserted: 1 } })
    expect(world.rows('out.db', 'SELECT id FROM t')).toEqual([[1n]])
    expect(await copy({ connection: './a.db', object: 'a#b' })).toMatchObject({ error: null })
    expect(world.rows('out.db', 'SELECT id FROM t')).toEqual([[2n]])
    expect((await copy('./a.db#"A.B"')).status).toBe('failed')
  })

  test.each([
    ['a.csv', './a.csv'],
    ['nowhere#t', 'nowhere'],
    ['mongo://x/y#t', 'mongo'],
  ])('what is none says what would be: %s', async (from, expected) => {
    using world = new World()
    const { code, stderr } = await command(world.folder, ['copy', from, './b.db#t'])
    expect(code).toBe(64)
    expect(stderr).toContain(expected)
  })
})

test('a copy creates its target, and asks for a mode where one is there with rows (rule 23)', async () => {
  using world = new World()
  world.write('in.csv', 'id,v\n1,a\n')
  for (const to of ['./b.db#t', './b.duckdb#t', './out.csv', './out.parquet']) {
    expect([to, (await command(world.folder, ['copy', './in.csv', to])).code]).toEqual([to, 0])
    const again = await command(world.folder, ['copy', './in.csv', to])
    expect([to, again.code]).toEqual([to, 64])
    for (const mode of ['replace', 'append', 'upsert', 'mirror']) expect(again.stderr).toContain(mode)
  }
})
