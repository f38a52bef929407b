import { checkInStep } from './checks.ts'
import { courses } from './courses.ts'
import { toldBy } from './drive.ts'
import { killed } from './kill.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { pairs, type Suite, settingOf, type Tools } from './suite.ts'

/** What tells rows apart: without a key no run can be taken back. */
const keyed = courses.filter((course) => course.keyed)

/** An `undo` that is killed and repeated takes the run back once and whole. */
export const undos: Suite = {
  name: 'undos',
  wanted: 12,
  settingOf: (number) => settingOf(number, pairs, keyed),
  run: async (scene, random, tools) => {
    await scene.runAlone()
    for (let round = 0; round < 3; round++) await liveRound(scene, random, tools)
  },
}

async function liveRound(scene: Scene, random: Random, tools: Tools): Promise<void> {
  const former = (await scene.digests()).target
  const before = await scene.target.glance('t')
  await scene.moveOn(random)
  const [run] = toldBy(await scene.runAlone())
  const after = await scene.target.glance('t')
  for (let turns = random.integer(1, 3); turns > 0; turns--) {
    await killed(scene, ['undo', run?.id ?? ''], random, tools)
    const now = await scene.target.glance('t')
    if (now !== before && now !== after)
      throw new Error(`an undo was seen between: ${now}; before the run it was ${before}, after it ${after}`)
  }
  await scene.runAlone(['undo', run?.id ?? ''])
  const { target } = await scene.digests()
  if (target !== former) throw new Error(`after undo the target holds ${target}; before the run it was ${former}`)
  await scene.runAlone()
  await checkInStep(scene)
}
