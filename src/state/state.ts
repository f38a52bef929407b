import { type Kysely, sql, type Transaction } from 'kysely'
import type { Reject, RejectReason } from '../core/changes.ts'
import { ConfigError } from '../core/errors.ts'
import { hasCommitted, type RunResult } from '../core/run.ts'
import { openStateDatabase } from './database.ts'
import type { RejectRow, Tables } from './tables.ts'

/** A commit that was about to happen when its process was last heard of. */
export interface PendingCommit {
  /** What the target's writer needs to say whether it happened. */
  readonly proof: Readonly<Record<string, string | number>> & { readonly kind: string }
  /** The run as it is if it happened. */
  readonly result: RunResult
}

/** What outlives a process: runs, watermarks, rejects, and commits whose outcome is not known yet. */
export class State implements AsyncDisposable {
  readonly #database: Kysely<Tables>

  /** @throws RunError (`STATE_UNAVAILABLE`) where the file cannot be opened. */
  constructor(path: string) {
    this.#database = openStateDatabase(path)
  }

  /** Notes a run that begins, and ends those of the same sync that a dead process left behind. The caller holds the sync's lock. */
  async begin(result: RunResult): Promise<void> {
    await this.#database.transaction().execute(async (state) => {
      const left = await state.selectFrom('runs').selectAll().where('sync', '=', result.sync).where('status', '=', 'running').execute()
      for (const row of left)
        await state
          .updateTable('runs')
          .set(stored(interrupted(parse(row.result))))
          .where('id', '=', row.id)
          .execute()
      await state.insertInto('runs').values(stored(result)).execute()
    })
  }

  /** Notes what is known of a run that goes on. */
  async update(result: RunResult): Promise<void> {
    await this.#database.replaceInto('runs').values(stored(result)).execute()
  }

  /** Notes, before a commit, what tells afterwards whether it happened. */
  async expectCommit(pending: PendingCommit): Promise<void> {
    await this.expectCommits([pending])
  }

  /** The same for all runs that one commit ends. */
  async expectCommits(pending: readonly PendingCommit[]): Promise<void> {
    const rows = pending.map(({ proof, result }) => ({
      sync: result.sync,
      proof: JSON.stringify(proof),
      result: JSON.stringify(result),
    }))
    await this.#database.transaction().execute(async (state) => {
      for (const row of rows) await state.replaceInto('commits').values(row).execute()
    })
  }

  /** Those of a family's tables, also of tables that are not there any more. */
  async pendingCommitsOf(family: string): Promise<readonly PendingCommit[]> {
    const rows = await this.#database.selectFrom('commits').selectAll().where(ofSync(family)).orderBy('sync').execute()
    return rows.map((row) => ({ proof: JSON.parse(row.proof) as PendingCommit['proof'], result: parse(row.result) }))
  }

  async pendingCommit(sync: string): Promise<PendingCommit | undefined> {
    const row = await this.#database.selectFrom('commits').selectAll().where('sync', '=', sync).executeTakeFirst()
    return row && { proof: JSON.parse(row.proof) as PendingCommit['proof'], result: parse(row.result) }
  }

  /** Drops a commit that did not happen. */
  async forgetCommit(sync: string): Promise<void> {
    await this.#database.deleteFrom('commits').where('sync', '=', sync).execute()
  }

  /**
   * Keeps rejects of a run that has not ended, as they come: no more of them than one portion is held in memory. They take the
   * place of those of earlier runs once the run ends.
   */
  async keepRejects(run: RunResult, rejects: AsyncIterable<readonly Reject[]>): Promise<void> {
    for await (const portion of portions(rejects, rowsPerTransaction)) {
      await this.#database.transaction().execute(async (state) => {
        for (const part of chunks(portion, 500))
          await state
            .insertInto('rejects')
            .values(part.map((reject) => rejectRow(run, reject)))
            .execute()
      })
    }
  }

  /**
   * Ends a run: its result, its rejects in place of those of earlier runs (those of an undo beside them), and where it was committed
   * its watermark and no commit pending; an undo that ends without a watermark resets it. A commit that failed stays pending: it
   * may have happened all the same, and the next run asks.
   * @param rejects `kept`: those that `keepRejects` was given. Without any those of earlier runs stay.
   */
  async finish(result: RunResult, rejects?: AsyncIterable<readonly Reject[]> | 'kept'): Promise<void> {
    if (rejects !== undefined && rejects !== 'kept') await this.keepRejects(result, rejects)
    await this.#database.transaction().execute(async (state) => {
      await state.replaceInto('runs').values(stored(result)).execute()
      if (hasCommitted(result)) {
        await state.deleteFrom('commits').where('sync', '=', result.sync).execute()
        await keepWatermark(state, result)
      }
      if (rejects === undefined || result.command === 'undo') return
      await state.deleteFrom('rejects').where('sync', '=', result.sync).where('run', '<>', result.id).execute()
    })
  }

  /** Newest first; of a family those of its tables, too. */
  async runs({ sync, limit = 20 }: { readonly sync?: string; readonly limit?: number } = {}): Promise<readonly RunResult[]> {
    let query = this.#database.selectFrom('runs').select('result').orderBy('started_at', 'desc').orderBy('id').limit(limit)
    if (sync !== undefined) query = query.where(ofSync(sync))
    return (await query.execute()).map((row) => parse(row.result))
  }

  /** @throws ConfigError where no run, or more than one, has an id that begins so. */
  async run(id: string): Promise<RunResult> {
    const rows = await this.#database
      .selectFrom('runs')
      .select('result')
      .where('id', '>=', id)
      .where('id', '<', `${id}\uffff`)
      .limit(2)
      .execute()
    const [row] = rows
    if (row && rows.length === 1) return parse(row.result)
    throw new ConfigError({
      code: 'UNKNOWN_RUN',
      message: row ? `more than one run has an id that begins with \`${id}\`` : `no run has the id \`${id}\``,
      hint: 'list them: syncline runs',
    })
  }

  /** Those that one commit ended, by their `details.unit`. */
  async runsOfUnit(unit: string): Promise<readonly RunResult[]> {
    const query = this.#database.selectFrom('runs').select('result').where(sql<boolean>`json_extract(result, '$.details.unit') = ${unit}`)
    return (await query.orderBy('sync').execute()).map((row) => parse(row.result))
  }

  async rejects({ sync, run, limit = 100 }: { readonly sync?: string; readonly run?: string; readonly limit?: number }) {
    let query = this.#database.selectFrom('rejects').selectAll().limit(limit)
    if (sync !== undefined) query = query.where(ofSync(sync))
    if (run !== undefined) query = query.where('run', '=', run)
    return (await query.execute()).map(keptReject)
  }

  /** @param course where given, a watermark that a sync of another course left under this name counts for nothing. */
  async watermark(sync: string, course?: string): Promise<string | null> {
    const row = await this.#database.selectFrom('watermarks').selectAll().where('sync', '=', sync).executeTakeFirst()
    const foreign = course !== undefined && row !== undefined && row.course !== null && row.course !== course
    return foreign ? null : (row?.value ?? null)
  }

  /** Names of a family and of its tables for which a watermark or a commit is kept. */
  async keptFor(family: string): Promise<readonly string[]> {
    const watermarks = await this.#database.selectFrom('watermarks').select('sync').where(ofSync(family)).execute()
    const commits = await this.#database.selectFrom('commits').select('sync').where(ofSync(family)).execute()
    return [...new Set([...watermarks, ...commits].map(({ sync }) => sync))]
  }

  /** `null` resets it: the next run reads everything. */
  async setWatermark(sync: string, value: string | null): Promise<void> {
    if (value === null) await this.#database.deleteFrom('watermarks').where('sync', '=', sync).execute()
    else await this.#database.replaceInto('watermarks').values({ sync, value, course: null }).execute()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.destroy()
  }
}

