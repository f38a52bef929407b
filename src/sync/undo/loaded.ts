import type { Snapshot } from '../../connectors/connector.ts'
import { RunError } from '../../core/errors.ts'
import type { Table } from '../../core/table.ts'
import type { Landed, Stage } from '../../stage/stage.ts'
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

/** What a run loaded, and what was there before it, in the stage, as its target's types. */
export async function stageLoad(work: Work, stage: Stage, loaded: Loaded): Promise<Images> {
  const { entry, load } = loaded
  const former = await landFormer(stage, loaded)
  const left = await landLoaded(work, stage, loaded)
  const asText = new Set<string>()
  for (;;) {
    const asStored = load.pairs.map((pair) => conformTarget(pair, asText, pair.to))
    const asSent = load.form === 'pgcopy' ? asStored : load.pairs.map((pair) => conformSource(pair, asText, work.target))
    const was = former ? await stage.conform(former, { columns: asStored }) : { staged: await stage.empty(entry.after), overflow: [] }
    const is = await stage.conform(left, { columns: asSent })
    for (const name of [...was.overflow, ...is.overflow]) asText.add(name)
    if (was.overflow.length + is.overflow.length > 0) continue
    if (is.staged.rows < is.read) throw lost(entry, 'its rows are not read as they were loaded')
    await former?.release()
    await left.release()
    return { former: was.staged, left: is.staged }
  }
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
