import type { RunResult } from '../../core/run.ts'
import { shellWord } from '../../core/shell.ts'
import type { Stage } from '../../stage/stage.ts'
import type { State } from '../../state/state.ts'
import type { JournalEntry } from '../journal/entry.ts'

export interface WatermarkAfter {
  /** `null`: the next run reads everything, or the sync has no cursor. */
  readonly value: string | null
  readonly notes: readonly string[]
}

/** Where the next run begins to read once a run was taken back: where that one did, or earlier. It is never set forward. */
export async function watermarkAfter(
  state: State,
  openStage: () => Promise<Stage>,
  begun: RunResult,
  { watermark }: Pick<JournalEntry, 'watermark'>,
): Promise<WatermarkAfter> {
  const { sync, details } = begun
  const again = `the next run of ${shellWord(sync)} brings these changes again where its source still has them`
  if (details.course === undefined) return { value: null, notes: [again] }
  const now = await state.watermark(sync, details.course)
  // An undo that is taken back leaves the watermark where it set it: rows that are there already are found to be so.
  if (!watermark || now === null) return { value: now, notes: [again] }
  if (watermark.before === null) return { value: null, notes: [`${again}: its watermark was reset`] }
  const value = await (await openStage()).lesser(watermark.before, now, watermark.cursor)
  return { value, notes: [`${again}: its watermark was set back`] }
}
