import { checkInStep, Watch } from './checks.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'

/** Does something to a run. @returns whether the fault happened; a run may end before it does. */
export type Strike = (scene: Scene) => Promise<boolean>

/**
 * Some time in the life of a sync: the source moves on, one to four runs are struck, and then one is left alone. After each
 * strike the target is as it was or as it shall be; after the run that is left alone it is as it shall be.
 * @param strikes how many faults have to happen.
 */
export async function live(scene: Scene, random: Random, strikes: number, strike: Strike): Promise<void> {
  if (random.chance(0.5)) await scene.runAlone()
  let happened = 0
  for (let round = 0; happened < strikes && round < strikes * 3; round++) {
    // A server that is struck down has no readers.
    const watch = scene.setting.servers === undefined && random.chance(0.4) ? new Watch(scene.target) : undefined
    happened += await liveRound(scene, random, strike, watch)
  }
  if (happened === 0) throw new Error('no fault has happened: every run ended before it')
}

async function liveRound(scene: Scene, random: Random, strike: Strike, watch: Watch | undefined): Promise<number> {
  const before = await scene.target.glance('t')
  const seen: string[] = []
  let happened = 0
  try {
    if (random.chance(0.9)) await scene.moveOn(random)
    for (let turns = random.integer(1, 4); turns > 0; turns--) {
      if (await strike(scene)) happened++
      seen.push(await scene.target.glance('t'))
    }
    await scene.runAlone()
  } finally {
    for (const sight of (await watch?.stop()) ?? []) seen.push(sight)
  }
  await checkInStep(scene)
  const after = await scene.target.glance('t')
  const between = seen.find((sight) => sight !== before && sight !== after)
  if (between !== undefined) throw new Error(`the target was seen between: ${between}; before it was ${before}, after it ${after}`)
  return happened
}
