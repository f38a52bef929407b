import { type Ended, toldBy } from './drive.ts'
import { inProcess } from './in-process.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'

/** How a process is killed: at an instant, as a share of an undisturbed run's time, or right before or after a step. */
export type Kill = { readonly at: number } | { readonly step: string; readonly when: 'before' | 'after' }

const phases = ['starting', 'reading', 'comparing', 'applying', 'verifying', 'committing']

/** Every third at an instant; the others at a step, each phase as likely as any other, however much is done in it. */
export function randomKill(random: Random, steps: readonly string[]): Kill {
  if (random.chance(1 / 3)) return { at: random.fraction() }
  const when = random.pick(['before', 'after'] as const)
  const present = [...new Set(steps.map(phaseOf))]
  if (present.length === 0) return { step: `${random.pick(phases)}+${random.integer(0, 3)}`, when }
  const phase = random.pick(present)
  return { step: random.pick(steps.filter((step) => phaseOf(step) === phase)), when }
}

export function describeKill(kill: Kill): string {
  return 'at' in kill ? `killed after ${(kill.at * 100).toFixed(1)}% of the time` : `killed ${kill.when} ${kill.step}`
}

/** @returns whether the process was killed; it may have ended before. */
export async function runAndKill(scene: Scene, args: readonly string[], kill: Kill): Promise<boolean> {
  const ended = await ('at' in kill ? killedAt(scene, args, kill.at * scene.measured.milliseconds) : diesAt(scene, args, kill))
  if (ended.code === null) return true
  if (ended.code !== 0)
    throw new Error(`a run that nothing had disturbed yet ended with ${ended.code}: ${toldBy(ended)[0]?.error?.message ?? ended.stderr}`)
  return false
}

async function killedAt(scene: Scene, args: readonly string[], milliseconds: number): Promise<Ended> {
  const running = scene.start(args)
  const timer = setTimeout(() => running.kill(), milliseconds)
  const ended = await running.ended
  clearTimeout(timer)
  return ended
}

async function diesAt(scene: Scene, args: readonly string[], { step, when }: Extract<Kill, { step: string }>): Promise<Ended> {
  return await scene.start(args, { ...inProcess('steps'), FAULTS_DIE: `${step} ${when}` }).ended
}

function phaseOf(step: string): string {
  return step.split('+', 1)[0] ?? step
}