async function keepWatermark(state: Transaction<Tables>, { command, sync, watermark: value, details }: RunResult): Promise<void> {
  const course = details.course ?? null
  if (value !== null) await state.replaceInto('watermarks').values({ sync, value, course }).execute()
  else if (command === 'undo' && course !== null) await state.deleteFrom('watermarks').where('sync', '=', sync).execute()
}

/** A sync, or the tables of a family: their names begin with its name and `/`, which no other name holds. */
function ofSync(name: string) {
  return sql<boolean>`(sync = ${name} OR (sync >= ${`${name}/`} AND sync < ${`${name}0`}))`
}

function stored(result: RunResult) {
  return { id: result.id, sync: result.sync, status: result.status, started_at: result.startedAt, result: JSON.stringify(result) }
}

function parse(text: string): RunResult {
  return JSON.parse(text) as RunResult
}

function interrupted(result: RunResult): RunResult {
  const error = {
    fix: 'retry' as const,
    code: 'INTERRUPTED',
    message: `its process ended before the run did; ${result.details.stays ? 'what it had changed by then stays, and the next run goes on from there' : 'the target was left as it was'}`,
  }
  return { ...result, status: 'failed', error }
}

function rejectRow(result: RunResult, reject: Reject): RejectRow {
  const { reason, column, detail, answer, row, sealed } = reject
  return {
    run: result.id,
    sync: result.sync,
    reason,
    column_name: column ?? null,
    detail,
    answer: answer ?? null,
    row: JSON.stringify(row),
    sealed: sealed === undefined ? null : JSON.stringify(sealed),
  }
}

function keptReject(row: RejectRow) {
  return {
    sync: row.sync,
    run: row.run,
    reason: row.reason as RejectReason,
    ...(row.column_name === null ? {} : { column: row.column_name }),
    detail: row.detail,
    ...(row.answer === null ? {} : { answer: row.answer }),
    row: JSON.parse(row.row) as Reject['row'],
    ...(row.sealed === null ? {} : { sealed: JSON.parse(row.sealed) as Record<string, string> }),
  }
}

/** So many rows are written and synced at once. */
const rowsPerTransaction = 20_000

async function* portions<Item>(batches: AsyncIterable<readonly Item[]>, size: number): AsyncGenerator<readonly Item[]> {
  let portion: Item[] = []
  for await (const batch of batches) {
    portion.push(...batch)
    if (portion.length < size) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
