import { spawn } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { installedCommand } from '../services/installed-command.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const entry = await installedCommand()

/** A run that another program keeps from ending: it holds the target's lock. */
function held(): { readonly world: World; readonly release: () => void } & Disposable {
  const world = new World()
  world.write('in.csv', 'id,v\n1,a\n')
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
  world.write(
    'syncline.yaml',
    'syncs:\n  slow: { from: ./in.csv, to: ./b.db#t, mode: upsert }\n  other: { from: ./in.csv, to: ./c.db#t, mode: upsert, key: id }\n',
  )
  const others = new DatabaseSync(world.path('b.db'))
  others.exec('BEGIN EXCLUSIVE')
  const release = () => {
    if (others.isOpen) others.close()
  }
  return {
    world,
    release,
    [Symbol.dispose]: () => {
      release()
      world[Symbol.dispose]()
    },
  }
}

function start(world: World) {
  const child = spawn(process.execPath, [entry, 'run', 'slow', '--json'], { cwd: world.folder, stdio: 'ignore' })
  return { child, code: new Promise<number | null>((settle) => child.on('close', settle)) }
}

async function untilRunning(world: World): Promise<void> {
  for (;;) {
    try {
      if (world.rows('.syncline/state.db', "SELECT 1 FROM runs WHERE status = 'running'").length > 0) return
    } catch {
      // The state is not there yet.
    }
    await setTimeout(10)
  }
}

test('a sync runs in one process at a time, others refuse at once, and other syncs go on', async () => {
  using scene = held()
  const first = start(scene.world)
  await untilRunning(scene.world)
  const second = await command(scene.world.folder, ['run', 'slow', '--json'])
  expect(second.code).toBe(1)
  expect(JSON.parse(second.stdout).runs).toMatchObject([{ status: 'failed', error: { code: 'LOCKED', fix: 'retry' } }])
  expect((await command(scene.world.folder, ['run', 'other'])).code).toBe(0)
  scene.release()
  expect(await first.code).toBe(0)
  expect((await command(scene.world.folder, ['run', 'slow'])).code).toBe(0)
  expect(scene.world.rows('.syncline/state.db', "SELECT status, count(*) FROM runs WHERE sync = 'slow' GROUP BY 1")).toEqual([
    ['succeeded', 2n],
  ])
})

test('the lock of a process that was killed is free at once, and its run is told to have ended', async () => {
  using scene = held()
  const first = start(scene.world)
  await untilRunning(scene.world)
  first.child.kill('SIGKILL')
  await first.code
  scene.release()
  expect((await command(scene.world.folder, ['run', 'slow'])).code).toBe(0)
  const runs = scene.world.rows('.syncline/state.db', "SELECT status FROM runs WHERE sync = 'slow' ORDER BY started_at")
  expect(runs).toEqual([['failed'], ['succeeded']])
})

test('several processes may begin with one new state', async () => {
  using world = new World()
  world.write('in.csv', 'id,v\n1,a\n')
  const names = ['a', 'b', 'c', 'd']
  world.write(
    'syncline.yaml',
    JSON.stringify({ syncs: Object.fromEntries(names.map((name) => [name, { from: './in.csv', to: `./${name}.db#t`, mode: 'replace' }])) }),
  )
  const ended = await Promise.all(names.map(async (name) => await command(world.folder, ['run', name])))
  for (const { code, stdout, stderr } of ended) expect(code, stdout + stderr).toBe(0)
  expect(world.rows('.syncline/state.db', "SELECT count(*) FROM runs WHERE status = 'succeeded'")).toEqual([[4n]])
})
