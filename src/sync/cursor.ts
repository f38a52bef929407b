import { createHash } from 'node:crypto'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { formatType } from '../core/types.ts'
import type { Stage } from '../stage/stage.ts'
import { columnNotFound, type Ends, type Work } from './ends.ts'
import type { Pair, Shape } from './shape.ts'

/** The pair of the sync's cursor, `undefined` where it has none. */
export function cursorPair({ definition }: Pick<Work, 'definition'>, shape: Shape): Pair | undefined {
  const { cursor } = definition.from
  if (cursor === undefined) return undefined
  const columns = shape.pairs.map((pair) => pair.from)
  return shape.pairs.find((pair) => pair.from.name === cursor) ?? columnNotFound(cursor, columns)
}

/** Names what a watermark belongs to: where source, filter, cursor or target change, it says nothing of the new rows. */
export function courseOf({ from, to }: SyncDefinition): string {
  const { connection, object, query, where, cursor, options } = from
  // An API's rows are filtered by options: parameters, a body, where in an answer the rows are.
  const parts = [connection.name, object, query, where, cursor, to.connection.name, to.object, ...(options ? [options] : [])]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** Types whose values have one order in every system. */
const ordered = new Set(['integer', 'decimal', 'date', 'time', 'timestamp', 'timestamptz'])

/**
 * The same, of a type that has an order: text sorts `Apr` before `Jan`, and later rows would be taken for old ones.
 * @throws ConfigError naming the column and its type.
 */
export function orderedCursor(work: Pick<Work, 'definition'>, shape: Shape): Pair | undefined {
  const pair = cursorPair(work, shape)
  if (!pair || ordered.has(pair.to.type.kind)) return pair
  throw new ConfigError({
    code: 'CURSOR_TYPE',
    message: `\`${work.definition.name}\`: the cursor \`${pair.from.name}\` is ${formatType(pair.to.type)}; expected a number, a date or a time, which have one order everywhere`,
    hint: `take another column, read a \`query\` that casts it, or say its type: \`columns: { ${pair.from.name}: timestamptz }\``,
  })
}

/**
 * Where reading begins: the watermark less the lag.
 * @throws RunError where the watermark is no value of the cursor's type.
 */
export async function lowerBound({ definition }: Work, stage: Stage, ends: Ends, watermark: string | null): Promise<string | undefined> {
  const { cursor, lag } = definition.from
  if (cursor === undefined || watermark === null) return undefined
  const ofTarget = ends.target?.columns.find((one) => one.name === cursor)
  // Without a row to look at, an open source tells of it only once it is read.
  const known = ends.source.columns.find((one) => one.name === cursor) ?? (ends.source.open ? ofTarget : undefined)
  const column = known ?? columnNotFound(cursor, ends.source.columns)
  const typed = column.untyped ? (ofTarget ?? column) : column
  // A cursor whose type is known only once it is read is bounded as it was written.
  return typed.untyped && lag === undefined ? watermark : await stage.earlier(watermark, lag ?? 0, typed)
}
