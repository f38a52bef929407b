import { checkInStep } from './checks.ts'
import { courses } from './courses.ts'
import { toldBy } from './drive.ts'
import { killed } from './kill.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { pairs, type Suite, settingOf, type Tools } from './suite.ts'

const keyed = courses.filter(({ name }) => ['mirror', 'upsert', 'append'].includes(name))

/** Rows that the target refused are mended, and the `retry` that brings them is killed and repeated. */
export const retries: Suite = {
  name: 'retries',
  wanted: 8,
  settingOf: (number) => ({ ...settingOf(number, pairs, keyed), refuses: true }),
  run: async (scene, random, tools) => {
    for (let round = 0; round < 2; round++) await liveRound(scene, random, tools)
  },
}

async function liveRound(scene: Scene, random: Random, tools: Tools): Promise<void> {
  await scene.moveOn(random)
  await scene.addRefused(random)
  const ended = await scene.start(['run']).ended
  if (ended.code !== 4)
    throw new Error(`a run whose rows are refused ended with ${ended.code}: ${toldBy(ended)[0]?.error?.message ?? ended.stderr}`)
  await scene.mendRefused()
  for (let turns = random.integer(1, 3); turns > 0; turns--) await killed(scene, ['retry', 's'], random, tools)
  const repeated = await scene.start(['retry', 's']).ended
  const [told] = toldBy(repeated)
  if (repeated.code !== 0 && told?.error?.code !== 'NO_REJECTS')
    throw new Error(`retry ended with ${repeated.code}: ${told?.error?.message ?? repeated.stderr}`)
  await checkInStep(scene)
  await scene.runAlone()
  await checkInStep(scene)
  const { stdout } = await scene.start(['rejects', 's']).ended
  if (stdout.includes('refused')) throw new Error('rows that were delivered are listed as rejects still')
}
