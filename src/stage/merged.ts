import type { Rows } from '../core/rows.ts'
import type { ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'
import { relationRows } from './export.ts'
import { type Held, heldAs, heldText, heldType, StagedRelation } from './staged.ts'

/**
 * The whole target after the changes, in key order: its rows that stay, its rows as they shall be, with the cells that the
 * source does not have as they were, and the new ones.
 */
export function merged(engine: Engine, target: StagedRelation, { parts }: ComparedRelations): Rows & { readonly count: number } {
  const { read, written, source, keys } = parts
  const columns = read.map(({ column, target: index }) => ({
    column,
    index,
    after: written.findIndex((one) => one.column.name === column.name),
  }))
  const held = Object.fromEntries(
    columns.map(({ column, index, after }) => [
      column.name,
      heldTogether(column, after < 0 ? undefined : source, index === undefined ? undefined : target),
    ]),
  )
  const stays = columns.map(({ column, index }, at) =>
    index === undefined ? `NULL::${heldType(held, column)} AS c${at}` : `${as(held, target, column, `t.c${index}`)} AS c${at}`,
  )
  const becomes = columns.map(({ column, after, index }, at) => {
    if (after >= 0) return `${as(held, source, column, `a${after}`)} AS c${at}`
    return `${index === undefined || parts.updates === 0 ? `NULL::${heldType(held, column)}` : as(held, target, column, `b${at}`)} AS c${at}`
  })
  const gone = keys.map((key) => `d.b${key.before} = t.c${key.target}`).join(' AND ')
  const changed = parts.updates + parts.deletes > 0
  const without =
    changed && keys.length > 0 ? ` WHERE NOT EXISTS (SELECT 1 FROM ${parts.from} AS d WHERE d.kind <> 'insert' AND ${gone})` : ''
  const from = `(SELECT ${stays.join(', ')} FROM ${target.from} AS t${without} UNION ALL SELECT ${becomes.join(', ')} FROM ${parts.from} WHERE kind <> 'delete')`
  const rows = target.rows - parts.deletes + parts.inserts
  const order = keys.length === 0 ? '' : ` ORDER BY ${keys.map(({ before }) => `c${before}`).join(', ')}`
  return relationRows(engine, new StagedRelation({ columns: columns.map(({ column }) => column), held, rows, from }), order)
}

function heldTogether(column: StagedRelation['columns'][number], ...sides: readonly (StagedRelation | undefined)[]): Held {
  return sides.some((side) => side && heldAs(side.held, column) === 'text') ? 'text' : 'native'
}

function as(held: Readonly<Record<string, Held>>, side: StagedRelation, column: StagedRelation['columns'][number], cell: string): string {
  return heldAs(held, column) === 'text' ? heldText(cell, side.held, column) : cell
}
