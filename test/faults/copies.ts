import type { Course } from './courses.ts'
import { killed } from './kill.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { pairs, type Suite, settingOf, type Tools } from './suite.ts'

/** Every run adds every row, as asked: whether one of them committed, nobody can tell by looking at the rows. */
const course: Course = {
  name: 'append without a key or a cursor',
  from: 'a#t',
  mode: 'append',
  keyed: false,
  updates: false,
  deletes: false,
  own: [],
}

/** Each row is in the target as often as runs succeeded, by what Syncline knows of them once it has asked the target. */
export const copies: Suite = {
  name: 'copies',
  wanted: 16,
  settingOf: (number) => settingOf(number, pairs, [course]),
  run: async (scene, random, tools) => {
    for (let round = 0; round < 2; round++) await liveRound(scene, random, tools)
  },
}

async function liveRound(scene: Scene, random: Random, tools: Tools): Promise<void> {
  for (let turns = random.integer(1, 3); turns > 0; turns--) await killed(scene, ['run'], random, tools)
  await scene.runAlone()
  const runs = scene.succeeded().length
  const copiesOf = Map.groupBy(await scene.target.cells('t'), (cells) => JSON.stringify(cells))
  const odd = [...copiesOf.values()].find((rows) => rows.length !== runs)
  if (odd) throw new Error(`${runs} runs succeeded, and a row is there ${odd.length} times`)
  if (copiesOf.size !== scene.setting.rows)
    throw new Error(`the target has ${copiesOf.size} different rows; expected ${scene.setting.rows}`)
}
