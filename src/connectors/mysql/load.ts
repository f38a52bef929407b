import { NotDirectError, RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { writeForm } from './cells.ts'
import type { Destination } from './destination.ts'
import { isRefusal, warningText } from './errors.ts'
import { insertRows } from './insert-rows.ts'
import { loadText, type Sent } from './load-text.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'

/**
 * Loads rows into a table: `LOAD DATA LOCAL`, or statements of many rows where the server does not take that.
 * @returns how many the table took: all of them.
 * @throws NotDirectError where it refused or changed one for what is in it (rule 10).
 */
export async function load(session: Session, destination: Destination, rows: Rows): Promise<number> {
  const sent: Sent = { rows: 0 }
  const columns = destination.fields.map(({ column, required }) => ({ name: column.column.name, form: writeForm(column).form, required }))
  const text = loadText(csvOf(rows), columns, sent)
  try {
    if (!session.server.localInfile) return await insertRows(session, destination, text)
    const done = await session.load(loadSql(destination), text)
    if (done.warnings > 0) throw await warned(session, done.warnings)
    if (done.affected === sent.rows) return sent.rows
    throw new NotDirectError({ code: 'NOT_DIRECT', message: `${sent.rows} rows were sent and the server took ${done.affected}` })
  } catch (error) {
    throw asNotDirect(error)
  }
}

/** A refusal of rows nobody has looked at yet as the reason to go by the stage (rule 15); every other error as it is. */
export function asNotDirect(error: unknown): unknown {
  return isRefusal(error) ? new NotDirectError({ code: 'NOT_DIRECT', message: error.message }) : error
}

/** What is computed, or has another form than its text, goes by a variable. */
function loadSql({ table, fields }: Destination): string {
  const variables: string[] = []
  const assigned: string[] = []
  for (const [index, { name, column }] of fields.entries()) {
    const { expression } = writeForm(column)
    if (!expression && !column.column.generated) variables.push(identifier(name))
    else variables.push(`@v${index}`)
    if (expression && !column.column.generated) assigned.push(`${identifier(name)} = ${expression(`@v${index}`)}`)
  }
  const set = assigned.length === 0 ? '' : ` SET ${assigned.join(', ')}`
  return `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${table} CHARACTER SET utf8mb4
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '' LINES TERMINATED BY '\\n' (${variables.join(', ')})${set}`
}

async function warned(session: Session, count: number): Promise<NotDirectError> {
  const [[, errno, message] = []] = await session.rows('SHOW WARNINGS LIMIT 1')
  const first = warningText(Number(errno ?? 0), message ?? '')
  return new NotDirectError({ code: 'NOT_DIRECT', message: `the server changed or refused ${count} values, the first: ${first}` })
}

/** Rows as one stream of CSV. */
function csvOf(rows: Rows): AsyncIterable<Uint8Array> {
  const streams = rows.csv?.(1) ?? []
  const [stream] = streams
  if (stream && streams.length === 1) return stream
  throw new RunError({
    code: 'NOT_SUPPORTED',
    message: `MySQL takes rows as one stream of CSV; the reader gave ${streams.length} streams`,
  })
}
