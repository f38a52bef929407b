import { expect, test } from 'vitest'
import { command } from './command.ts'
import { World } from './world.ts'

test('a person looks for a run, takes it back, and is told what became of it', async () => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
  world.write('syncline.yaml', 'syncs: { t: { from: ./a.db#t, to: ./b.db#t, mode: mirror, journal: 7d } }\n')
  const ran = await command(world.folder, ['run', '--json'])
  const id: string = JSON.parse(ran.stdout).runs[0].id
  const shown = await command(world.folder, ['show', id])
  expect(shown.stdout).toContain(`take it back: syncline undo ${id}`)
  world.sqlite('b.db', "UPDATE t SET v = 'mine' WHERE id = 2")

  const undone = await command(world.folder, ['undo', id.slice(0, 8)])
  expect(undone).toMatchObject({ code: 4, stderr: '' })
  expect(undone.stdout).toMatch(/^t +! 1 delete, 1 reject in /)
  expect(undone.stdout).toContain('note: the next run of t brings these changes again')
  expect(world.rows('b.db', 'SELECT * FROM t')).toEqual([[2n, 'mine']])
  expect((await command(world.folder, ['rejects', 't'])).stdout).toContain('others changed this row since the run')

  const again = await command(world.folder, ['undo', id, '--json'])
  expect(JSON.parse(again.stdout).runs).toMatchObject([{ command: 'undo', sync: 't', counts: { deleted: 0, unchanged: 1, rejected: 1 } }])
  const { runs } = JSON.parse((await command(world.folder, ['runs', '--json'])).stdout)
  expect(runs.map((run: { readonly command: string }) => run.command)).toEqual(['undo', 'undo', 'run'])
})

test('what cannot be taken back is said with the reason', async () => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1)')
  world.write('syncline.yaml', 'syncs: { t: { from: ./a.db#t, to: ./b.csv, mode: replace, journal: off } }\n')
  const id: string = JSON.parse((await command(world.folder, ['run', '--json'])).stdout).runs[0].id
  expect((await command(world.folder, ['show', id])).stdout).toContain('none: `journal` is off')
  const refused = await command(world.folder, ['undo', id])
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain(`run ${id} cannot be undone: \`journal\` is off`)
  expect(await command(world.folder, ['undo', 'ffff'])).toMatchObject({ code: 64 })
})
