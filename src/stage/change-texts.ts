import type { ChangeKind } from '../core/changes.ts'
import { identifier } from '../duckdb/sql.ts'
import { after, before, type ChangeCell, type ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'
import { heldText } from './staged.ts'
import { type TextColumn, type Translation, translated } from './translated.ts'

/** The kinds of change that there are any of. */
export function kindsOf({ parts }: ComparedRelations): readonly ChangeKind[] {
  return (['insert', 'update', 'delete'] as const).filter((kind) => parts[`${kind}s`] > 0)
}

/** The cells that a row is known by: its key, or else all that are written. */
export function knownBy({ parts }: ComparedRelations, kind: ChangeKind): readonly ChangeCell[] {
  const written = after(parts)
  if (parts.keys.length === 0) return written
  const there = before(parts)
  return parts.keys.flatMap(({ name }) => (kind === 'delete' ? there : written).find(({ column }) => column.name === name) ?? [])
}

/** A cell of a change as canonical text; `of` names the row: `d.`. */
export function textOf({ expression, held, column }: ChangeCell, of = ''): string {
  return heldText(`${of}${expression}`, { [column.name]: held }, column)
}

/**
 * The changes as texts: `kind`; `k0` … what a row is known by; `a0` … the cells as they shall be, in the order in which they are
 * written; `b0` … every cell of the target as it is. What a kind of change does not have is NULL.
 */
function changeTexts(compared: ComparedRelations, from = compared.parts.from): string {
  const selects = kindsOf(compared).map((kind) => textsOf(compared, kind, from))
  const [empty] = [textsOf(compared, 'update', '')]
  return selects.length === 0 ? empty : selects.join(' UNION ALL ')
}

function textsOf(compared: ComparedRelations, kind: ChangeKind, from: string): string {
  const none = from === ''
  const text = (cell: ChangeCell, absent: boolean) => (none || absent ? 'NULL::VARCHAR' : `(${textOf(cell)})::VARCHAR`)
  const keys = knownBy(compared, kind).map((cell, index) => `${text(cell, false)} AS k${index}`)
  const wanted = after(compared.parts).map((cell, index) => `${text(cell, kind === 'delete')} AS a${index}`)
  const there = before(compared.parts).map((cell, index) => `${text(cell, kind === 'insert')} AS b${index}`)
  const cells = [`'${kind}' AS kind`, ...keys, ...wanted, ...there].join(', ')
  return `SELECT ${cells} ${none ? 'WHERE false' : `FROM ${from} WHERE kind = '${kind}'`}`
}

/** The same with some columns translated, as what stands behind FROM; it is there as long as the stage is. */
export async function translatedTexts(engine: Engine, compared: ComparedRelations, translation: Translation | undefined): Promise<string> {
  if (!translation) return `(${changeTexts(compared)})`
  const table = engine.name('texts')
  await engine.run(`CREATE TABLE ${identifier(table)} AS ${changeTexts(compared)}`)
  return await translated(engine, identifier(table), textColumns(compared), translation)
}

function textColumns(compared: ComparedRelations): readonly TextColumn[] {
  const named = (prefix: string, cells: readonly ChangeCell[]) =>
    cells.map(({ column }, at) => ({ name: `${prefix}${at}`, column: column.name }))
  return [...named('k', knownBy(compared, 'insert')), ...named('a', after(compared.parts)), ...named('b', before(compared.parts))]
}
