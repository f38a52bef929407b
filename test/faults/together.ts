import { mkdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type Ended, toldBy } from './drive.ts'
import { live } from './life.ts'
import type { Scene } from './scene.ts'
import { type Suite, settingOf } from './suite.ts'

/** Two processes are started at once: of one state, or of two that know nothing of each other, as on two machines. */
export const together: Suite = {
  name: 'together',
  wanted: 8,
  settingOf,
  run: async (scene, random, { note, struck }) =>
    await live(scene, random, 2, async () => {
      const machines = random.pick(['one', 'two'] as const)
      const later = random.chance(0.5) ? random.fraction() * scene.measured.milliseconds : 0
      note(`two processes of ${machines} state, ${later.toFixed(0)} ms apart`)
      await runTwo(scene, machines, later)
      struck()
      return true
    }),
}

async function runTwo(scene: Scene, machines: 'one' | 'two', later: number): Promise<void> {
  if (machines === 'two') mkdirSync(scene.otherState, { recursive: true })
  const first = scene.start(['run'])
  await setTimeout(later)
  const second = scene.start(machines === 'two' ? ['run', '--set', `state=${scene.otherState}`] : ['run'])
  const both = await Promise.all([first.ended, second.ended])
  if (!both.some(({ code }) => code === 0)) throw new Error(`neither of two runs succeeded: ${both.map(said).join('; ')}`)
  const refused = both.find((ended) => ended.code !== 0 && !isTurnedAway(ended))
  if (refused) throw new Error(`of two runs at once one ended so: ${said(refused)}`)
}

/** The other one has the sync, or the target, or was there first. */
function isTurnedAway(ended: Ended): boolean {
  const code = toldBy(ended)[0]?.error?.code ?? ''
  return ['LOCKED', 'TARGET_LOCKED', 'SERIALIZATION', 'DEADLOCK'].includes(code)
}

function said(ended: Ended): string {
  const [told] = toldBy(ended)
  return `${ended.code} ${told?.status} ${JSON.stringify(told?.counts)} ${told?.error?.code}: ${told?.error?.message ?? ended.stderr.slice(-500)}`
}
