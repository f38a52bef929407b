import type { Refused, Reject } from '../../core/changes.ts'
import type { RunResult } from '../../core/run.ts'
import type { Stage } from '../../stage/stage.ts'
import { type Comparison, compareEnds } from '../compare-ends.ts'
import { describeEnds, type Ends } from '../ends.ts'
import { type Held, holdSource } from '../load.ts'
import { sealed } from '../redact.ts'
import { SetAside } from '../rejects.ts'
import type { RunRequest } from '../services.ts'
import type { WithheldError } from '../withheld.ts'
import type { OpenWork } from '../work.ts'

/** One table of a family on its way. */
export interface Part {
  readonly request: RunRequest
  readonly begun: RunResult
  readonly work: OpenWork
  /** Where reading begins; `null` for everything. */
  readonly watermark: string | null
}

/** A table whose source was read: what is to be written is in the stage. */
export interface Ready extends Part {
  readonly ends: Ends
  readonly stage: Stage
  /** Absent where the table is replaced without a key: then all of its rows are `held`. */
  readonly comparison?: Comparison
  readonly held?: Held
  /** Where only its inserts are made: why the rest is not. */
  readonly withheld?: WithheldError
  /** Rows that the target refused before, which are left out since. */
  readonly left?: { readonly refused: readonly Refused[]; readonly rejects: readonly Reject[] }
}

export function nameOf({ request }: Part): string {
  return request.definition.name
}

/** Reads and compares one table. A replace is compared, too, where rows have a key, so that rows which stay are never deleted. */
export async function makeReady(part: Part, purpose: 'plan' | 'run'): Promise<Ready> {
  const { work, watermark } = part
  const ends = await describeEnds(work)
  const stage = await work.openStage()
  const { definition } = work
  if (purpose === 'run' && definition.mode === 'replace' && !hasKey(ends, definition.key))
    return { ...part, ends, stage, held: await holdSource(work, ends, stage) }
  const mode = definition.mode === 'replace' ? 'mirror' : definition.mode
  return { ...part, ends, stage, comparison: await compareEnds(work, stage, { mode, watermark }) }
}

function hasKey({ source, target }: Ends, key: readonly string[] | undefined): boolean {
  return [key, target?.key, source.key].some((names) => names !== undefined && names.length > 0)
}

export function rejectsOf({ stage, left }: Ready): SetAside {
  return SetAside.of(stage).and(left?.rejects ?? [])
}

/** Works on several things at a time; where one fails no others are begun. @returns what failed, and why. */
export async function sideBySide<Item>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<Map<Item, unknown>> {
  const failed = new Map<Item, unknown>()
  const waiting = [...items]
  const next = async () => {
    for (let item = waiting.shift(); item !== undefined && failed.size === 0; item = waiting.shift()) {
      await work(item).catch((error) => failed.set(item as Item, error))
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(most, items.length)) }, next))
  return failed
}

/** The rejects of one of the tables as the state keeps them. */
export function sealedOf(
  parts: readonly Part[],
  { sync }: Pick<RunResult, 'sync'>,
  rejects: SetAside | undefined,
): AsyncIterable<readonly Reject[]> | undefined {
  const part = parts.find((one) => nameOf(one) === sync)
  return part && rejects ? sealed(part.request.definition, rejects) : rejects
}
