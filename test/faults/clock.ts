import { toldBy } from './drive.ts'
import { inProcess } from './installed.ts'
import { live } from './life.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { type Suite, settingOf } from './suite.ts'

/** The clock of a process stands years ahead or behind, or jumps there in the middle; half of the processes are killed then, too. */
export const clocks: Suite = {
  name: 'clocks',
  wanted: 6,
  settingOf,
  run: async (scene, random, { note, struck }) =>
    await live(scene, random, 2, async () => {
      await runAtOtherTime(scene, random, note)
      struck()
      return true
    }),
}

async function runAtOtherTime(scene: Scene, random: Random, note: (what: string) => void): Promise<void> {
  const days = random.pick([-4000, -400, -1, 1, 400, 4000])
  const after = random.chance(0.3) ? 0 : Math.round(random.fraction() * scene.measured.milliseconds)
  const killAt = random.chance(0.5) ? random.fraction() * scene.measured.milliseconds : undefined
  note(`${days} days off after ${after} ms${killAt === undefined ? '' : `, killed after ${killAt.toFixed(0)} ms`}`)
  const running = scene.start(['run'], { ...inProcess('clock'), FAULTS_CLOCK: `${days} ${after}` })
  const timer = killAt === undefined ? undefined : setTimeout(() => running.kill(), killAt)
  const ended = await running.ended
  clearTimeout(timer)
  if (ended.code === 0 || ended.code === null) return
  throw new Error(`a run whose clock was wrong ended with ${ended.code}: ${toldBy(ended)[0]?.error?.message ?? ended.stderr}`)
}
