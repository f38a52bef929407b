import type { Outcome } from '../apply.ts'
import type { Edge } from './order.ts'
import { nameOf, type Ready } from './part.ts'
import { settleReferences } from './settle.ts'

/**
 * Where the target refused rows that others may refer to: all tables without those rows, and without the rows that refer to
 * them, to be written anew. `undefined` where what was written can stay.
 */
export async function leaveRefused(
  parts: readonly Ready[],
  edges: readonly Edge[],
  outcomes: ReadonlyMap<Ready, Outcome>,
): Promise<readonly Ready[] | undefined> {
  const bound = new Set(edges.flatMap(({ child, parent }) => [child, parent]))
  const isRefusing = (part: Ready) => bound.has(nameOf(part)) && refusedOf(part, outcomes).length > 0
  if (!parts.some(isRefusing)) return undefined
  const left: Ready[] = []
  for (const part of parts) left.push(isRefusing(part) ? await withoutRefused(part, outcomes) : part)
  return await settleReferences(left, edges)
}

function refusedOf(part: Ready, outcomes: ReadonlyMap<Ready, Outcome>) {
  return outcomes.get(part)?.applied.refused ?? []
}

async function withoutRefused(part: Ready, outcomes: ReadonlyMap<Ready, Outcome>): Promise<Ready> {
  const { comparison, stage, left } = part
  if (!comparison) return part
  const refused = refusedOf(part, outcomes)
  const rejects = await stage.refused(comparison.compared, refused)
  const compared = await stage.without(comparison.compared, refused)
  return {
    ...part,
    comparison: { ...comparison, compared },
    left: { refused: [...(left?.refused ?? []), ...refused], rejects: [...(left?.rejects ?? []), ...rejects] },
  }
}
