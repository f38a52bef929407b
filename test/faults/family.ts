import { checkInStep } from './checks.ts'
import { courses } from './courses.ts'
import { toldBy } from './drive.ts'
import { killed } from './kill.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { pairs, type Suite, settingOf, type Tools } from './suite.ts'

/** Rows without a key are referred to by none. */
const keyed = courses.filter(({ name }) => ['replace', 'mirror', 'upsert', 'append'].includes(name))

/** Three tables that refer to each other and that one commit changes: all of them are as they were or as they shall be, of an `undo`, too. */
export const families: Suite = {
  name: 'families',
  wanted: 8,
  settingOf: (number) => ({ ...settingOf(number, pairs, keyed), family: true }),
  run: async (scene, random, tools) => {
    await scene.runAlone()
    for (let round = 0; round < 4; round++) await (round % 2 === 0 ? runRound : undoRound)(scene, random, tools)
  },
}

async function runRound(scene: Scene, random: Random, tools: Tools): Promise<void> {
  const before = await scene.glance()
  await scene.moveOn(random)
  const seen = await strike(scene, ['run'], random, tools)
  await scene.runAlone()
  await checkInStep(scene)
  await expectNothingBetween(scene, seen, before)
}

async function undoRound(scene: Scene, random: Random, tools: Tools): Promise<void> {
  const former = (await scene.digests()).target
  await scene.moveOn(random)
  const changed = toldBy(await scene.runAlone()).find(({ counts }) => (counts.inserted ?? 0) > 0)
  const before = await scene.glance()
  const seen = await strike(scene, ['undo', changed?.id ?? ''], random, tools)
  await scene.runAlone(['undo', changed?.id ?? ''])
  const { target } = await scene.digests()
  if (target !== former) throw new Error(`after undo the target holds ${target}; before the run it was ${former}`)
  await expectNothingBetween(scene, seen, before)
  await scene.runAlone()
  await checkInStep(scene)
}

/** Kills a command some times. @returns what the target held after each. */
async function strike(scene: Scene, args: readonly string[], random: Random, tools: Tools): Promise<readonly string[]> {
  const seen: string[] = []
  for (let turns = random.integer(1, 3); turns > 0; turns--) {
    await killed(scene, args, random, tools)
    seen.push(await scene.glance())
  }
  return seen
}

async function expectNothingBetween(scene: Scene, seen: readonly string[], before: string): Promise<void> {
  const after = await scene.glance()
  const between = seen.find((sight) => sight !== before && sight !== after)
  if (between !== undefined) throw new Error(`the tables were seen between: ${between}; before they were ${before}, after it ${after}`)
}
