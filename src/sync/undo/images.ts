import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import { formatType, sameType } from '../../core/types.ts'
import type { Landed, Stage, Staged, Translation } from '../../stage/stage.ts'
import { conformTarget } from '../conforming.ts'
import type { JournalEntry } from '../journal/entry.ts'
import type { Journal } from './read-entry.ts'

/** What a run changed, in the stage, as its target's types. */
export interface Images {
  /** The rows that it changed or deleted, as they were. */
  readonly former: Staged
  /** The rows that it inserted or changed, as it left them. */
  readonly left: Staged
  /** Every row of a target that is replaced as a whole. */
  readonly whole?: Staged
}

/** Brings the images of a run into the stage, and with them all of a target that is replaced as a whole. */
export async function stageImages(
  stage: Stage,
  { path, entry }: Journal,
  table: Table,
  whole?: Rows,
  showing?: Translation,
): Promise<Images> {
  const empty = entry.empty.filter((column) => table.columns.some(({ name }) => name === column.name))
  const was = ({ name }: Column) => entry.before.findIndex((column) => column.name === name)
  const former = entry.after.map((column) => ({ column, at: was(column) < 0 ? undefined : was(column) }))
  const left = [...entry.after.map((column, at) => ({ column, at })), ...empty.map((column) => ({ column, at: undefined }))]
  const landed = {
    former: await stage.land(stage.changedRows(path, 'before', former, showing)),
    left: await stage.land(stage.changedRows(path, 'after', left, showing)),
    ...(whole ? { whole: await stage.land(whole) } : {}),
  }
  const typed = (columns: readonly Column[]) =>
    columns.map((column) => left.find((one) => one.column.name === column.name)?.column ?? column)
  const asText = new Set<string>()
  for (;;) {
    const staged = {
      former: await conform(stage, landed.former, landed.former.columns, asText),
      left: await conform(stage, landed.left, landed.left.columns, asText),
      ...(landed.whole ? { whole: await conform(stage, landed.whole, typed(landed.whole.columns), asText) } : {}),
    }
    const overflow = Object.values(staged).flatMap((one) => one.overflow)
    for (const name of overflow) asText.add(name)
    if (overflow.length > 0) continue
    await landed.whole?.release()
    return { former: staged.former.staged, left: staged.left.staged, ...(staged.whole ? { whole: staged.whole.staged } : {}) }
  }
}

async function conform(stage: Stage, landed: Landed, columns: readonly Column[], asText: ReadonlySet<string>) {
  return await stage.conform(landed, { columns: columns.map((column) => conformTarget({ from: column, to: column }, asText, column)) })
}

/** @throws RunError (`CANNOT_UNDO`) where a column of the images is gone or of another type now. */
export function refuseOtherTable({ after, run }: JournalEntry, table: Table): void {
  for (const column of after) {
    const now = table.columns.find(({ name }) => name === column.name)
    // A file declares no types: its cells are compared as values of those that were written.
    if (now && (table.kind === 'file' || isSame(column, now))) continue
    const what = now
      ? `is ${now.native?.name ?? formatType(now.type)} now and was ${column.native?.name ?? formatType(column.type)}`
      : 'is not there any more'
    throw new RunError({
      code: 'CANNOT_UNDO',
      message: `run ${run} cannot be undone: column \`${column.name}\` of \`${table.ref.name}\` ${what}; nothing was changed`,
      hint: 'bring the column back as it was, then undo again',
    })
  }
}

/** A target without types has those of the rows that were written to it. */
function isSame(column: Column, now: Column): boolean {
  if (now.generated) return false
  if (now.untyped || column.untyped) return true
  if (column.native && now.native) return column.native.system === now.native.system && column.native.name === now.native.name
  return sameType(column.type, now.type)
}
