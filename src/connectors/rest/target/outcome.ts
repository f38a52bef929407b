import type { RejectReason } from '../../../core/changes.ts'
import { isJsonArray, isJsonObject, type Json, scalarText } from '../source/exact-json.ts'
import type { ValuePath } from '../source/value-path.ts'
import { findIn } from './json-path.ts'
import type { ActionOptions } from './options.ts'
import type { ChangedRow } from './row.ts'

/** What became of one row. */
export type RowOutcome =
  /** `created`: whether the row came into being by it, as far as the answer tells. */
  | { readonly kind: 'done'; readonly created: boolean; readonly id?: string; readonly wasGone?: true }
  /** It is not as the change expects: gone where it was to be updated, there where it was to be inserted. */
  | { readonly kind: 'moved'; readonly status: number; readonly answer: string }
  | { readonly kind: 'refused'; readonly reason: RejectReason; readonly column?: string; readonly detail: string; readonly answer?: string }
  /** The request went out, and nobody knows whether it was done. */
  | { readonly kind: 'unanswered'; readonly detail: string; readonly answer?: string }

/** The most characters of an answer that are kept with a row. */
const mostAnswer = 2_000

export function bounded(answer: string): string {
  return answer.length > mostAnswer ? `${answer.slice(0, mostAnswer)} …` : answer
}

export interface Answer {
  readonly status: number
  /** The part of the answer that is about this row, as it came. */
  readonly text: string
  /** The same as a document; `undefined` where it is no JSON. */
  readonly document: Json | undefined
  readonly etag?: string
}

/** What an answer says of one row. */
export function outcomeOf(
  { kind }: Pick<ChangedRow, 'kind'>,
  action: ActionOptions,
  answer: Answer,
  id: ValuePath | undefined,
  error = action.error,
): RowOutcome {
  const { status, document } = answer
  if (status >= 400) return failureOf(kind, answer)
  if (error && !isNothing(findIn(document, error)))
    return { kind: 'refused', reason: 'constraint', detail: `the API refused the ${kind}`, answer: bounded(answer.text) }
  if (kind !== 'insert') return { kind: 'done', created: false }
  const assigned = id && scalarText(findIn(document, id))
  // RFC 9110, 9.3.4: a PUT that made the row says 201.
  return { kind: 'done', created: action.method !== 'PUT' || status === 201, ...(assigned ? { id: assigned } : {}) }
}

function failureOf(kind: ChangedRow['kind'], { status, text }: Answer): RowOutcome {
  const answer = bounded(text)
  const gone = status === 404 || status === 410
  if (gone && kind === 'delete') return { kind: 'done', created: false, wasGone: true }
  if (gone && kind === 'update') return { kind: 'moved', status, answer }
  if (status === 412 || (status === 409 && kind === 'insert')) return { kind: 'moved', status, answer }
  if (status >= 500 || status === 408 || status === 425)
    return { kind: 'unanswered', detail: `the API answered the ${kind} with ${status}: it may have been done`, answer }
  return { kind: 'refused', reason: 'constraint', detail: `the API refused the ${kind} with ${status}`, answer }
}

function isNothing(found: Json | undefined): boolean {
  if (found === undefined || found === null || found === false || found === '') return true
  return (isJsonArray(found) && found.length === 0) || (isJsonObject(found) && Object.keys(found).length === 0)
}
