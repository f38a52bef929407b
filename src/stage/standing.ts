import type { ChangeKind } from '../core/changes.ts'
import { identifier } from '../duckdb/sql.ts'
import { kindsOf, textOf } from './change-texts.ts'
import { after, before, type ChangeCell, ComparedRelations } from './compared.ts'
import type { Compared } from './contract.ts'
import type { Engine, TextRow } from './engine.ts'
import { folded } from './fold.ts'
import { heldText, type StagedRelation } from './staged.ts'

/** Changes whose rows are as they were when the changes were found, and the others. */
export interface Standing {
  readonly compared: Compared
  /** Cells of the written columns: as they were to be, or of a row that was to go, as it was. */
  readonly moved: readonly TextRow[]
}

/**
 * For targets that are replaced as a whole, which nobody but the stage could look at: an update or a delete stands where its row
 * is as the before image says, an insert where no row has its key.
 */
export async function standing(engine: Engine, compared: ComparedRelations, whole: StagedRelation): Promise<Standing> {
  const kinds = kindsOf(compared)
  if (kinds.length === 0) return { compared, moved: [] }
  const table = engine.name('standing')
  const parts = kinds.map(
    (kind) => `SELECT d.* FROM ${compared.parts.from} AS d WHERE d.kind = '${kind}' AND ${stands(compared, kind, whole)}`,
  )
  await engine.run(`CREATE TABLE ${identifier(table)} AS ${parts.join(' UNION ALL BY NAME ')}`)
  const [counts = []] = await engine.texts(
    `SELECT ${(['insert', 'update', 'delete'] as const).map((kind) => `count(*) FILTER (kind = '${kind}')`).join(', ')} FROM ${identifier(table)}`,
  )
  const [inserts = 0, updates = 0, deletes = 0] = counts.map(Number)
  const moved: TextRow[] = []
  for (const kind of kinds) {
    const cells = (kind === 'delete' ? asRead(compared) : after(compared.parts)).map((cell) => textOf(cell, 'd.'))
    const others = `FROM ${compared.parts.from} AS d WHERE d.kind = '${kind}' AND NOT ${stands(compared, kind, whole)}`
    moved.push(...(await engine.texts(`SELECT ${cells.join(', ')} ${others}`)))
  }
  return { compared: new ComparedRelations(engine, { ...compared.parts, from: identifier(table), inserts, updates, deletes }), moved }
}

function stands(compared: ComparedRelations, kind: ChangeKind, whole: StagedRelation): string {
  const { keys } = compared.parts
  if (kind === 'insert') {
    const cells = after(compared.parts).filter(({ column }) => keys.some(({ name }) => name === column.name))
    const same = cells.map((cell) => `${folded(textOf(cell, 'd.'), cell.column)} = ${folded(there(cell, whole), cell.column)}`)
    return `NOT EXISTS (SELECT 1 FROM ${whole.from} AS t WHERE ${same.join(' AND ')})`
  }
  const cells = kind === 'delete' ? before(compared.parts) : asRead(compared)
  const same = cells.map((cell) => `${textOf(cell, 'd.')} IS NOT DISTINCT FROM ${there(cell, whole)}`)
  return `EXISTS (SELECT 1 FROM ${whole.from} AS t WHERE ${same.join(' AND ')})`
}

/** The written columns as they were read. */
function asRead({ parts }: ComparedRelations): readonly ChangeCell[] {
  const cells = before(parts)
  return parts.written.flatMap(({ column }) => cells.find((cell) => cell.column.name === column.name) ?? [])
}

function there({ column }: ChangeCell, whole: StagedRelation): string {
  return heldText(`t.c${whole.index(column.name)}`, whole.held, whole.column(column.name))
}
