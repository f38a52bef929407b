import type { Course } from './courses.ts'
import { killed } from './kill.ts'
import { live } from './life.ts'
import { type Pair, type Suite, settingOf } from './suite.ts'

const ranged: Course = {
  name: 'replace in ranges',
  from: 'a#t',
  mode: 'replace',
  keyed: true,
  updates: true,
  deletes: true,
  own: [],
  resume: 150,
}

/** Targets beside which a load is gathered. */
const gathering: readonly Pair[] = [
  { from: 'PostgreSQL', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'MySQL' },
  { from: 'MySQL', to: 'PostgreSQL' },
  { from: 'MySQL', to: 'MySQL' },
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'SQLite', to: 'MySQL' },
]

/** Long loads that are killed in any of their ranges, while the source moves on, and go on with what lies beside the target. */
export const resumes: Suite = {
  name: 'resumes',
  wanted: 60,
  settingOf: (number) => settingOf(number, gathering, [ranged]),
  run: async (scene, random, tools) => await live(scene, random, 6, async () => await killed(scene, ['run'], random, tools)),
}
