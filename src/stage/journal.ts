import type { ChangeKind } from '../core/changes.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import { literal } from '../duckdb/sql.ts'
import { translatedTexts } from './change-texts.ts'
import { after, before, type ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'
import { type Translation, translated } from './translated.ts'

/** Under this key a file of changes says what it is about. */
const about = 'syncline'

/**
 * Writes changes as texts into a new Parquet file: `kind`, `a0` … the cells as they shall be, `b0` … as they were; and what
 * there is to say of them. No row passes through JavaScript.
 */
export async function writeChanges(
  engine: Engine,
  compared: ComparedRelations,
  path: string,
  text: string,
  translation?: Translation,
): Promise<void> {
  const names = ['kind', ...after(compared.parts).map((_, at) => `a${at}`), ...before(compared.parts).map((_, at) => `b${at}`)]
  await engine.run(`COPY (SELECT ${names.join(', ')} FROM ${await translatedTexts(engine, compared, translation)}) TO ${literal(path)}
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
export function changedRows(
  engine: Engine,
  path: string,
  side: 'after' | 'before',
  cells: readonly ChangedCell[],
  translation?: Translation,
): Rows {
  const kinds: readonly ChangeKind[] = side === 'after' ? ['insert', 'update'] : ['update', 'delete']
  const name = (at: number) => `${side === 'after' ? 'a' : 'b'}${at}`
  const selected = cells.map(({ at }, index) => `${at === undefined ? 'NULL::VARCHAR' : name(at)} AS l${index}`)
  const where = kinds.map((kind) => literal(kind)).join(', ')
  const columns = cells.flatMap(({ at, column }) => (at === undefined ? [] : [{ name: name(at), column: column.name }]))
  const relation = async () => {
    const from = await translated(engine, `read_parquet(${literal(path)})`, columns, translation)
    const sql = `(SELECT ${selected.join(', ')} FROM ${from} WHERE kind IN (${where}))`
    return { sql, cells: 'text' as const, release: async () => {} }
  }
  return { columns: cells.map(({ column }) => column), relation }
}
