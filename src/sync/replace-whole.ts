import type { WriteSession } from '../connectors/connector.ts'
import type { Applied, Refused, Reject } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import { NotDirectError, ReadAgainError, RunError } from '../core/errors.ts'
import type { Table } from '../core/table.ts'
import type { Compared, Stage } from '../stage/stage.ts'
import type { Comparison } from './compare-ends.ts'
import { beginWriting, type Work } from './ends.ts'
import { readBack } from './verify.ts'

/** Whether a target gets all rows anew: a replace of rows that no key tells apart, once both sides were compared. */
export function isReplacedWhole({ definition, target }: Pick<Work, 'definition' | 'target'>, { shape }: Comparison): boolean {
  return definition.mode === 'replace' && shape.key.length === 0 && (target.writer?.accepts.length ?? 0) > 0
}

/** @throws RunError (`MOVED`) where rows that were read are written again, and others changed some meanwhile. */
export async function replaceWhole(session: WriteSession, work: Work, stage: Stage, comparison: Comparison): Promise<Applied> {
  const { shape, source, compared, targetRows, rewritten } = comparison
  const look = rewritten ? async () => await refuseChangedRows(session, work, stage, comparison) : undefined
  const { former } = await replacing(shape.table, async () => await session.replace(shape.table, stage.rows(source), undefined, look))
  if (rewritten && former !== targetRows)
    throw moved(comparison, `held ${former} rows when it was written, and ${targetRows} when it was read`)
  return { inserted: compared.inserts.count, updated: 0, deleted: compared.deletes.count, moved: [] }
}

/** As many rows there may be as before, and others among them. */
async function refuseChangedRows(session: WriteSession, work: Work, stage: Stage, comparison: Comparison): Promise<void> {
  const { shape, source, target } = comparison
  await using view = await session.snapshot?.()
  if (!view || !shape.exists) return
  const now = await readBack(work, stage, shape, source, view)
  const { inserts } = await stage.compare(now, target, { key: [], mode: 'append' })
  if (inserts.count > 0)
    throw moved(
      comparison,
      `holds ${formatAmount(inserts.count, 'row')} that ${inserts.count === 1 ? 'was' : 'were'} not there when it was read`,
    )
}

function moved({ shape }: Comparison, what: string): RunError {
  return new RunError({
    code: 'MOVED',
    message: `\`${shape.table.ref.name}\` ${what}; nothing was changed`,
    hint: 'others write to it: try again',
  })
}

/** A table without a key refused a row that it was to be replaced with; nothing was changed. */
class RowRefusedError extends RunError {}

/** @throws RunError (`ROW_REFUSED`) where the table, whose rows no key tells apart, refuses one. */
export async function replacing<Result>({ ref }: Table, replace: () => Promise<Result>): Promise<Result> {
  try {
    return await replace()
  } catch (thrown) {
    if (!(thrown instanceof NotDirectError) || thrown instanceof ReadAgainError) throw thrown
    throw new RowRefusedError({
      code: 'ROW_REFUSED',
      message: `\`${ref.name}\` is replaced as a whole, since no key tells its rows apart, and refused one: ${thrown.message}; nothing was changed`,
      hint: 'mend the row at its source; or name a `key`: refused rows are rejects then, and the others arrive',
    })
  }
}

/** What a table is replaced with, without the rows that it refuses. */
export interface LeftOut {
  readonly comparison: Comparison
  readonly rejects: readonly Reject[]
}

/**
 * Finds the rows for which a replace was refused: all of them are written row by row, as new ones, in a unit of work of their own that
 * is taken back.
 * @param thrown what ended the replace. @returns nothing where it was something else, or no row is found to be at fault.
 */
export async function leaveOutRefused(work: Work, stage: Stage, comparison: Comparison, thrown: unknown): Promise<LeftOut | undefined> {
  const { shape, source, target, rewritten } = comparison
  // Rows that an undo brings back were there: all of them, or none.
  if (!(thrown instanceof RowRefusedError) || rewritten) return undefined
  const all = await stage.compare(source, await stage.empty(target.columns), { key: [], mode: 'append' })
  const refused = await refusedAmong(work, stage, shape.table, all)
  if (refused.length === 0) return undefined
  const rejects = await stage.refused(all, refused)
  const { after } = await stage.without(all, refused)
  const compared = await stage.compare(after, target, { key: [], mode: 'mirror' })
  return { comparison: { ...comparison, source: after, compared }, rejects }
}

async function refusedAmong(
  work: Work,
  stage: Stage,
  table: Table,
  { key, inserts, updates, deletes }: Compared,
): Promise<readonly Refused[]> {
  await using session = await beginWriting(work)
  await session.ensureTable(table)
  try {
    await session.replace(table, stage.rows(await stage.empty(table.columns)))
  } catch (thrown) {
    // Others hang on its rows, so that they cannot even go.
    if (thrown instanceof NotDirectError) return []
    throw thrown
  }
  const applied = await session.apply?.(table, { key, inserts, updates, deletes })
  return applied?.refused ?? []
}
