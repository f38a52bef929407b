import { type Course, courses } from './courses.ts'
import type { Random } from './random.ts'
import type { Scene, Setting } from './scene.ts'

/** Faults of one kind. A case is one scene, made of its number and the seed alone. */
export interface Suite {
  readonly name: string
  /** How many faults there shall be, where the command line does not say. */
  readonly wanted: number
  /** Why there are none of them on this machine. */
  readonly missing?: string | undefined
  /** Whether its cases use what only one can use at a time. */
  readonly alone?: boolean
  settingOf(number: number): Setting | Promise<Setting>
  /** @throws Error where something is not as it must be. */
  run(scene: Scene, random: Random, tools: Tools): Promise<void>
}

export interface Tools {
  /** Says what is about to be done, for whoever reads of a failure. */
  readonly note: (what: string) => void
  /** Counts a fault that happened. */
  readonly struck: () => void
}

export type Pair = Pick<Setting, 'from' | 'to' | 'proxied' | 'disk'>

export const pairs: readonly Pair[] = [
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

/** Every pair with every course before any comes again, and neighbours of different courses, so that few cases see all of them. */
export function settingOf(number: number, all: readonly Pair[] = pairs, modes: readonly Course[] = courses): Setting {
  const pair = all[number % all.length]
  const course = modes[(number + Math.floor(number / leastCommonMultiple(all.length, modes.length))) % modes.length]
  if (!pair || !course) throw new Error(`expected a case number of 0 or more, got ${number}`)
  // Where there are more, databases are compared by hashes first.
  const rows = number % 10 === 3 ? 6000 : 1200
  return { ...pair, course, rows }
}

function leastCommonMultiple(one: number, other: number): number {
  let multiple = one
  while (multiple % other !== 0) multiple += one
  return multiple
}
