import type { Applied, Reject } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import type { Limit, SyncDefinition } from '../core/definition.ts'
import { type ErrorParts, RunError, type SynclineError } from '../core/errors.ts'
import { shellWord } from '../core/shell.ts'
import type { Stage } from '../stage/stage.ts'
import type { Work } from './ends.ts'

/** Rows that were set aside, some hundred at a time. Those of a stage stay on disk, and can be read as long as it is open. */
export class SetAside implements AsyncIterable<readonly Reject[]> {
  readonly count: number
  /** All of them are in the target as rows of their own already. */
  readonly exist: boolean
  readonly #parts: readonly AsyncIterable<readonly Reject[]>[]

  private constructor(count: number, exist: boolean, parts: readonly AsyncIterable<readonly Reject[]>[]) {
    this.count = count
    this.exist = exist
    this.#parts = parts
  }

  static of(stage: Stage): SetAside {
    return new SetAside(stage.rejected, stage.rejectsExist, [{ [Symbol.asyncIterator]: () => stage.rejects()[Symbol.asyncIterator]() }])
  }

  static rows(rows: readonly Reject[]): SetAside {
    return new SetAside(
      rows.length,
      rows.every(({ reason }) => reason === 'exists'),
      rows.length === 0 ? [] : [inParts(rows)],
    )
  }

  and(more: SetAside | readonly Reject[]): SetAside {
    const other = more instanceof SetAside ? more : SetAside.rows(more)
    return new SetAside(this.count + other.count, this.exist && other.exist, [...this.#parts, ...other.#parts])
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Reject[]> {
    for (const part of this.#parts) yield* part
  }

  async first(): Promise<Reject | undefined> {
    for await (const [reject] of this) return reject
    return undefined
  }
}

function inParts(rows: readonly Reject[]): AsyncIterable<readonly Reject[]> {
  return {
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < rows.length; start += 500) yield rows.slice(start, start + 500)
    },
  }
}

/** A run that stops at its rejects; they are kept all the same. */
export class RejectsError extends RunError {
  readonly rejects: SetAside

  constructor(parts: ErrorParts, rejects: SetAside) {
    super(parts)
    this.rejects = rejects
  }

  /** The same, with rows that were set aside before. */
  after(rejects: SetAside): RejectsError {
    const { code, message, hint } = this
    return new RejectsError({ code, message, ...(hint === undefined ? {} : { hint }) }, rejects.and(this.rejects))
  }
}

/** Throws where so many rejects stop a run. `rejects` are those to keep with it; `before` were kept already. */
export async function refuseRejects({ definition }: Pick<Work, 'definition'>, rejects: SetAside, read: number, before = 0): Promise<void> {
  if (rejects.count === 0) return
  const why = whyRejectsStop(definition, rejects.count + before, read)
  if (why !== undefined) throw await rejectsStop(definition, rejects, why)
}

/** In words for people; `undefined` where a run goes on. */
function whyRejectsStop({ mode, onReject }: Pick<SyncDefinition, 'mode' | 'onReject'>, rejected: number, read: number): string | undefined {
  if (rejected === 0 || onReject === 'continue') return undefined
  if (onReject === 'stop') return mode === 'replace' ? 'a replace stops at that' : '`on_reject` is stop'
  const { rows, share } = onReject.limit
  const isWithin = (rows !== undefined && rejected <= rows) || (share !== undefined && rejected <= share * read)
  return isWithin ? undefined : `\`on_reject\` goes on up to ${limitText(onReject.limit)}`
}

function limitText({ rows, share }: Limit): string {
  const shown = [
    ...(rows === undefined ? [] : [formatAmount(rows, 'row')]),
    ...(share === undefined ? [] : [`${Number((share * 100).toFixed(4))}% of the rows that are read`]),
  ]
  return shown.join(' or ')
}

async function rejectsStop({ name }: SyncDefinition, rejects: SetAside, why: string): Promise<RejectsError> {
  const first = await rejects.first()
  const parts = {
    code: 'REJECTS',
    message: `\`${name}\`: ${formatAmount(rejects.count, 'row')} cannot be delivered, and ${why}${first ? `; the first: ${first.detail}` : ''}`,
    hint: `see them: syncline rejects ${shellWord(name)}; deliver the rest: on_reject: continue`,
  }
  return new RejectsError(parts, rejects)
}

/** What had been done to a target that cannot take it back when something ended the run: it stays. */
export interface Unfinished {
  readonly applied: Applied
  /** The rows that were refused until then. */
  readonly rejects: SetAside
}

/** A run that ended after changes were made that stay. The error that ended it is its `cause`. */
export class UnfinishedError extends RunError {
  readonly unfinished: Unfinished
  override readonly cause: SynclineError

  constructor(cause: SynclineError, unfinished: Unfinished) {
    super({ code: cause.code, message: cause.message, ...(cause.hint === undefined ? {} : { hint: cause.hint }), cause })
    this.cause = cause
    this.unfinished = unfinished
  }
}
