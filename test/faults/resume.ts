import type { Course } from './courses.ts'
import { killed } from './kill.ts'
import { live } from './life.ts'
import { broken } from './network.ts'
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
  { from: 'PostgreSQL', to: 'MySQL', proxied: 'target' },
  { from: 'MySQL', to: 'PostgreSQL' },
  { from: 'MySQL', to: 'MySQL', proxied: 'source' },
  { from: 'SQLite', to: 'PostgreSQL', proxied: 'target' },
  { from: 'SQLite', to: 'MySQL' },
  { from: 'PostgreSQL', to: 'PostgreSQL', proxied: 'source' },
  { from: 'PostgreSQL', to: 'MySQL' },
  { from: 'MySQL', to: 'PostgreSQL', proxied: 'target' },
  { from: 'MySQL', to: 'MySQL' },
]

/** Long loads that are killed or lose a connection in any of their ranges, while the source moves on, and go on with what lies beside. */
export const resumes: Suite = {
  name: 'resumes',
  wanted: 30,
  settingOf: (number) => settingOf(number, gathering, [ranged]),
  run: async (scene, random, tools) => {
    const strike = scene.proxy ? broken : killed
    await live(scene, random, 6, async () => await strike(scene, ['run'], random, tools))
    tools.note(`${scene.continued()} runs went on with ranges of others`)
  },
}
