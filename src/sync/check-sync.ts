import { ConfigError } from '../core/errors.ts'
import { describeEnds, type Ends, type Work } from './ends.ts'
import { chooseKey, pairByName, selectColumns, shapeSync, typesAreKnown } from './shape.ts'

/**
 * What a run of a sync would find before it reads a row: both ends, and of its shape what their descriptions alone decide.
 * Where types are known only once rows are read that is its key; of an open source, whose columns are not, nothing.
 * @throws whatever that run would throw.
 */
export async function checkSync(work: Work): Promise<Ends> {
  const ends = await describeEnds(work)
  const { definition, target } = work
  if (ends.source.open) return ends
  const columns = selectColumns(ends.source.columns, definition.from.select)
  if (typesAreKnown(work, ends)) shapeSync(definition, ends, columns, target)
  else chooseKey(definition, ends, pairByName(columns, ends))
  return ends
}

/** Whether a sync cannot run because nothing tells its rows apart. */
export function lacksKey(error: unknown): boolean {
  return error instanceof ConfigError && error.code === 'NO_KEY'
}
