import { RunError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import type { ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'
import { relationRows } from './export.ts'
import { folded } from './fold.ts'
import type { KeyColumn } from './matching.ts'
import { type Held, heldAs, heldText, heldType, StagedRelation } from './staged.ts'

/**
 * The whole target after the changes, in key order: its rows that stay, its rows as they shall be, with the cells that the
 * source does not bring as they were, and the new ones. `whole` may hold more rows and columns than were compared.
 * @throws RunError where a changed row is not there exactly once, or a new one has the key of a row that was not compared.
 */
export async function merged(
  engine: Engine,
  whole: StagedRelation,
  compared: ComparedRelations,
): Promise<Rows & { readonly count: number }> {
  const { parts } = compared
  if (parts.keys.length === 0 && parts.deletes > 0) throw new Error('rows without a key cannot be taken out of a whole')
  await refuseStrayChanges(engine, whole, compared)
  const columns = mergedColumns(whole, compared)
  const held = Object.fromEntries(columns.map(({ column, held: how }) => [column.name, how]))
  const order = parts.keys.map(({ name }) => `c${columns.findIndex(({ column }) => column.name === name)}`)
  const relation = new StagedRelation({
    columns: columns.map(({ column }) => column),
    held,
    rows: whole.rows - parts.deletes + parts.inserts,
    from: `(${staying(whole, compared, columns)} UNION ALL ${arriving(compared, columns)})`,
  })
  return relationRows(engine, relation, order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`)
}

interface MergedColumn {
  readonly column: Column
  readonly held: Held
  /** The cell in `whole`, called `t`; `undefined` where it has no such column. */
  readonly before: string | undefined
  /** The cell in the differences, called `d`; `undefined` where changes do not carry it. */
  readonly after: string | undefined
}

/** The columns of the whole, then those that only the changes bring. */
function mergedColumns(whole: StagedRelation, { parts: { written, source } }: ComparedRelations): readonly MergedColumn[] {
  const there = whole.columns.filter(({ generated }) => !generated)
  const added = written.flatMap(({ column }) => (there.some(({ name }) => name === column.name) ? [] : [column]))
  return [...there, ...added].map((column) => {
    const isThere = there.includes(column)
    const at = written.findIndex((one) => one.column.name === column.name)
    const sides = [...(isThere ? [whole] : []), ...(at < 0 ? [] : [source])]
    const held = sides.some((side) => heldAs(side.held, column) === 'text') ? 'text' : 'native'
    const cell = (side: StagedRelation, expression: string) => (held === 'text' ? heldText(expression, side.held, column) : expression)
    return {
      column,
      held,
      before: isThere ? cell(whole, `t.c${whole.index(column.name)}`) : undefined,
      after: at < 0 ? undefined : cell(source, `d.a${at}`),
    }
  })
}

/** The rows of the whole that are not deleted, updated where they change. */
function staying(whole: StagedRelation, compared: ComparedRelations, columns: readonly MergedColumn[]): string {
  const { from, updates, deletes } = compared.parts
  const kept = columns.map((one, at) => `${one.before ?? nothing(one)} AS c${at}`)
  if (updates + deletes === 0) return `SELECT ${kept.join(', ')} FROM ${whole.from} AS t`
  const changed = columns.map((one, at) => {
    const before = one.before ?? nothing(one)
    return `${one.after === undefined ? before : `CASE WHEN d.kind = 'update' THEN ${one.after} ELSE ${before} END`} AS c${at}`
  })
  return `SELECT ${changed.join(', ')} FROM ${whole.from} AS t
    LEFT JOIN (SELECT * FROM ${from} WHERE kind <> 'insert') AS d ON ${sameRow(whole, compared)} WHERE d.kind IS DISTINCT FROM 'delete'`
}

function arriving({ parts: { from } }: ComparedRelations, columns: readonly MergedColumn[]): string {
  const cells = columns.map((one, at) => `${one.after ?? nothing(one)} AS c${at}`)
  return `SELECT ${cells.join(', ')} FROM ${from} AS d WHERE d.kind = 'insert'`
}

function nothing({ column, held }: MergedColumn): string {
  return `NULL::${heldType({ [column.name]: held }, column)}`
}

/** A change `d` and the row `t` of the whole that it is about: their keys are one target's, so they are spelled alike. */
function sameRow(whole: StagedRelation, { parts: { keys, target } }: ComparedRelations): string {
  return onKeys(whole, target, keys, ({ before }) => `d.b${before}`).join(' AND ')
}

/** An insert `d` and a row `t` of the whole that the target takes as having the same key. */
function sameKey(whole: StagedRelation, { parts: { keys, source } }: ComparedRelations): string {
  return onKeys(whole, source, keys, ({ after }) => `d.a${after}`, folded).join(' AND ')
}

function onKeys(
  whole: StagedRelation,
  side: StagedRelation,
  keys: readonly KeyColumn[],
  cell: (key: KeyColumn) => string,
  form = (expression: string, _column: Column) => expression,
): readonly string[] {
  return keys.map((key) => {
    const column = whole.column(key.name)
    const ours = `t.c${whole.index(key.name)}`
    if (heldAs(whole.held, column) === heldAs(side.held, column)) return `${form(ours, column)} = ${form(cell(key), column)}`
    return `${form(heldText(ours, whole.held, column), column)} = ${form(heldText(cell(key), side.held, column), column)}`
  })
}

/** What was compared may have been a part of the whole; a change that meets another row than the one it was found for loses data. */
async function refuseStrayChanges(engine: Engine, whole: StagedRelation, compared: ComparedRelations): Promise<void> {
  const { keys, from, inserts, updates, deletes } = compared.parts
  if (keys.length === 0 || whole.rows === 0) return
  const meeting = async (kinds: string, condition: string) => {
    const [[found] = []] = await engine.texts(
      `SELECT count(*) FROM ${whole.from} AS t JOIN ${from} AS d ON ${condition} WHERE d.kind ${kinds}`,
    )
    return Number(found)
  }
  const names = keys.map(({ name }) => name).join(', ')
  if (updates + deletes > 0 && (await meeting("<> 'insert'", sameRow(whole, compared))) !== updates + deletes)
    throw new RunError({
      code: 'TARGET_KEY_NOT_UNIQUE',
      message: `rows that change are not in the target exactly once by their key (${names}), so it cannot be written as a whole`,
      hint: 'name a `key` that is unique in the whole target, also outside of a `scope`; or run again, if others write to it',
    })
  if (inserts > 0 && (await meeting("= 'insert'", sameKey(whole, compared))) > 0)
    throw new RunError({
      code: 'KEY_EXISTS',
      message: `new rows have the key (${names}) of rows that are in the target, outside of what was compared`,
      hint: 'widen `scope`, or name a `key` that is unique in the whole target',
    })
}
