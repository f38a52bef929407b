import type { Column } from '../core/table.ts'
import type { Type } from '../core/types.ts'
import type { Engine } from './engine.ts'
import { type Guess, guesses } from './guesses.ts'
import type { LandedRows } from './landed.ts'

/** The landed columns, each untyped one with the type that all its cells have (rule 9): text where no other fits. */
export async function infer(engine: Engine, landed: LandedRows): Promise<readonly Column[]> {
  const open = new Map<number, readonly Guess[]>()
  for (const [index, column] of landed.columns.entries()) if (column.untyped) open.set(index, guesses)
  const types = new Map<number, Type>()
  // A look at the first rows rules most guesses out, so that the look at all rows is cheap.
  await narrow(engine, landed, open, ' LIMIT 2048')
  while (open.size > 0) await decide(engine, landed, open, types)
  return landed.columns.map((column, index) => typed(column, types.get(index)))
}

function typed({ untyped, invalid: _, ...column }: Column, type: Type | undefined): Column {
  return untyped ? { ...column, type: type ?? { kind: 'text' } } : column
}

/** Drops the guesses that some cell contradicts; a column with none left is text. */
async function narrow(engine: Engine, landed: LandedRows, open: Map<number, readonly Guess[]>, limit: string): Promise<void> {
  const tests = [...open].flatMap(([index, left]) => left.map((guess) => ({ index, guess })))
  if (tests.length === 0) return
  const [row = []] = await engine.texts(
    `SELECT ${tests.map(({ index, guess }) => `coalesce(bool_and(${guess.test(landed.valued(index))}), true)`).join(', ')} FROM (SELECT * FROM ${landed.from}${limit})`,
  )
  const held = tests.filter((_, at) => row[at] === 'true')
  for (const index of [...open.keys()])
    keep(
      open,
      index,
      held.flatMap((test) => (test.index === index ? [test.guess] : [])),
    )
}

function keep(open: Map<number, readonly Guess[]>, index: number, left: readonly Guess[]): void {
  if (left.length === 0) open.delete(index)
  else open.set(index, left)
}

/** Tests the narrowest guess of every open column over all rows; those that hold are decided, the others drop it. */
async function decide(engine: Engine, landed: LandedRows, open: Map<number, readonly Guess[]>, types: Map<number, Type>): Promise<void> {
  const tests = [...open].flatMap(([index, [guess]]) => (guess ? [{ index, guess }] : []))
  const columns = tests.flatMap(({ index, guess }) => [
    `count(${landed.valued(index)})`,
    `coalesce(bool_and(${guess.test(landed.valued(index))}), true)`,
    `to_json([${guess
      .measures(landed.valued(index))
      .map((measure) => `(${measure})::VARCHAR`)
      .join(', ')}])::VARCHAR`,
  ])
  const [row = []] = await engine.texts(`SELECT ${columns.join(', ')} FROM ${landed.from}`)
  for (const [at, { index, guess }] of tests.entries()) {
    const [count, holds, measured] = row.slice(at * 3, at * 3 + 3)
    const left = open.get(index) ?? []
    if (count === '0') open.delete(index)
    else if (holds !== 'true') keep(open, index, left.slice(1))
    else {
      types.set(index, guess.type(numbers(measured)))
      open.delete(index)
    }
  }
}

function numbers(json: string | null | undefined): readonly number[] {
  const parsed: unknown = JSON.parse(json ?? '[]')
  return Array.isArray(parsed) ? parsed.map(Number) : []
}
