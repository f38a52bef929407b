import type { Rows } from '../core/rows.ts'
import { literal } from '../duckdb/sql.ts'
import { cellOf, inAnySpelling } from './cells.ts'
import type { Conforming } from './contract.ts'
import type { Engine } from './engine.ts'
import { misfitMark } from './engine-error.ts'
import { formsOf } from './export.ts'
import type { LandedRows } from './landed.ts'
import { emptySelect, type Held, heldAs, StagedRelation } from './staged.ts'

/** The landed rows as the target's columns, cast while they are read. A cell that does not fit ends the reading. */
export function stream(engine: Engine, landed: LandedRows, columns: readonly Conforming[]): Rows {
  return formsOf(engine, {
    csv: casting(
      landed,
      columns.map((column) => asText(inAnySpelling(landed, column))),
    ),
    typed: casting(landed, columns),
  })
}

/** Cells that are the target's own text already are passed on as they are. */
function asText(column: Conforming): Conforming {
  return { ...column, held: 'text' }
}

function casting(landed: LandedRows, columns: readonly Conforming[]): StagedRelation {
  const held: Record<string, Held> = Object.fromEntries(
    columns.map((column) => [column.to.name, heldAs({ [column.to.name]: column.held }, column.to)]),
  )
  const cells = columns.map((column) => cellOf(landed, unjudged(column)))
  const sources = cells.map((cell, index) => `${cell.landed} AS "=${index}"`)
  const become = cells.map((cell, index) => {
    const value = cell.becomes(`"=${index}"`)
    if (!cell.mayFail) return `${value} AS c${index}`
    const failed = `error(${literal(misfitMark + cell.conforming.to.name)})`
    return `CASE WHEN v${index} IS NULL AND "=${index}" IS NOT NULL THEN ${failed} ELSE v${index} END AS c${index}`
  })
  const values = cells.flatMap((cell, index) => (cell.mayFail ? [`, ${cell.becomes(`"=${index}"`)} AS v${index}`] : []))
  if (cells.length === 0) return new StagedRelation({ columns: [], held, rows: 0, from: emptySelect([], held) })
  const from = `(SELECT ${become.join(', ')} FROM (SELECT *${values.join('')} FROM (SELECT ${sources.join(', ')} FROM ${landed.from})))`
  return new StagedRelation({ columns: columns.map(({ to }) => to), held, rows: 0, from })
}

/** The same, without asking the target: it judges these itself as it takes the rows. */
export function unjudged({ judge: _, ...column }: Conforming): Conforming {
  return column
}
