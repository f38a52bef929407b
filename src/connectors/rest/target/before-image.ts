import { RunError } from '../../../core/errors.ts'
import type { Column } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'
import type { RestClient } from '../client/client.ts'
import { isJsonObject, type JsonObject } from '../source/exact-json.ts'
import { findIn } from './json-path.ts'
import type { BeforeOptions, TargetOptions } from './options.ts'
import { type Answer, bounded, outcomeOf, type RowOutcome } from './outcome.ts'
import type { ReadyRequest } from './requests.ts'
import type { ChangedRow } from './row.ts'
import { isSameCell } from './same-cell.ts'
import { sendRequest } from './send.ts'
import { pathOf } from './template.ts'

/** What a look at one row found: headers that make the change hang on it, or why there is nothing to send. */
export type Looked = { readonly headers: Readonly<Record<string, string>> } | { readonly outcome: RowOutcome }

/**
 * Reads a row that is to be updated or deleted and compares it with its before image (rule 13).
 * @throws RunError where the API cannot be asked so: then nothing is sent.
 */
export async function lookBefore(client: RestClient, options: TargetOptions, before: BeforeOptions, row: ChangedRow): Promise<Looked> {
  const answer = await readRow(client, options, before, row)
  if (answer.status >= 400) return { outcome: outcomeOf(row, options[row.kind], answer, options.id) }
  const shown = shownRow(answer, before, options, row)
  if (!isSameRow(shown, row.columns, row.before ?? row.cells)) return { outcome: moved(answer) }
  return { headers: before.by === 'etag' ? { 'if-match': strongTag(answer, options, row) } : {} }
}

/** Whether the row is as the change shall make it: a request that was repeated may have been done before it was refused. */
export async function isDone(client: RestClient, options: TargetOptions, before: BeforeOptions, row: ChangedRow): Promise<boolean> {
  const answer = await readRow(client, options, before, row)
  return answer.status < 400 && isSameRow(shownRow(answer, before, options, row), row.columns, row.cells)
}

/** @throws UnsendableRow where a cell cannot stand in the path at which the row is looked at. */
export function refuseUnreadable({ before }: TargetOptions, row: ChangedRow): void {
  if (row.kind !== 'insert' && before?.path) pathOf(before.path.path, row)
}

async function readRow(client: RestClient, options: TargetOptions, before: BeforeOptions, row: ChangedRow): Promise<Answer> {
  const action = options[row.kind]
  const path = before.path ?? action
  const request: ReadyRequest = {
    method: 'GET',
    path: pathOf(path.path, row),
    shown: path.shown,
    params: {},
    headers: {},
    repeatable: true,
  }
  const sent = await sendRequest(client, request)
  if ('unknown' in sent) throw sent.unknown
  if (sent.answer.status < 400 || sent.answer.status === 404 || sent.answer.status === 410) return sent.answer
  throw new RunError({
    code: 'BEFORE_UNREADABLE',
    message: `GET ${path.shown} was answered with ${sent.answer.status}: the rows cannot be looked at before they are changed`,
    hint: 'name the place where one row is read, `before: { by: read, path: /items/{id} }`, or leave `before` out: rows that others changed are then overwritten',
  })
}

function shownRow(answer: Answer, before: BeforeOptions, options: TargetOptions, { kind }: ChangedRow): JsonObject {
  const found = findIn(answer.document, before.row)
  if (found !== undefined && isJsonObject(found)) return found
  throw new RunError({
    code: 'BEFORE_UNREADABLE',
    message: `GET ${(before.path ?? options[kind]).shown}: expected one object at ${before.row.text}, found none`,
    hint: 'say where the row is in the answer: `before: { by: read, row: $.data }`',
  })
}

/** What an answer does not show is not compared. */
function isSameRow(shown: JsonObject, columns: readonly Column[], cells: readonly Value[]): boolean {
  return columns.every((column, index) => {
    const found = shown[column.name]
    return found === undefined || isSameCell(found, cells[index] ?? null, column)
  })
}

function moved({ text }: Answer): RowOutcome {
  return { kind: 'moved', status: 412, answer: bounded(text) }
}

/** RFC 9110, 13.1.1: a weak tag never matches. */
function strongTag({ etag }: Answer, options: TargetOptions, { kind }: ChangedRow): string {
  if (etag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)) return etag
  throw new RunError({
    code: 'NO_ETAG',
    message: `GET ${(options.before?.path ?? options[kind]).shown}: expected a strong \`ETag\`, found ${etag === undefined ? 'none' : 'a weak one'}`,
    hint: 'nothing more was sent; `before: read` compares the row just before the change, without one',
  })
}
