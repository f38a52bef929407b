import { NotDirectError } from '../../core/errors.ts'
import { writeForm } from './cells.ts'
import type { Destination } from './destination.ts'
import { warningText } from './errors.ts'
import { parseLoadText } from './parse-load-text.ts'
import type { Session } from './session.ts'
import { identifiers, literal } from './sql.ts'

/** Characters of one statement: more gains nothing, and a character may take four bytes. */
const mostCharacters = 512 * 1024

/**
 * The way of servers where `local_infile` is off: statements of many rows, each as long as the server takes them.
 * @param text as `loadText` gives it.
 * @returns how many rows were inserted: all of them.
 */
export async function insertRows(session: Session, { table, fields }: Destination, text: AsyncIterable<Uint8Array>): Promise<number> {
  const written = fields
    .map((field, index) => ({ ...field, index, form: writeForm(field.column) }))
    .filter(({ column }) => !column.column.generated)
  const head = `INSERT INTO ${table} (${identifiers(written.map(({ name }) => name))}) VALUES `
  const most = Math.min(mostCharacters, Math.floor((session.server.maxAllowedPacket - head.length) / 5))
  const value = (row: readonly (string | null)[]) =>
    `(${written.map(({ index, form }) => cell(row[index] ?? null, form.expression)).join(', ')})`
  let rows = 0
  let values: string[] = []
  let length = 0
  const send = async () => {
    if (values.length > 0) await insert(session, head + values.join(', '), values.length)
    rows += values.length
    values = []
    length = 0
  }
  for await (const row of parseLoadText(text)) {
    const next = value(row)
    if (length + next.length > most) await send()
    values.push(next)
    length += next.length + 2
  }
  await send()
  return rows
}

function cell(text: string | null, expression: ((text: string) => string) | undefined): string {
  if (text === null) return 'NULL'
  return expression ? expression(literal(text)) : literal(text)
}

async function insert(session: Session, sql: string, rows: number): Promise<void> {
  const { affected, warnings } = await session.execute(sql)
  if (warnings === 0 && affected === rows) return
  const [[, errno, message] = []] = await session.rows('SHOW WARNINGS LIMIT 1')
  const detail = warnings === 0 ? `${rows} rows were sent and the server took ${affected}` : warningText(Number(errno ?? 0), message ?? '')
  throw new NotDirectError({ code: 'NOT_DIRECT', message: detail })
}
