import { type Ended, toldBy } from './drive.ts'
import { inProcess } from './installed.ts'
import { live } from './life.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { type Suite, settingOf, type Tools } from './suite.ts'

/** How a process is killed: at an instant, as a share of an undisturbed run's time, or right before or after a step. */
type Kill = { readonly at: number } | { readonly step: string; readonly when: 'before' | 'after' }

export const kills: Suite = {
  name: 'kills',
  wanted: 300,
  settingOf,
  run: async (scene, random, tools) => await live(scene, random, 6, async () => await killed(scene, ['run'], random, tools)),
}

const phases = ['starting', 'reading', 'comparing', 'applying', 'verifying', 'committing']

/** Strikes one process. @returns whether it was killed; it may have ended before. */
export async function killed(scene: Scene, args: readonly string[], random: Random, { note, struck }: Tools): Promise<boolean> {
  const kill = randomKill(random, scene.measured.steps)
  note(`${args[0]} ${describeKill(kill)}`)
  const happened = await runAndKill(scene, args, kill)
  if (happened) struck()
  return happened
}

/** A third at an instant, a third at steps around the commit, a third at steps of any phase, each as likely as any other. */
function randomKill(random: Random, steps: readonly string[]): Kill {
  if (random.chance(1 / 3)) return { at: random.fraction() }
  const when = random.pick(['before', 'after'] as const)
  const present = [...new Set(steps.map(phaseOf))]
  if (present.length === 0) return { step: `${random.pick(phases)}+${random.integer(0, 3)}`, when }
  const phase = present.includes('committing') && random.chance(0.5) ? 'committing' : random.pick(present)
  return { step: random.pick(steps.filter((step) => phaseOf(step) === phase)), when }
}

function describeKill(kill: Kill): string {
  return 'at' in kill ? `killed after ${(kill.at * 100).toFixed(1)}% of the time` : `killed ${kill.when} ${kill.step}`
}

async function runAndKill(scene: Scene, args: readonly string[], kill: Kill): Promise<boolean> {
  const ended = await ('at' in kill ? killedAt(scene, args, kill.at * scene.measured.milliseconds) : diesAt(scene, args, kill))
  if (ended.code === null) return true
  if (isFair(ended, args)) return false
  throw new Error(
    `${args[0]}, which nothing had disturbed yet, ended with ${ended.code}: ${toldBy(ended)[0]?.error?.message ?? ended.stderr}`,
  )
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

/** A plan that finds differences ends with 2; what was done already by a process that was killed is not done again. */
function isFair(ended: Ended, [command]: readonly string[]): boolean {
  if (ended.code === 0 || (command === 'plan' && ended.code === 2)) return true
  return ['PLAN_STALE', 'NO_REJECTS'].includes(toldBy(ended)[0]?.error?.code ?? '')
}

function phaseOf(step: string): string {
  return step.split('+', 1)[0] ?? step
}
