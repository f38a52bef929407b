import type { Applied, ChangeKind, ChangeSet } from '../../../core/changes.ts'
import { type SynclineError, toSynclineError } from '../../../core/errors.ts'
import type { RestClient } from '../client/client.ts'
import { outcomesOf } from './batch.ts'
import { isDone, lookBefore, refuseUnreadable } from './before-image.ts'
import { concurrently, inGroups } from './concurrently.ts'
import type { Known } from './known.ts'
import { outcomeOf, type RowOutcome } from './outcome.ts'
import { batchBodyOf, batchRequestOf, type ReadyRequest, type Requesting, requestOf } from './requests.ts'
import { type ChangedRow, UnsendableRow } from './row.ts'
import { changedRows, type ReadRow } from './rows.ts'
import { type Sent, sendRequest, wasNotDone } from './send.ts'
import { Tally } from './tally.ts'

export interface Applying extends Requesting {
  readonly client: RestClient
  /** What is known of the rows that are there, and what is noted of those that are sent. */
  readonly known: Known
  /** Requests under way at the same time, at most. */
  readonly concurrency: number
  readonly signal: AbortSignal
}

/**
 * Sends every change as a request or a part of one: deletes first, because they free what others may take, inserts last. Never
 * throws: what ends it is told with what was done by then.
 */
export async function applyChanges(applying: Applying, changes: ChangeSet): Promise<Applied> {
  const tally = new Tally(changes.stopsAtRefusal ?? false)
  const stopped = await untilStopped(async () => {
    await applying.known.prepare(applying.client)
    for (const kind of ['delete', 'update', 'insert'] as const) await sendAll(applying, tally, changes, kind)
  })
  const looked = await untilStopped(() => applying.known.conclude(tally))
  const end = stopped ?? looked
  return tally.applied({
    notes: [...applying.known.notes(), ...unasked(applying, tally)],
    acknowledges: !applying.options.read,
    ...(end ? { stopped: end } : {}),
  })
}

/** Rule 13 holds where the API is asked, and is said not to where it is not. */
function unasked({ options: { before } }: Applying, { overwritten }: Tally): readonly string[] {
  if (before?.by === 'etag' || overwritten === 0) return []
  if (before) return ['rows were read just before they were changed: what others changed in the same moment was overwritten']
  return ['the API was not asked whether others had changed rows meanwhile: `before: etag` or `before: read` under `to` has it asked']
}

async function untilStopped(action: () => Promise<void>): Promise<SynclineError | undefined> {
  try {
    await action()
    return undefined
  } catch (thrown) {
    return toSynclineError(thrown)
  }
}

async function sendAll(applying: Applying, tally: Tally, changes: ChangeSet, kind: ChangeKind): Promise<void> {
  const { batch } = applying.options[kind]
  const rows = until(changedRows(changes, kind), () => {
    applying.signal.throwIfAborted()
    return tally.isOver
  })
  if (!batch) return await concurrently(rows, applying.concurrency, (row) => sendOne(applying, tally, row))
  await concurrently(inGroups(rows, batch.rows), applying.concurrency, (group) => sendTogether(applying, tally, group))
}

async function* until<Item>(items: AsyncIterable<Item>, isOver: () => boolean): AsyncGenerator<Item> {
  for await (const item of items) {
    if (isOver()) return
    yield item
  }
}

async function sendOne(applying: Applying, tally: Tally, read: ReadRow): Promise<void> {
  const row = applying.known.meet(read, tally)
  if (!row) return
  const request = ready(tally, row, () => {
    refuseUnreadable(applying.options, row)
    return requestOf(applying, row)
  })
  if (!request) return
  applying.known.settle([row], [await outcomeOfOne(applying, row, request)], tally)
}

async function outcomeOfOne(applying: Applying, row: ChangedRow, request: ReadyRequest): Promise<RowOutcome> {
  const { client, options } = applying
  const before = row.kind === 'insert' ? undefined : options.before
  const looked = before ? await lookBefore(client, options, before, row) : { headers: {} }
  if ('outcome' in looked) return looked.outcome
  const sent = await send(applying, { ...request, headers: { ...request.headers, ...looked.headers } }, [row])
  if (!('answer' in sent)) return lost
  const outcome = outcomeOf(row, options[row.kind], sent.answer, options.id)
  // A change that was repeated, because its first answer was lost, does not find the row as it was.
  const mayBeDone = before && row.kind === 'update' && sent.answer.status === 412
  return mayBeDone && (await isDone(client, options, before, row)) ? { kind: 'done', created: false } : outcome
}

async function send({ known, client }: Applying, request: ReadyRequest, rows: readonly ChangedRow[]): Promise<Sent> {
  known.expect(request, rows)
  try {
    return await sendRequest(client, request)
  } catch (thrown) {
    if (wasNotDone(thrown, request)) known.release(rows)
    throw thrown
  }
}

async function sendTogether(applying: Applying, tally: Tally, read: readonly ReadRow[]): Promise<void> {
  const rows: ChangedRow[] = []
  const bodies: string[] = []
  for (const one of read) {
    const row = applying.known.meet(one, tally)
    const body = row && ready(tally, row, () => batchBodyOf(applying, row))
    if (!row || body === undefined) continue
    rows.push(row)
    bodies.push(body)
  }
  await sendBatch(applying, tally, rows, bodies)
}

/** A batch that is refused as a whole is sent again in halves, until it is known which rows are to blame. */
async function sendBatch(applying: Applying, tally: Tally, rows: readonly ChangedRow[], bodies: readonly string[]): Promise<void> {
  const [first] = rows
  const request = first && ready(tally, first, () => batchRequestOf(applying, rows, bodies))
  if (!request) return
  const sent = await send(applying, request, rows)
  const outcomes = 'answer' in sent ? outcomesOf(applying.options, rows, sent.answer) : rows.map(() => lost)
  if (outcomes) return applying.known.settle(rows, outcomes, tally)
  const half = Math.ceil(rows.length / 2)
  for (const [from, to] of [
    [0, half],
    [half, rows.length],
  ] as const) {
    applying.signal.throwIfAborted()
    if (!tally.isOver) await sendBatch(applying, tally, rows.slice(from, to), bodies.slice(from, to))
  }
}

const lost: RowOutcome = {
  kind: 'unanswered',
  detail: 'the connection broke off after the request was sent: it may have been done',
}

/** A row of which no request can be made is refused before it is sent. */
function ready<Part>(tally: Tally, row: ChangedRow, make: () => Part): Part | undefined {
  try {
    return make()
  } catch (thrown) {
    if (!(thrown instanceof UnsendableRow)) throw thrown
    tally.refuse(row, { kind: 'refused', reason: 'value', column: thrown.column, detail: thrown.message })
    return undefined
  }
}
