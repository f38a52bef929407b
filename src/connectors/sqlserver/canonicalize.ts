import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { isRefusal } from './errors.ts'
import { cellReading } from './reading-cells.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { loadRows, misfitSql, stagedCells, writtenCell } from './staging.ts'
import { parseDeclaration } from './system-type.ts'
import { adopt } from './types.ts'

/**
 * The texts as a column of this type would store and show them, `null` for one that it refuses, or that it would take only
 * by rounding or cutting.
 */
export async function canonicalize(session: Session, column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
  const asked = { ...adopt(column), generated: false }
  const type = parseDeclaration(asked.native?.name ?? '')
  if (!type) return texts.map(() => null)
  const answers: (string | null)[] = []
  for (let start = 0; start < texts.length; start += atOnce) {
    for (const answer of await ask(session, { column: asked, type }, texts.slice(start, start + atOnce))) answers.push(answer)
  }
  return answers
}

const atOnce = 5_000

/** Some refusals end their whole statement: the texts are halved until one stands alone. */
async function ask(session: Session, column: RelationColumn, texts: readonly string[]): Promise<readonly (string | null)[]> {
  try {
    return await convert(session, column, texts)
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (texts.length === 1) return [null]
    const half = Math.ceil(texts.length / 2)
    return [...(await ask(session, column, texts.slice(0, half))), ...(await ask(session, column, texts.slice(half)))]
  }
}

/** XML is stored in a form of its own, so that being stored differently is no refusal there. */
const respelled: ReadonlySet<string> = new Set(['xml', 'json', 'hierarchyid', 'geography', 'geometry'])

async function convert(session: Session, column: RelationColumn, texts: readonly string[]): Promise<readonly (string | null)[]> {
  const rows: Rows = {
    columns: [{ ...column.column, type: { kind: 'text' } }],
    batches: async function* () {
      yield { rows: texts.length, cells: [texts] }
    },
  }
  const cells = stagedCells([column])
  const { table } = await loadRows(session, 'judged', cells, rows)
  const [cell] = cells
  if (!cell) return texts.map(() => null)
  const { expression, loaded } = writtenCell(cell)
  const reading = cellReading(column.type)
  const fits = respelled.has(column.type.name) ? 'x.misfit IS NULL' : `${misfitSql(cells)} IS NULL`
  const answers = await session.rows<{ readonly n: string; readonly stored: unknown }>(
    `SELECT x.n, CASE WHEN ${fits} THEN ${reading.expression(expression(loaded))} END AS stored FROM ${table} AS x ORDER BY x.n`,
  )
  const stored = new Map(answers.map(({ n, stored: answer }) => [Number(n), answer]))
  return texts.map((_, index) => {
    const answer = stored.get(index + 1)
    return answer === null || answer === undefined ? null : String(reading.value(answer))
  })
}
