import type { Endpoint, ReadRequest, Snapshot } from '../connectors/connector.ts'
import type { Reject } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import type { SyncDefinition } from '../core/definition.ts'
import { RunError } from '../core/errors.ts'
import { isRedacted, redactedText } from '../core/redaction.ts'
import type { RunResult } from '../core/run.ts'
import { shellWord } from '../core/shell.ts'
import type { Table } from '../core/table.ts'
import { lockSync } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import { describeSource } from './ends.ts'
import { sharedEnd } from './family/shared-end.ts'
import { clearJournals } from './journal/clear.ts'
import { recover } from './recover.ts'
import { sealKeyOf } from './redact.ts'
import { failedResult, startResult } from './result.ts'
import { walkSync } from './run-sync.ts'
import type { RunRequest, Services } from './services.ts'
import { matching } from './shape.ts'
import { openEnds } from './work.ts'

/** As many as one read takes by key. */
const mostKeys = 10_000

type Keys = NonNullable<ReadRequest['keys']>

/**
 * Tries the rejects of a sync again, and nothing else: those rows are read from the source by their keys, as they are there now,
 * and brought into the target. Those that are delivered, or gone from the source, are dropped from the list. Nothing is deleted
 * and the watermark stays. It always ends in a result, as a run does.
 */
export async function retryRejects(services: Services, request: RunRequest): Promise<RunResult> {
  const { definition } = request
  const retrying = { ...request, definition: ofRowsAlone(definition) }
  const started = startResult(services, retrying, 'run')
  const begun: RunResult = { ...started, details: { ...started.details, retried: true } }
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  const result = await attempt(services, retrying, begun).catch((error) => failedResult(services, retrying, begun, error))
  request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return result
}

/** Of some rows nobody can tell what a target should not have, nor where reading should go on. */
function ofRowsAlone({ from, mode, ...definition }: SyncDefinition): SyncDefinition {
  const { cursor: _cursor, lag: _lag, ...source } = from
  return { ...definition, from: source, mode: mode === 'append' ? 'append' : 'upsert' }
}

async function attempt(services: Services, request: RunRequest, begun: RunResult): Promise<RunResult> {
  using _lock = lockSync(services.lockDirectory, begun.sync)
  const state = await services.state()
  await recover(services, state, request)
  await clearJournals(services, state, request.definition)
  const keys = await keysOf(state, request.definition)
  await state.begin(begun)
  const open = async () =>
    await openEnds(services, request, async (context) =>
      keyedEnd(await services.open(request.definition.from.connection, context), request.definition, keys),
    )
  return await walkSync(services, state, request, begun, open)
}

/** @throws RunError where the rejects cannot be found again by their keys: a run finds them all the same. */
async function keysOf(state: State, definition: SyncDefinition): Promise<Keys> {
  const { name } = definition
  const rejects = await state.rejects({ sync: name, limit: mostKeys + 1 })
  if (rejects.length === 0) throw new RunError({ code: 'NO_REJECTS', message: `\`${name}\` has no rejects to try again` })
  if (rejects.length > mostKeys) throw runInstead(name, `it has more than ${formatAmount(mostKeys, 'reject')}`)
  const columns = definition.key ?? (await state.runs({ sync: name })).find(({ details }) => details.key.length > 0)?.details.key ?? []
  if (columns.length === 0) throw runInstead(name, 'no key tells its rows apart')
  const values = rejects.map((reject) => columns.map((column) => cellOf(opened(reject, definition, column), column)))
  const known = values.filter((cells): cells is string[] => cells.every((cell) => cell !== null))
  if (known.length < values.length) throw runInstead(name, `of ${formatAmount(values.length - known.length, 'reject')} the key is NULL`)
  return { columns, values: [...new Map(known.map((cells) => [JSON.stringify(cells), cells])).values()] }
}

/** The row with a redacted cell of its key as it was. @throws RunError where it was not kept. */
function opened({ row, sealed = {} }: Pick<Reject, 'row' | 'sealed'>, { name, redact }: SyncDefinition, column: string): Reject['row'] {
  if (!isRedacted(redact, column) || cellOf(row, column) !== redactedText) return row
  const [found, text] = Object.entries(sealed).find(([one]) => one.toLowerCase() === column.toLowerCase()) ?? []
  const key = redact && sealKeyOf(redact)
  if (found === undefined || text === undefined || !key)
    throw runInstead(name, `\`${column}\` of their key is redacted, and was kept under no key`)
  return { ...row, [found]: key.open(text, found) }
}

/** Rejects have the names of the source or, where the target refused them, its own. */
function cellOf(row: Readonly<Record<string, string | null>>, column: string): string | null {
  return Object.entries(row).find(([name]) => name.toLowerCase() === column.toLowerCase())?.[1] ?? null
}

/** A source of which only the rows with those keys are read. */
function keyedEnd(endpoint: Endpoint, definition: SyncDefinition, keys: Keys): Endpoint {
  const { reader } = endpoint
  if (!reader) return endpoint
  const keyed: Endpoint['reader'] = {
    snapshot: async () => {
      const view = await reader.snapshot()
      if (view.pushdown.has('keys')) return keyedView(view, asSpelled(keys, await describeSource(definition, endpoint)))
      await view[Symbol.asyncDispose]()
      throw runInstead(definition.name, 'its source cannot be read by key')
    },
  }
  return { ...sharedEnd(endpoint), reader: keyed, [Symbol.asyncDispose]: async () => await endpoint[Symbol.asyncDispose]() }
}

/** A key has the names of the target, or those of the config: the source's may differ in case. */
function asSpelled({ columns, values }: Keys, source: Table): Keys {
  return { columns: columns.map((name) => matching(source.columns, name)?.name ?? name), values }
}

function keyedView(view: Snapshot, keys: Keys): Snapshot {
  return {
    pushdown: view.pushdown,
    read: async (request) => await view.read({ ...request, keys }),
    count: async (request) => await view.count({ ...request, keys }),
    [Symbol.asyncDispose]: async () => await view[Symbol.asyncDispose](),
  }
}

function runInstead(sync: string, why: string): RunError {
  return new RunError({
    code: 'CANNOT_RETRY',
    message: `the rejects of \`${sync}\` cannot be tried again by themselves: ${why}`,
    hint: `a run tries them again, too: syncline run ${shellWord(sync)}`,
  })
}
