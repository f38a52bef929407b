import { courses } from './courses.ts'
import { describeKill, randomKill, runAndKill } from './kill.ts'
import { live } from './life.ts'
import { describeBreak, randomBreak, runAndBreak } from './network.ts'
import type { Random } from './random.ts'
import { Scene, type Setting } from './scene.ts'

/** Says what is about to be done, for whoever reads of a failure. */
export type Note = (what: string) => void

/** Faults of one kind. A case is one scene, made of its number and the seed alone. */
export interface Suite {
  readonly name: string
  /** How many faults there shall be, where the command line does not say. */
  readonly wanted: number
  settingOf(number: number): Setting
  /** Calls `struck` for each fault that happened. @throws Error where something is not as it must be. */
  run(scene: Scene, random: Random, tools: { readonly note: Note; readonly struck: () => void }): Promise<void>
}

const strikesPerCase = 6

type Pair = Pick<Setting, 'from' | 'to' | 'proxied'>

const pairs: readonly Pair[] = [
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'MySQL' },
  { from: 'MySQL', to: 'SQLite' },
  { from: 'PostgreSQL', to: 'PostgreSQL' },
  { from: 'SQLite', to: 'MySQL' },
  { from: 'PostgreSQL', to: 'SQLite' },
  { from: 'MySQL', to: 'PostgreSQL' },
  { from: 'MySQL', to: 'MySQL' },
  { from: 'SQLite', to: 'SQLite' },
]

const networkPairs: readonly Pair[] = [
  { from: 'SQLite', to: 'PostgreSQL', proxied: 'target' },
  { from: 'PostgreSQL', to: 'MySQL', proxied: 'target' },
  { from: 'MySQL', to: 'SQLite', proxied: 'source' },
  { from: 'PostgreSQL', to: 'PostgreSQL', proxied: 'source' },
  { from: 'SQLite', to: 'MySQL', proxied: 'target' },
  { from: 'PostgreSQL', to: 'SQLite', proxied: 'source' },
  { from: 'MySQL', to: 'PostgreSQL', proxied: 'target' },
  { from: 'MySQL', to: 'MySQL', proxied: 'source' },
  { from: 'PostgreSQL', to: 'PostgreSQL', proxied: 'target' },
]

export const suites: readonly Suite[] = [
  {
    name: 'kills',
    wanted: 312,
    settingOf: (number) => settingOf(pairs, number),
    run: async (scene, random, { note, struck }) =>
      await live(scene, random, strikesPerCase, async () => {
        const kill = randomKill(random, scene.measured.steps)
        note(describeKill(kill))
        const happened = await runAndKill(scene, ['run'], kill)
        if (happened) struck()
        return happened
      }),
  },
  {
    name: 'network',
    wanted: 312,
    settingOf: (number) => settingOf(networkPairs, number),
    run: async (scene, random, { note, struck }) =>
      await live(scene, random, strikesPerCase, async () => {
        const wanted = randomBreak(random, scene.measured.carried)
        note(describeBreak(wanted))
        const happened = await runAndBreak(scene, ['run'], wanted)
        if (happened) struck()
        return happened
      }),
  },
]

/** Every pair with every course, one after the other, before any comes again. */
function settingOf(all: readonly Pair[], number: number): Setting {
  const [pair, course] = [all[number % all.length], courses[Math.floor(number / all.length) % courses.length]]
  if (!pair || !course) throw new Error(`expected a case number of 0 or more, got ${number}`)
  return { ...pair, course, rows: 1500 }
}

export async function openScene(suite: Suite, number: number, random: Random): Promise<Scene> {
  return await Scene.open(suite.settingOf(number), random)
}
