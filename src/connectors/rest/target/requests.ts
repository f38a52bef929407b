import { createHash } from 'node:crypto'
import type { RestRequest } from '../client/client.ts'
import type { Ledger } from './ledger.ts'
import type { ActionOptions, TargetOptions } from './options.ts'
import { type ChangedRow, textsOf } from './row.ts'
import { type BodyStyle, headerOf, paramOf, pathOf } from './template.ts'

/** What every request of a sync has in common. */
export interface Requesting {
  readonly options: TargetOptions
  /** Names the sync, for idempotency keys. */
  readonly sync: string
  readonly ledger: Ledger
}

/** A request that can be noted: everything about it is text. */
export interface ReadyRequest extends RestRequest {
  readonly params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The request that carries out one change.
 * @throws UnsendableRow where a cell cannot stand where the config wants it.
 */
export function requestOf(requesting: Requesting, row: ChangedRow): ReadyRequest {
  const action = requesting.options[row.kind]
  const body = action.body?.(row, styleOf(requesting.options, row.kind))
  return finished(requesting, action, [row], body)
}

/**
 * The request that carries out several changes of one kind. Path, parameters and headers are those of the first row.
 * @param bodies of the rows, in their order.
 */
export function batchRequestOf(requesting: Requesting, rows: readonly ChangedRow[], bodies: readonly string[]): ReadyRequest {
  const [first] = rows
  const action = first && requesting.options[first.kind]
  if (!action?.batch) throw new Error('rows without a batch')
  return finished(requesting, action, rows, action.batch.body(bodies))
}

/** One row of a batch's body. */
export function batchBodyOf({ options }: Requesting, row: ChangedRow): string {
  const action = options[row.kind]
  return action.body?.(row, styleOf(options, row.kind)) ?? 'null'
}

function finished(requesting: Requesting, action: ActionOptions, rows: readonly ChangedRow[], body: string | undefined): ReadyRequest {
  const [row] = rows
  if (!row) throw new Error('a request without a row')
  const { idempotency } = requesting.options
  const key =
    row.kind === 'insert' && !isRepeatable(action.method) && idempotency !== undefined
      ? { [idempotency]: idempotencyKey(requesting, rows) }
      : {}
  const headers = Object.fromEntries(Object.entries(action.headers).map(([name, template]) => [name, headerOf(template, row)]))
  return {
    method: action.method,
    path: pathOf(action.path, row),
    shown: action.shown,
    params: Object.fromEntries(Object.entries(action.params).map(([name, template]) => [name, paramOf(template, row)])),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers, ...key },
    ...(body === undefined ? {} : { body }),
    // Updates and deletes say how a row shall be: doing it twice does what doing it once does.
    repeatable: row.kind !== 'insert' || isRepeatable(action.method) || idempotency !== undefined,
  }
}

/** Whether inserts go out that could be done twice. */
export function mayRepeat({ insert, idempotency }: TargetOptions): boolean {
  return !isRepeatable(insert.method) && idempotency === undefined
}

/** RFC 9110, 9.2.2. */
function isRepeatable(method: string): boolean {
  return method === 'PUT' || method === 'DELETE'
}

/**
 * The same for the same insert of the same sync until it was answered, in this run or a later one, and another one
 * afterwards: a row that was deleted and comes again with the same cells is a new insert.
 */
function idempotencyKey({ sync, options, ledger }: Requesting, rows: readonly ChangedRow[]): string {
  const parts = rows.map((row) => [row.name, textsOf(row), ledger.answered(row.name)])
  return createHash('sha256')
    .update(JSON.stringify([sync, options.resource, parts]))
    .digest('hex')
    .slice(0, 40)
}

/** An update that leaves a NULL out would never empty a cell; one that replaces the whole row does. */
function styleOf({ numbers, nulls, update }: TargetOptions, kind: ChangedRow['kind']): BodyStyle {
  return { numbers, omitsNulls: nulls === 'omit' && (kind === 'insert' || (kind === 'update' && update.method === 'PUT')) }
}
