import type { ChangeKind } from '../core/changes.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import { literal } from '../duckdb/sql.ts'
import { changeTexts } from './change-texts.ts'
import { after, before, type ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'

/** Under this key a file of changes says what it is about. */
const about = 'syncline'

/**
 * Writes changes as texts into a new Parquet file: `kind`, `a0` … the cells as they shall be, `b0` … as they were; and what
 * there is to say of them. No row passes through JavaScript.
 */
export async function writeChanges(engine: Engine, compared: ComparedRelations, path: string, text: string): Promise<void> {
  const names = ['kind', ...after(compared.parts).map((_, at) => `a${at}`), ...before(compared.parts).map((_, at) => `b${at}`)]
  await engine.run(`COPY (SELECT ${names.join(', ')} FROM (${changeTexts(compared)})) TO ${literal(path)}
    (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${about}: ${literal(text)}})`)
}

/** What was said of the changes in a file, `undefined` where it holds none. */
export async function describedChanges(engine: Engine, path: string): Promise<string | undefined> {
  const [[text] = []] = await engine.texts(`SELECT decode(value) FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = '${about}'`)
  return text ?? undefined
}

/** A cell of a row in a file of changes: its column, and where it stands among the cells of its side; NULL where it does not. */
export interface ChangedCell {
  readonly column: Column
  readonly at: number | undefined
}

/** The rows of one side of such changes, as they were (`before`) or as they were to be. */
export function changedRows(path: string, side: 'after' | 'before', cells: readonly ChangedCell[]): Rows {
  const kinds: readonly ChangeKind[] = side === 'after' ? ['insert', 'update'] : ['update', 'delete']
  const selected = cells.map(
    ({ at }, index) => `${at === undefined ? 'NULL::VARCHAR' : `${side === 'after' ? 'a' : 'b'}${at}`} AS l${index}`,
  )
  const where = kinds.map((kind) => literal(kind)).join(', ')
  const sql = `(SELECT ${selected.join(', ')} FROM read_parquet(${literal(path)}) WHERE kind IN (${where}))`
  return { columns: cells.map(({ column }) => column), relation: async () => ({ sql, cells: 'text', release: async () => {} }) }
}
