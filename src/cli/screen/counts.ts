import { formatAmount, formatCount } from '../../core/count.ts'
import type { Counts } from '../../core/run.ts'

/** `12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects`; what is zero is left out. */
export function countsLine(counts: Counts): string {
  const unchanged = counts.unchanged > 0 ? [`${formatCount(counts.unchanged)} unchanged`] : []
  return [...changeParts(counts), ...unchanged, ...rejectParts(counts)].join('   ') || 'no rows on either side'
}

/** `12 inserts`, `3 updates`, `1 delete`: those that are not zero. */
export function changeParts({ inserted, updated, deleted }: Counts): readonly string[] {
  const amounts: readonly (readonly [number, string])[] = [
    [inserted, 'insert'],
    [updated, 'update'],
    [deleted, 'delete'],
  ]
  return amounts.filter(([count]) => count > 0).map(([count, word]) => formatAmount(count, word))
}

export function rejectParts({ rejected }: Counts): readonly string[] {
  return rejected > 0 ? [formatAmount(rejected, 'reject')] : []
}
