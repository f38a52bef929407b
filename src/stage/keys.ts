import type { Engine } from './engine.ts'
import { heldText, type StagedRelation } from './staged.ts'

/** Keys as canonical text, `size` at a time; rows with a NULL among them are left out. */
export async function* keysOf(
  engine: Engine,
  relation: StagedRelation,
  names: readonly string[],
  size: number,
): AsyncGenerator<readonly (readonly string[])[]> {
  const indexes = names.map((name) => relation.index(name))
  const texts = names.map((name, at) => heldText(`c${indexes[at]}`, relation.held, relation.column(name)))
  const present = indexes.map((index) => `c${index} IS NOT NULL`).join(' AND ')
  let keys: (readonly string[])[] = []
  for await (const rows of engine.textRows(`SELECT ${texts.join(', ')} FROM ${relation.from} WHERE ${present}`)) {
    for (const row of rows) keys.push(row.map((cell) => cell ?? ''))
    while (keys.length >= size) {
      yield keys.slice(0, size)
      keys = keys.slice(size)
    }
  }
  if (keys.length > 0) yield keys
}
