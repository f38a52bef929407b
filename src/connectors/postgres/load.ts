import { NotDirectError, RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { quoteEndMarkers } from './end-marker.ts'
import { isRefusal } from './errors.ts'
import type { Session } from './session.ts'
import { identifiers } from './sql.ts'

/** Where rows go: a table as SQL, and its columns in the order of the rows' cells. */
export interface Destination {
  readonly table: string
  readonly columns: readonly Column[]
  /** The table came to be in this very transaction: nobody can see its rows before, so they need no marks for visibility. */
  readonly fresh?: boolean
}

/**
 * COPYs rows into a table, in binary where the types are the same on both sides.
 * @returns how many the table took.
 * @throws NotDirectError where it refused one for what is in it.
 */
export async function load(session: Session, { table, columns, fresh }: Destination, rows: Rows): Promise<number> {
  const into = `COPY ${table} (${identifiers(columns.map((column) => column.name))}) FROM STDIN`
  const freeze = fresh ? ', FREEZE' : ''
  try {
    if (rows.pgcopy && sameNatives(rows.columns, columns)) return await session.copyIn(`${into} (FORMAT binary${freeze})`, rows.pgcopy())
    return await session.copyIn(`${into} (FORMAT csv${freeze})`, quoteEndMarkers(csvOf(rows)))
  } catch (error) {
    throw asNotDirect(error)
  }
}

/** A refusal of rows nobody has looked at yet as the reason to go by the stage (rule 15); every other error as it is. */
export function asNotDirect(error: unknown): unknown {
  return isRefusal(error) ? new NotDirectError({ code: 'NOT_DIRECT', message: error.message }) : error
}

/** Rows as one stream of CSV. */
function csvOf(rows: Rows): AsyncIterable<Uint8Array> {
  const streams = rows.csv?.(1) ?? []
  const [stream] = streams
  if (stream && streams.length === 1) return stream
  throw new RunError({
    code: 'NOT_SUPPORTED',
    message: `PostgreSQL takes rows as one stream of CSV or as its own binary COPY; the reader gave ${streams.length} streams`,
  })
}

function sameNatives(from: readonly Column[], to: readonly Column[]): boolean {
  if (from.length !== to.length) return false
  return from.every((column, index) => column.native?.system === 'postgres' && column.native.name === to[index]?.native?.name)
}
