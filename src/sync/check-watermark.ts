import { ConfigError, RunError } from '../core/errors.ts'
import { shellWord } from '../core/shell.ts'
import type { Column } from '../core/table.ts'
import { formatType } from '../core/types.ts'
import type { Stage } from '../stage/stage.ts'
import { cursorColumn, exampleOf } from './cursor.ts'
import { describeEnds } from './ends.ts'
import type { RunRequest, Services } from './services.ts'
import { openWork } from './work.ts'

/**
 * A watermark that a person sets, as canonical text of the cursor's type. Both ends are opened; nothing is read or written.
 * @throws ConfigError (`NO_CURSOR`) where the sync has none, (`BAD_WATERMARK`) where the text is no value of its type.
 */
export async function checkWatermark(services: Services, request: RunRequest, watermark: string): Promise<string> {
  const { name, from } = request.definition
  if (from.cursor === undefined) throw noCursor(name)
  await using work = await openWork(services, request)
  const column = cursorColumn(from.cursor, await describeEnds(work))
  const stage = await work.openStage()
  const candidates = column.untyped ? anyType.map((type): Column => ({ ...column, type })) : [column]
  for (const candidate of candidates) {
    const canonical = await canonicalOf(stage, watermark, candidate)
    if (canonical !== undefined) return column.untyped ? watermark : canonical
  }
  throw badWatermark(name, column)
}

/** What a column whose type is known only once it is read may turn out to be. */
const anyType: readonly Column['type'][] = [
  { kind: 'decimal' },
  { kind: 'date' },
  { kind: 'time', precision: 9 },
  { kind: 'timestamp', precision: 9 },
  { kind: 'timestamptz', precision: 9 },
]

async function canonicalOf(stage: Stage, watermark: string, column: Column): Promise<string | undefined> {
  try {
    return await stage.earlier(watermark, 0, column)
  } catch (error) {
    if (error instanceof RunError && error.code === 'BAD_WATERMARK') return undefined
    throw error
  }
}

function badWatermark(sync: string, { name, type, untyped }: Column): ConfigError {
  const expected = untyped ? 'a number, a date or a time' : `a value of the cursor \`${name}\`, which is ${formatType(type)}`
  const example = exampleOf(type)
  return new ConfigError({
    code: 'BAD_WATERMARK',
    message: `\`${sync}\`: expected ${expected}, found another text; its watermark stays as it was`,
    ...(example === undefined || untyped ? {} : { hint: `for example: syncline state set ${shellWord(sync)} ${shellWord(example)}` }),
  })
}

function noCursor(sync: string): ConfigError {
  return new ConfigError({
    code: 'NO_CURSOR',
    message: `\`${sync}\` has no \`cursor\`, so that nothing would ever look at a watermark`,
    hint: 'name the column that tells new rows from old ones: from: { cursor: … }',
  })
}
