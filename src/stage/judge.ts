import type { Column } from '../core/table.ts'
import type { Batch } from '../core/value.ts'
import { identifier } from '../duckdb/sql.ts'
import type { Conforming } from './contract.ts'
import type { Engine } from './engine.ts'
import { land } from './land.ts'

type Judge = NonNullable<Conforming['judge']>

/** How many texts are asked about at once. */
const askAtOnce = 5_000

/**
 * Asks about every distinct text of a query of one column.
 * @returns a table of `text` and `answer`.
 */
export async function answersTo(engine: Engine, texts: string, judge: Judge): Promise<string> {
  const landed = await land(engine, { columns: answerColumns, batches: () => answers(engine, texts, judge) }, () => {})
  const table = engine.name('answers')
  await engine.run(`CREATE TABLE ${identifier(table)} AS SELECT l0 AS text, l1 AS answer FROM ${landed.from}`)
  await landed.release()
  return table
}

/** Whether the target takes any text of a query of one column. */
export async function takesAny(engine: Engine, texts: string, judge: Judge): Promise<boolean> {
  for await (const { cells } of answers(engine, texts, judge)) if (cells[1]?.some((answer) => answer !== null)) return true
  return false
}

const answerColumns: readonly Column[] = ['text', 'answer'].map((name) => ({ name, type: { kind: 'text' }, nullable: true }))

async function* answers(engine: Engine, texts: string, judge: Judge): AsyncGenerator<Batch> {
  for await (const asked of distinctTexts(engine, texts)) yield { rows: asked.length, cells: [asked, await judge(asked)] }
}

async function* distinctTexts(engine: Engine, texts: string): AsyncGenerator<readonly string[]> {
  let asked: string[] = []
  for await (const rows of engine.textRows(`SELECT DISTINCT text FROM (${texts}) AS texts(text) WHERE text IS NOT NULL`)) {
    for (const [text] of rows) asked.push(text ?? '')
    if (asked.length < askAtOnce) continue
    yield asked
    asked = []
  }
  if (asked.length > 0) yield asked
}
