import { RunError } from '../core/errors.ts'
import type { Column, TableRef } from '../core/table.ts'
import type { Compared, Conformed, Stage, Staged } from '../stage/stage.ts'
import { lowerBound, orderedCursor } from './cursor.ts'
import { describeEnds, type Work } from './ends.ts'
import { readUntilKnown } from './read.ts'
import { ownColumns, type Shape, typesAreKnown } from './shape.ts'
import { Sides } from './sides.ts'
import { asSourceSpells } from './zones.ts'

/** Both ends as the target stores them, and what would bring the target in step. */
export interface Comparison {
  readonly shape: Shape
  readonly source: Staged
  readonly compared: Compared
  /** Rows of the source, rejects included. */
  readonly read: number
  /** Those of them that are in the target as they should be, which their hashes tell. */
  readonly agreeing: number
  /** Rows of the target, or of its scope, before. */
  readonly targetRows: number
  /** The target rows that were compared, all of them unless only some keys were read. */
  readonly target: Staged
  /** Every row and column of a target that is replaced as a whole. */
  readonly whole?: Staged
  /** Where it is replaced as a whole nothing may have come or gone since: its rows are part of what shall be there. */
  readonly rewritten?: true
  /** A table beside the target that has the rows as they were, with cells that texts may not tell. */
  readonly kept?: TableRef
  /** Columns that only the target has. */
  readonly ownColumns: readonly Column[]
  readonly watermark: string | null
  readonly bytes: number
  /** The way that a run of this sync takes, and why, in one line. */
  readonly path: string
}

export interface CompareEndsOptions {
  readonly mode: 'mirror' | 'upsert' | 'append'
  /** Where reading begins: the watermark of the last run, or `null` for everything. */
  readonly watermark: string | null
}

/** Brings both ends into the stage and compares them. Both snapshots are closed when it returns. */
export async function compareEnds(work: Work, stage: Stage, options: CompareEndsOptions): Promise<Comparison> {
  return await readUntilKnown(async () => await readAndCompare(work, stage, options))
}

async function readAndCompare(work: Work, stage: Stage, { mode, watermark }: CompareEndsOptions): Promise<Comparison> {
  const described = await describeEnds(work)
  if (mode !== 'append' && described.target) await work.target.writer?.checkRewrite?.(described.target.ref)
  const from = await lowerBound(work, stage, described, watermark)
  await using sides = await Sides.open(work, stage, described, { mode, from })
  const { ends } = sides
  if (typesAreKnown(work, ends)) await sides.narrow(sides.shape())
  const landing = sides.landSource()
  // Handled by the await below; without this an early failure of the target would leave it unhandled.
  landing.catch(() => {})
  const shape = typesAreKnown(work, ends) ? sides.shape() : sides.shape(await stage.infer(await landing))
  const own = ownColumns(shape, ends)
  refuseLosing(work, shape, own.lost)
  if (mode === 'mirror') await sides.landTarget(shape)
  await landing

  const conformed = await sides.conform(shape)
  const { source, target, whole } = conformed
  work.progress('comparing', { rows: 0, bytes: sides.bytes })
  const compared = await stage.compare(source.staged, target, { key: shape.key, mode })
  return {
    shape,
    source: source.staged,
    target,
    ...(whole ? { whole } : {}),
    ownColumns: own.columns,
    compared,
    read: source.read + sides.agreeing,
    agreeing: sides.agreeing,
    targetRows: await sides.targetRows(conformed),
    watermark: await watermarkAfter(work, stage, { shape, source, watermark }),
    bytes: sides.bytes,
    path: sides.path(shape),
  }
}

interface Passed {
  readonly shape: Shape
  readonly source: Conformed
  readonly watermark: string | null
}

/** The greatest value of the cursor that was read. A run that found nothing new keeps its watermark, and learns of no type either. */
async function watermarkAfter(work: Work, stage: Stage, { shape, source, watermark }: Passed): Promise<string | null> {
  if (source.read === 0) return watermark
  const cursor = orderedCursor(work, shape)
  if (!cursor) return null
  return (await asSourceSpells(stage, await stage.maximum(source.staged, cursor.to.name), cursor)) ?? watermark
}

/** Rows of the source that the target holds as they are. */
export function unchangedRows({ compared, agreeing }: Comparison): number {
  return compared.unchanged + agreeing
}

/** Without a key nothing tells which row keeps what the source does not have. */
function refuseLosing({ definition }: Work, { key }: Shape, lost: readonly string[]): void {
  if (definition.mode !== 'replace' || key.length > 0 || lost.length === 0) return
  throw new RunError({
    code: 'COLUMNS_LOST',
    message: `\`${definition.name}\`: the source has no ${lost.map((name) => `\`${name}\``).join(', ')}, so a replace would empty that of every row`,
    hint: 'name a `key`, so that rows keep it; or drop the column from the target',
  })
}
