import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkInStep } from './checks.ts'
import { toldBy } from './drive.ts'
import { killed } from './kill.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { type Suite, settingOf, type Tools } from './suite.ts'

const file = 'kept.plan'

/** A saved plan, whose `apply` is killed and repeated: it is applied once, or refused for being stale. */
export const plans: Suite = {
  name: 'plans',
  wanted: 12,
  settingOf,
  run: async (scene, random, tools) => {
    for (let round = 0; round < 3; round++) await liveRound(scene, random, tools)
  },
}

async function liveRound(scene: Scene, random: Random, tools: Tools): Promise<void> {
  const before = await scene.target.glance('t')
  await scene.moveOn(random)
  const planned = scene.wanted
  rmSync(join(scene.folder, file), { force: true })
  // A plan that is killed leaves no file, or a whole one.
  if (random.chance(0.3)) await killed(scene, ['plan', '--save', file], random, tools)
  await scene.runAlone(['plan', '--save', file])
  const moves = random.chance(0.25)
  for (let turns = random.integer(1, 2); turns > 0; turns--) await killed(scene, ['apply', file], random, tools)
  const halfway = await scene.target.glance('t')
  if (moves) await scene.moveOn(random)
  const ended = await scene.start(['apply', file]).ended
  const [told] = toldBy(ended)
  const now = await scene.target.glance('t')
  if (ended.code === 0) expectPlanned((await scene.digests()).target, planned)
  else if (told?.error?.code !== 'PLAN_STALE') throw new Error(`apply ended with ${ended.code}: ${told?.error?.message ?? ended.stderr}`)
  else if (now !== halfway) throw new Error(`a plan was refused as stale and changed the target all the same: from ${halfway} to ${now}`)
  else if (!moves && now === before) throw new Error('a plan that nothing had moved under was refused as stale and is not applied')
  await scene.runAlone()
  await checkInStep(scene)
}

function expectPlanned(found: string, planned: string): void {
  if (found !== planned) throw new Error(`after apply the target holds ${found}; the plan was made for ${planned}`)
}
