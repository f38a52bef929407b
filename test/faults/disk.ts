import { toldBy } from './drive.ts'
import { live } from './life.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { type Pair, type Suite, settingOf } from './suite.ts'

const full: readonly Pair[] = [
  { from: 'SQLite', to: 'SQLite', disk: 'target' },
  { from: 'PostgreSQL', to: 'SQLite', disk: 'temporary' },
  { from: 'SQLite', to: 'PostgreSQL', disk: 'state' },
  { from: 'MySQL', to: 'SQLite', disk: 'target' },
  { from: 'PostgreSQL', to: 'MySQL', disk: 'temporary' },
  { from: 'MySQL', to: 'PostgreSQL', disk: 'state' },
  { from: 'SQLite', to: 'SQLite', disk: 'state' },
]

/** The disk fills that holds the target, what a run lays aside, or the state. Root mounts a small one; else all files have a limit. */
export const disks: Suite = {
  name: 'disks',
  wanted: 10,
  missing: process.platform === 'win32' ? 'no disk can be mounted, and no limit set, on Windows' : undefined,
  settingOf: (number) => settingOf(number, full),
  run: async (scene, random, { note, struck }) =>
    await live(scene, random, 3, async () => {
      const happened = await runFull(scene, random, note)
      if (happened) struck()
      return happened
    }),
}

/** @returns whether the run came to where the disk was full. */
async function runFull(scene: Scene, random: Random, note: (what: string) => void): Promise<boolean> {
  const room = random.pick([0, 1, 4, 16, 40, 80, 160]) * 1024
  note(`${scene.disk ? `the disk of the ${scene.setting.disk}` : 'every file'} has room for ${room} bytes`)
  scene.disk?.fill(room)
  const limit = scene.disk ? undefined : `trap '' XFSZ; ulimit -f ${Math.ceil(room / 512)}; exec "$@"`
  const ended = await scene.start(['run'], {}, limit).ended
  scene.disk?.free()
  if (ended.code === 0) return false
  const [told] = toldBy(ended)
  if (told?.error && told.error.code !== 'UNEXPECTED') return true
  throw new Error(`on a full disk a run ended with ${ended.code}: ${told?.error?.message ?? ended.stderr.slice(-2000)}`)
}
