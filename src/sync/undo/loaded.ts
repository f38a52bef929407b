import type { Snapshot } from '../../connectors/connector.ts'
import { formatAmount } from '../../core/count.ts'
import { RunError } from '../../core/errors.ts'
import type { Table } from '../../core/table.ts'
import type { Conforming, Landed, Stage, Staged } from '../../stage/stage.ts'
import { conformSource, conformTarget } from '../conforming.ts'
import type { Work } from '../ends.ts'
import type { JournalEntry, LoadEntry } from '../journal/entry.ts'
import { recordedBytes } from '../journal/recording.ts'
import type { Images } from './images.ts'

interface Loaded {
  readonly entry: JournalEntry
  readonly load: LoadEntry
  /** The file with the rows that were loaded. */
  readonly path: string
  readonly table: Table
  readonly view: Snapshot | undefined
}

/**
 * What a run loaded, and what was there before it, in the stage, as its target's types. Of rows without a key the whole target:
 * as it shall be, and as it is.
 */
export async function stageLoad(work: Work, stage: Stage, loaded: Loaded): Promise<Images> {
  const { entry, load } = loaded
  const landed = {
    former: await landFormer(stage, loaded),
    left: await landLoaded(work, stage, loaded),
    now: entry.key.length === 0 ? await landNow(stage, loaded) : undefined,
  }
  const asText = new Set<string>()
  for (;;) {
    const asStored = load.pairs.map((pair) => conformTarget(pair, asText, pair.to))
    const asSent = load.form === 'pgcopy' ? asStored : load.pairs.map((pair) => conformSource(pair, asText, work.target))
    const former = await conform(stage, landed.former, asStored, entry)
    const left = await conform(stage, landed.left, asSent, entry)
    const now = await conform(stage, landed.now, asStored, entry)
    const overflow = [former, left, now].flatMap((one) => one.overflow)
    for (const name of overflow) asText.add(name)
    if (overflow.length > 0) continue
    for (const one of Object.values(landed)) await one?.release()
    const images = { former: former.staged, left: left.staged }
    return landed.now ? await wholeImages(stage, entry, images, now.staged) : images
  }
}

async function conform(stage: Stage, landed: Landed | undefined, columns: readonly Conforming[], entry: JournalEntry) {
  if (!landed) return { staged: await stage.empty(entry.after), overflow: [] }
  const { staged, overflow, read } = await stage.conform(landed, { columns })
  if (overflow.length === 0 && staged.rows < read) throw lost(entry, 'its rows are not read as they were loaded')
  return { staged, overflow }
}

/** Nothing tells rows without a key apart but all their cells, and how many there are of each. */
async function wholeImages(stage: Stage, entry: JournalEntry, { former, left }: Images, now: Staged): Promise<Images> {
  const lacking = await stage.compare(left, now, { key: [], mode: 'append' })
  if (lacking.inserts.count > 0)
    throw lost(
      entry,
      `others changed or deleted ${formatAmount(lacking.inserts.count, 'row')} of it since, and without a key nothing tells which`,
    )
  const others = await stage.compare(now, left, { key: [], mode: 'append' })
  if (former.rows === 0) return { former: others.after, left: now }
  if (others.inserts.count === 0) return { former, left: now }
  throw lost(entry, `others added ${formatAmount(others.inserts.count, 'row')} since, and a table without a key is replaced as a whole`)
}

async function landNow(stage: Stage, { entry, table, view }: Loaded): Promise<Landed | undefined> {
  const rows = await view?.read({ source: { table: table.ref }, columns: entry.after.map(({ name }) => name) })
  return rows && (await stage.land(rows))
}

async function landFormer(stage: Stage, { entry, load, view }: Loaded): Promise<Landed | undefined> {
  if (!load.kept) return undefined
  try {
    const rows = await view?.read({ source: { table: load.kept }, columns: entry.after.map(({ name }) => name) })
    return rows && (await stage.land(rows))
  } catch (error) {
    if (!(error instanceof RunError && error.code === 'TABLE_NOT_FOUND')) throw error
    throw lost(entry, `${load.kept.name}, which held the rows that it replaced, is not there any more`)
  }
}

async function landLoaded({ target }: Work, stage: Stage, { entry, load, path, table }: Loaded): Promise<Landed> {
  const bytes = () => recordedBytes(path)
  if (load.form === 'csv') return await stage.land({ columns: load.pairs.map(({ from }) => from), csv: () => [bytes()] })
  const texts = await target.writer?.asTexts?.(table.ref, { columns: entry.after, pgcopy: bytes })
  if (!texts) throw lost(entry, 'this target does not read its own form any more')
  await using rows = texts
  return await stage.land(rows)
}

function lost({ run }: JournalEntry, why: string): RunError {
  return new RunError({ code: 'CANNOT_UNDO', message: `run ${run} cannot be undone: ${why}`, hint: 'nothing was changed' })
}
