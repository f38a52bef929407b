import { formatExact, isJsonArray, type Json, scalarText } from '../source/exact-json.ts'
import { findIn } from './json-path.ts'
import type { ActionOptions, ResultsOptions, TargetOptions } from './options.ts'
import { type Answer, bounded, outcomeOf, type RowOutcome } from './outcome.ts'
import type { ChangedRow } from './row.ts'

/**
 * What the answer to a batch says of each of its rows; `undefined` where it refuses the batch as a whole without saying which
 * row is to blame. A row of which it says nothing is unanswered.
 */
export function outcomesOf(options: TargetOptions, rows: readonly ChangedRow[], answer: Answer): readonly RowOutcome[] | undefined {
  const [first] = rows
  const action = first && options[first.kind]
  if (!first || !action?.batch) throw new Error('rows without a batch')
  const { results } = action.batch
  const found = results && findIn(answer.document, results.at)
  if (results && found !== undefined && isJsonArray(found)) return eachOf(options, action, rows, { answer, results, found })
  if (answer.status < 400 && results) return rows.map(() => untold(answer))
  if (answer.status < 400 || rows.length === 1) return rows.map((row) => outcomeOf(row, action, answer, options.id))
  const whole = outcomeOf(first, action, answer, options.id)
  return whole.kind === 'unanswered' ? rows.map(() => whole) : undefined
}

interface Results {
  readonly answer: Answer
  readonly results: ResultsOptions
  readonly found: readonly Json[]
}

function eachOf(
  options: TargetOptions,
  action: ActionOptions,
  rows: readonly ChangedRow[],
  { answer, results, found }: Results,
): readonly RowOutcome[] {
  const byKey = results.key && new Map(found.map((one) => [results.key ? scalarText(findIn(one, results.key)) : undefined, one]))
  // Without keys the order is all there is, and a list of another length has none.
  const inOrder = found.length === rows.length
  return rows.map((row, index) => {
    const one = byKey ? byKey.get(keyText(row)) : inOrder ? found[index] : undefined
    if (one === undefined) return untold(answer)
    const told = results.status && Number(scalarText(findIn(one, results.status)))
    const status = told || (answer.status < 400 || !results.error ? answer.status : 200)
    return outcomeOf(row, action, { status, text: formatExact(one), document: one }, options.id, results.error)
  })
}

/** As an API would repeat it. */
function keyText({ key }: ChangedRow): string {
  return key.map(String).join(',')
}

function untold({ text }: Answer): RowOutcome {
  return { kind: 'unanswered', detail: 'the answer to the batch says nothing of this row', answer: bounded(text) }
}
