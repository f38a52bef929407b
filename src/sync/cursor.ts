import { createHash } from 'node:crypto'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError, RunError } from '../core/errors.ts'
import { shellWord } from '../core/shell.ts'
import type { Column } from '../core/table.ts'
import { formatType, type Type } from '../core/types.ts'
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
 * @throws RunError (`BAD_WATERMARK`) where the watermark is no value of the cursor's type: a person may have set any text.
 */
export async function lowerBound({ definition }: Work, stage: Stage, ends: Ends, watermark: string | null): Promise<string | undefined> {
  const { cursor, lag } = definition.from
  if (cursor === undefined || watermark === null) return undefined
  const typed = cursorColumn(cursor, ends)
  // A cursor whose type is known only once it is read is bounded as it was written.
  if (typed.untyped && lag === undefined) return watermark
  return await stage.earlier(watermark, lag ?? 0, typed).catch((thrown) => {
    throw ofSync(thrown, definition.name, typed)
  })
}

/** The cursor's column with the type that it has before anything is read, if it has one. */
export function cursorColumn(cursor: string, { source, target }: Ends): Column {
  const ofTarget = target?.columns.find((one) => one.name === cursor)
  // Without a row to look at, an open source tells of it only once it is read.
  const known = source.columns.find((one) => one.name === cursor) ?? (source.open ? ofTarget : undefined)
  const column = known ?? columnNotFound(cursor, source.columns)
  return column.untyped ? (ofTarget ?? column) : column
}

/** The same, with what to do about it for this very sync. */
function ofSync(thrown: unknown, sync: string, { name, type }: Column): unknown {
  if (!(thrown instanceof RunError) || thrown.code !== 'BAD_WATERMARK') return thrown
  const example = exampleOf(type)
  const set = example === undefined ? '' : `; to read from a value on: \`syncline state set ${shellWord(sync)} ${shellWord(example)}\``
  return new RunError({
    code: 'BAD_WATERMARK',
    message: `\`${sync}\`: its watermark is no value of the cursor \`${name}\`, which is ${formatType(type)}`,
    hint: `to read everything anew: \`syncline state reset ${shellWord(sync)}\`${set}`,
    cause: thrown,
  })
}

/** A canonical text of a type that a cursor can have. */
export function exampleOf({ kind }: Type): string | undefined {
  return examples[kind]
}

const examples: Readonly<Record<string, string>> = {
  integer: '42',
  decimal: '42.5',
  date: '2024-03-01',
  time: '09:30:00',
  timestamp: '2024-03-01 09:30:00',
  timestamptz: '2024-03-01 09:30:00+00',
}
