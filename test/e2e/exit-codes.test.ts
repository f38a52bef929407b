import { expect, test } from 'vitest'
import { command } from './command.ts'
import { World } from './world.ts'

/** Syncs by what becomes of them. */
const syncs = {
  done: 'done: { from: ./a.db#t, to: ./done.db#t, mode: mirror }',
  rejects: 'rejects: { from: ./bad.csv, to: ./rejects.db#t, mode: upsert, key: id }',
  withheld: 'withheld: { from: ./empty.csv, to: ./full.db#t, mode: mirror, key: id }',
  failed: 'failed: { from: ./gone.csv, to: ./x.db#t, mode: replace }',
  wrong: 'wrong: { from: ./a.db#t, to: ./x.db#t, mode: upsert, key: nope }',
}

test.each<[string, readonly (keyof typeof syncs)[], { run: number; plan: number }]>([
  ['all in step', ['done'], { run: 0, plan: 2 }],
  ['rejects', ['done', 'rejects'], { run: 4, plan: 4 }],
  ['withheld before rejects', ['rejects', 'withheld', 'done'], { run: 3, plan: 3 }],
  ['failed before withheld', ['withheld', 'rejects', 'failed'], { run: 1, plan: 1 }],
  ['a wrong definition before failed', ['failed', 'wrong', 'withheld'], { run: 64, plan: 64 }],
])('of several results the gravest is said: %s', async (_, names, codes) => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'a')")
  world.sqlite('rejects.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)')
  world.sqlite('full.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1)')
  world.write('bad.csv', 'id,n\n1,x\n')
  world.write('empty.csv', 'id\n')
  world.write('syncline.yaml', `syncs:\n${names.map((name) => `  ${syncs[name]}\n`).join('')}`)
  expect((await command(world.folder, ['plan', '--json'])).code).toBe(codes.plan)
  const { code, stdout } = await command(world.folder, ['run', '--json', '--yes'])
  expect(code).toBe(codes.run)
  expect(JSON.parse(stdout).runs).toHaveLength(names.length)
})

test('verify and diff say 2 for differences, and know no guard', async () => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)')
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2)')
  world.write('syncline.yaml', 'syncs: { t: { from: ./a.db#t, to: ./b.db#t, mode: mirror } }\n')
  expect((await command(world.folder, ['plan'])).code).toBe(3)
  expect((await command(world.folder, ['verify'])).code).toBe(2)
  expect((await command(world.folder, ['diff', './a.db#t', './b.db#t', '--key', 'id'])).code).toBe(2)
  expect(world.rows('b.db', 'SELECT count(*) FROM t')).toEqual([[2n]])
})
