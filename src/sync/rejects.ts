import type { Applied, Reject } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import type { Limit, SyncDefinition } from '../core/definition.ts'
import { type ErrorParts, RunError, type SynclineError } from '../core/errors.ts'
import { shellWord } from '../core/shell.ts'
import type { Stage } from '../stage/stage.ts'
import type { Work } from './ends.ts'

/** A run that stops at its rejects; they are kept all the same. */
export class RejectsError extends RunError {
  readonly rejects: readonly Reject[]

  constructor(parts: ErrorParts, rejects: readonly Reject[]) {
    super(parts)
    this.rejects = rejects
  }

  /** The same, with rows that were set aside before. */
  after(rejects: readonly Reject[]): RejectsError {
    const { code, message, hint } = this
    return new RejectsError({ code, message, ...(hint === undefined ? {} : { hint }) }, [...rejects, ...this.rejects])
  }
}

/** Throws where so many rejects stop a run. `rejects` are those to keep with it; `before` were kept already. */
export function refuseRejects({ definition }: Pick<Work, 'definition'>, rejects: readonly Reject[], read: number, before = 0): void {
  if (rejects.length === 0) return
  const why = whyRejectsStop(definition, rejects.length + before, read)
  if (why !== undefined) throw rejectsStop(definition, rejects, why)
}

/** In words for people; `undefined` where a run goes on. */
export function whyRejectsStop(
  { mode, onReject }: Pick<SyncDefinition, 'mode' | 'onReject'>,
  rejected: number,
  read: number,
): string | undefined {
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

function rejectsStop({ name }: SyncDefinition, rejects: readonly Reject[], why: string): RejectsError {
  const [first] = rejects
  const parts = {
    code: 'REJECTS',
    message: `\`${name}\`: ${formatAmount(rejects.length, 'row')} cannot be delivered, and ${why}${first ? `; the first: ${first.detail}` : ''}`,
    hint: `see them: syncline rejects ${shellWord(name)}; deliver the rest: on_reject: continue`,
  }
  return new RejectsError(parts, rejects)
}

/** What had been done to a target that cannot take it back when something ended the run: it stays. */
export interface Unfinished {
  readonly applied: Applied
  /** The rows that were refused until then. */
  readonly rejects: readonly Reject[]
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

/** Every reject of a stage, in memory: they are about to be kept. */
export async function allRejects(stage: Stage): Promise<readonly Reject[]> {
  const rejects: Reject[] = []
  for await (const part of stage.rejects()) rejects.push(...part)
  return rejects
}
